"""Take a file that somebody uploaded: read it once, refuse what cannot be imported, and keep its rows in one plain form.

That form has a line per row: a JSON list of the row's number and its cells. So every later step reads on from any byte.
"""

import asyncio
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Final

import orjson

from ismessenger.background.job import DRAFT
from ismessenger.background.model import Job
from ismessenger.imports.errors import FileRefused
from ismessenger.imports.guess import guessed
from ismessenger.imports.order import IMPORT, Order
from ismessenger.imports.read_csv import Row, csv_rows
from ismessenger.imports.read_xlsx import is_xlsx, xlsx_rows
from ismessenger.imports.targets import targets
from ismessenger.installation import Installation
from ismessenger.kit.ids import new_uuid
from ismessenger.kit.sniff import HEAD_BYTES, UNKNOWN, safe_type
from ismessenger.kit.text import clean
from ismessenger.language import figures
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import workspace_key

MAX_BYTES: Final = 20_000_000
MAX_ROWS: Final = 199_999
MAX_COLUMNS: Final = 500
MAX_KEPT_BYTES: Final = 256 << 20
MAX_HEADING: Final = 100
SAMPLE_ROWS: Final = 5
SAMPLE_CHARACTERS: Final = 200
_TEXTS: Final = frozenset({"text/csv", "text/plain", UNKNOWN})
_NEITHER: Final = marked("This file is neither CSV nor XLSX. Save the table in one of these formats and choose it again.")


@dataclass(frozen=True, slots=True)
class Taken:
    """What the file holds. ``sample`` are its first rows."""

    columns: list[str]
    rows: int
    sample: list[list[str]]


async def take_upload(installation: Installation, workspace_id: int, file: IO[bytes], name: str, *, by: int) -> Job:
    """Keep the file's rows and begin a draft of an import. Raises `FileRefused`, `StoreUnavailable`."""
    key = workspace_key(workspace_id, "imports", new_uuid().hex)
    with tempfile.TemporaryFile() as plain:
        taken = await asyncio.to_thread(write_plain, file, name, plain)
        plain.seek(0)
        await installation.files.put(key, plain)
    async with installation.tenancy.workspace(workspace_id) as db:
        places = guessed(taken.columns, await targets(db))
        order = Order(file=key, name=name, rows=taken.rows, columns=taken.columns, sample=taken.sample, targets=places)
        job = Job(kind=IMPORT, state=DRAFT, params=order.model_dump(), created_by_id=by, total=taken.rows)
        db.add(job)
        await db.flush()
    return job


def write_plain(file: IO[bytes], name: str, plain: IO[bytes]) -> Taken:
    """Write the rows of a CSV or XLSX file into ``plain``. Raises `FileRefused`."""
    with closing(_rows(file, name)) as rows:
        return _written(_trimmed(rows), plain)


def _written(rows: Iterator[Row], plain: IO[bytes]) -> Taken:
    _number, heading = next(rows, (0, []))
    columns = headings(heading)
    kept, written, fitting, sample = 0, 0, 0, []
    for number, cells in rows:
        if kept == MAX_ROWS:
            raise FileRefused(gettext("The file has more than %(most)s rows. Split it.") % {"most": figures(MAX_ROWS)})
        if kept < SAMPLE_ROWS:
            sample.append([cell[:SAMPLE_CHARACTERS] for cell in cells])
        kept += 1
        fitting += len(cells) <= len(columns)
        written += plain.write(orjson.dumps([number, *cells]) + b"\n")
        if written > MAX_KEPT_BYTES:
            raise FileRefused(gettext("The file unpacks to more than can be imported. Split it."))
    if not kept:
        raise FileRefused(gettext("The file has no rows below its heading."))
    if not fitting:
        words = gettext("Every row has more cells than the first one, %(heading)s. Take away what stands above the names of the columns.")
        raise FileRefused(words % {"heading": ", ".join(columns)[:MAX_HEADING]})
    return Taken(columns, kept, sample)


def headings(cells: Sequence[str]) -> list[str]:
    """Names of the columns, each of them once: one without a name is called by its number, one that comes again gets a number."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, cell in enumerate(cells, start=1):
        name = " ".join(clean(cell, MAX_HEADING).split()) or gettext("Column %(number)s") % {"number": number}
        seen[name.casefold()] = times = seen.get(name.casefold(), 0) + 1
        again = f"{name} ({times})"
        names.append(name if times == 1 else again)
        seen.setdefault(again.casefold(), 1)
    return names


def _rows(file: IO[bytes], name: str) -> Generator[Row, None, None]:
    size = file.seek(0, 2)
    file.seek(0)
    if size == 0:
        raise FileRefused(gettext("This file is empty."))
    if size >= MAX_BYTES:
        raise FileRefused(gettext("A file must be smaller than %(most)s MB.") % {"most": MAX_BYTES // 1_000_000})
    kind = safe_type(file.read(HEAD_BYTES), name=name)
    if is_xlsx(file):
        return xlsx_rows(file)
    if kind not in _TEXTS:
        raise FileRefused(gettext(_NEITHER))
    return csv_rows(file)


def _trimmed(rows: Iterable[Row]) -> Iterator[Row]:
    """Without empty rows and without empty cells at the end of a row; everything fit for the database."""
    for number, cells in rows:
        end = len(cells)
        while end and not cells[end - 1].strip():
            end -= 1
        if end > MAX_COLUMNS:
            raise FileRefused(gettext("The file has more than %(most)s columns.") % {"most": MAX_COLUMNS})
        if end:
            yield number, [clean(cell) for cell in cells[:end]]
