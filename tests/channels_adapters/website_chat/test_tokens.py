"""Who a visitor is: tokens, the website's own users, tickets for files."""

from datetime import timedelta

import pytest

from channels_adapters.website_chat import tokens
from ismessenger.sdk.channel import SignatureInvalid
from ismessenger.sdk.content import Media
from tests.channels_adapters.website_chat.chat import CHANNEL, KEY, NOW, ROUTE, VISITOR, config, user_hash

OTHER_KEY = "another-key-" * 4
PICTURE = Media(kind="image", provider_id="file/12", mime="image/png", file_name="lamp.png", size=10)


def test_a_token_names_its_visitor_and_its_channel() -> None:
    token = CHANNEL.issue(VISITOR, ROUTE, config(), now=NOW)
    visitor = CHANNEL.visitor(token, config(), now=NOW + timedelta(days=179))
    assert (visitor.identifier, visitor.route, visitor.known) == (VISITOR, ROUTE, False)


@pytest.mark.parametrize(("identifier", "days"), [(VISITOR, 180), ("user:42", 7)])
def test_a_token_expires(identifier: str, days: int) -> None:
    token = CHANNEL.issue(identifier, ROUTE, config(), now=NOW)
    CHANNEL.visitor(token, config(), now=NOW + timedelta(days=days, seconds=-1))
    with pytest.raises(SignatureInvalid, match="expired"):
        CHANNEL.visitor(token, config(), now=NOW + timedelta(days=days))


def test_a_token_from_the_future_is_not_taken() -> None:
    token = CHANNEL.issue(VISITOR, ROUTE, config(), now=NOW + timedelta(hours=1))
    with pytest.raises(SignatureInvalid):
        CHANNEL.visitor(token, config(), now=NOW)


def test_another_channels_token_is_not_taken() -> None:
    token = CHANNEL.issue(VISITOR, ROUTE, config(visitor_key=OTHER_KEY), now=NOW)
    with pytest.raises(SignatureInvalid):
        CHANNEL.visitor(token, config(), now=NOW)


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_a_changed_token_is_not_taken(place: int) -> None:
    token = CHANNEL.issue(VISITOR, ROUTE, config(), now=NOW)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    with pytest.raises(SignatureInvalid):
        CHANNEL.visitor(changed, config(), now=NOW)


@pytest.mark.parametrize("token", ["", ".", "a.b", "é.ü", "\ud800", "x" * 100_000, "e30.", "bnVsbA.AAAA", "!!!.???"])
def test_nonsense_is_no_token(token: str) -> None:
    with pytest.raises(SignatureInvalid):
        CHANNEL.visitor(token, config(), now=NOW)


def test_the_website_vouches_for_its_user_by_a_hash() -> None:
    assert CHANNEL.identify("42", user_hash("42"), config()) == "user:42"
    assert CHANNEL.identify("42", user_hash("42").upper(), config()) == "user:42"
    assert CHANNEL.identify("Jörg", user_hash("Jörg"), config()) == "user:Jörg"


@pytest.mark.parametrize(
    ("user_id", "given_hash"),
    [
        ("42", ""),
        ("42", user_hash("43")),
        ("42", user_hash("42", OTHER_KEY)),
        ("42", "é" * 64),
        ("", user_hash("")),
        ("x" * 201, user_hash("x" * 201)),
        ("\ud800", "0" * 64),
    ],
)
def test_a_wrong_hash_proves_nobody(user_id: str, given_hash: str) -> None:
    with pytest.raises(SignatureInvalid):
        CHANNEL.identify(user_id, given_hash, config())


def test_no_user_id_makes_the_website_sign_a_token() -> None:
    body, _, signature = CHANNEL.issue(VISITOR, ROUTE, config(), now=NOW).partition(".")
    chosen_by_a_user = f"token\n{body}"
    assert tokens._unbase64(signature) != bytes.fromhex(user_hash(chosen_by_a_user))


def test_an_anonymous_visitor_cannot_be_mistaken_for_a_user() -> None:
    names = {CHANNEL.newcomer(config()) for _ in range(100)}
    assert len(names) == 100
    assert not any(name.startswith(tokens.KNOWN) for name in names)


def test_where_identity_is_required_strangers_get_no_token_and_theirs_is_not_taken() -> None:
    strict = config(require_identity=True)
    token = CHANNEL.issue(VISITOR, ROUTE, strict, now=NOW)
    with pytest.raises(SignatureInvalid, match="signed-in"):
        CHANNEL.newcomer(strict)
    with pytest.raises(SignatureInvalid, match="signed-in"):
        CHANNEL.visitor(token, strict, now=NOW)
    known = CHANNEL.issue("user:42", ROUTE, strict, now=NOW)
    assert CHANNEL.visitor(known, strict, now=NOW).known


def test_a_ticket_is_for_one_visitor_and_one_file() -> None:
    ticket = CHANNEL.ticket(VISITOR, PICTURE, config())
    assert tokens.file_of(KEY, VISITOR, ticket)["provider_id"] == "file/12"
    for key, visitor in ((KEY, "visitor:other"), (OTHER_KEY, VISITOR)):
        with pytest.raises(SignatureInvalid):
            tokens.file_of(key, visitor, ticket)


def test_a_token_is_no_ticket_and_a_ticket_no_token() -> None:
    with pytest.raises(SignatureInvalid):
        tokens.file_of(KEY, VISITOR, CHANNEL.issue(VISITOR, ROUTE, config(), now=NOW))
    with pytest.raises(SignatureInvalid):
        CHANNEL.visitor(CHANNEL.ticket(VISITOR, PICTURE, config()), config(), now=NOW)
