"""Accounts: who gets one, and what is refused."""

import asyncio

import pytest

from ismessenger.accounts.join import MemberRefused
from ismessenger.accounts.sign_in import browser_of, check_credentials, start_session
from ismessenger.accounts.sign_up import create_account
from ismessenger.installation import Installation
from ismessenger.kit.ids import new_token
from tests.conftest import PASSWORD


def somebody() -> str:
    """An address that nobody has yet."""
    return f"{new_token(6).lower()}@example.com"


async def test_an_account_signs_in_with_its_password(installation: Installation) -> None:
    email = somebody()
    made = await create_account(installation, email=f" {email.upper()} ", name=" Ada ", password=PASSWORD, verified=True)
    assert (made.email, made.name) == (email, "Ada")
    assert made.email_verified_at is not None
    assert (await check_credentials(installation, email=email, password=PASSWORD)).id == made.id


async def test_of_two_accounts_with_one_address_made_at_once_one_exists(installation: Installation) -> None:
    email = somebody()
    both = [create_account(installation, email=email, name="Ada", password=PASSWORD, verified=False) for _time in range(2)]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Account", "MemberRefused"]


@pytest.mark.parametrize(
    ("email", "name", "password"),
    [
        *((address, "Ada", PASSWORD) for address in ("ada", "a@b@c", "a b@example.com", "a@b,c@d", "a@example.com\r\nBcc: x@y", "<a@b>")),
        *(("ada@example.com", name, PASSWORD) for name in ("", "  ", "x" * 101, "Ada\nBcc: x@y")),
        *(("ada@example.com", "Ada", password) for password in ("short", "password1234", "x" * 1001)),
    ],
)
async def test_what_is_no_address_no_name_or_no_password_is_refused(
    installation: Installation, email: str, name: str, password: str
) -> None:
    with pytest.raises(MemberRefused):
        await create_account(installation, email=email, name=name, password=password, verified=False)


async def test_a_person_without_a_workspace_has_a_session(installation: Installation) -> None:
    made = await create_account(installation, email=somebody(), name="Ada", password=PASSWORD, verified=True)
    token, _expires_at = await start_session(installation, made.id, workspace_id=None, user_agent="Browser\x00", address="10.0.0.1")
    browser = await browser_of(installation, token)
    assert browser is not None
    assert browser.account.id == made.id
    assert browser.workspace is None
