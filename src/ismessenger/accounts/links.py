"""Links that are mailed: random, kept as SHA-256, good once and for a time. Looking at one changes nothing."""

from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import AccountLink

Purpose = Literal["verify_email", "reset_password", "change_email"]

LIVES: Final[dict[Purpose, timedelta]] = {
    "verify_email": timedelta(days=7),
    "reset_password": timedelta(hours=1),
    "change_email": timedelta(days=1),
}


class LinkRefused(ValueError):
    """The link does not work, or not any more; the text says why."""


def new_link(catalog: AsyncSession, account_id: int, purpose: Purpose, email: str) -> str:
    """The token of a new link to mail to this address."""
    token = new_token()
    catalog.add(
        AccountLink(token_hash=digest(token), account_id=account_id, purpose=purpose, email=email, expires_at=now() + LIVES[purpose])
    )
    return token


async def find_link(installation: Installation, token: str, purpose: Purpose) -> AccountLink:
    """What a link stands for. Raises `LinkRefused`."""
    async with installation.tenancy.catalog() as catalog:
        return await _working(catalog, token, purpose)


async def use_link(catalog: AsyncSession, token: str, purpose: Purpose) -> AccountLink:
    """The same, and it works no more once the transaction is on disk; of two at once one gets it. Raises `LinkRefused`."""
    link = await _working(catalog, token, purpose)
    mine = update(AccountLink).where(col(AccountLink.token_hash) == link.token_hash, col(AccountLink.used_at).is_(None))
    if (await catalog.execute(mine.values(used_at=now()).returning(col(AccountLink.account_id)))).first() is None:
        raise LinkRefused(gettext("This link was used already."))
    return link


async def forget_links(catalog: AsyncSession, account_id: int, *purposes: Purpose) -> None:
    """Have the other links of an account work no more."""
    unused = [col(AccountLink.account_id) == account_id, col(AccountLink.purpose).in_(purposes), col(AccountLink.used_at).is_(None)]
    await catalog.execute(delete(AccountLink).where(*unused))


async def _working(catalog: AsyncSession, token: str, purpose: Purpose) -> AccountLink:
    wanted = select(AccountLink).where(col(AccountLink.token_hash) == digest(token), col(AccountLink.purpose) == purpose)
    link = (await catalog.execute(wanted)).scalar_one_or_none()
    if link is None:
        raise LinkRefused(gettext("This link is not known. A newer letter may have replaced it, or part of the address is missing."))
    if link.used_at is not None:
        raise LinkRefused(gettext("This link was used already."))
    if link.expires_at <= now():
        raise LinkRefused(gettext("This link has expired."))
    return link
