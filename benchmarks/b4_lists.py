"""B4: first pages of lists in a workspace of a million contacts, as the runtime role, beside the same pages of ten thousand."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlmodel import col

from benchmarks.crowd import HALF, RARE, SHARES, SOME, Crowd, crowd
from benchmarks.figures import Figure, at_most, below, paired, percentile
from benchmarks.place import Place, place
from benchmarks.said import COMMON, SELDOM, UNIQUE, said
from ismessenger.accounts.model import Member
from ismessenger.conditions.tree import parse
from ismessenger.contacts.columns import columns
from ismessenger.contacts.filtered import filtered
from ismessenger.contacts.listing import table_page
from ismessenger.contacts.model import Contact
from ismessenger.contacts.order import Order, order_by
from ismessenger.contacts.search import named
from ismessenger.conversations.inboxes import ALL, in_standing, welcome
from ismessenger.conversations.listing import Narrowing, list_contacts
from ismessenger.messages.timeline import timeline
from ismessenger.search.filters import Narrowed
from ismessenger.search.terms import terms
from ismessenger.search.written import written
from ismessenger.tenancy.doors import ReadSession

SMALL = 10_000
MOST = 2.0
LIMIT_MS = 100.0
_WORDS = {COMMON: "every second message", SELDOM: "one in 10,000", UNIQUE: "five messages"}
Page = Callable[[ReadSession, Member, Crowd], Awaitable[int]]


async def run(*, quick: bool) -> list[Figure]:
    """Every page of the large crowd in turn with the same of the small one."""
    large, rounds = (100_000, 40) if quick else (1_000_000, 60)
    async with place() as here:
        crowds = [await crowd(here, SMALL), await crowd(here, large)]
        await said(here, crowds)
        # Who lives next door must cost nothing.
        await here.owner.execute("VACUUM ANALYZE")
        members = [await _member(here, one) for one in crowds]
        figures = []
        for what, page in _pages().items():
            times = await _measure(here, crowds, members, page, rounds)
            figures += _figures(what, large, *times)
    return figures


async def _member(here: Place, one: Crowd) -> Member:
    await here.cookies(one.line.workspace_id, 1)
    async with here.installation.tenancy.reading(one.line.workspace_id) as db:
        return (await db.execute(select(Member))).scalars().one()


async def _measure(here: Place, crowds: list[Crowd], members: list[Member], page: Page, rounds: int) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 3):
        for one, member, taken in zip(crowds, members, times, strict=True):
            async with here.installation.tenancy.reading(one.line.workspace_id) as db:
                began = time.perf_counter()
                rows = await page(db, member, one)
                took = (time.perf_counter() - began) * 1000
            assert rows, "the page is empty"
            if number >= 3:  # noqa: PLR2004 - the first ones warm up
                taken.append(took)
    return times


def _figures(what: str, large: int, small: list[float], big: list[float]) -> list[Figure]:
    ours, reference = paired(big, small)
    return [
        at_most("B4", f"ms for {what}: {large:,} contacts beside {SMALL:,}", ours, reference, MOST),
        below("B4", f"the same, p95 in ms at {large:,}", percentile(big, 0.95), LIMIT_MS, unit="ms", reference=percentile(small, 0.95)),
    ]


def _pages() -> Mapping[str, Page]:
    searches = {"a search for a person": _for_person, "a search for a part of many names": _for_part, "a search for a number": _for_number}
    segments = {f"a segment that 1 in {SHARES[tag]:,} matches": _segment(tag) for tag in (RARE, SOME, HALF)}
    segments |= {f"a segment of those who said a word of {share}": _said(word) for word, share in _WORDS.items()}
    custom = {f"a custom inbox that 1 in {SHARES[tag]:,} matches": _custom(tag) for tag in (RARE, SOME, HALF)}
    sorts = {
        "the oldest open": _inbox_by(Narrowing(sort="oldest")),
        "the longest open": _inbox_by(Narrowing(sort="longest")),
        "everybody, newest first": _inbox_by(Narrowing("all")),
        "the unanswered": _inbox_by(Narrowing(unreplied=True)),
    }
    return {"the open inbox": _inbox, "the contacts table": _everybody, **searches, **segments, **custom, **sorts, **_written()}


async def _inbox(db: ReadSession, member: Member, _one: Crowd) -> int:
    return len((await list_contacts(db, member, in_standing(ALL, member))).contacts)


async def _everybody(db: ReadSession, member: Member, _one: Crowd) -> int:
    return await _table(db, member, true())


async def _for_person(db: ReadSession, member: Member, one: Crowd) -> int:
    return await _table(db, member, await named(db, one.somebody.name))


async def _for_part(db: ReadSession, member: Member, _one: Crowd) -> int:
    return await _table(db, member, await named(db, "nik"))


async def _for_number(db: ReadSession, member: Member, one: Crowd) -> int:
    return await _table(db, member, await named(db, f"0{one.somebody.phone[3:5]} {one.somebody.phone[5:]}"))


def _written() -> Mapping[str, Page]:
    return {
        **{f"a message search for a word of {share}": _for_words(word) for word, share in _WORDS.items()},
        "a message search for the beginning of a word": _for_words(f"{COMMON} ord"),
        "a thread": _thread,
    }


def _for_words(words: str) -> Page:
    async def page(db: ReadSession, member: Member, _one: Crowd) -> int:
        return len((await written(db, member, "message", await terms(db, words), Narrowed())).hits)

    return page


async def _thread(db: ReadSession, _member: Member, one: Crowd) -> int:
    whose = select(col(Contact.id)).where(func.lower(Contact.email) == "person5001@example.com").limit(1)
    found = (await db.execute(whose)).scalar_one_or_none() or one.count
    return len((await timeline(db, found)).items)


def _inbox_by(narrowing: Narrowing) -> Page:
    async def page(db: ReadSession, member: Member, _one: Crowd) -> int:
        return len((await list_contacts(db, member, in_standing(ALL, member), narrowing)).contacts)

    return page


def _custom(tag: str) -> Page:
    """The condition of a segment, over every status: at a share of one in ten thousand few are open."""

    async def page(db: ReadSession, member: Member, one: Crowd) -> int:
        where = welcome() & await filtered(db, parse(_condition(one, tag)), "UTC")
        return len((await list_contacts(db, member, where, Narrowing("all"))).contacts)

    return page


def _segment(tag: str) -> Page:
    """Nested, over a tag, a custom field, a standard one and times."""

    async def page(db: ReadSession, member: Member, one: Crowd) -> int:
        return await _table(db, member, await filtered(db, parse(_condition(one, tag)), "UTC"))

    return page


def _said(word: str) -> Page:
    async def page(db: ReadSession, member: Member, _one: Crowd) -> int:
        condition = {"$and": [{"category": "messageText", "operator": "contains", "value": word}]}
        return await _table(db, member, await filtered(db, parse(condition), "UTC"))

    return page


def _condition(one: Crowd, tag: str) -> dict[str, Any]:
    lives = {"category": "contactField", "field": str(one.field_id), "operator": "exists"}
    comes_from = {"category": "contactField", "field": "countryCode", "operator": "hasAnyOf", "value": ["MY", "DE"]}
    was_made = {"category": "createdTime", "operator": "isTimestampAfter", "value": "2001-01-01"}
    wrote = {
        "category": "timeSinceLastIncomingMessage",
        "operator": "isLessThan",
        "value": {"value": 90, "unit": "days"},
    }
    tagged = {"category": "contactTag", "operator": "hasAnyOf", "value": [one.tags[tag]]}
    return {"$and": [tagged, was_made, {"$or": [lives, {"$and": [comes_from, {"$or": [wrote, was_made]}]}]}]}


async def _table(db: ReadSession, member: Member, where: ColumnElement[bool]) -> int:
    order = order_by("lastMessage", await columns(db), descending=True)
    assert isinstance(order, Order)
    return len((await table_page(db, member, where, order)).contacts)
