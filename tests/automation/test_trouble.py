"""What goes wrong in one contact's run stays there; contacts, workflows and workers that go away in the middle leave nothing half done."""

import asyncio
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.automation.retry import NotRetried, retry
from ismessenger.automation.tidy import tidy_runs
from ismessenger.contacts.erase import erase_contacts
from ismessenger.jobs.automation import AGAIN, Automation
from ismessenger.sdk.step import Step
from tests.automation.flows import OPENED, Flows, close, step, trigger
from tests.faults.plant import until

DAY = {"duration": {"value": 1, "unit": "days"}}
ASK = {"question": {"text": "?"}, "save_variable": "said"}


class Explodes:
    """A step of a third party that breaks."""

    kind: ClassVar[str] = "add_comment"
    name: ClassVar[str] = ""
    description: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    group: ClassVar[str] = ""
    Params: ClassVar[type[BaseModel]]

    def __init__(self, like: Step) -> None:
        self._like = like
        type(self).Params = like.Params

    def exits(self, params: Any) -> Any:
        return self._like.exits(params)

    def summary(self, params: Any, name_of: Any) -> str:
        return ""

    def run(self, params: Any, scene: Any) -> Any:
        if "Bo" in scene.filled("$contact.name"):
            raise RuntimeError("no idea")
        return self._like.run(params, scene)


@pytest.mark.behaviour(292)
async def test_a_step_that_breaks_fails_its_run_and_no_other(flows: Flows) -> None:
    await flows.publish("Fragile", OPENED, step("s1", "add_comment", {"text": "$contact.name"}))
    plugins = flows.installation.plugins
    flows.lane._plans._plugins = type(plugins)(
        plugins.channels,
        (),
        plugins.integrations,
        {**plugins.steps, "add_comment": Explodes(plugins.steps["add_comment"])},
        plugins.triggers,
    )
    for who in ("ada", "bo", "cy"):
        await flows.write(who)
    await flows.run()
    assert await flows.comments() == ["Ada", "Cy"]
    assert [standing for _name, standing in await flows.runs()] == ["done", "failed", "done"]
    ((error,),) = await flows.rows("SELECT error FROM workflow_run WHERE standing = 'failed'")
    assert error == "The step broke: RuntimeError: no idea"


@pytest.mark.behaviour(292)
async def test_what_the_database_refuses_is_tried_again_and_then_given_up(flows: Flows) -> None:
    await flows.publish("Fragile", OPENED, step("s1", "wait", DAY, next="s2"), step("s2", "add_comment", {"text": "$contact.name"}))
    for who in ("ada", "bo", "cy"):
        await flows.write(who)
    await flows.run()
    bo = await flows.contact("bo")
    await flows.change("UPDATE workflow_run SET state = jsonb_set(state, '{step}', '\"s1\"') WHERE contact_id = :bo", bo=bo)
    await refuse_comments_of(flows, bo)
    await flows.later(timedelta(days=2))
    await flows.run()
    assert sorted(await flows.comments()) == ["Ada", "Cy"]
    assert dict(await flows.rows("SELECT contact_id = :bo, standing FROM workflow_run", bo=bo)) == {True: "waiting", False: "done"}
    for _again in AGAIN:
        assert await flows.rows("SELECT contact_id, due_at > now() FROM workflow_signal") == [(bo, True)]
        await flows.change("UPDATE workflow_signal SET due_at = now()")
        await flows.run()
    assert await flows.rows("SELECT standing, error LIKE 'It could not go on: %' FROM workflow_run WHERE contact_id = :bo", bo=bo) == [
        ("failed", True)
    ]
    assert await flows.rows("SELECT count(*) FROM workflow_signal") == [(0,)]


@pytest.mark.behaviour(359)
async def test_a_run_whose_definition_cannot_be_read_for_a_while_goes_on_when_it_can(flows: Flows) -> None:
    await flows.publish("Waits", OPENED, step("s1", "wait", DAY, next="s2"), step("s2", "add_comment", {"text": "$contact.name"}))
    await flows.write("ada")
    await flows.run()
    await flows.change("UPDATE workflow_version SET definition = jsonb_set(definition, '{format}', '99')")
    await flows.later(timedelta(days=2))
    flows.lane = Automation(flows.installation)
    await flows.run()
    assert await flows.runs() == [("Waits", "waiting")]
    assert await flows.rows("SELECT due_at > now() FROM wakeup WHERE kind = 'workflow'") == [(True,)]
    await flows.change("UPDATE workflow_version SET definition = jsonb_set(definition, '{format}', '1')")
    await flows.change("UPDATE wakeup SET due_at = now()")
    await flows.run()
    assert await flows.comments() == ["Ada"]


async def refuse_comments_of(flows: Flows, contact_id: int) -> None:
    """A rule of the database that nothing in the product knows of."""
    url = flows.installation.settings.database_url
    assert url is not None
    engine = create_async_engine(url.get_secret_value())
    async with engine.begin() as owner:
        await owner.execute(text(f"ALTER TABLE store.comment ADD CONSTRAINT not_{contact_id} CHECK (contact_id <> {contact_id}) NOT VALID"))
    await engine.dispose()


@pytest.mark.behaviour(297)
async def test_a_contact_erased_in_mid_run_leaves_no_run_and_no_work(flows: Flows) -> None:
    await flows.publish("Waits", OPENED, step("s1", "wait", DAY, next="s2"), step("s2", "add_comment", {"text": "$contact.name"}))
    ada = await flows.write("ada")
    await flows.write("bo")
    await flows.run()
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await erase_contacts(db, [ada], by=None)
    await flows.later(timedelta(days=2))
    await flows.run()
    assert await flows.comments() == ["Bo"]
    assert await flows.rows("SELECT count(*) FROM workflow_run WHERE contact_id = :ada", ada=ada) == [(0,)]
    assert await flows.rows("SELECT count(*) FROM workflow_step s WHERE NOT EXISTS (SELECT FROM workflow_run WHERE id = s.run_id)") == [
        (0,)
    ]


@pytest.mark.behaviour(297)
async def test_a_workflow_deleted_in_mid_run_delays_nobody(flows: Flows) -> None:
    gone = await flows.publish("Gone", OPENED, step("s1", "ask_question", ASK, success="s2"), step("s2", "add_comment", {"text": "gone"}))
    await flows.publish("Stays", OPENED, step("s1", "ask_question", ASK, success="s2"), step("s2", "add_comment", {"text": "stays"}))
    await flows.write("ada")
    await flows.run()
    await flows.write("ada", "yes")
    await flows.change("DELETE FROM workflow WHERE id = :gone", gone=gone)
    await flows.run()
    assert await flows.comments() == ["stays"]
    assert await flows.rows("SELECT count(*) FROM workflow_signal") == [(0,)]


@pytest.mark.behaviour(298)
async def test_a_failed_run_goes_on_from_the_step_that_failed(flows: Flows) -> None:
    await flows.publish(
        "Fragile",
        OPENED,
        step("s1", "add_comment", {"text": "first"}, next="s2"),
        step("s2", "ask_question", {**ASK, "question": {"text": "$contact.name?"}}, success="s3"),
        step("s3", "add_comment", {"text": "said $said"}),
    )
    ada = await flows.write("ada")
    await flows.change("UPDATE contact SET blocked_at = now()")
    await flows.run()
    assert await flows.runs() == [("Fragile", "failed")]
    ((run_id, error),) = await flows.rows("SELECT id, error FROM workflow_run")
    assert error == "This contact is blocked. Unblock it to write."
    await flows.change("UPDATE contact SET blocked_at = NULL")
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await retry(db, run_id)
        with pytest.raises(NotRetried, match="did not fail"):
            await retry(db, run_id)
    await flows.run()
    assert await flows.runs() == [("Fragile", "waiting")]
    await flows.write("ada", "yes")
    await flows.run()
    assert (await flows.runs(), await flows.comments()) == ([("Fragile", "done")], ["first", "said yes"])
    assert await flows.rows("SELECT step, entry FROM workflow_step WHERE entered ORDER BY id") == [
        ("s1", 1),
        ("s2", 2),
        ("s2", 3),
        ("s3", 4),
    ]
    assert ada


@pytest.mark.behaviour(291)
async def test_many_workers_hear_each_contact_in_order_and_everything_once(flows: Flows) -> None:
    people, changes = 24, 5
    await flows.publish(
        "Follows", trigger("field_updated", {"fields": ["lastName"]}), step("s1", "add_comment", {"text": "$contact.id $new_value"})
    )
    ids = [await flows.write(f"p{number}") for number in range(people)]
    workers = [Automation(flows.installation) for _each in range(6)]
    done = asyncio.Event()

    async def work(worker: Automation) -> None:
        while not done.is_set():
            if not await worker.work((flows.world.workspace_id, 0)):
                await asyncio.sleep(0.01)

    async def rename(contact_id: int) -> None:
        for number in range(changes):
            await flows.rename(contact_id, str(number))

    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(work(worker))
        async with asyncio.TaskGroup() as renaming:
            for contact_id in ids:
                renaming.create_task(rename(contact_id))
        await until(flows.is_quiet)
        done.set()
    heard: dict[str, list[str]] = {}
    for words in await flows.comments():
        who, number = words.split()
        heard.setdefault(who, []).append(number)
    assert heard == {str(contact_id): [str(number) for number in range(changes)] for contact_id in ids}


@pytest.mark.behaviour(299)
async def test_what_a_run_did_is_forgotten_after_ninety_days_and_that_it_was_is_not(flows: Flows) -> None:
    await flows.publish("Old", trigger("conversation_opened", once=True), step("s1", "add_comment", {"text": "in"}))
    await flows.publish("Waits", OPENED, step("s1", "wait", DAY))
    contact_id = await flows.write("ada")
    await flows.run()
    await flows.change("UPDATE workflow_run SET started_at = now() - interval '91 days', ended_at = ended_at - interval '91 days'")
    await tidy_runs(flows.installation)
    assert await flows.runs() == [("Waits", "waiting")]
    assert await flows.rows("SELECT count(*) FROM workflow_step WHERE workflow_id = :id", id=flows.names["Old"]) == [(0,)]
    await close(flows, contact_id)
    await flows.write("ada", "again")
    await flows.run()
    assert await flows.comments() == ["in"]


async def test_what_no_database_stores_does_not_stop_a_run(flows: Flows) -> None:
    await flows.publish("Odd", OPENED, step("s1", "ask_question", ASK, success="s2"), step("s2", "add_comment", {"text": "got $said"}))
    await flows.write("ada")
    await flows.run()
    await flows.write("ada", "a\\u0000b \\\\u0000 \u0000 c")
    await flows.run()
    assert await flows.runs() == [("Odd", "done")]
    assert (await flows.comments())[0].startswith("got a")


@pytest.mark.behaviour(292)
async def test_a_definition_that_cannot_be_read_holds_up_no_other_workflow(flows: Flows) -> None:
    broken = await flows.publish("Broken", OPENED, step("s1", "add_comment", {"text": "broken"}))
    await flows.publish("Whole", OPENED, step("s1", "add_comment", {"text": "whole"}))
    await flows.change("UPDATE workflow_version SET definition = '{\"steps\": 7}' WHERE workflow_id = :id", id=broken)
    await flows.write("ada")
    await flows.run()
    assert await flows.comments() == ["whole"]
