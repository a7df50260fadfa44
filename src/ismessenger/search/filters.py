"""The filters of a search line as conditions, and what is wrong with them in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.conditions.tree import parse
from ismessenger.conditions.vocabulary import STATUSES, Vocabulary
from ismessenger.contacts.filtered import filtered
from ismessenger.contacts.model import Contact
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.kit.clock import now
from ismessenger.kit.folding import folded
from ismessenger.search.query import Filter, Key, Typed
from ismessenger.tenancy.doors import ReadSession

Section = Literal["people", "messages", "comments"]
SECTIONS: Final[tuple[Section, ...]] = ("people", "messages", "comments")
ME, NOBODY = "me", "none"


@dataclass(frozen=True, slots=True)
class Problem:
    """A filter that cannot be used."""

    key: Key
    value: str
    why: Literal["unknown", "several", "date"]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the filters leave. ``contacts`` are conditions on `Contact`; the times are those of what was written.

    A message was exchanged on one of the channels ``channel_ids``; ``reached`` says of a contact that it can be reached on them.
    """

    sections: tuple[Section, ...] = SECTIONS
    contacts: tuple[ColumnElement[bool], ...] = ()
    channel_ids: tuple[int, ...] = ()
    reached: tuple[ColumnElement[bool], ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    problems: tuple[Problem, ...] = field(default=())


async def narrowed(db: ReadSession, member: Member, typed: Typed, timezone: str) -> Narrowed:
    """What the filters mean. A name is taken in whatever spelling, and a part of it where only one begins so."""
    result = Narrowed()
    known = await vocabulary(db, timezone) if any(each.value for each in typed.filters) else None
    for each in typed.filters:
        if each.value and known is not None:
            result = await _with(db, member, result, each, known)
    return result


async def _with(db: ReadSession, member: Member, result: Narrowed, each: Filter, known: Vocabulary) -> Narrowed:
    match each.key:
        case "before" | "after":
            return _in_time(result, each, known.timezone)
        case "in":
            section = [name for name in SECTIONS if name.startswith(each.value.lower())]
            return replace(result, sections=tuple(section)) if len(section) == 1 else _broken(result, each, "unknown")
        case "assignee" if each.value.lower() == NOBODY:
            return replace(result, contacts=(*result.contacts, col(Contact.assignee_id).is_(None)))
        case "assignee" if each.value.lower() == ME:
            return replace(result, contacts=(*result.contacts, col(Contact.assignee_id) == member.id))
        case _:
            return await _named(db, result, each, known)


async def _named(db: ReadSession, result: Narrowed, each: Filter, known: Vocabulary) -> Narrowed:
    found = matching(names(each.key, known), each.value)
    if len(found) != 1:
        return _broken(result, each, "several" if found else "unknown")
    category, operator = _LEAVES[each.key]
    value = found[0] if isinstance(found[0], str) or operator == "isEqualTo" else [found[0]]
    condition = parse({"$and": [{"category": category, "operator": operator, "value": value}]})
    holds = await filtered(db, condition, known.timezone, known)
    if each.key == "channel":
        return replace(result, channel_ids=(*result.channel_ids, int(found[0])), reached=(*result.reached, holds))
    return replace(result, contacts=(*result.contacts, holds))


def names(key: Key, known: Vocabulary) -> Sequence[tuple[int | str, str]]:
    """What the values of a filter stand for, by the ids that conditions use."""
    match key:
        case "assignee":
            return [(id_, member.name) for id_, member in known.members.items()]
        case "tag":
            return [*known.tags.items()]
        case "channel":
            return [*known.channels.items()]
        case "stage":
            return [*known.stages.items()]
        case "status":
            return [(status, status) for status in STATUSES]
        case _:
            return []


def matching(offered: Sequence[tuple[int | str, str]], value: str) -> Sequence[int | str]:
    """What has this very name; else what has it in another spelling; else what begins with it."""
    exact = [id_ for id_, name in offered if name.replace('"', "").casefold() == value.casefold()]
    value = folded(value)
    alike = [id_ for id_, name in offered if folded(name.replace('"', "")) == value]
    return exact[:1] or alike or [id_ for id_, name in offered if folded(name).startswith(value)]


def _in_time(result: Narrowed, each: Filter, timezone: str) -> Narrowed:
    zone = ZoneInfo(timezone)
    day = _day(each.value, now().astimezone(zone).date())
    if day is None:
        return _broken(result, each, "date")
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    if each.key == "after":
        return replace(result, after=max(begins, result.after) if result.after else begins)
    return replace(result, before=min(begins, result.before) if result.before else begins)


def _day(value: str, today: date) -> date | None:
    if value.lower() in {"today", "yesterday"}:
        return today - timedelta(days=value.lower() == "yesterday")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    # What lies further away has no begin of its day in every zone.
    return day if date(1970, 1, 2) <= day <= date(9990, 1, 1) else None


def _broken(result: Narrowed, each: Filter, why: Literal["unknown", "several", "date"]) -> Narrowed:
    return replace(result, problems=(*result.problems, Problem(each.key, each.value, why)))


_LEAVES: Final[Mapping[str, tuple[str, str]]] = {
    "assignee": ("assignee", "isEqualTo"),
    "tag": ("contactTag", "hasAnyOf"),
    "channel": ("channel", "hasAnyOf"),
    "stage": ("lifecycle", "isEqualTo"),
    "status": ("conversationStatus", "isEqualTo"),
}
