"""What a contact without a name is called: where its number or its address is hidden from Agents, they do not read it in its place."""

import json
import re
from datetime import timedelta

import pytest

from ismessenger.contacts.define_fields import decide_standard
from ismessenger.contacts.model import Contact
from ismessenger.kit.clock import now
from ismessenger.sdk.channel import Profile
from ismessenger.web.changes import render_changes
from tests.web.site import STREAMS, Shop
from tests.web.test_live import Tabs, port, tabs
from tests.web.test_shortcuts import offered

__all__ = ["port", "tabs"]

FRAME = {"turbo-frame": "search"}
HELD = {"phone": ("+4930901820", "4930901820"), "email": ("ada@kept.example", "ada@kept")}
"""By the field: its value, and the part of it that no Agent reads."""


async def hide(shop: Shop, *keys: str) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        for key in keys:
            await decide_standard(db, key, visible=True, agent_access="hidden")


async def nameless(shop: Shop, key: str, who: str = "somebody") -> tuple[int, str]:
    """Somebody of whom only this is known, hidden from Agents; and what no Agent reads."""
    value, telling = HELD[key]
    contact_id = await shop.wrote(who, "hello lamp", profile=Profile(**{key: value}))
    await hide(shop, key)
    return contact_id, telling


def test_names_go_before_numbers_and_numbers_before_addresses_as_far_as_they_are_seen() -> None:
    ada = Contact(id=61, first_name="Ada", last_name="Nwosu", phone="+4930901820", email="ada@kept.example")
    assert ada.called(()) == "Ada Nwosu"
    assert ada.called({"phone", "lastName"}) == "Ada"
    assert ada.called({"firstName", "lastName"}) == "+4930901820"
    assert ada.called({"firstName", "lastName", "phone"}) == "ada@kept.example"
    assert ada.called({"firstName", "lastName", "phone", "email"}) == "#61"


@pytest.mark.behaviour(415)
@pytest.mark.parametrize("key", HELD)
async def test_no_page_of_an_agent_calls_a_contact_by_what_is_hidden(shop: Shop, key: str) -> None:
    contact_id, telling = await nameless(shop, key)
    other_id = await shop.wrote("bo")
    await shop.change(f"UPDATE contact SET {key} = :value WHERE id = :c", value=HELD[key][0], c=other_id)
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    beside = f"/contacts/{contact_id}"
    pages = ["/inbox/all", f"/inbox/all{beside}", f"{beside}/transcript", f"{beside}/merge", f"{beside}/merge/{other_id}"]
    pages += ["/conversations/new", f"/conversations/new?contact={contact_id}", f"/contacts/{other_id}/merge"]
    frames = ["/search?q=hello", "/search?q=in:people%20status:open", "/search?q=lamp&section=messages"]
    frames += [f"{beside}/{name}" for name in ("closure", "actions", "shortcuts", "deletion", "variables")]
    frames += [f"/contacts/{other_id}/suggestions", "/conversations/new/people?words="]
    for page, headers in [*((page, {}) for page in pages), *((frame, FRAME) for frame in frames)]:
        seen, kept = await manager.get(page, headers=headers), await agent.get(page, headers=headers)
        assert (seen.status_code, kept.status_code) == (200, 200), page
        assert telling in seen.text, page
        assert telling not in kept.text, page
        assert telling not in str(kept.headers), page
    assert f"<title>#{contact_id}" in (await agent.get(f"/inbox/all{beside}")).text


@pytest.mark.behaviour(415)
async def test_an_agent_reads_the_address_where_the_number_alone_is_hidden(shop: Shop) -> None:
    contact_id, telling = await nameless(shop, "phone")
    await shop.change("UPDATE contact SET email = 'ada@seen.example' WHERE id = :c", c=contact_id)
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    for page in ("/palette/contacts?q=ada@seen.example", "/search?q=ada@seen.example", "/inbox/all"):
        seen, kept = (await manager.get(page, headers=FRAME)).text, (await agent.get(page, headers=FRAME)).text
        assert telling in seen, page
        assert telling not in kept, page
        assert "seen.example" in kept, page


@pytest.mark.behaviour(415)
async def test_what_an_agent_writes_to_a_contact_calls_it_by_nothing_hidden(shop: Shop) -> None:
    contact_id, telling = await nameless(shop, "phone")
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    for words in ("Hello {{$contact.name}}", "Hello $contact.firstname"):
        text = {"text": words}
        assert telling in (await manager.post(f"/contacts/{contact_id}/preview", data=text)).text
        assert telling not in (await agent.post(f"/contacts/{contact_id}/preview", data=text)).text
    answer = await agent.post(f"/contacts/{contact_id}/messages", data={"text": "Hello $contact.firstname"}, headers=STREAMS)
    assert f"#{contact_id} has no $contact.firstname" in answer.text


@pytest.mark.behaviour(415)
async def test_what_an_agent_does_is_said_without_what_is_hidden(shop: Shop) -> None:
    contact_id, telling = await nameless(shop, "phone")
    workflow_id = await offered(shop, comment="Escalated")
    beside, me = f"/contacts/{contact_id}", {"assignee_id": str(shop.world.agent.id)}
    conversation_id = await shop.value("SELECT id FROM conversation")
    steps: list[tuple[str, dict[str, str], str]] = [
        (f"{beside}/assignment", me, "is"),
        (f"{beside}/snooze", {"until": (now() + timedelta(days=1)).isoformat(), "zone": "UTC"}, "is snoozed"),
        (f"{beside}/shortcuts/{workflow_id}", {}, "has begun with"),
        (f"/conversations/{conversation_id}/closure", {}, "closed"),
        (f"{beside}/block", {}, "is blocked"),
        (f"{beside}/block?_method=delete", {"_method": "delete"}, "is not blocked any more"),
        (f"{beside}/erasure", {}, "is deleted"),
    ]
    agent = await shop.browser(shop.world.agent)
    for path, form, words in steps:
        answer = await agent.post(path, data=form, headers=STREAMS)
        assert answer.status_code == 200, (path, answer.text)
        assert words in answer.text, path
        assert f"#{contact_id}" in answer.text, path
        assert telling not in answer.text, path


@pytest.mark.behaviour(415)
async def test_what_happened_is_told_without_what_is_hidden(shop: Shop) -> None:
    contact_id, other_id = await shop.wrote("ada"), await shop.wrote("4930901820", profile=Profile(phone="+4930901820"))
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    await manager.post(f"/contacts/{contact_id}/merge/{other_id}")
    address_id = await shop.value("SELECT id FROM contact_channel WHERE identifier = '4930901820'")
    seen = (await agent.get(f"/contacts/{contact_id}/addresses")).text
    assert "4930901820" in seen
    await hide(shop, "phone")
    assert "4930901820" not in (await agent.get(f"/contacts/{contact_id}/addresses")).text
    await manager.post(f"/contacts/{contact_id}/addresses/{address_id}/removal", headers=STREAMS)
    for page in ("/activities", "/transcript?events=1"):
        seen, kept = (await manager.get(f"/contacts/{contact_id}{page}")).text, (await agent.get(f"/contacts/{contact_id}{page}")).text
        assert "+4930901820 was merged into this contact" in seen
        assert len(re.findall("4930901820", seen)) > 1, "the address that was removed"
        assert f"#{other_id} was merged into this contact" in kept
        assert "4930901820" not in kept


@pytest.mark.behaviour(415)
@pytest.mark.parametrize("key", HELD)
async def test_the_live_stream_calls_nobody_by_what_is_hidden_from_its_readers(shop: Shop, tabs: Tabs, key: str) -> None:
    contact_id, telling = await nameless(shop, key)
    async with tabs.open(shop.world.agent) as agent, tabs.open(shop.world.manager) as manager:
        await shop.wrote("somebody", "Is it blue?", profile=Profile())
        await shop.installation.publisher.send(shop.world.workspace_id, [{"kind": "typing", "contact_id": contact_id, "by": "contact"}])
        for tab in (agent, manager):
            await tab.until("Is it blue?")
            await tab.until_one("typing")
        assert telling in manager.html
        assert telling not in agent.html
        told = [json.dumps(tab.frames[-1]["typing"]) for tab in (manager, agent)]
        assert [telling in each for each in told] == [True, False]
        assert f"#{contact_id}" in told[1]


@pytest.mark.behaviour(415)
async def test_a_changed_contact_is_rendered_for_agents_without_what_is_hidden(shop: Shop) -> None:
    contact_id, telling = await nameless(shop, "phone")
    message_id = await shop.value("SELECT id FROM message")
    changes = [{"kind": "contact", "contact_id": contact_id}, {"kind": "message", "contact_id": contact_id, "id": message_id}]
    (one,) = await render_changes(shop.installation, shop.world.workspace_id, changes)
    for part in ("card_", "header_", "message_"):
        assert f'{part}{contact_id if part != "message_" else message_id}"' in one.agents_html
    assert telling in one.html
    assert telling not in one.agents_html


@pytest.mark.behaviour(405)
async def test_names_that_are_hidden_find_nobody(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    found = f"/contacts/{contact_id}"
    assert found in (await agent.get("/palette/contacts?q=ada")).text
    await hide(shop, "firstName")
    assert found in (await manager.get("/palette/contacts?q=ada")).text
    assert found not in (await agent.get("/palette/contacts?q=ada")).text


@pytest.mark.behaviour(405)
async def test_a_hidden_number_that_is_typed_whole_shows_nobody_to_an_agent_and_is_still_one_contact(shop: Shop) -> None:
    contact_id, _telling = await nameless(shop, "phone")
    manager, agent = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    people = "/conversations/new/people?words=%2B4930901820"
    assert f"contact={contact_id}" in (await manager.get(people)).text
    page = (await agent.get(people)).text
    assert f"contact={contact_id}" not in page
    assert "number=%2B4930901820" in page
