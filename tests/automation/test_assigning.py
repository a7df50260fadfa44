"""The step that assigns, with its queue: the run goes on when somebody takes the contact, or when the time is up."""

from datetime import timedelta

import pytest

from ismessenger.accounts.presence import is_active
from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.assign import assign
from ismessenger.conversations.serve import serve_queue
from tests.automation.flows import OPENED, Flows, step

TIMEOUT = {"timeout_branch": True, "timeout": {"value": 2, "unit": "hours"}}


async def queued(flows: Flows, **params: object) -> int:
    """Somebody writes, and waits for whoever comes online; the contact's id."""
    await flows.publish(
        "Route",
        OPENED,
        step("s1", "assign_to", {"action": "workspace", "online_only": True, **params}, next="s2", timeout="s3"),
        step("s2", "add_comment", {"text": "It is $assignee.name's"}),
        step("s3", "add_comment", {"text": "Nobody in time"}),
    )
    contact_id = await flows.write("ada")
    await flows.run()
    assert await flows.runs() == [("Route", "waiting")]
    assert await flows.comments() == []
    return contact_id


async def come(flows: Flows) -> int:
    """The agent comes online; how many contacts that serves."""
    world = flows.world
    await is_active(flows.installation, world.workspace_id, world.agent.id, returns=True)
    return await serve_queue(flows.installation, world.workspace_id)


@pytest.mark.behaviour(32)
async def test_a_run_goes_on_when_somebody_comes_who_takes_the_contact(flows: Flows) -> None:
    await queued(flows, **TIMEOUT)
    assert await come(flows) == 1
    await flows.run()
    assert await flows.comments() == [f"It is {flows.world.agent.name}'s"]
    assert await flows.runs() == [("Route", "done")]
    assert await flows.rows("SELECT count(*) FROM wakeup") == [(0,)]


@pytest.mark.behaviour(32)
@pytest.mark.parametrize("branch", [True, False])
async def test_when_the_time_is_up_the_contact_leaves_the_queue(flows: Flows, *, branch: bool) -> None:
    await queued(flows, **{**TIMEOUT, "timeout_branch": branch})
    await flows.later(timedelta(hours=3))
    (run_id,) = (row[0] for row in await flows.rows("SELECT id FROM workflow_run"))
    await flows.change(
        "INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at) SELECT contact_id, 'time',"
        " jsonb_build_object('run_id', id), now(), now() FROM workflow_run WHERE id = :id",
        id=run_id,
    )
    await flows.run()
    assert await flows.comments() == (["Nobody in time"] if branch else [])
    assert await flows.runs() == [("Route", "done")]
    said = [output.get("reason") for (output,) in await flows.rows("SELECT output FROM workflow_step WHERE kind = 'assign_to' ORDER BY id")]
    assert (said[-1] == "Nobody could take the contact within 2 hours.") is not branch
    assert await come(flows) == 0
    assert await flows.rows("SELECT assignee_id FROM contact") == [(None,)]


@pytest.mark.behaviour(306)
async def test_a_run_goes_on_when_somebody_assigns_by_hand(flows: Flows) -> None:
    contact_id = await queued(flows)
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await assign(db, await lock_contact(db, contact_id), to=flows.world.manager, actor="user", by=flows.world.owner.id)
    await flows.run()
    assert await flows.comments() == [f"It is {flows.world.manager.name}'s"]
    assert await flows.runs() == [("Route", "done")]
    assert await come(flows) == 0
