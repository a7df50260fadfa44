"""What workflows did, as threads and contact panels tell it: by the workflow's name, with a way to the run."""

import pytest
from starlette.applications import Starlette

from ismessenger.automation.model import Workflow
from ismessenger.messages.comment import comment
from tests.automation.flows import OPENED, Flows, open_flows, step
from tests.conftest import World
from tests.web.site import sign_in
from tests.web.workflows.test_runs import words_of


@pytest.fixture
async def flows(world: World) -> Flows:
    return await open_flows(world)


async def test_activities_tell_of_runs_and_lead_whoever_may_open_workflows_there(flows: Flows, app: Starlette, world: World) -> None:
    id_ = await flows.publish("Greet", OPENED, step("hi", "add_comment", {"text": "hello"}))
    contact_id = await flows.write("ada")
    await flows.run()
    ((run_id,),) = await flows.rows("SELECT id FROM workflow_run")
    manager = await sign_in(app, world.manager)
    page = (await manager.get(f"/contacts/{contact_id}/activities")).text
    assert "Entered the workflow Greet" in words_of(page)
    assert "Went through the workflow Greet" in words_of(page)
    assert f'href="/workflows/{id_}/runs/{run_id}"' in page
    agent = await sign_in(app, world.agent)
    assert "/runs/" not in (await agent.get(f"/contacts/{contact_id}/activities")).text


async def test_a_failed_run_is_told_with_its_reason(flows: Flows, app: Starlette, world: World) -> None:
    await flows.publish("Broken", OPENED, step("x", "of_a_plugin"))
    contact_id = await flows.write("ada")
    await flows.run()
    page = words_of((await (await sign_in(app, world.agent)).get(f"/contacts/{contact_id}/activities")).text)
    assert "Failed in the workflow Broken" in page
    assert "not installed" in page


async def test_what_a_workflow_wrote_is_never_told_as_a_members_who_has_the_same_number(flows: Flows, app: Starlette, world: World) -> None:
    contact_id = await flows.write("ada")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(Workflow(id=world.agent.id, name="The greeter", draft={}))
        await db.flush()
        await comment(db, contact_id, "Looked it up", by=world.agent.id, kind="workflow")
    await flows.change(
        "INSERT INTO event (contact_id, kind, actor_kind, actor_id, details, at)"
        """ VALUES (:c, 'tag.added', 'workflow', :w, '{"name": "VIP"}', now())""",
        c=contact_id,
        w=world.agent.id,
    )
    await flows.change("UPDATE message SET traffic = 'outgoing', source = 'workflow', sender_id = :w", w=world.agent.id)
    manager = await sign_in(app, world.manager)
    thread = words_of((await manager.get(f"/inbox/all/contacts/{contact_id}")).text.split('id="timeline', 1)[1].split("composer", 1)[0])
    assert thread.count("The greeter") >= 3, thread
    assert world.agent.name not in thread
    activities = words_of((await manager.get(f"/contacts/{contact_id}/activities")).text)
    assert "Tag VIP added The greeter" in activities
