from importlib.resources import files
from statistics import median
from time import process_time

import pytest
from argon2 import PasswordHasher

from ismessenger.accounts.passwords import PasswordRefused, check_password, hash_password, needs_rehash, verify_password

GOOD = "correct horse battery"


async def test_a_password_matches_its_own_hash_only() -> None:
    stored = await hash_password(GOOD)
    assert stored.startswith("$argon2id$")
    assert GOOD not in stored
    assert await verify_password(stored, GOOD)
    assert not await verify_password(stored, GOOD + "x")
    assert await hash_password(GOOD) != stored


async def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    assert await verify_password(await hash_password("gro\u0308\u00dfe und weite"), "gr\u00f6\u00dfe und weite")


@pytest.mark.parametrize("password", ["", "\x00", "\ud800 half a pair", "x" * 100_000])
async def test_strange_input_is_just_a_wrong_password(password: str) -> None:
    stored = await hash_password(GOOD)
    assert not await verify_password(stored, password)
    assert not await verify_password(None, password)


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_stored_value_that_is_no_hash_matches_nothing(stored: str) -> None:
    assert not await verify_password(stored, GOOD)


async def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    stored = await hash_password(GOOD)

    async def seconds(known: str | None) -> float:
        began = process_time()
        assert not await verify_password(known, "not this one at all")
        return process_time() - began

    pairs = [(await seconds(stored), await seconds(None)) for _ in range(7)]
    known, unknown = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    assert 0.5 < unknown / known < 2


async def test_a_hash_of_weaker_parameters_is_made_anew() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192).hash(GOOD)
    assert await verify_password(weak, GOOD)
    assert needs_rehash(weak)
    assert not needs_rehash(await hash_password(GOOD))


@pytest.mark.parametrize("password", ["", "short", "elevenchars", "\u1100\u1161" * 6])
def test_fewer_than_twelve_characters_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefused, match="12 characters"):
        check_password(password)


def test_more_than_a_thousand_characters_are_refused() -> None:
    with pytest.raises(PasswordRefused, match="1000"):
        check_password("ab c" * 300)


COMMON = [
    "password1234",
    "Password123!",
    "passwordpassword",
    "P@ssw0rd2024",
    "Welcome2024!!",
    "qwertyuiop123",
    "qwerty123456",
    "1qaz2wsx3edc",
    "123456789012",
    "987654321098",
    "847362910483",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "abcdefghijkl",
    "iloveyou1234",
    "letmein!letmein!",
    "admin-admin-admin",
    "ismessenger1",
    "Summer2025Winter",
    "changeme-2026",
    "trustno1trustno1",
    "qwertyqwerty",
    "testtesttest",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused, match="easy to guess"):
        check_password(password)


@pytest.mark.parametrize("password", ["rosamund2024!", "Rosamund.Pikefield", "pikefield-inbox-1"])
def test_what_is_known_about_the_person_is_refused(password: str) -> None:
    check_password(password.replace("amund", "bxqun").replace("ikefi", "zvqwt"), "Rosamund Pikefield", "rosamund@shop.example")
    with pytest.raises(PasswordRefused):
        check_password(password, "Rosamund Pikefield", "rosamund@shop.example")


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "staple umbrella ninety",
        "xK3#vQ9pL2mZ",
        "mein kleiner grüner Kaktus",
        "今日はとても良い天気ですねそうですね",
        "dragon8372910463",
        "purple monkey sunday horse",
    ],
)
def test_a_password_of_ones_own_is_taken(password: str) -> None:
    check_password(password, "Ann Smith", "ann@shop.example")


def test_the_check_stays_quick_for_hostile_input() -> None:
    began = process_time()
    for unit in ("a1!", "password", "12", "ab", "._", "qwe"):
        try:
            check_password(unit * (999 // len(unit)) + "~\u00e9")
        except PasswordRefused:
            continue
    assert process_time() - began < 2


def test_the_list_of_words_stays_small() -> None:
    assert len(files("ismessenger.accounts").joinpath("common_words.txt").read_bytes()) < 100_000
