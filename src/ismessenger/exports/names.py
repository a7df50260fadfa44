"""How rows of an export name members, also those who were removed."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.tenancy.doors import ReadSession


async def member_names(db: ReadSession) -> Mapping[int, str]:
    """Names by id."""
    return {row.id: row.name for row in await db.execute(select(col(Member.id), col(Member.name)))}


async def member_emails(db: ReadSession) -> Mapping[int, str]:
    """E-mail addresses by id."""
    return {row.id: row.email for row in await db.execute(select(col(Member.id), col(Member.email)))}
