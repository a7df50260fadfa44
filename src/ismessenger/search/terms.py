"""Words as the index of messages and comments knows them."""

from sqlalchemy import func, select

from ismessenger.conditions.words import Term, terms_of
from ismessenger.tenancy.doors import ReadSession


async def terms(db: ReadSession, typed: str) -> tuple[Term, ...]:
    """The words of what was typed, taken apart by the database as it does with messages. The last one may be the beginning of a word."""
    if not typed.strip():
        return ()
    return terms_of(str((await db.execute(select(func.search_words(typed)))).scalar_one()))
