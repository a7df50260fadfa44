"""Handing over, coming back, taking along."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import httpx
import pytest

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import is_active
from ismessenger.accounts.teams import TeamDraft, add_team
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations.many import assign_contacts
from ismessenger.conversations.snooze import snooze
from ismessenger.kit.clock import now
from ismessenger.messages.comment import comment
from ismessenger.sdk.channel import MessageReceived, Profile
from ismessenger.sdk.content import Text
from tests.web.site import NOON, STREAMS, Shop

Queries = Callable[..., AbstractContextManager[list[str]]]
ORDERS = "SELECT payload -> 'to', payload -> 'contact_id' FROM outbox WHERE kind = 'notify' AND payload ->> 'kind' = 'assigned'"


async def team_of(shop: Shop, *members: Member) -> int:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        team = await add_team(db, TeamDraft("Support", member_ids=[member.id for member in members]))
    return int(team.id)


async def gives(browser: httpx.AsyncClient, contact_id: int, **fields: object) -> httpx.Response:
    return await browser.post(f"/contacts/{contact_id}/assignment", data=fields, headers=STREAMS)


@pytest.mark.behaviour(216)
async def test_a_team_gives_to_whoever_is_there_and_has_the_least_to_do(shop: Shop) -> None:
    manager, agent = shop.world.manager, shop.world.agent
    team_id = await team_of(shop, manager, agent)
    busy, new, third = [await shop.wrote(who) for who in ("ada", "bo", "cy")]
    await shop.assign(busy, agent)
    browser = await shop.browser(shop.world.owner)
    # Nobody is there: of all, whoever has the least.
    answer = await gives(browser, new, team_id=team_id)
    assert await shop.value("SELECT assignee_id FROM contact WHERE id = :id", id=new) == manager.id
    assert f"Bo is {manager.name}&#39;s, of the team Support" in answer.text
    # The agent is there, and so has it although they have more.
    await is_active(shop.installation, shop.world.workspace_id, agent.id, returns=False)
    await shop.assign(new, None)
    for contact_id in (new, third):
        await gives(browser, contact_id, team_id=team_id)
    assert await shop.rows("SELECT DISTINCT assignee_id FROM contact") == [(agent.id,)]


async def test_a_team_without_members_or_that_is_gone_is_refused(shop: Shop) -> None:
    contact_id, browser = await shop.wrote("ada"), await shop.browser(shop.world.agent)
    empty = await team_of(shop)
    refused = await gives(browser, contact_id, team_id=empty)
    assert refused.status_code == 422
    assert "Nobody is in the team Support" in refused.text
    assert (await gives(browser, contact_id, team_id=empty + 999)).status_code == 404


async def test_the_menu_says_who_is_there_and_what_they_have_to_do(shop: Shop, queries: Queries) -> None:
    await team_of(shop, shop.world.agent)
    contacts = [await shop.wrote(f"person{number}") for number in range(3)]
    for contact_id in contacts[:2]:
        await shop.assign(contact_id, shop.world.manager)
    browser = await shop.browser(shop.world.agent)
    with queries(at_most=10):
        menu = (await browser.get(f"/contacts/{contacts[0]}/assignment")).text
    assert "2 open" in menu
    assert "1 member" in menu
    assert menu.count('name="assignee_id"') == 4
    assert f"{shop.world.agent.name} (you)" in menu


async def test_handing_over_tells_the_other_and_is_taken_back(shop: Shop) -> None:
    agent, manager = shop.world.agent, shop.world.manager
    contact_id, browser = await shop.wrote("ada"), await shop.browser(agent)
    answer = await gives(browser, contact_id, assignee_id=manager.id)
    assert 'name="assignee_id" value=""' in answer.text
    assert await shop.rows(ORDERS) == [([manager.id], contact_id)]
    await gives(browser, contact_id, assignee_id="")
    await gives(browser, contact_id, assignee_id=agent.id)
    # Whoever takes it themselves knows.
    assert len(await shop.rows(ORDERS)) == 1


async def test_of_many_at_once_the_member_hears_once(shop: Shop) -> None:
    ids = sorted([await shop.wrote(f"person{number}") for number in range(5)])
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await assign_contacts(db, ids, to=shop.world.manager, by=shop.world.agent.id)
        await assign_contacts(db, ids[:1], to=shop.world.agent, by=shop.world.agent.id)
    assert await shop.rows(ORDERS) == [([shop.world.manager.id], None)]


@pytest.mark.behaviour(217)
async def test_what_is_marked_unread_is_new_again_to_that_member_alone(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    newest = int(str(await shop.value("SELECT last_incoming_id FROM contact")))
    one, other = await shop.browser(shop.world.agent), await shop.browser(shop.world.manager)
    for browser in (one, other):
        await browser.post(f"/contacts/{contact_id}/read", data={"message_id": newest})
    assert (await one.post(f"/contacts/{contact_id}/unread", headers=STREAMS)).status_code == 204
    marks: dict[int, int] = dict(await shop.rows("SELECT member_id, message_id FROM read_mark"))
    assert marks == {shop.world.agent.id: newest - 1, shop.world.manager.id: newest}
    counts = [json.loads((await browser.get("/inbox/counts")).text)["news"] for browser in (one, other)]
    assert counts == ["unassigned", ""]
    await one.post(f"/contacts/{contact_id}/read", data={"message_id": newest})
    assert json.loads((await one.get("/inbox/counts")).text)["news"] == ""


async def test_somebody_who_never_wrote_cannot_be_unread(shop: Shop) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        contact = Contact(first_name="Ada")
        db.add(contact)
        await db.flush()
    browser = await shop.browser(shop.world.agent)
    assert (await browser.post(f"/contacts/{contact.id}/unread", headers=STREAMS)).status_code == 422


@pytest.mark.behaviour(218)
async def test_a_thread_is_saved_whole_and_in_order(shop: Shop) -> None:
    ada, second = Profile(first_name="Ada"), timedelta(seconds=1)
    said = [MessageReceived("ada", f"said {number}", Text(text=f"words {number}."), NOON + number * second, ada) for number in range(450)]
    await shop.take(*said)
    contact_id = await shop.contact("ada")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await comment(db, contact_id, "between us", by=shop.world.agent.id)
        await snooze(db, await lock_contact(db, contact_id), now() + timedelta(hours=3), by=shop.world.agent.id)
    browser = await shop.browser(shop.world.agent)
    saved = await browser.get(f"/contacts/{contact_id}/transcript?zone=Asia/Tokyo")
    assert saved.headers["content-type"] == "text/plain; charset=utf-8"
    assert "attachment" in saved.headers["content-disposition"]
    assert [line.strip() for line in saved.text.splitlines() if "words" in line] == [f"words {number}." for number in range(450)]
    first = await shop.value("SELECT to_char(min(sent_at) AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD HH24:MI') FROM message")
    assert f"\n{first}  Ada (" in saved.text
    assert "between us" not in saved.text
    assert "Snoozed" not in saved.text
    inside = (await browser.get(f"/contacts/{contact_id}/transcript?zone=Asia/Tokyo&events=1")).text
    assert "between us" in inside
    until = await shop.value("SELECT to_char(snoozed_until AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD HH24:MI') FROM contact")
    assert f"* Snoozed until {until} by {shop.world.agent.name}" in inside


@pytest.mark.behaviour(218)
async def test_nobody_saves_what_they_may_not_see(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "private words")
    await shop.restrict(shop.world.agent, ONLY_MINE)
    browser = await shop.browser(shop.world.agent)
    for path in ("transcript", "assignment", "snooze", "closure"):
        refused = await browser.get(f"/contacts/{contact_id}/{path}")
        assert refused.status_code == 404
        assert "private words" not in refused.text
    for path in ("snooze", "unread", "assignment", "conversation"):
        assert (await browser.post(f"/contacts/{contact_id}/{path}", headers=STREAMS)).status_code == 404


async def test_snoozing_and_bringing_back_on_the_page(shop: Shop) -> None:
    await shop.change("UPDATE member SET undo_send = false")
    contact_id, browser = await shop.wrote("ada"), await shop.browser(shop.world.agent)
    menu = (await browser.get(f"/contacts/{contact_id}/snooze?zone=Asia/Tokyo")).text
    assert "Next week" in menu
    assert 'name="zone" value="Asia/Tokyo"' in menu
    until = f"{now() + timedelta(days=2):%Y-%m-%dT09:00}"
    answer = await browser.post(f"/contacts/{contact_id}/snooze", data={"until": until, "zone": "Asia/Tokyo"}, headers=STREAMS)
    assert 'data-status="snoozed"' in answer.text
    assert "Ada is snoozed until" in answer.text
    assert await shop.value("SELECT to_char(snoozed_until AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD\"T\"HH24:MI') FROM contact") == until
    back = await browser.post(f"/contacts/{contact_id}/snooze", data={"_method": "delete"}, headers=STREAMS)
    assert 'data-status="open"' in back.text
    past = await browser.post(f"/contacts/{contact_id}/snooze", data={"until": "2020-01-01T09:00"}, headers=STREAMS)
    assert past.status_code == 409
    assert "This time has passed" in past.text
