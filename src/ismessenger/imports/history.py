"""The imports of a workspace, also those that are being prepared."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from ismessenger.background.model import Job
from ismessenger.imports.order import IMPORT
from ismessenger.tenancy.doors import ReadSession

PAGE = 30


async def imports(db: ReadSession, *, before: int | None = None) -> Sequence[Job]:
    """The newest first, one more than `PAGE` if there are older ones."""
    statement = select(Job).where(col(Job.kind) == IMPORT)
    if before is not None:
        statement = statement.where(col(Job.id) < before)
    return list((await db.execute(statement.order_by(col(Job.id).desc()).limit(PAGE + 1))).scalars().all())
