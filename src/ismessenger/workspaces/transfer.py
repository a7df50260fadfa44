"""The portable archive of one workspace: what is in it, and what is checked before a line of it is believed."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from ismessenger.kit.bundle import BundleReader, Kind, Member
from ismessenger.tenancy.migrate import known_revisions
from ismessenger.tenancy.rows import workspace_metadata

KIND = Kind("ismessenger-workspace", "archive of a workspace", 1)
FILES = "files"
LEFT_OUT = ("outbox", "job", "imported_contact", "contact_words", "push_subscription")
"""Tables that hold nothing which outlives the moment, that fill themselves, or that mean something to one installation only."""
FILE_COLUMNS = {"attachment": "path", "file": "path"}
"""Columns that hold the key of a stored file, which begins with the workspace's number."""
HIDDEN = {"channel": "secrets", "connection": "secrets", "workflow_secret": "value", "workflow": "hook_secret"}
"""What is sealed, and travels under the passphrase or not at all; and ends of addresses, which are made anew."""
MAX_LINE_BYTES = 8 << 20
MAX_FILE_BYTES = 512 << 20
MAX_DEPTH = 40
# Whole numbers that JSON carries exactly everywhere; and the numbering of the home must not come to its end.
MAX_ID = 1 << 53


class TransferRefused(ValueError):
    """The workspace cannot be exported, or the archive not be imported; the text says why. Nothing was changed."""


class About(BaseModel):
    """The heading. ``accounts`` names the provider's account behind a channel, by the channel's id."""

    version: str
    taken_at: str
    workspace_id: int
    name: str
    timezone: str
    revision: str
    accounts: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, values: object) -> "About":
        """Raises `TransferRefused`."""
        try:
            about = cls.model_validate(values)
        except ValidationError as error:
            raise TransferRefused("The heading of the archive cannot be read.") from error
        if about.revision not in known_revisions("store"):
            raise TransferRefused(f"The archive was written by IS-Messenger {about.version}, which is newer than this: update first.")
        return about


Row = dict[str, Any]


def tables() -> list[str]:
    """The tables of a workspace in the order in which they can be filled."""
    return [table.name for table in workspace_metadata.sorted_tables if table.name not in LEFT_OUT]


def rows_of(table: str, members: Iterable[Member]) -> Iterator[Row]:
    """The rows of one table. Raises `TransferRefused`."""
    for line in _lines(table, members):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise TransferRefused(f"A line of {table} is no JSON.") from error
        if not isinstance(row, dict):
            raise TransferRefused(f"A line of {table} is no row.")
        yield row


def check_archive(reader: BundleReader, about: About) -> dict[str, int]:
    """Read all of it and see that every line could be a row of this workspace; returns the highest id per table.

    Raises `TransferRefused`, `BundleRefused`.
    """
    with reader.members() as members:
        return _check_members(members, about)


def _check_members(members: Iterator[Member], about: About) -> dict[str, int]:
    newest: dict[str, int] = {}
    order = iter(tables())
    for part, pieces in groupby(members, key=lambda member: member.part):
        if part == FILES:
            for member in pieces:
                _check_file(member, about)
            continue
        table = part.removeprefix("table-")
        if table == part or table not in order:  # which moves on to it
            raise TransferRefused(f"The archive holds {part}, which belongs to no workspace or comes too late.")
        shape: set[str] = set()
        for row in rows_of(table, pieces):
            _check_row(table, row, about, shape)
            newest[table] = max(newest.get(table, 0), row["id"])
    return newest


def _lines(table: str, members: Iterable[Member]) -> Iterator[bytes]:
    rest = b""
    for member in members:
        if member.size > 2 * MAX_LINE_BYTES:
            raise TransferRefused(f"{member.name} is too large.")
        *lines, rest = (rest + b"".join(member.chunks())).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise TransferRefused(f"A line of {table} is too long.")
        yield from lines
    if rest:
        raise TransferRefused(f"A line of {table} is cut off.")


def _check_file(member: Member, about: About) -> None:
    if not member.name.startswith(f"{FILES}/w/{about.workspace_id}/"):
        raise TransferRefused(f"The archive holds {member.name}, which is no file of the workspace.")
    if member.size > MAX_FILE_BYTES:
        raise TransferRefused(f"{member.name} is larger than {MAX_FILE_BYTES >> 20} MiB.")


def _check_row(table: str, row: Row, about: About, shape: set[str]) -> None:
    columns = set(workspace_metadata.tables[table].columns.keys()) - {"workspace_id", HIDDEN.get(table, "")}
    if unknown := row.keys() - columns:
        raise TransferRefused(f"The table {table} of the archive has a column {min(unknown)!r}, which does not exist here.")
    if not shape:
        shape.update(row)
    if row.keys() != shape:
        raise TransferRefused(f"The rows of {table} do not have the same columns.")
    id_ = row.get("id")
    if type(id_) is not int or not 0 < id_ <= MAX_ID:
        raise TransferRefused(f"A row of {table} has no fitting number.")
    if _too_deep(row):
        raise TransferRefused(f"Row {id_} of {table} is nested too deeply.")
    path = row.get(FILE_COLUMNS.get(table, ""))
    if path is not None and not str(path).startswith(f"w/{about.workspace_id}/"):
        raise TransferRefused(f"Row {id_} of {table} names a file outside of the workspace.")


def _too_deep(value: object) -> bool:
    level: list[object] = [value]
    for _step in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
