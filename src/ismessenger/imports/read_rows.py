"""From a row of a kept file to values: what each column says about a contact, or the reasons why the row cannot be imported."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import Field
from ismessenger.contacts.values import Value, checked
from ismessenger.imports.order import Order
from ismessenger.imports.targets import Target
from ismessenger.kit.spreadsheet import as_meant, split
from ismessenger.sdk.words import gettext

MAX_TAGS: Final = 50
MAX_TAG: Final = 255
_ID: Final = re.compile(r"\d{1,18}", re.ASCII)
_BARE_NUMBER: Final = re.compile(r"[1-9][\d ().-]{6,}", re.ASCII)


@dataclass(slots=True)
class Read:
    """A row. ``values`` holds what it says by the key of a field; ``reasons`` why it fails. ``id`` is None if it names none.

    ``unread`` are the keys of targets whose cells say something that cannot be read.
    """

    number: int
    cells: list[str]
    values: dict[str, Value] = field(default_factory=dict)
    tags: Sequence[str] = ()
    stage: str = ""
    assignee: str = ""
    id: int | None = None
    reasons: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def failed(self, reasons: Sequence[str]) -> list[object]:
        """The row as it is handed back: number, reasons, cells."""
        return [self.number, " ".join(reasons), *self.cells]


class Reader:
    """Reads rows by the choices of an order."""

    def __init__(self, order: Order, targets: Sequence[Target]) -> None:
        known = {target.key: target for target in targets}
        self._columns = [(place, known[key]) for place, key in enumerate(order.targets) if key]
        self._width = len(order.columns)
        self._region = order.region or None

    def read(self, lines: Sequence[bytes]) -> list[Read]:
        """The rows of some lines."""
        return [self._row(orjson.loads(line)) for line in lines]

    def _row(self, kept: list[object]) -> Read:
        number, cells = int(str(kept[0])), [str(cell) for cell in kept[1:]]
        row = Read(number, cells)
        if len(cells) > self._width:
            row.reasons.append(
                gettext("This row has %(cells)s cells and the heading %(columns)s.") % {"cells": len(cells), "columns": self._width}
            )
            row.unread.update(target.key for _place, target in self._columns)
            return row
        for place, target in self._columns:
            if place < len(cells) and (words := as_meant(cells[place].strip())):
                try:
                    self._take(row, target, words)
                except Refused as error:
                    row.reasons.append(str(error))
                    row.unread.add(target.key)
        return row

    def _take(self, row: Read, target: Target, words: str) -> None:
        if target.field is not None:
            value = self._value(target.field, words)
            if value is not None:
                row.values[target.key] = value
            return
        match target.key:
            case "id" if _ID.fullmatch(words):
                row.id = int(words)
            case "id":
                raise Refused(gettext("%(words)s is no contact ID.") % {"words": words[:40]})
            case "tags":
                row.tags = _tags(words)
            case "lifecycle":
                row.stage = words
            case _:
                row.assignee = words

    def _value(self, field: Field, words: str) -> Value | None:
        if field.type == "phone" and self._region is None and _BARE_NUMBER.fullmatch(words):
            words = f"+{words}"  # spreadsheets take the plus sign away
        return checked(field, words, region=self._region)


def _tags(words: str) -> list[str]:
    found = split(words)
    if len(found) > MAX_TAGS:
        raise Refused(gettext("A row has at most %(most)s tags.") % {"most": MAX_TAGS})
    if too_long := next((name for name in found if len(name) > MAX_TAG), None):
        raise Refused(gettext("The tag %(name)s… is longer than %(most)s characters.") % {"name": too_long[:40], "most": MAX_TAG})
    return found
