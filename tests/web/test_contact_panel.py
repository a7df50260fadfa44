"""The contact panel: values are saved where they stand, and Agents are kept to what they may."""

import re

import orjson
import pytest

from ismessenger.contacts.define_fields import FieldDraft, add_field, change_field, decide_standard
from ismessenger.contacts.lifecycle import enable_lifecycle, stage_by_name
from ismessenger.contacts.tags import TagDraft, add_tag
from ismessenger.web.changes import render_changes
from tests.web.site import STREAMS, Shop

FRAME = {"turbo-frame": "search"}


async def made(shop: Shop, draft: FieldDraft) -> int:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        return (await add_field(db, draft)).id


async def test_a_value_is_stored_told_and_shown_to_everybody(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/fields/phone", data={"value": "030 901820"}, headers=STREAMS)
    assert answer.status_code == 422
    assert "is no phone number" in answer.text
    assert 'value="030 901820"' in answer.text
    assert f'target="contact_{contact_id}_phone_row"' in answer.text
    again = {"value": "+49 30 901820", "again": "true"}
    answer = await browser.post(f"/contacts/{contact_id}/fields/phone", data=again, headers=STREAMS)
    assert "+4930901820" in answer.text
    assert "Phone changed" in answer.text
    assert f'target="contact_{contact_id}_phone_row"' in answer.text
    assert await shop.rows("SELECT phone, country_code FROM contact WHERE id = :c", c=contact_id) == [("+4930901820", "DE")]


async def test_every_type_of_field_takes_what_a_person_types(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    typed = {"list": "pro", "number": "12.50", "checkbox": "true", "date": "1990-05-17", "time": "9:30", "url": "https://a.example"}
    stored = {"list": "Pro", "number": 12.5, "checkbox": True, "date": "1990-05-17", "time": "09:30", "url": "https://a.example"}
    ids = {kind: await made(shop, FieldDraft(kind, kind, options=["Free", "Pro"])) for kind in typed}
    for kind, words in typed.items():
        answer = await browser.post(f"/contacts/{contact_id}/fields/{ids[kind]}", data={"value": words}, headers=STREAMS)
        assert answer.status_code == 200, answer.text
    (held,) = (await shop.rows("SELECT fields FROM contact WHERE id = :c", c=contact_id))[0]
    assert held == {str(ids[kind]): value for kind, value in stored.items()}
    answer = await browser.post(f"/contacts/{contact_id}/fields/language", data={"value": "german"}, headers=STREAMS)
    assert 'value="German"' in answer.text


async def test_without_streams_a_change_leads_back_to_the_thread(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/fields/lastName", data={"value": "Nwosu"})
    assert answer.headers["location"] == f"/inbox/all/contacts/{contact_id}"
    assert (await browser.post(f"/contacts/{contact_id}/fields/email", data={"value": "x"})).status_code == 422


@pytest.mark.behaviour(165)
async def test_agents_do_not_see_what_is_hidden_nor_change_what_is_read_only(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    hidden = await made(shop, FieldDraft("Margin", "number", agent_access="hidden"))
    read = await made(shop, FieldDraft("Tariff", agent_access="read"))
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    for field_id, value in ((hidden, "77001"), (read, "Gold")):
        answer = await manager.post(f"/contacts/{contact_id}/fields/{field_id}", data={"value": value}, headers=STREAMS)
        assert value in answer.text
    page = (await agent.get(f"/inbox/all/contacts/{contact_id}")).text
    assert "77001" not in page
    assert f"/fields/{hidden}" not in page
    assert "Gold" in page
    assert f"/fields/{read}" not in page
    assert "77001" in (await manager.get(f"/inbox/all/contacts/{contact_id}")).text
    assert (await agent.post(f"/contacts/{contact_id}/fields/{hidden}", data={"value": "1"}, headers=STREAMS)).status_code == 404
    assert (await agent.post(f"/contacts/{contact_id}/fields/{read}", data={"value": "1"}, headers=STREAMS)).status_code == 403


@pytest.mark.behaviour(165)
async def test_the_live_stream_keeps_hidden_values_from_agents(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    hidden = await made(shop, FieldDraft("Margin", "number", agent_access="hidden"))
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    await manager.post(f"/contacts/{contact_id}/fields/{hidden}", data={"value": "77001"}, headers=STREAMS)
    event_id = await shop.value("SELECT id FROM event WHERE kind = 'contact.updated'")
    changes = [{"kind": "contact", "contact_id": contact_id}, {"kind": "event", "contact_id": contact_id, "id": event_id}]
    (one,) = await render_changes(shop.installation, shop.world.workspace_id, changes)
    assert "77001" in one.html_for(full=True)
    assert "77001" not in one.html_for(full=False)
    assert "Margin changed" in one.html_for(full=False)
    answer = await agent.post(f"/contacts/{contact_id}/fields/lastName", data={"value": "Nwosu"}, headers=STREAMS)
    assert "Nwosu" in answer.text
    assert "77001" not in answer.text


@pytest.mark.behaviour(165)
async def test_hidden_numbers_and_addresses_stand_nowhere_that_an_agent_looks(shop: Shop) -> None:
    contact_id, other_id = await shop.wrote("ada"), await shop.wrote("bo")
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    for key, value in {"phone": "+4930901820", "email": "ada@kept.example"}.items():
        await manager.post(f"/contacts/{contact_id}/fields/{key}", data={"value": value}, headers=STREAMS)
        await shop.change("UPDATE contact_channel SET identifier = '+4930901820' WHERE contact_id = :c", c=contact_id)
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await decide_standard(db, key, visible=True, agent_access="hidden")
    beside = f"/contacts/{contact_id}"
    pages = [f"/inbox/all{beside}", f"{beside}/merge/{other_id}", f"/contacts/{other_id}/merge?q=ada", "/conversations/new"]
    pages += [f"/conversations/new?contact={contact_id}", f"{beside}/variables", f"{beside}/addresses"]
    for page in pages:
        seen, kept = (await manager.get(page)).text, (await agent.get(page)).text
        assert "4930901820" in seen or "ada@kept" in seen, page
        assert "4930901820" not in kept, page
        assert "ada@kept" not in kept, page
    answer = await agent.post(f"{beside}/messages", data={"text": "Write to $contact.email"}, headers=STREAMS)
    assert answer.status_code == 422
    assert "There is no variable $contact.email" in answer.text


@pytest.mark.behaviour(405)
async def test_an_agent_finds_nobody_by_what_they_do_not_see(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    tariff = await made(shop, FieldDraft("Tariff", agent_access="hidden"))
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    for key, value in {"phone": "+4930901820", "email": "ada@kept.example", tariff: "Golden"}.items():
        await manager.post(f"/contacts/{contact_id}/fields/{key}", data={"value": value}, headers=STREAMS)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        for key in ("phone", "email"):
            await decide_standard(db, key, visible=True, agent_access="hidden")
    found = re.compile(rf"/contacts/{contact_id}\b|contact={contact_id}\b")
    for words in ("30901820", "4930", "ada@kept.example", "Golden"):
        for page in ("/palette/contacts?q=", "/search?q=", "/conversations/new/people?words="):
            assert found.search((await manager.get(page + words, headers=FRAME)).text), (page, words)
            assert not found.search((await agent.get(page + words, headers=FRAME)).text), (page, words)
    page = (await agent.get("/search?q=ada", headers=FRAME)).text
    assert found.search(page)
    assert "4930" not in page
    assert "kept" not in page


@pytest.mark.behaviour(405)
async def test_an_agent_builds_no_inbox_of_what_they_do_not_see(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    field_id = await made(shop, FieldDraft("Margin", "number"))
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    await manager.post(f"/contacts/{contact_id}/fields/{field_id}", data={"value": "77001"}, headers=STREAMS)
    leaf = {"category": "contactField", "field": str(field_id), "operator": "isGreaterThan", "value": 77000}
    form = {"name": "Rich", "condition": orjson.dumps({"$and": [leaf]}).decode()}
    card = f'id="card_{contact_id}"'
    inbox = (await agent.post("/inboxes", data=form)).headers["location"]
    assert card in (await agent.get(inbox)).text
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await change_field(db, field_id, FieldDraft("Margin", "number", agent_access="hidden"))
    page = (await agent.get(inbox)).text
    assert card not in page
    assert "This inbox shows nobody" in page
    answer = await agent.post("/inboxes", data=form)
    assert answer.status_code == 422
    assert "asks for a field that you do not see" in answer.text
    assert "Margin" not in answer.text
    shared = (await manager.post("/inboxes", data=form | {"sharing": "public"})).headers["location"]
    assert card in (await agent.get(shared)).text


async def test_fields_that_are_folded_away_stand_under_show_more(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await decide_standard(db, "language", visible=False, agent_access="edit")
    page = (await (await shop.browser(shop.world.agent)).get(f"/inbox/all/contacts/{contact_id}")).text
    assert page.index("Show more") < page.index(f"contact_{contact_id}_language_row")


async def test_tags_are_added_by_name_or_choice_and_removed(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        vip, _other = await add_tag(db, TagDraft("VIP", color="red")), await add_tag(db, TagDraft("Wholesale"))
    browser = await shop.browser(shop.world.agent)
    offered = (await browser.get(f"/contacts/{contact_id}/tags?words=v")).text
    assert "VIP" in offered
    assert "Wholesale" not in offered
    assert "Make the tag “v”" in offered
    assert "Make the tag" not in (await browser.get(f"/contacts/{contact_id}/tags?words=vip")).text
    added = await browser.post(f"/contacts/{contact_id}/tags", data={"tag_id": str(vip.id)}, headers=STREAMS)
    assert "Tag VIP added" in added.text
    assert "tag-red" in added.text
    assert "VIP" not in (await browser.get(f"/contacts/{contact_id}/tags")).text
    assert "Tag Lyon added" in (await browser.post(f"/contacts/{contact_id}/tags", data={"name": "Lyon"}, headers=STREAMS)).text
    removed = await browser.post(f"/contacts/{contact_id}/tags/{vip.id}/removal", headers=STREAMS)
    assert "Tag VIP removed" in removed.text
    assert (await browser.post(f"/contacts/{contact_id}/tags", data={"name": " "}, headers=STREAMS)).status_code == 422


async def test_the_stage_stands_in_header_card_and_panel_and_is_changed_there(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    assert "No stage" not in (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        hot = await stage_by_name(db, "Hot Lead")
    answer = await browser.post(f"/contacts/{contact_id}/lifecycle", data={"stage_id": str(hot.id)}, headers=STREAMS)
    assert "Moved to the stage Hot Lead" in answer.text
    assert answer.text.count('title="Stage: Hot Lead"') == 2
    left = await browser.post(f"/contacts/{contact_id}/lifecycle", data={"stage_id": ""}, headers=STREAMS)
    assert "Taken out of the stage Hot Lead" in left.text
    assert (
        await browser.post(f"/contacts/{contact_id}/lifecycle", data={"stage_id": str(hot.id + 10**9)}, headers=STREAMS)
    ).status_code == 404


async def test_a_contact_that_is_not_seen_is_not_changed(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.assign(contact_id, shop.world.owner)
    await shop.restrict(shop.world.agent, "contacts_assigned_to_me")
    browser = await shop.browser(shop.world.agent)
    for path in ("fields/lastName", "tags", "lifecycle", "tags/1/removal"):
        assert (await browser.post(f"/contacts/{contact_id}/{path}", data={"value": "x", "name": "x"}, headers=STREAMS)).status_code == 404
    assert (await browser.get(f"/contacts/{contact_id}/tags")).status_code == 404
