"""A workflow that is deleted: gone at once, nothing more happens, and its history goes slice by slice."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from ismessenger.automation import delete as deletion
from ismessenger.automation.define import Naming, add_workflow, free_name, workflow_named
from ismessenger.automation.delete import delete_workflow
from ismessenger.automation.listing import numbers_by_status, workflows_page
from ismessenger.automation.references import known
from ismessenger.automation.tidy import tidy_runs
from ismessenger.contacts.errors import NotThere
from ismessenger.jobs.outbox import find_rows, work_row
from tests.automation.flows import OPENED, Flows, step
from workflows.definition import Definition

DAY = {"duration": {"value": 1, "unit": "days"}}
TABLES = ("workflow", "workflow_version", "workflow_enrolment", "workflow_run", "workflow_step", "workflow_call", "queued_assignment")


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "SLICE", 2)
    monkeypatch.setattr(deletion, "ROWS", 3)


async def _waiting(flows: Flows, *who: str) -> int:
    workflow_id = await flows.publish(
        "Waits", OPENED, step("s1", "add_comment", {"text": "in"}, next="s2"), step("s2", "wait", DAY, next="s3"), _after()
    )
    for name in who:
        await flows.write(name)
    await flows.run()
    return workflow_id


def _after() -> dict[str, object]:
    return step("s3", "add_comment", {"text": "late $contact.firstname"})


async def _delete(flows: Flows, workflow_id: int) -> None:
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await delete_workflow(db, workflow_id, by=flows.world.owner.id)


async def _slice(flows: Flows) -> int:
    """Let the worker do one piece of what the outbox orders."""
    rows = [row for row in await find_rows(flows.installation) if row[0] == flows.world.workspace_id]
    return sum([await work_row(flows.installation, row) for row in rows])


async def _left(flows: Flows) -> Sequence[int]:
    return [(await flows.rows(f"SELECT count(*) FROM {table}"))[0][0] for table in TABLES]


@pytest.mark.behaviour(357)
async def test_a_deleted_workflow_is_gone_at_once_and_does_nothing_more(flows: Flows) -> None:
    workflow_id = await _waiting(flows, "ada", "bo", "cy")
    await _delete(flows, workflow_id)
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        assert (await workflows_page(db))[0] == []
        assert set((await numbers_by_status(db)).values()) == {0}
        assert (await known(db, "UTC")).name("workflow", workflow_id) is None
        assert await free_name(db, "Waits") == "Waits"
        with pytest.raises(NotThere):
            await workflow_named(db, workflow_id)
        with pytest.raises(NotThere):
            await delete_workflow(db, workflow_id, by=None)
        await add_workflow(db, Naming("Waits"), Definition(), most=1, by=None)
    await flows.write("di")
    await flows.later(timedelta(days=2))
    await flows.run()
    assert await flows.comments() == ["in"] * 3


@pytest.mark.behaviour(357)
async def test_its_rows_go_slice_by_slice_and_a_crash_costs_one_slice(flows: Flows) -> None:
    workflow_id = await _waiting(flows, *(f"p{number}" for number in range(7)))
    before = await _left(flows)
    assert before == [1, 1, 7, 7, 14, 0, 0]
    await _delete(flows, workflow_id)
    slices = 0
    while await _slice(flows):
        now = await _left(flows)
        assert sum(was - is_ for was, is_ in zip(before, now, strict=True)) <= 10
        before, slices = now, slices + 1
        # As if the worker had ended before it could say how far it was.
        await flows.change("UPDATE outbox SET due_at = now() WHERE kind = 'workflow'")
    assert slices > 5
    assert await _left(flows) == [0] * len(TABLES)
    assert await flows.rows("SELECT count(*) FROM wakeup WHERE kind = 'workflow'") == [(0,)]


async def test_what_waits_for_a_member_or_a_server_goes_too(flows: Flows) -> None:
    assign = {"action": "workspace", "below": 1, "online_only": True}
    ask = {"method": "POST", "url": "https://example.com/"}
    first = await flows.publish("Queue", OPENED, step("s1", "assign_to", assign))
    second = await flows.publish("Asks", OPENED, step("s1", "http_request", ask))
    await flows.write("ada")
    await flows.run()
    assert (await _left(flows))[-2:] == [1, 1]
    for workflow_id in (first, second):
        await _delete(flows, workflow_id)
    assert (await _left(flows))[-2:] == [0, 0]
    while await _slice(flows):
        pass
    assert await _left(flows) == [0] * len(TABLES)


async def test_what_nobody_orders_any_more_goes_at_night(flows: Flows) -> None:
    workflow_id = await _waiting(flows, "ada")
    await _delete(flows, workflow_id)
    await flows.change("DELETE FROM outbox WHERE kind = 'workflow'")
    await tidy_runs(flows.installation)
    assert await _left(flows) == [0] * len(TABLES)
