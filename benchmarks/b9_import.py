"""B9: rows of a CSV file made into contacts per second, by the job of a worker, against COPY of the same contacts by the owner."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from benchmarks.figures import Figure, at_least, paired
from benchmarks.place import Line, Place, place
from ismessenger.imports.choose import begin, choose
from ismessenger.imports.order import Order
from ismessenger.imports.take import take_upload
from ismessenger.jobs.long import work_job

LEAST = 0.2
COLUMNS = ("First name", "Last name", "Phone", "Email", "Country", "Town")
_NAMES = ("Ada", "Bo", "Cleo", "Dee", "Eve", "Finn", "Gus", "Hal", "Ida", "Jo")
_KEPT = (
    *("workspace_id", "first_name", "last_name", "phone", "email", "country_code", "fields", "status", "created_at", "created_source"),
    "tag_ids",
)


async def run(*, quick: bool) -> list[Figure]:
    """New contacts only, in turn with COPY, each time into a workspace of its own; then the same file again, which changes everybody."""
    rows, rounds = (20_000, 3) if quick else (100_000, 3)
    async with place() as here:
        await _import(here, await _workspace(here), 1_000, "new")
        pairs, again = [], []
        for _round in range(rounds):
            place_of_ours, place_of_copy = await _workspace(here), await _workspace(here)
            ours, copied = await _import(here, place_of_ours, rows, "new"), await _copy(here, place_of_copy, rows)
            pairs.append((ours, copied))
            again.append((await _import(here, place_of_ours, rows, "update", town="Elsewhere"), copied))
    return [_figure(f"new contacts, a file of {rows:,} rows", pairs), _figure("the same, everybody is there and changes", again)]


def _figure(what: str, pairs: Sequence[tuple[float, float]]) -> Figure:
    ours, copied = paired([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return at_least("B9", f"rows imported per second: {what}", ours, copied, LEAST)


async def _workspace(here: Place) -> tuple[Line, int]:
    """A new workspace with an Owner and a field of its own."""
    [line] = await here.lines(1)
    await here.cookies(line.workspace_id, 1)
    await here.owner.execute("UPDATE store.member SET role = 'owner' WHERE workspace_id = $1", line.workspace_id)
    field = (
        "INSERT INTO store.contact_field (workspace_id, slug, name, description, type, options, position, visible, agent_access, standard,"
    )
    field += " created_at) VALUES ($1, 'town', 'Town', '', 'text', '[]', 0, true, 'edit', false, now()) RETURNING id"
    return line, await here.owner.fetchval(field, line.workspace_id)


def _people(rows: int, town: str) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        name = _NAMES[number % len(_NAMES)]
        phone = f"+60{120_000_000 + number}"
        yield name, f"Person {number}", phone, f"person{number}@example.com", "MY", f"{town} {number % 500}"


async def _import(here: Place, workspace: tuple[Line, int], rows: int, purpose: str, town: str = "Town") -> float:
    """Per second, from the moment when the worker takes the job. Nothing may be missing."""
    line, field_id = workspace
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *_people(rows, town)])
    tenancy = here.installation.tenancy
    by = await here.owner.fetchval("SELECT min(id) FROM store.member WHERE workspace_id = $1", line.workspace_id)
    draft = await take_upload(here.installation, line.workspace_id, io.BytesIO(text.getvalue().encode()), "people.csv", by=by)
    targets = ["firstName", "lastName", "phone", "email", "countryCode", str(field_id)]
    async with tenancy.workspace(line.workspace_id) as db:
        order = Order.model_validate(draft.params).model_copy(update={"purpose": purpose, "targets": targets})
        await choose(db, draft.id, order, by=by)
    async with tenancy.workspace(line.workspace_id) as db:
        await begin(db, draft.id)
    began = time.perf_counter()
    await work_job(here.installation, (line.workspace_id, draft.id))
    took = time.perf_counter() - began
    counts = await here.owner.fetchval("SELECT counts FROM store.job WHERE id = $1", draft.id)
    assert orjson.loads(counts) == {"added" if purpose in {"new", "all"} else "updated": rows}, counts
    return rows / took


async def _copy(here: Place, workspace: tuple[Line, int], rows: int) -> float:
    """The reference: the contacts alone, without events and without anything to undo them by."""
    line, field_id = workspace
    at = datetime.now(UTC)
    records: list[tuple[Any, ...]] = [
        (line.workspace_id, *person[:5], orjson.dumps({str(field_id): person[5]}).decode(), "closed", at, "import", [])
        for person in _people(rows, "Town")
    ]
    began = time.perf_counter()
    await here.owner.copy_records_to_table("contact", schema_name="store", columns=_KEPT, records=records)
    return rows / (time.perf_counter() - began)
