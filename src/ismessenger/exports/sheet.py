"""The rows of an export, and the two forms in which they are written."""

import csv
import io
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Executable

from ismessenger.exports.order import Format
from ismessenger.kit.spreadsheet import harmless
from ismessenger.tenancy.doors import ReadSession

ROWS_AT_ONCE: Final = 500
Cell = str | int | float | bool | None
Columns = Sequence[tuple[str, str]]
"""Per column its heading in a table and its name in JSON."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A query, and what becomes of each of its rows: values by the columns' names. ``tree`` is the same for JSON where it holds more."""

    statement: Executable
    columns: Columns
    row: Callable[[Any], dict[str, Any]]
    tree: Callable[[Any], dict[str, Any]] | None = None

    def heading(self, form: Format) -> bytes:
        """What the file begins with. The mark tells spreadsheets that it is UTF-8."""
        return _line([harmless(heading) for heading, _name in self.columns]).encode("utf-8-sig") if form == "csv" else b""

    async def pieces(self, db: ReadSession, form: Format) -> AsyncGenerator[tuple[bytes, int], None]:
        """The rows in the form, so many at once as fit the memory, and how many they are."""
        found = await db.stream(self.statement, execution_options={"yield_per": ROWS_AT_ONCE})
        async for rows in found.partitions():
            yield b"".join(self._written(row, form) for row in rows), len(rows)

    def _written(self, row: Any, form: Format) -> bytes:
        if form == "csv":
            values = self.row(row)
            return _line([_words(values.get(name)) for _heading, name in self.columns]).encode()
        return orjson.dumps((self.tree or self.row)(row)) + b"\n"


def at(moment: datetime | None) -> str | None:
    """A time as both forms write it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _words(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return harmless(value)
        case _:
            return str(value)


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
