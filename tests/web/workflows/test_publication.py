"""Publishing and stopping: problems in words, versions, what listens, loops across workflows."""

from typing import Any

import httpx
import pytest

from ismessenger.automation.delete import forget_workflow
from ismessenger.contacts.lifecycle import StageDraft, add_stage
from tests.web.site import Shop
from tests.web.workflows.making import manual, of_step, publish, save

LIST = "/workflows"


async def made(shop: Shop, *names: str) -> tuple[httpx.AsyncClient, list[int]]:
    browser = await shop.browser(shop.world.manager)
    answers = [await browser.post(LIST, data={"name": name}) for name in names]
    return browser, [int(answer.headers["location"].rpartition("/")[2]) for answer in answers]


async def refused(browser: httpx.AsyncClient, workflow_id: int, definition: dict[str, Any]) -> list[dict[str, str]]:
    """The problems for which a draft is not published."""
    saved = await save(browser, workflow_id, definition)
    answer = await browser.post(f"{LIST}/{workflow_id}/publication", json={"number": saved["number"]})
    assert answer.status_code == 422, answer.text
    assert answer.json()["words"] == "This workflow cannot be published yet."
    assert answer.json()["problems"] == saved["problems"]
    problems: list[dict[str, str]] = answer.json()["problems"]
    return problems


@pytest.mark.behaviour(31)
async def test_a_workflow_with_mistakes_is_not_published_and_says_where_they_are(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    problems = await refused(browser, id_, of_step("assign_to", {"action": "team"}))
    assert problems == [{"step": "s1", "field": "team_id", "words": "Choose a team."}]
    assert await shop.value("SELECT status FROM workflow") == "draft"


@pytest.mark.behaviour(31)
async def test_a_workflow_without_trigger_or_step_is_not_published(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    problems = await refused(browser, id_, {"format": 1, "steps": []})
    assert [each["step"] for each in problems] == ["trigger", "trigger"]
    empty = await refused(browser, id_, {"format": 1, "trigger": {"kind": "manual"}, "steps": []})
    assert [each["words"] for each in empty] == ["No step stands behind the trigger yet."]


@pytest.mark.behaviour(31)
async def test_two_workflows_that_start_each_other_are_not_published(shop: Shop) -> None:
    browser, (first, second) = await made(shop, "First", "Second")
    await publish(browser, first, manual())
    await publish(browser, second, of_step("trigger_workflow", {"workflow_id": first}))
    (loop,) = await refused(browser, first, of_step("trigger_workflow", {"workflow_id": second}))
    assert loop["step"] == "s1"
    assert loop["words"].startswith("This is a loop: the step starts “Second”")
    (alone,) = await refused(browser, first, of_step("trigger_workflow", {"workflow_id": first}))
    assert alone["words"].startswith("This is a loop: the step starts this workflow again.")


@pytest.mark.behaviour(320)
async def test_workflows_that_undo_each_other_are_a_loop_unless_one_of_them_asks_more(shop: Shop) -> None:
    browser, (first, second) = await made(shop, "Closes", "Opens")
    await publish(browser, first, of_step("close_conversation", {}, trigger={"kind": "conversation_opened"}))
    again = of_step("open_conversation", {}, trigger={"kind": "conversation_closed"})
    (loop,) = await refused(browser, second, again)
    assert loop["words"].startswith("This is a loop: the step starts “Closes”")
    by_members = {"kind": "conversation_closed", "params": {"sources": ["user"]}}
    assert (await publish(browser, second, {**again, "trigger": by_members}))["status"] == "published"


async def test_a_tag_that_is_taken_off_and_put_on_again_is_a_loop(shop: Shop) -> None:
    browser, (first, second) = await made(shop, "Takes off", "Puts on")
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('VIP', '', '', 'grey', now())")
    tag = await shop.value("SELECT id FROM tag")
    added = {"kind": "tag_updated", "params": {"action": "added", "tag_ids": [tag]}}
    removed = {"kind": "tag_updated", "params": {"action": "removed", "tag_ids": [tag]}}
    await publish(browser, first, of_step("update_tags", {"action": "remove", "tag_ids": [tag]}, trigger=added))
    put_on = of_step("update_tags", {"action": "add", "tag_ids": [tag]}, trigger=removed)
    (loop,) = await refused(browser, second, put_on)
    assert "“Takes off”" in loop["words"]
    # What is there already is not put on again: this ends by itself.
    assert (await publish(browser, second, {**put_on, "trigger": added}))["status"] == "published"


async def test_a_stage_that_is_changed_to_and_fro_is_a_loop(shop: Shop) -> None:
    browser, (first, second) = await made(shop, "Forth", "Back")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        lead, customer = [(await add_stage(db, StageDraft(name))).id for name in ("Lead", "Customer")]
    forth = of_step("update_lifecycle", {"stage_id": customer}, trigger={"kind": "lifecycle_updated", "params": {"stage_ids": [lead]}})
    back = of_step("update_lifecycle", {"stage_id": lead}, trigger={"kind": "lifecycle_updated", "params": {"stage_ids": [customer]}})
    await publish(browser, first, forth)
    (loop,) = await refused(browser, second, back)
    assert "“Forth”" in loop["words"]


async def test_a_workflow_that_nobody_can_enter_is_not_started_by_another(shop: Shop) -> None:
    browser, (first, second) = await made(shop, "First", "Second")
    (problem,) = await refused(browser, second, of_step("trigger_workflow", {"workflow_id": first}))
    assert problem == {"step": "s1", "field": "workflow_id", "words": "“First” is not published. Publish it first."}


@pytest.mark.behaviour(321)
async def test_publishing_makes_a_version_and_editing_goes_on_beside_it(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    opened = {"kind": "conversation_opened"}
    head = await publish(browser, id_, of_step("add_comment", {"text": "one"}, trigger=opened))
    assert head["status"] == "published"
    assert head["changed"] is False
    assert head["published"]["number"] == 1
    assert head["published"]["by"] == shop.world.manager.name
    assert await shop.rows("SELECT trigger, listens FROM workflow") == [("conversation_opened", ["conversation.opened"])]
    await save(browser, id_, of_step("add_comment", {"text": "two"}, trigger={"kind": "conversation_closed"}))
    assert await shop.rows("SELECT trigger, listens FROM workflow") == [("conversation_opened", ["conversation.opened"])]
    assert (await browser.patch(f"{LIST}/{id_}", json={})).json()["changed"] is True
    assert (await publish(browser, id_, of_step("add_comment", {"text": "two"}, trigger=opened)))["published"]["number"] == 2
    listed = (await browser.get(f"{LIST}/{id_}/versions")).json()
    assert [each["number"] for each in listed] == [2, 1]
    first = (await browser.get(f"{LIST}/{id_}/versions/1")).json()
    assert first["steps"][0]["params"]["text"] == "one"
    assert (await browser.get(f"{LIST}/{id_}/versions/3")).status_code == 404


async def test_what_is_published_again_unchanged_is_the_same_version(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    await publish(browser, id_, manual())
    stopped = (await browser.delete(f"{LIST}/{id_}/publication")).json()
    assert stopped["status"] == "stopped"
    assert (await publish(browser, id_, manual()))["published"]["number"] == 1


async def test_nobody_publishes_a_draft_that_they_have_not_seen(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    seen = await save(browser, id_, manual())
    await save(browser, id_, manual("changed meanwhile"))
    answer = await browser.post(f"{LIST}/{id_}/publication", json={"number": seen["number"]})
    assert answer.status_code == 409
    assert answer.json()["definition"]["steps"][0]["params"]["text"] == "changed meanwhile"


async def test_a_webhook_gets_an_address_when_it_is_published_and_keeps_it(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Orders")
    hook = {"kind": "webhook", "params": {"path": "$.phone"}}
    url = (await publish(browser, id_, of_step("add_comment", {"text": "one"}, trigger=hook)))["hook_url"]
    assert url.startswith(f"http://127.0.0.1:8080/hooks/workflows/{shop.world.workspace_id}-{id_}-")
    assert (await publish(browser, id_, of_step("add_comment", {"text": "two"}, trigger=hook)))["hook_url"] == url


async def test_what_is_not_published_cannot_be_stopped(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    answer = await browser.delete(f"{LIST}/{id_}/publication")
    assert answer.status_code == 422
    assert answer.json()["words"] == "This workflow is not published."


@pytest.mark.behaviour(322)
async def test_a_published_workflow_that_names_something_deleted_is_marked(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('VIP', '', '', 'grey', now())")
    tag = int(str(await shop.value("SELECT id FROM tag")))
    await publish(browser, id_, of_step("update_tags", {"action": "add", "tag_ids": [tag]}))
    assert "Names something deleted" not in (await browser.get(LIST)).text
    await shop.change("DELETE FROM tag")
    assert "Names something deleted" in (await browser.get(LIST)).text
    saved = await save(browser, id_, of_step("update_tags", {"action": "add", "tag_ids": [tag]}))
    assert saved["problems"][0]["words"] == "This tag was deleted. Choose another one."


@pytest.mark.parametrize(("address", "told"), [("publication", 0), ("publication?eject=1", 1)])
async def test_whoever_stops_a_workflow_says_what_becomes_of_those_inside(shop: Shop, address: str, told: int) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    await publish(browser, id_, manual())
    contact_id = await shop.wrote("ada")
    await inside(shop, contact_id)
    assert (await browser.delete(f"{LIST}/{id_}/{address}")).json()["status"] == "stopped"
    assert await shop.value("SELECT count(*) FROM workflow_signal WHERE kind = 'eject' AND contact_id = :c", c=contact_id) == told


async def test_a_deleted_workflow_leaves_nothing_behind(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    await publish(browser, id_, manual())
    contact_id = await shop.wrote("ada")
    await inside(shop, contact_id)
    await shop.change(
        "INSERT INTO wakeup (kind, contact_id, subject_id, due_at)"
        " SELECT 'workflow', contact_id, id, now() + interval '1 day' FROM workflow_run"
    )
    assert "1 contact is inside now and leaves it at once." in (await browser.get(f"{LIST}/{id_}/deletion")).text
    await browser.post(f"{LIST}/{id_}/deletion")
    while await forget_workflow(shop.installation, shop.world.workspace_id, id_):
        pass
    for table in ("workflow", "workflow_version", "workflow_run", "wakeup"):
        assert await shop.value(f"SELECT count(*) FROM {table}") == 0


async def inside(shop: Shop, contact_id: int) -> None:
    """Have a contact wait in the one workflow that there is."""
    await shop.change(
        "INSERT INTO workflow_run (workflow_id, version_id, contact_id, standing, waits_for, state, trigger, depth, started_at, changed_at)"
        " SELECT id, published_id, :c, 'waiting', '{time}', '{}', '{}', 0, now(), now() FROM workflow",
        c=contact_id,
    )
