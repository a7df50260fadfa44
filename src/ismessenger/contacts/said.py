"""To whom, or by whom, words were said: asked of the index of messages, before a condition about them becomes SQL."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, case, func, literal, literal_column, select, true
from sqlmodel import col

from ismessenger.conditions.compile import Found
from ismessenger.conditions.words import STRETCH_BITS, Term, in_one_place, sought
from ismessenger.messages.model import Message
from ismessenger.tenancy.doors import ReadSession

FEW = 10_000
"""Words that stand in more messages are looked for in those of each contact: where every hundredth matches, a page is full soon."""


async def who_said(db: ReadSession, wanted: Collection[tuple[Term, ...]]) -> Found:
    """By the words that few messages hold, their contacts."""
    if not wanted:
        return {}
    newest, oldest = (await db.execute(select(func.max(col(Message.id)), func.min(col(Message.id))))).one()
    if newest is None:
        return {terms: [] for terms in wanted}
    found: dict[tuple[Term, ...], Sequence[int]] = {}
    for terms in wanted:
        walk = _walk(db.workspace_id, terms, newest >> STRETCH_BITS, oldest >> STRETCH_BITS).subquery()
        contacts = func.array_agg(func.distinct(walk.c.contact_id))
        ids = (
            await db.execute(select(case((func.count() <= FEW, func.coalesce(contacts, literal_column("'{}'::bigint[]"))))))
        ).scalar_one()
        if ids is not None:
            found[terms] = ids
    return found


def _walk(workspace_id: int, wanted: Sequence[Term], newest: int, oldest: int) -> Select[Any]:
    """One look into the index for each stretch, until there are too many."""
    series = func.generate_series(literal(newest, BigInteger), literal(oldest, BigInteger), literal(-1, BigInteger))
    stretch = series.table_valued("number", name="stretch").render_derived()
    lexemes = func.search_lexemes(col(Message.workspace_id), col(Message.id), col(Message.words))
    hits = (
        select(col(Message.contact_id).label("contact_id"))
        .where(
            lexemes.op("@@", is_comparison=True)(sought(wanted, workspace_id, stretch.c.number)),
            col(Message.words) != literal_column("''"),
            *in_one_place(wanted, col(Message.words)),
        )
        .lateral("hits")
    )
    return select(hits.c.contact_id).select_from(stretch.join(hits, true())).limit(FEW + 1)
