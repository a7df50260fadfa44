"""What stands in an export, of whom, and who gets it."""

from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette

from ismessenger.background.model import Job
from ismessenger.conditions.tree import parse
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.select import Selection
from ismessenger.exports import sheet
from ismessenger.exports.contacts import start_export
from ismessenger.exports.order import Order, start
from ismessenger.kit.clock import now
from tests.conftest import World
from tests.imports.conftest import Bench
from tests.web.site import NOON, open_shop

EVERYBODY = Selection()
PEOPLE = "First name,Last name,Phone,Email,Tags,Size\nAda,Nwosu,+60123456781,ada@lumen.example,VIP,42\n=cmd(),@x,+60123456782,,,-1\n"


async def exported(bench: Bench, what: str = "contacts", selection: Selection = EVERYBODY, **values: Any) -> Job:
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        order = Order(what=what, selection=selection.as_json(), **values)
        job = await start(db, bench.world.manager, order)
    return await bench.worked(job.id)


async def lines(bench: Bench, job: Job) -> list[dict[str, object]]:
    assert job.result_path is not None
    content = b"".join([piece async for piece in bench.world.installation.files.read(job.result_path)])
    return [orjson.loads(line) for line in content.splitlines()]


@pytest.fixture
async def talks(world: World) -> Bench:
    """Two people who have written on two days."""
    shop = await open_shop(Starlette(), world)
    await shop.wrote("ada", "=1+1", at=NOON)
    await shop.wrote("bo", "hello", at=NOON + timedelta(days=1))
    return Bench(shop)


async def test_a_table_of_contacts_holds_all_that_is_known_of_them(bench: Bench) -> None:
    await bench.field("Size", "number")
    await bench.imported(PEOPLE, purpose="all")
    await bench.shop.change("UPDATE contact SET assignee_id = :m WHERE first_name = 'Ada'", m=bench.world.agent.id)
    job = await exported(bench)
    assert (job.state, job.done, job.counts) == ("done", 2, {"rows": 2})
    heading, ada, _other = await bench.result(job)
    shown = dict(zip(heading, ada, strict=True))
    assert shown["Contact ID"].isdigit()
    assert [shown[name] for name in ("First name", "Phone", "Country", "Size", "Tags", "Assigned to", "Status", "Blocked")] == [
        *("Ada", "+60123456781", "MY", "42", "VIP", bench.world.agent.email, "closed", "false"),
    ]


@pytest.mark.behaviour(173)
async def test_no_cell_of_a_table_runs_in_a_spreadsheet(bench: Bench) -> None:
    await bench.imported(PEOPLE, purpose="all")
    job = await exported(bench)
    heading, _ada, evil = await bench.result(job)
    assert (evil[heading.index("First name")], evil[heading.index("Last name")]) == ("'=cmd()", "'@x")
    assert evil[heading.index("Phone")] == "+60123456782"


async def test_json_lines_hold_values_as_they_are(talks: Bench) -> None:
    size = await talks.field("Size", "number")
    await talks.imported(PEOPLE, purpose="all")
    job = await exported(talks, format="jsonl")
    written, *_rest, evil = await lines(talks, job)
    assert (evil["firstName"], evil["custom_fields"], evil["tags"]) == ("=cmd()", {size.slug: -1}, [])
    assert written["channels"] == [{"name": "Lumen bot", "kind": "telegram", "identifier": "ada"}]
    assert job.result_name.endswith(".jsonl")


async def test_chosen_contacts_and_a_condition_narrow_an_export(bench: Bench) -> None:
    await bench.imported(PEOPLE, purpose="all")
    ids = [row[0] for row in await bench.contacts("id")]
    condition = parse({"$and": [{"category": "contactField", "field": "firstName", "operator": "isEqualTo", "value": "Ada"}]})
    by_id = await bench.result(await exported(bench, selection=Selection(ids=ids[1:])))
    by_condition = await bench.result(await exported(bench, selection=Selection(condition=condition)))
    assert [row[1] for row in by_id[1:]] == ["'=cmd()"]
    assert [row[1] for row in by_condition[1:]] == ["Ada"]


async def test_messages_of_some_days_are_exported_by_the_days_of_the_workspace(talks: Bench) -> None:
    day = NOON.date()
    heading, row = await talks.result(await exported(talks, "messages", since=day, until=day))
    assert row[heading.index("Text")] == "'=1+1"
    assert row[heading.index("Channel")] == "Lumen bot"
    # Noon of UTC is the next day there already.
    there = await talks.result(await exported(talks, "messages", since=day, until=day, timezone="Pacific/Kiritimati"))
    assert len(there) == 1
    assert len(await lines(talks, await exported(talks, "messages", format="jsonl"))) == 2


async def test_conversations_come_with_their_numbers(talks: Bench) -> None:
    assert len(await talks.result(await exported(talks, "conversations", since=now().date() + timedelta(days=1)))) == 1
    heading, *rows = await talks.result(await exported(talks, "conversations"))
    assert [row[heading.index("Incoming messages")] for row in rows] == ["1", "1"]


async def test_who_lost_the_right_meanwhile_gets_no_file(bench: Bench) -> None:
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        job = await start_export(db, bench.world.manager, EVERYBODY)
    await bench.shop.restrict(bench.world.manager, "data_export")
    done = await bench.worked(job.id)
    assert (done.state, done.result_path) == ("failed", None)
    assert "not allowed" in done.error


async def test_who_may_not_export_starts_none(bench: Bench) -> None:
    with pytest.raises(Refused, match="not allowed"):
        async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
            await start_export(db, bench.world.agent, EVERYBODY)


async def test_days_in_the_wrong_order_are_refused(bench: Bench) -> None:
    with pytest.raises(Refused, match="before the first"):
        await exported(bench, "messages", since=date(2026, 2, 2), until=date(2026, 2, 1))


async def test_an_export_that_was_broken_off_begins_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.imported(PEOPLE, purpose="all")
    monkeypatch.setattr(sheet, "ROWS_AT_ONCE", 1)
    written = sheet.Sheet._written

    def stopping(self: sheet.Sheet, row: object, form: str) -> bytes:
        raise OSError("the disk is full")

    monkeypatch.setattr(sheet.Sheet, "_written", stopping)
    with pytest.raises(OSError, match="disk is full"):
        await exported(bench)
    monkeypatch.setattr(sheet.Sheet, "_written", written)
    await bench.shop.change("UPDATE job SET lease_until = NULL WHERE kind = 'export'")
    job_id = int(str(await bench.shop.value("SELECT max(id) FROM job")))
    job = await bench.worked(job_id)
    assert (job.state, job.done, len(await bench.result(job))) == ("done", 2, 3)
