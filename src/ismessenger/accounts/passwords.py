"""Passwords: what is refused, and how they are kept (Argon2id, RFC 9106, second recommended option)."""

import asyncio
import base64
import re
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from ismessenger.sdk.words import gettext

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 1000
MIN_WORD: Final = 4
MIN_SURPRISE: Final = 5

_hasher = PasswordHasher()
# A hash takes 64 MiB: a flood of sign-ins must queue for a thread and not for memory.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

_LETTERS_OF_SIGNS = str.maketrans("@4310!$57", "aaeioisst")
_SIGNS_IN_WORDS = re.compile(r"(?<=[a-z])[@4310!$57]+(?=[a-z])")
_REPEATED = re.compile(r"(.{1,8}?)\1+")
_YEAR = r"(?:19|20)\d\d"
_NOTHING = r"(?!)"
_RUNS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn",
)


class PasswordRefused(ValueError):
    """The password is too short, too long or too easy to guess; the text says which."""


def check_password(password: str, *about: str) -> None:
    """Refuse what is short or commonly guessed. ``about`` are words that belong to the person: name, e-mail. Raises `PasswordRefused`."""
    password = _normal(password)
    if len(password) < MIN_LENGTH:
        raise PasswordRefused(gettext("A password needs at least %(least)s characters.") % {"least": MIN_LENGTH})
    if len(password) > MAX_LENGTH:
        raise PasswordRefused(gettext("A password has at most %(most)s characters.") % {"most": MAX_LENGTH})
    lower = password.lower()
    spellings = {lower, _SIGNS_IN_WORDS.sub(lambda signs: signs[0].translate(_LETTERS_OF_SIGNS), lower)}
    if password.isdecimal() or min(_surprise(spelling, about) for spelling in spellings) < MIN_SURPRISE:
        raise PasswordRefused(gettext("This password is easy to guess. Take several words that do not belong together."))


async def hash_password(password: str) -> str:
    """The hash to store, with its parameters and salt. Takes about a tenth of a second in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, _bytes(password))


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether a password belongs to a stored hash. Takes as long for ``None``, so that nobody learns which accounts exist."""
    matches = await asyncio.get_running_loop().run_in_executor(_threads, _verify, stored or _nobody(), _bytes(password))
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's: make it anew after a successful sign-in."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: bytes) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash of today's parameters that no password has."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (_hasher.salt_len, _hasher.hash_len))
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"


def _normal(password: str) -> str:
    """The same characters however a keyboard composes them. Source: NIST SP 800-63B, section 5.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password)[: MAX_LENGTH * 4].encode("utf-8", "surrogatepass")


def _surprise(password: str, about: tuple[str, ...]) -> int:
    """How much a guesser has to find out: one for each different common piece, one for each other character; repeats are free."""
    own = {word for text in about for word in re.split(r"[\W_]+", _normal(text).lower()) if len(word) >= MIN_WORD}
    # Their own, for common pieces take long to compile and are the same for everybody.
    words = re.compile("|".join(map(re.escape, sorted(own, key=len, reverse=True))) or _NOTHING)
    pieces: set[str] = set()
    rest, at = "", 0
    while at < len(password):
        if piece := words.match(password, at) or _common_pieces().match(password, at):
            pieces.add(piece[0])
            at = piece.end()
        else:
            rest += password[at]
            at += 1
    return len(pieces) + len(_REPEATED.sub(r"\1", rest))


@lru_cache(maxsize=1)
def _common_pieces() -> re.Pattern[str]:
    """A pattern of the words, the runs of neighbouring keys and the years that leaked passwords are made of."""
    words = files(__package__).joinpath("common_words.txt").read_text("utf-8").split()
    runs = {
        run[at : at + size]
        for line in _RUNS
        for run in (line, line[::-1])
        for size in range(3, len(line) + 1)
        for at in range(len(line) - size + 1)
    }
    longest_first = sorted({*words, *runs}, key=lambda piece: (-len(piece), piece))
    return re.compile("|".join([*map(re.escape, longest_first), _YEAR]))
