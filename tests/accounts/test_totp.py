"""The second factor: codes around now, each once; recovery codes, each once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.accounts.change_password import PasswordWrong
from ismessenger.accounts.sign_up import create_account
from ismessenger.accounts.totp import (
    CodeWrong,
    begin_totp,
    check_code,
    codes_left,
    pending_secret,
    provisioning_uri,
    renew_codes,
    switch_off,
    switch_on,
)
from ismessenger.installation import Installation
from ismessenger.kit import clock
from ismessenger.kit.clock import Stopped
from ismessenger.kit.ids import new_token
from ismessenger.tenancy.catalog import Account, RecoveryCode
from tests.conftest import PASSWORD

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def now() -> Iterator[Stopped]:
    """A clock that stands at the begin of a step."""
    with clock.stopped(NOON) as stopped:
        yield stopped


class Person:
    """Somebody with two-step sign-in and the application on their telephone."""

    def __init__(self, installation: Installation, account: Account, secret: str, codes: list[str]) -> None:
        self.installation, self.account, self.codes = installation, account, codes
        self._application = pyotp.TOTP(secret)

    def code(self, at: datetime) -> str:
        return self._application.at(at)

    async def enters(self, code: str) -> bool:
        try:
            await check_code(self.installation, self.account.id, code)
        except CodeWrong:
            return False
        return True


async def fresh(installation: Installation, account: Account) -> Account:
    async with installation.tenancy.catalog() as catalog:
        return (await catalog.execute(select(Account).where(col(Account.id) == account.id))).scalar_one()


@pytest.fixture
async def account(installation: Installation) -> Account:
    return await create_account(installation, email=f"{new_token(6).lower()}@example.com", name="Ada", password=PASSWORD, verified=True)


@pytest.fixture
async def person(installation: Installation, account: Account, now: Stopped) -> Person:
    await begin_totp(installation, account, PASSWORD)
    secret = pending_secret(installation, await fresh(installation, account))
    assert secret is not None
    codes = await switch_on(installation, account.id, pyotp.TOTP(secret).at(now.at))
    now.advance(10 * STEP)
    return Person(installation, await fresh(installation, account), secret, list(codes))


@pytest.mark.behaviour(113)
async def test_a_code_works_once(person: Person, now: Stopped) -> None:
    assert await person.enters(person.code(now.at))
    assert not await person.enters(person.code(now.at))
    now.advance(STEP)
    assert await person.enters(person.code(now.at))


async def test_of_two_browsers_with_one_code_at_once_one_gets_in(person: Person, now: Stopped) -> None:
    outcomes = await asyncio.gather(*(person.enters(person.code(now.at)) for _browser in range(4)))
    assert sorted(outcomes) == [False, False, False, True]


@pytest.mark.behaviour(113)
@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_telephone_whose_clock_is_a_step_off_lets_its_owner_in(person: Person, now: Stopped, steps: int) -> None:
    assert await person.enters(person.code(now.at + steps * STEP))


@pytest.mark.behaviour(113)
@pytest.mark.parametrize("steps", [-2, 2, 100])
async def test_a_clock_that_is_further_off_does_not(person: Person, now: Stopped, steps: int) -> None:
    assert not await person.enters(person.code(now.at + steps * STEP))
    assert await person.enters(person.code(now.at))


async def test_after_a_code_of_the_next_step_an_older_one_is_a_replay(person: Person, now: Stopped) -> None:
    assert await person.enters(person.code(now.at + STEP))
    assert not await person.enters(person.code(now.at))
    assert not await person.enters(person.code(now.at - STEP))


async def test_the_code_that_switched_it_on_does_not_sign_in(installation: Installation, account: Account, now: Stopped) -> None:
    await begin_totp(installation, account, PASSWORD)
    secret = pending_secret(installation, await fresh(installation, account)) or ""
    code = pyotp.TOTP(secret).at(now.at)
    await switch_on(installation, account.id, code)
    with pytest.raises(CodeWrong):
        await check_code(installation, account.id, code)


@pytest.mark.parametrize("code", ["", "000000000000", "12345", "abcdef", "１２３４５６", "\x00", "x" * 500])
async def test_strange_codes_are_just_wrong(person: Person, code: str) -> None:
    assert not await person.enters(code)


@pytest.mark.behaviour(113)
async def test_a_recovery_code_works_once_however_it_is_typed(person: Person) -> None:
    assert len(set(person.codes)) == 10
    assert await person.enters(person.codes[0].upper().replace("-", " "))
    assert not await person.enters(person.codes[0])
    assert await person.enters(person.codes[1])
    assert await codes_left(person.installation, person.account.id) == 8


async def test_a_recovery_code_of_somebody_else_is_worth_nothing(person: Person, installation: Installation) -> None:
    other = await create_account(installation, email=f"{new_token(6).lower()}@example.com", name="Bo", password=PASSWORD, verified=True)
    stranger = Person(installation, other, pyotp.random_base32(), [])
    assert not await stranger.enters(person.codes[0])
    assert await person.enters(person.codes[0])


async def test_new_recovery_codes_replace_the_old(person: Person) -> None:
    (*renewed,) = await renew_codes(person.installation, person.account, PASSWORD)
    assert not await person.enters(person.codes[0])
    assert await person.enters(renewed[0])


async def test_without_the_password_nothing_is_switched(person: Person, installation: Installation) -> None:
    for call in (renew_codes, switch_off, begin_totp):
        with pytest.raises(PasswordWrong):
            await call(installation, person.account, "not my password")
    assert await person.enters(person.codes[0])


async def test_switched_off_no_code_is_worth_anything(person: Person, installation: Installation, now: Stopped) -> None:
    await switch_off(installation, person.account, PASSWORD)
    assert not await person.enters(person.code(now.at))
    assert not await person.enters(person.codes[0])
    assert (await fresh(installation, person.account)).totp_secret is None


async def test_beginning_again_does_not_weaken_what_is_on(person: Person, installation: Installation, now: Stopped) -> None:
    await begin_totp(installation, person.account, PASSWORD)
    assert pending_secret(installation, await fresh(installation, person.account)) is None
    assert await person.enters(person.code(now.at))


async def test_a_wrong_code_does_not_switch_it_on(installation: Installation, account: Account, now: Stopped) -> None:
    await begin_totp(installation, account, PASSWORD)
    with pytest.raises(CodeWrong):
        await switch_on(installation, account.id, "000000")
    assert (await fresh(installation, account)).totp_enabled_at is None


async def test_the_secret_is_sealed_and_codes_are_hashes(person: Person, installation: Installation) -> None:
    row = await fresh(installation, person.account)
    assert b"JBSW" not in (row.totp_secret or b"")
    assert installation.vault.open(row.totp_secret or b"", f"totp/{row.id}").decode().isalnum()
    async with installation.tenancy.catalog() as catalog:
        stored = (await catalog.execute(select(RecoveryCode).where(col(RecoveryCode.account_id) == row.id))).scalars()
        assert all(len(code.code_hash) == 32 for code in stored)


async def test_recovery_codes_work_when_the_key_of_the_secret_is_lost(person: Person, installation: Installation, now: Stopped) -> None:
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(text("UPDATE catalog.account SET totp_secret = '\\x00' WHERE id = :id"), {"id": person.account.id})
    assert not await person.enters(person.code(now.at))
    assert await person.enters(person.codes[0])


def test_the_qr_code_names_the_account() -> None:
    account = Account(id=1, email="ada+work@example.com", name="Ada", password_hash="")
    uri = provisioning_uri(account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert uri == "otpauth://totp/IS-Messenger:ada%2Bwork%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=IS-Messenger"
