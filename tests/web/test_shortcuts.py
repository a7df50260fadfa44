"""Shortcuts in the inbox: which are offered, their forms, who may begin them, and what then happens."""

from typing import Any

import httpx
import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.jobs.automation import Automation
from tests.web.site import STREAMS, Shop
from tests.web.workflows.making import publish, save
from tests.web.workflows.test_builder import made

FORM = [
    {"label": "Reason", "variable": "reason", "type": "choice", "required": True, "options": ["Angry", "Lost parcel"]},
    {"label": "Amount", "variable": "amount", "type": "number"},
    {"label": "Urgent", "variable": "urgent", "type": "checkbox"},
]


def definition(
    name: str = "Escalate", form: list[dict[str, Any]] | None = None, comment: str = "$reason, $amount, by $running_user", **trigger: Any
) -> dict[str, Any]:
    params = {"name": name, "icon": "flag", "description": "Hands it to the office.", "form": form or []}
    step = {"id": "s1", "kind": "add_comment", "params": {"text": comment}}
    return {"format": 1, "trigger": {"kind": "shortcut", "params": params, **trigger}, "start": "s1", "steps": [step]}


async def offered(shop: Shop, **wanted: Any) -> int:
    """A published shortcut; returns the workflow's id."""
    browser, id_ = await made(shop, wanted.get("name", "Escalate") + " workflow")
    await publish(browser, id_, definition(**wanted))
    return id_


async def work(shop: Shop) -> None:
    """Let the workers hear what there is to hear."""
    automation = Automation(shop.installation)
    while await automation.work((shop.world.workspace_id, 0)):
        pass


async def run(shop: Shop, contact_id: int, workflow_id: int, **typed: str) -> httpx.Response:
    browser = await shop.browser(shop.world.agent)
    values = {f"value.{name}": value for name, value in typed.items()}
    return await browser.post(f"/contacts/{contact_id}/shortcuts/{workflow_id}", data=values, headers=STREAMS)


@pytest.mark.behaviour(308)
async def test_published_shortcuts_are_offered_in_a_conversation_and_in_the_palette(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    assert "No shortcut yet" in (await browser.get(f"/contacts/{contact_id}/shortcuts")).text
    asking, plain = await offered(shop, form=FORM), await offered(shop, name="Say hello", comment="Hello")
    manager, draft = await made(shop, "Draft")
    await save(manager, draft, definition("Not yet"))
    for address in (f"/contacts/{contact_id}/shortcuts", f"/palette/shortcuts?contact={contact_id}"):
        html = (await browser.get(address)).text
        assert "Not yet" not in html
        assert html.index("Escalate") < html.index("Say hello")
        assert f"/contacts/{contact_id}/shortcuts/{asking}" in html
        assert f"/contacts/{contact_id}/shortcuts/{plain}" in html
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    assert page.count(f'href="/contacts/{contact_id}/shortcuts"') == 3, "in the menu and in both tools of the composer"
    form = (await browser.get(f"/contacts/{contact_id}/shortcuts/{asking}")).text
    assert 'name="value.reason"' in form
    assert "Amount (optional)" in form


@pytest.mark.behaviour(309)
async def test_a_shortcut_begins_with_what_was_filled_in(shop: Shop) -> None:
    contact_id, id_ = await shop.wrote("ada"), await offered(shop, form=FORM)
    answer = await run(shop, contact_id, id_, reason="Angry", amount="12,5", urgent="true")
    assert answer.status_code == 200, answer.text
    assert "Escalate has begun with Ada" in answer.text
    await work(shop)
    assert await shop.rows("SELECT text, author_kind FROM comment") == [(f"Angry, 12.5, by {shop.world.agent.name}", "workflow")]


@pytest.mark.behaviour(309)
async def test_a_form_that_says_too_little_stays_with_what_was_typed(shop: Shop) -> None:
    contact_id, id_ = await shop.wrote("ada"), await offered(shop, form=FORM)
    answer = await run(shop, contact_id, id_, amount="a lot")
    assert answer.status_code == 422
    assert "Reason must be filled in." in answer.text
    assert 'value="a lot"' in answer.text
    assert await shop.value("SELECT count(*) FROM workflow_signal WHERE kind = 'start'") == 0
    assert (await run(shop, contact_id, id_, reason="Nothing of these")).status_code == 422


@pytest.mark.behaviour(308)
async def test_it_does_not_begin_twice_nor_again_where_once_is_enough(shop: Shop) -> None:
    contact_id, id_ = await shop.wrote("ada"), await offered(shop, comment="Hello")
    assert (await run(shop, contact_id, id_)).status_code == 200
    again = await run(shop, contact_id, id_)
    assert again.status_code == 422
    assert "was begun with this contact a moment ago" in again.text
    await work(shop)
    assert (await run(shop, contact_id, id_)).status_code == 200
    await work(shop)
    assert await shop.value("SELECT count(*) FROM comment") == 2
    once = await offered(shop, name="Once", comment="Hello", once=True)
    assert (await run(shop, contact_id, once)).status_code == 200
    await work(shop)
    assert "is for every contact only once" in (await run(shop, contact_id, once)).text


@pytest.mark.behaviour(308)
async def test_it_says_when_it_is_inside_or_not_for_this_contact(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser, waiting = await made(shop, "Waiting")
    wait = definition("Wait")
    wait["steps"] = [{"id": "s1", "kind": "wait", "params": {"duration": {"value": 1, "unit": "hours"}}}]
    await publish(browser, waiting, wait)
    assert (await run(shop, contact_id, waiting)).status_code == 200
    await work(shop)
    assert "is inside the workflow" in (await run(shop, contact_id, waiting)).text
    urgent = {"category": "variable", "field": "urgent", "operator": "isEqualTo", "value": True}
    picky = await offered(shop, name="Picky", form=FORM, condition={"$and": [urgent]})
    refused = await run(shop, contact_id, picky, reason="Angry")
    assert refused.status_code == 422
    assert "is not for this contact" in refused.text
    assert (await run(shop, contact_id, picky, reason="Angry", urgent="true")).status_code == 200


async def test_what_was_stopped_can_be_begun_no_more(shop: Shop) -> None:
    contact_id, id_ = await shop.wrote("ada"), await offered(shop, comment="Hello")
    assert (await (await shop.browser(shop.world.manager)).delete(f"/workflows/{id_}/publication")).status_code == 200
    answer = await run(shop, contact_id, id_)
    assert answer.status_code == 404
    assert "no such shortcut" in answer.text


@pytest.mark.behaviour(308)
async def test_whoever_may_not_begin_any_is_offered_none(shop: Shop) -> None:
    contact_id, id_ = await shop.wrote("ada"), await offered(shop, comment="Hello")
    agent = shop.world.agent
    browser = await shop.browser(agent)
    await shop.restrict(agent, "shortcuts")
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    assert "/shortcuts" not in page
    for address in (f"/contacts/{contact_id}/shortcuts", f"/palette/shortcuts?contact={contact_id}"):
        assert (await browser.get(address)).status_code == 403
    assert (await run(shop, contact_id, id_)).status_code == 403
    await shop.restrict(agent, ONLY_MINE)
    assert (await browser.get(f"/contacts/{contact_id}/shortcuts")).status_code == 404
    assert (await run(shop, contact_id, id_)).status_code == 404
    await shop.assign(contact_id, agent)
    assert (await run(shop, contact_id, id_)).status_code == 200
