"""The second factor: codes of an authenticator application (TOTP, RFC 6238), and recovery codes for whoever lost it."""

import base64
import secrets
from collections.abc import Sequence
from typing import Final

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ismessenger.accounts import letters
from ismessenger.accounts.change_password import RESET_PAGE, confirm_password
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SealBroken, digest, same
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, RecoveryCode

ISSUER: Final = "IS-Messenger"
STEP_SECONDS: Final = 30
# A telephone's clock may be a step off in either direction. Source: RFC 6238, section 5.2.
SKEW_STEPS: Final = 1
RECOVERY_CODES: Final = 10
CODE_BYTES: Final = 10
GROUP: Final = 4


class CodeWrong(ValueError):
    """The code is not the one of now, or was used."""


async def begin_totp(installation: Installation, account: Account, password: str) -> None:
    """Make a new secret, which counts once a code of it was entered. Raises `PasswordWrong`; nothing changes where it is on."""
    await confirm_password(account, password)
    sealed = installation.vault.seal(pyotp.random_base32().encode(), _context(account.id))
    async with installation.tenancy.catalog() as catalog:
        row = await catalog.get_one(Account, account.id, with_for_update=True)
        if row.totp_enabled_at is None:
            row.totp_secret = sealed


def pending_secret(installation: Installation, account: Account) -> str | None:
    """The secret to show while it is being set up; ``None`` before and after."""
    if account.totp_secret is None or account.totp_enabled_at is not None:
        return None
    return _secret(installation, account)


def provisioning_uri(account: Account, secret: str) -> str:
    """What the QR code says. Source: Google Authenticator, "Key Uri Format"."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=ISSUER)


async def switch_on(installation: Installation, account_id: int, code: str) -> Sequence[str]:
    """Have the secret count from now on, given a code of it; returns the recovery codes, to be shown once. Raises `CodeWrong`."""
    async with installation.tenancy.catalog() as catalog:
        account = await catalog.get_one(Account, account_id, with_for_update=True)
        secret = pending_secret(installation, account)
        step = _step_of(secret, code) if secret else None
        if step is None:
            raise CodeWrong(gettext("This code does not match. Enter the one that the application shows right now."))
        account.totp_enabled_at, account.totp_step = now(), step
        await letters.send(catalog, account.email, letters.SECOND_FACTOR_ON, reset=installation.settings.address + RESET_PAGE)
        return await _new_codes(catalog, account_id)


async def switch_off(installation: Installation, account: Account, password: str) -> None:
    """Go back to the password alone. Raises `PasswordWrong`."""
    await confirm_password(account, password)
    await take_off(installation, account)


async def take_off(installation: Installation, account: Account) -> None:
    """The same by the operator, for somebody who lost telephone and recovery codes."""
    async with installation.tenancy.catalog() as catalog:
        row = await catalog.get_one(Account, account.id)
        if row.totp_enabled_at is not None:
            await letters.send(catalog, row.email, letters.SECOND_FACTOR_OFF, reset=installation.settings.address + RESET_PAGE)
        row.totp_secret = row.totp_enabled_at = None
        await catalog.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account.id))


async def renew_codes(installation: Installation, account: Account, password: str) -> Sequence[str]:
    """New recovery codes, to be shown once; those from before work no more. Raises `PasswordWrong`."""
    await confirm_password(account, password)
    async with installation.tenancy.catalog() as catalog:
        return await _new_codes(catalog, account.id)


async def codes_left(installation: Installation, account_id: int) -> int:
    """How many recovery codes were not used yet."""
    async with installation.tenancy.catalog() as catalog:
        return await _left(catalog, account_id)


async def check_code(installation: Installation, account_id: int, code: str) -> None:
    """See that somebody has the second factor, or a recovery code; either works once. Raises `CodeWrong`."""
    async with installation.tenancy.catalog() as catalog:
        account = await catalog.get_one(Account, account_id)
    if not await _use_step(installation, account, code) and not await _use_recovery(installation, account, code):
        raise CodeWrong(gettext("This code does not match, or was used already. Enter the one that the application shows now."))


async def _use_step(installation: Installation, account: Account, code: str) -> bool:
    try:
        secret = _secret(installation, account) if account.totp_enabled_at else None
    except SealBroken:
        return False  # without its key no code can be checked; recovery codes need none
    step = _step_of(secret, code) if secret else None
    if step is None:
        return False
    later = update(Account).where(col(Account.id) == account.id, col(Account.totp_step) < step).values(totp_step=step)
    async with installation.tenancy.catalog() as catalog:
        return (await catalog.execute(later.returning(col(Account.id)))).first() is not None


async def _use_recovery(installation: Installation, account: Account, code: str) -> bool:
    mine = [col(RecoveryCode.code_hash) == _hashed(account.id, code), col(RecoveryCode.account_id) == account.id]
    unused = update(RecoveryCode).where(*mine, col(RecoveryCode.used_at).is_(None)).values(used_at=now())
    async with installation.tenancy.catalog() as catalog:
        if (await catalog.execute(unused.returning(col(RecoveryCode.account_id)))).first() is None:
            return False
        left, reset = await _left(catalog, account.id), installation.settings.address + RESET_PAGE
        await letters.send(catalog, account.email, letters.RECOVERY_CODE_USED, left=left, reset=reset)
    return True


async def _new_codes(catalog: AsyncSession, account_id: int) -> Sequence[str]:
    await catalog.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    codes = [_grouped(base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode("ascii").lower()) for _each in range(RECOVERY_CODES)]
    catalog.add_all(RecoveryCode(code_hash=_hashed(account_id, code), account_id=account_id) for code in codes)
    return codes


async def _left(catalog: AsyncSession, account_id: int) -> int:
    unused = [col(RecoveryCode.account_id) == account_id, col(RecoveryCode.used_at).is_(None)]
    return int((await catalog.execute(select(func.count()).select_from(RecoveryCode).where(*unused))).scalar_one())


def _step_of(secret: str, code: str) -> int | None:
    """The time step around now that a code belongs to."""
    typed, totp, this = "".join(code.split()), pyotp.TOTP(secret), int(now().timestamp()) // STEP_SECONDS
    return next((step for step in range(this - SKEW_STEPS, this + SKEW_STEPS + 1) if same(totp.generate_otp(step), typed)), None)


def _secret(installation: Installation, account: Account) -> str:
    return installation.vault.open(account.totp_secret or b"", _context(account.id)).decode("ascii")


def _context(account_id: int) -> str:
    return f"totp/{account_id}"


def _hashed(account_id: int, code: str) -> bytes:
    """However it was typed: with or without hyphens, spaces and capitals."""
    return digest(f"{account_id}/{''.join(filter(str.isalnum, code.lower()))}")


def _grouped(code: str) -> str:
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))
