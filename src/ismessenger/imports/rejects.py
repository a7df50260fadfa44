"""Rows that could not be imported, with the reason of each: kept in pieces while the work goes on, one file at its end."""

import csv
import io
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import orjson

from ismessenger.background.job import Running
from ismessenger.background.result import leave_result
from ismessenger.files.store import FileStore
from ismessenger.kit.ids import new_uuid
from ismessenger.kit.spreadsheet import harmless
from ismessenger.tenancy.doors import workspace_key


class Rejects:
    """A piece is named after where its stretch of the file ends: writing it again, after a crash, changes nothing."""

    def __init__(self, running: Running, *, heading: Sequence[str], name: str) -> None:
        self._running, self._heading, self._name = running, heading, name
        self._store: FileStore = running.installation.files
        self._folder = workspace_key(running.workspace_id, "imports", f"rejects-{running.job_id}")

    async def keep(self, end: int, rows: Sequence[Sequence[object]]) -> None:
        """Keep the rejected rows of a stretch."""
        if rows:
            await self._store.put(f"{self._folder}/{end:012}", b"".join(orjson.dumps(row) + b"\n" for row in rows))

    async def leave(self) -> None:
        """Make one CSV file of them, the job's result, if there are any; the pieces go."""
        pieces = sorted([key async for key in self._store.listed(self._folder)])
        if not pieces:
            return
        with tempfile.TemporaryFile() as file:
            file.write(_line(self._heading).encode("utf-8-sig"))
            for key in pieces:
                async with aclosing(lines_of(self._store, key)) as lines:
                    async for line, _end in lines:
                        file.write(_line(orjson.loads(line)).encode())
            await leave_result(
                self._running, file, workspace_key(self._running.workspace_id, "imports", f"{new_uuid().hex}.csv"), self._name
            )
        for key in pieces:
            await self._store.delete(key)


async def lines_of(store: FileStore, key: str, start: int = 0) -> AsyncGenerator[tuple[bytes, int], None]:
    """The lines of a stored file from a byte on, each with the byte behind it. Raises `FileMissing`."""
    rest, end = b"", start
    async for piece in store.read(key, start):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            end += len(line) + 1
            yield line, end


def _line(cells: Sequence[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(str(cell)) for cell in cells])
    return written.getvalue()
