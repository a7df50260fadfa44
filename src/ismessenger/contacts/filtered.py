"""Contacts that match a condition: as a clause for any query, and how many a member sees of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Executable, Select, func, literal_column, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.conditions.compile import compile_condition
from ismessenger.conditions.resolve import sought_words
from ismessenger.conditions.tree import Group
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.contacts.model import Contact
from ismessenger.contacts.said import who_said
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import ReadSession

EXACT = 10_000


@dataclass(frozen=True, slots=True)
class Count:
    """How many; not ``exact``: what the database's planner thinks, and more than `EXACT`."""

    number: int
    exact: bool


async def filtered(db: ReadSession, condition: Group, timezone: str, known: Vocabulary | None = None) -> ColumnElement[bool]:
    """A clause on `Contact`. Nothing is asked for ``known`` if the caller has the workspace's vocabulary already."""
    if not condition.items:
        return true()
    known, at = known or await vocabulary(db, timezone), now()
    return compile_condition(condition, known, at, await who_said(db, sought_words(condition, known, at)))


async def count_filtered(db: ReadSession, member: Member, condition: Group, timezone: str) -> Count:
    """How many contacts of those that the member sees match."""
    return await count_where(db, visible_to(member), await filtered(db, condition, timezone))


async def count_where(db: ReadSession, *clauses: ColumnElement[bool]) -> Count:
    """How many contacts there are of a kind: counted up to `EXACT`, estimated above. The caller sees to `visible_to`."""
    matching: Select[Any] = select(literal_column("1")).select_from(Contact).where(*clauses)
    number = (await db.execute(select(func.count()).select_from(matching.limit(EXACT + 1).subquery()))).scalar_one()
    if number <= EXACT:
        return Count(number, exact=True)
    (plan,) = (await db.execute(Explained(matching))).scalar_one()
    return Count(max(int(plan["Plan"]["Plan Rows"]), EXACT + 1), exact=False)


class Explained(Executable, ClauseElement):
    """How the database would run a statement, as its planner's JSON: ``EXPLAIN`` with the bound values."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explained)
def _explain(element: Explained, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"
