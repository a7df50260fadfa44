"""Who enters a workflow: once at a time, once for all time where it says so, and never in an endless circle."""

import pytest

from ismessenger.automation import enrol
from ismessenger.automation.model import Workflow
from ismessenger.automation.start import NotStarted, start
from ismessenger.automation.stop import eject
from ismessenger.contacts.merge import merge
from tests.automation.flows import OPENED, Flows, close, step, trigger

DAY = {"duration": {"value": 1, "unit": "days"}}


async def begin(flows: Flows, name: str, contact_id: int, **variables: str) -> None:
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        workflow = await db.get_one(Workflow, (db.workspace_id, flows.names[name]))
        await start(db, workflow, contact_id, variables, by=flows.world.agent.id)


@pytest.mark.behaviour(28)
async def test_a_contact_is_not_twice_inside_a_workflow_and_may_be_in_many(flows: Flows) -> None:
    await flows.publish("One", trigger("tag_updated"), step("s1", "wait", DAY))
    await flows.publish("Two", trigger("tag_updated"), step("s1", "wait", DAY))
    contact_id = await flows.write("ada")
    for name in ("a", "b"):
        tag_id = await flows.tag(name)
        async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
            await flows.put_tag(db, contact_id, tag_id)
        await flows.run()
    assert await flows.runs() == [("One", "waiting"), ("Two", "waiting")]
    with pytest.raises(NotStarted, match="inside the workflow “One” already"):
        await begin(flows, "One", contact_id)


@pytest.mark.behaviour(28)
async def test_many_signals_at_once_let_a_contact_in_once(flows: Flows) -> None:
    await flows.publish("By hand", trigger("manual"), step("s1", "wait", DAY))
    contact_id = await flows.write("ada")
    for _time in range(3):
        await begin(flows, "By hand", contact_id)
    await flows.run()
    assert await flows.runs() == [("By hand", "waiting")]


@pytest.mark.behaviour(29)
async def test_once_per_contact_counts_enrolments_made_while_the_switch_was_off(flows: Flows) -> None:
    note = step("s1", "add_comment", {"text": "in"})
    workflow_id = await flows.publish("Ever", OPENED, note)
    contact_id = await flows.write("ada")
    await flows.run()
    once = await flows.publish("Ever, once", trigger("conversation_opened", once=True), note)
    await flows.change(
        "UPDATE workflow SET published_id = (SELECT published_id FROM workflow WHERE id = :once) WHERE id = :id", once=once, id=workflow_id
    )
    await flows.change("UPDATE workflow SET status = 'stopped' WHERE id = :once", once=once)
    await close(flows, contact_id)
    await flows.write("ada", "again")
    await flows.write("bo", "new here")
    await flows.run()
    assert await flows.rows("SELECT contact_id = :ada, count(*) FROM workflow_run GROUP BY 1 ORDER BY 1", ada=contact_id) == [
        (False, 1),
        (True, 1),
    ]


async def test_without_the_switch_a_contact_enters_again_once_it_is_out(flows: Flows) -> None:
    await flows.publish("Each time", OPENED, step("s1", "add_comment", {"text": "in"}))
    contact_id = await flows.write("ada")
    await flows.run()
    await close(flows, contact_id)
    await flows.write("ada", "again")
    await flows.run()
    assert await flows.comments() == ["in", "in"]


async def test_the_condition_of_the_trigger_is_asked_of_the_contact_and_of_what_happened(flows: Flows) -> None:
    help_ = {"$and": [{"category": "variable", "field": "first_message", "operator": "contains", "value": "help"}]}
    await flows.publish("Help", trigger("conversation_opened", condition=help_), step("s1", "add_comment", {"text": "$contact.name"}))
    await flows.write("ada", "Please help")
    await flows.write("bo", "Hello")
    await flows.run()
    assert await flows.comments() == ["Ada"]


async def test_workflows_that_one_event_sets_off_begin_in_the_order_in_which_they_were_made(flows: Flows) -> None:
    for name in ("first", "second", "third"):
        await flows.publish(name, OPENED, step("s1", "add_comment", {"text": name}))
    await flows.write("ada")
    await flows.run()
    assert await flows.comments() == ["first", "second", "third"]


async def test_a_workflow_begins_another_with_values(flows: Flows) -> None:
    inner = await flows.publish("Inner", trigger("manual"), step("s1", "add_comment", {"text": "got $what"}))
    handed = {"workflow_id": inner, "variables": [{"name": "what", "value": "$first_message"}]}
    await flows.publish("Outer", OPENED, step("s1", "trigger_workflow", handed, next="s2"), step("s2", "add_comment", {"text": "outer"}))
    await flows.write("ada", "a parcel")
    await flows.run()
    assert await flows.comments() == ["outer", "got a parcel"]
    assert await flows.rows("SELECT depth FROM workflow_run ORDER BY id") == [(0,), (1,)]


@pytest.mark.behaviour(295)
async def test_workflows_in_a_circle_end_with_a_reason(flows: Flows) -> None:
    yes, no = await flows.tag("yes"), await flows.tag("no")
    added = {"action": "added"}
    on = step("s1", "update_tags", {"action": "add", "tag_ids": [yes]}, next="s2")
    off = step("s1", "update_tags", {"action": "remove", "tag_ids": [yes]}, next="s2")
    await flows.publish(
        "On", trigger("tag_updated", {**added, "tag_ids": [no]}), on, step("s2", "update_tags", {"action": "remove", "tag_ids": [no]})
    )
    await flows.publish(
        "Off", trigger("tag_updated", {**added, "tag_ids": [yes]}), off, step("s2", "update_tags", {"action": "add", "tag_ids": [no]})
    )
    contact_id = await flows.write("ada")
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await flows.put_tag(db, contact_id, yes)
    await flows.run()
    runs = await flows.rows("SELECT standing, error FROM workflow_run ORDER BY id")
    assert [standing for standing, _error in runs] == ["done"] * 11 + ["failed"]
    assert "10 workflows set each other off before this one" in str(runs[-1][1])
    assert "“On”" in str(runs[-1][1]) or "“Off”" in str(runs[-1][1])


@pytest.mark.behaviour(30)
async def test_whoever_is_sent_out_leaves_and_stays_out_when_it_is_published_again(flows: Flows) -> None:
    workflow_id = await flows.publish("Long", OPENED, step("s1", "wait", DAY, next="s2"), step("s2", "add_comment", {"text": "on"}))
    await flows.write("ada")
    await flows.run()
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        workflow = await db.get_one(Workflow, (db.workspace_id, workflow_id))
        workflow.status = "stopped"
        assert await eject(db, workflow, by="Olga") == 1
    await flows.run()
    assert await flows.rows("SELECT standing, error FROM workflow_run") == [
        ("ended", "Olga stopped the workflow and sent everybody out of it.")
    ]
    assert await flows.rows("SELECT count(*) FROM wakeup") == [(0,)]
    await flows.change("UPDATE workflow SET status = 'published'")
    await flows.run()
    assert await flows.runs() == [("Long", "ended")]


@pytest.mark.behaviour(30)
async def test_whoever_is_inside_a_stopped_workflow_finishes(flows: Flows) -> None:
    await flows.publish(
        "Long", OPENED, step("s1", "ask_question", {"question": {"text": "?"}}, success="s2"), step("s2", "add_comment", {"text": "on"})
    )
    await flows.write("ada")
    await flows.run()
    await flows.change("UPDATE workflow SET status = 'stopped', listens = '{}'")
    await flows.write("ada", "yes")
    await flows.write("bo", "nobody lets me in")
    await flows.run()
    assert (await flows.comments(), await flows.runs()) == (["on"], [("Long", "done")])


@pytest.mark.behaviour(297)
async def test_a_merged_contact_goes_on_as_the_other_one(flows: Flows) -> None:
    ask = step("s1", "ask_question", {"question": {"text": "?"}, "save_variable": "said"}, success="s2")
    await flows.publish("Both", trigger("manual"), ask, step("s2", "add_comment", {"text": "both: $said"}))
    await flows.publish("Second", trigger("manual"), ask, step("s2", "add_comment", {"text": "second: $said"}))
    ada, bo = await flows.write("ada"), await flows.write("bo")
    for name, contact_id in (("Both", ada), ("Both", bo), ("Second", bo)):
        await begin(flows, name, contact_id)
    await flows.run()
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await merge(db, ada, bo, by=flows.world.owner.id)
    assert await flows.runs() == [("Both", "waiting"), ("Both", "ended"), ("Second", "waiting")]
    await flows.write("bo", "me")
    await flows.run()
    assert sorted(await flows.comments()) == ["both: me", "second: me"]


async def test_changes_that_are_heard_together_let_a_contact_in_for_each(flows: Flows) -> None:
    await flows.publish(
        "Follows", trigger("field_updated", {"fields": ["lastName"]}), step("s1", "add_comment", {"text": "$old_value to $new_value"})
    )
    contact_id = await flows.write("ada")
    for name in ("A", "B", "C"):
        await flows.rename(contact_id, name)
    await flows.run()
    assert await flows.comments() == ["to A", "A to B", "B to C"]


@pytest.mark.behaviour(363)
async def test_workflows_that_set_off_more_and_more_end(flows: Flows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrol, "MOST_SET_OFF", 10)
    one, other = await flows.tag("One"), await flows.tag("Other")
    for name, heard, done in (("Ping", one, other), ("Pong", other, one)):
        steps = []
        for number in range(3):
            steps.append(step(f"a{number}", "update_tags", {"tag_ids": [done]}, next=f"r{number}"))
            more = {"next": f"a{number + 1}"} if number < 2 else {}
            steps.append(step(f"r{number}", "update_tags", {"tag_ids": [done], "action": "remove"}, **more))
        await flows.publish(name, trigger("tag_updated", {"tag_ids": [heard]}), *steps)
    await flows.write("ada")
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await flows.put_tag(db, await flows.contact("ada"), one)
    await flows.run(most=200)
    assert await flows.rows("SELECT count(*) FROM workflow_signal") == [(0,)]
    begun = dict(await flows.rows("SELECT depth, count(*) FROM workflow_run GROUP BY depth"))
    assert (begun[0], begun[1]) == (1, 3)
    assert sum(number for depth, number in begun.items() if depth >= enrol.DEEP) == 10
