"""Which contacts somebody means: a few by their ids, or all that a filter and a search find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col

from ismessenger.conditions.tree import EVERYBODY, Group, parse
from ismessenger.contacts.filtered import filtered
from ismessenger.contacts.model import Contact
from ismessenger.contacts.search import named
from ismessenger.tenancy.doors import ReadSession


@dataclass(frozen=True, slots=True)
class Selection:
    """With ``ids`` these contacts; without, all that match the condition and the words. ``timezone`` is the workspace's."""

    ids: Sequence[int] | None = None
    condition: Group = EVERYBODY
    words: str = ""
    timezone: str = "UTC"

    def as_json(self) -> dict[str, Any]:
        """As a job keeps it."""
        if self.ids is not None:
            return {"ids": list(self.ids)}
        return {"condition": self.condition.as_json(), "words": self.words, "timezone": self.timezone}


def selection_of(json: Mapping[str, Any]) -> Selection:
    """What a job kept."""
    if "ids" in json:
        return Selection(ids=list(json["ids"]))
    return Selection(condition=parse(json["condition"]), words=json["words"], timezone=json["timezone"])


async def selected(db: ReadSession, selection: Selection) -> ColumnElement[bool]:
    """A condition on `Contact`, beside `visible_to`."""
    if selection.ids is not None:
        return col(Contact.id).in_(selection.ids)
    clause = await filtered(db, selection.condition, selection.timezone)
    return clause & await named(db, selection.words) if selection.words.strip() else clause
