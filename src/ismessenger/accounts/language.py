"""The language of a person to whom something is said while they are not asking: in letters, pushes and files that a worker writes."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.installation import Installation
from ismessenger.language import speaks
from ismessenger.tenancy.catalog import Account


def language_of(account: Account | None) -> str:
    """What they chose, else what their browser spoke when they signed in, else what is being spoken here."""
    return (account.language or account.browser_language if account else "") or speaks()


async def language_at(catalog: AsyncSession, email: str) -> str:
    """The language of whoever has this address. A stranger is written to in that of the person because of whom it is done."""
    return language_of((await catalog.execute(select(Account).where(col(Account.email) == email))).scalar_one_or_none())


async def language_of_member(installation: Installation, workspace_id: int, member_id: int | None) -> str:
    """The language of somebody for whom a worker does something, also of one who has left."""
    if member_id is None:
        return speaks()
    async with installation.tenancy.reading(workspace_id) as db:
        member = await db.get(Member, (workspace_id, member_id))
    return await language_of_account(installation, member.account_id) if member else speaks()


async def language_of_account(installation: Installation, account_id: int) -> str:
    """The same of an account by its id."""
    async with installation.tenancy.catalog() as catalog:
        return language_of(await catalog.get(Account, account_id))


async def remember_language(catalog: AsyncSession, account_id: int) -> None:
    """Whoever signs in reads the page in this language: it counts as long as they choose no other."""
    here = update(Account).where(col(Account.id) == account_id, col(Account.browser_language) != speaks())
    await catalog.execute(here.values(browser_language=speaks()))
