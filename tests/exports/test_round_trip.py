"""Contacts that are exported and imported again are the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from ismessenger.contacts.fields import fields
from ismessenger.contacts.lifecycle import enable_lifecycle, stages
from ismessenger.contacts.select import Selection
from ismessenger.contacts.values import checked
from ismessenger.exports.contacts import start_export
from ismessenger.installation import Installation
from ismessenger.kit.spreadsheet import as_meant, harmless, joined, split
from tests.conftest import make_world
from tests.imports.conftest import Bench
from tests.web.site import Shop

CELLS = st.text(max_size=30)
WORDS = st.text(min_size=1, max_size=20).map(lambda words: words.replace("\x00", "").strip()).filter(bool)
# What a field stores went through `checked`; what it makes of a text is the text itself, stripped and fit for the database.
STORED = st.one_of(WORDS, WORDS.map(lambda words: "=" + words), WORDS.map(lambda words: "'+" + words))
TAG = STORED.map(lambda words: " ".join(words.split())).filter(bool)
PERSON = st.fixed_dictionaries(
    {"firstName": STORED},
    optional={
        "lastName": STORED,
        "phone": st.sampled_from(["+60123456781", "+4915112345678", "+5511987654321"]),
        "email": st.sampled_from(["Ada@lumen.example", "=cmd@lumen.example"]),
        "language": st.sampled_from(["en", "zh"]),
        "countryCode": st.sampled_from(["MY", "SE"]),
        "Note": STORED,
        "Size": st.one_of(st.integers(-(2**40), 2**40), st.floats(-1e6, 1e6).filter(lambda number: not number.is_integer())),
        "Born": st.dates().map(str),
        "Happy": st.booleans(),
        "tags": st.lists(TAG, max_size=3),
        "stage": st.integers(0, 4),
    },
)


@given(CELLS)
def test_a_cell_comes_back_as_it_was_meant(cell: str) -> None:
    assert as_meant(harmless(cell)) == cell


@given(st.lists(TAG, max_size=5, unique=True))
def test_names_in_one_cell_come_back(names: list[str]) -> None:
    assert split(joined(names)) == names


@pytest.fixture(scope="module")
async def bench(installation: Installation) -> Bench:
    """A workspace with a field of several types and a lifecycle."""
    opened = Bench(Shop(Starlette(), await make_world(installation), 0))
    for name, kind in (("Note", "text"), ("Size", "number"), ("Born", "date"), ("Happy", "checkbox")):
        await opened.field(name, kind)
    async with installation.tenancy.workspace(opened.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
    return opened


async def known(bench: Bench) -> list[tuple[object, ...]]:
    tags = "(SELECT array_agg(lower(t.name) ORDER BY lower(t.name)) FROM tag t WHERE t.id = ANY(c.tag_ids))"
    columns = f"first_name, last_name, phone, email, language, country_code, fields, lifecycle_id, {tags}"
    return await bench.shop.rows(f"SELECT {columns} FROM contact c ORDER BY id")


@pytest.mark.behaviour(173)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(people=st.lists(PERSON, min_size=1, max_size=5))
async def test_contacts_that_are_exported_and_imported_again_are_the_same(bench: Bench, people: list[dict[str, Any]]) -> None:
    await bench.shop.change("DELETE FROM contact")
    await added(bench, people)
    before = await known(bench)
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        job = await start_export(db, bench.world.manager, Selection())
    done = await bench.worked(job.id)
    table = b"".join([piece async for piece in bench.world.installation.files.read(done.result_path or "")])
    await bench.shop.change("DELETE FROM contact")
    targets = await guesses(bench, table)
    imported = await bench.imported(table, purpose="all", targets=targets)
    assert imported.counts == {"added": len(people)}
    assert await known(bench) == before


async def guesses(bench: Bench, table: bytes) -> list[str]:
    """What is guessed by the headings, but for the contact ID, which only serves to find contacts."""
    job = await bench.job(await bench.uploaded(table))
    return ["" if key == "id" else key for key in job.params["targets"]]


async def added(bench: Bench, people: list[dict[str, Any]]) -> None:
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        by_name = {name: field for field in await fields(db) for name in (field.slug, field.name)}
        stage_ids = [stage.id for stage in await stages(db)]
    for person in people:
        values = {by_name[name].key: checked(by_name[name], value) for name, value in person.items() if name in by_name}
        await bench.put(values, tags=person.get("tags", []), stage_id=stage_ids[int(str(person.get("stage", 0)))])
