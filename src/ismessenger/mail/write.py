"""Write a letter to a person."""

from sqlalchemy.ext.asyncio import AsyncSession

from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Letter


def write_letter(catalog: AsyncSession, *, to: str, subject: str, text: str) -> None:
    """Have a letter sent once the catalog's transaction is on disk. ``text`` is plain; links stand on lines of their own."""
    catalog.add(Letter(to=to, subject=" ".join(subject.split()), text=text, due_at=now()))
