"""Write a letter to a person."""

from collections.abc import Mapping
from datetime import UTC, datetime

from babel.dates import format_date, format_time
from sqlalchemy.ext.asyncio import AsyncSession

from ismessenger.kit.clock import now
from ismessenger.language import locale
from ismessenger.tenancy.catalog import Letter


def write_letter(catalog: AsyncSession, *, to: str, subject: str, text: str) -> None:
    """Have a letter sent once the catalog's transaction is on disk. ``text`` is plain; links stand on lines of their own."""
    catalog.add(Letter(to=to, subject=" ".join(subject.split()), text=text, due_at=now()))


def in_words(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts to be filled in; moments are written as people write them in the language being spoken."""
    return {name: moment(fact) if isinstance(fact, datetime) else fact for name, fact in facts.items()}


def moment(at: datetime) -> str:
    """Day and time of a moment, in UTC: a letter does not know where it is read."""
    utc = at.astimezone(UTC)
    return f"{format_date(utc.date(), 'long', locale=locale())}, {format_time(utc.time(), 'HH:mm', locale=locale())} UTC"
