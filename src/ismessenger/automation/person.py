"""A contact as a run sees it: what is known now, with what the run changed meanwhile. It needs no row, so that a draft can be tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never, cast

from ismessenger.conditions.evaluate import Facts
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.facts import COLUMNS
from ismessenger.contacts.fields import Field
from ismessenger.contacts.model import Contact
from ismessenger.contacts.values import checked
from ismessenger.sdk.step import (
    AnyEffect,
    Assign,
    Call,
    Close,
    Comment,
    Effect,
    Open,
    Send,
    SetField,
    SetStage,
    Snooze,
    Start,
    Tags,
)


@dataclass(slots=True)
class Person:
    """``columns`` are those of `COLUMNS`, ``fields`` custom values by the field's id. ``id`` is 0 for somebody made up.

    ``tags`` are names of tags that it got and that do not exist yet. ``words`` are those of its messages, ``last_words`` what it said last.
    """

    columns: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)
    tag_ids: set[int] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    channel_ids: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()
    last_words: str | None = None
    id: int = 0

    @property
    def name(self) -> str:
        """What to call the person."""
        full = " ".join(part for part in (self.columns["first_name"], self.columns["last_name"]) if part)
        return str(full or self.columns["phone"] or self.columns["email"] or (f"#{self.id}" if self.id else ""))

    @property
    def assignee_id(self) -> int | None:
        """Who answers it."""
        return cast("int | None", self.columns["assignee_id"])

    def facts(self, variables: Any, assignee_status: str) -> Facts:
        """What conditions are asked about."""
        return Facts(
            self.columns,
            self.fields,
            self.tag_ids,
            self.channel_ids,
            self.words,
            variables=variables,
            assignee_status=assignee_status,
            last_words=self.last_words,
        )

    def value_of(self, known: Field) -> Any:
        """What it has in a field."""
        return self.columns[known.column] if known.column else self.fields.get(known.key)

    def put(self, known: Field, value: Any) -> None:
        """Set one field."""
        if known.column:
            self.columns[known.column] = value
        elif value is None:
            self.fields.pop(known.key, None)
        else:
            self.fields[known.key] = value

    def take(self, effect: Effect, fields: Mapping[str, Field], region: str | None = None) -> None:
        """Change what an effect changes, as far as that is certain beforehand: whom a pool gives it to is not."""
        match cast("AnyEffect", effect):
            case Tags() as tags:
                self.tag_ids = (self.tag_ids | set(tags.add)) - set(tags.remove)
                self.tags += [name for name in tags.create if name not in self.tags]
            case SetField() as change:
                self._set_field(change, fields, region)
            case SetStage() as change_of_stage:
                self.columns["lifecycle_id"] = change_of_stage.stage_id
            case Open():
                self._turn("open", {"closed", "snoozed"})
            case Close():
                self._turn("closed", {"open", "snoozed"})
            case Snooze():
                self._turn("snoozed", {"open"})
            case Assign(pool="nobody"):
                self.columns["assignee_id"] = None
            case Assign(pool="member", to=int(to), online_only=False, below=None):
                self.columns["assignee_id"] = to
            case Assign() | Send() | Comment() | Call() | Start():
                pass
            case other:
                assert_never(other)

    def _turn(self, status: str, from_: set[str]) -> None:
        if self.columns["blocked_at"] is None and self.columns["status"] in from_:
            self.columns["status"] = status

    def _set_field(self, change: SetField, fields: Mapping[str, Field], region: str | None) -> None:
        if (known := fields.get(change.field)) is None:
            return
        try:
            self.put(known, checked(known, change.value, region=region))
        except Refused:
            return  # who carries it out says so


def made_up(at: datetime, **columns: Any) -> Person:
    """Somebody who does not exist: open, written to us just now, and with these columns."""
    columns = {"status": "open", "created_at": at, "last_incoming_at": at, **columns}
    return Person({name: columns.get(name) for name in COLUMNS})


def person_of(contact: Contact) -> Person:
    """A contact as it is; what is asked of other tables is filled in by who needs it."""
    return Person(
        {name: getattr(contact, name) for name in COLUMNS},
        dict(contact.fields),
        set(contact.tag_ids),
        id=contact.id,
    )
