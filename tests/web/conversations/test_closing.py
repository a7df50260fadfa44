"""Closing with a note, twice at once, and taking it back."""

import asyncio
import re
from datetime import timedelta

import pytest

from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.close import close
from ismessenger.conversations.closing_categories import CategoryDraft, add_category, change_category, delete_category
from ismessenger.conversations.errors import CategoryGone, NoteWanted
from ismessenger.conversations.many import close_contacts
from ismessenger.conversations.rules import ask_for_notes
from ismessenger.conversations.snooze import snooze
from ismessenger.conversations.undo import take_back
from ismessenger.kit.clock import now, stopped
from tests.web.site import STREAMS, Shop

NOTE = "SELECT category, category_id, summary, closed_by_id FROM conversation WHERE closed_at IS NOT NULL ORDER BY id"


async def category(shop: Shop, name: str = "Delivery") -> int:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        return (await add_category(db, CategoryDraft(name))).id


async def mode(shop: Shop, wanted: str) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await ask_for_notes(db, wanted)


async def conversation(shop: Shop) -> int:
    return int(str(await shop.value("SELECT max(id) FROM conversation")))


@pytest.mark.behaviour(13)
async def test_where_both_are_wanted_nobody_closes_by_hand_without_category_and_summary(shop: Shop) -> None:
    delivery, contact_id = await category(shop), await shop.wrote("ada")
    await mode(shop, "both")
    browser, address = await shop.browser(shop.world.agent), f"/conversations/{await conversation(shop)}/closure"
    for fields in ({}, {"summary": "words"}, {"category_id": delivery}, {"category_id": delivery, "summary": "  "}):
        refused = await browser.post(address, data=fields, headers=STREAMS)
        assert refused.status_code == 409
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        with pytest.raises(NoteWanted):
            await close_contacts(db, [contact_id], by=shop.world.agent.id)
    assert await shop.value("SELECT status FROM contact") == "open"
    done = await browser.post(address, data={"category_id": delivery, "summary": "Went well"}, headers=STREAMS)
    assert done.status_code == 200
    assert await shop.rows(NOTE) == [("Delivery", delivery, "Went well", shop.world.agent.id)]


@pytest.mark.behaviour(13)
async def test_where_a_category_is_wanted_the_summary_may_be_missing(shop: Shop) -> None:
    delivery = await category(shop)
    await shop.wrote("ada")
    await mode(shop, "category")
    browser, address = await shop.browser(shop.world.agent), f"/conversations/{await conversation(shop)}/closure"
    assert (await browser.post(address, data={"summary": "words"}, headers=STREAMS)).status_code == 409
    assert (await browser.post(address, data={"category_id": delivery}, headers=STREAMS)).status_code == 200


@pytest.mark.behaviour(13)
@pytest.mark.parametrize("source", ["api", "workflow", "auto_close", "bot"])
async def test_what_closes_without_a_hand_is_not_asked(shop: Shop, source: str) -> None:
    delivery = await category(shop)
    contact_id = await shop.wrote("ada")
    await mode(shop, "both")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await close(db, await lock_contact(db, contact_id), source=source, category=" delivery ", summary=None)
    assert await shop.rows(NOTE) == [("Delivery", delivery, None, None)]


@pytest.mark.behaviour(213)
async def test_a_category_that_went_meanwhile_is_said_and_what_was_typed_stays(shop: Shop) -> None:
    gone, there = await category(shop), await category(shop, "Broken")
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    dialog = (await browser.get(f"/contacts/{contact_id}/closure")).text
    assert all(f'value="{id_}"' in dialog for id_ in (gone, there))
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await delete_category(db, gone)
    fields = {"category_id": gone, "summary": "Sent again <b>today</b>", "asked": "true"}
    refused = await browser.post(f"/conversations/{await conversation(shop)}/closure", data=fields, headers=STREAMS)
    assert refused.status_code == 422
    assert "This category was deleted meanwhile" in refused.text
    assert "Sent again &lt;b&gt;today&lt;/b&gt;" in refused.text
    assert f'value="{gone}"' not in refused.text
    assert await shop.value("SELECT status FROM contact") == "open"


@pytest.mark.behaviour(213)
async def test_a_conversation_keeps_the_name_that_its_category_had(shop: Shop) -> None:
    one, other = await category(shop), await category(shop, "Broken")
    ids = [await shop.wrote("ada"), await shop.wrote("bo")]
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await close(db, await lock_contact(db, ids[0]), by=shop.world.agent.id, category_id=one, summary="s")
        assert await close_contacts(db, ids, by=shop.world.agent.id, category_id=other, summary=" t ") == ids[1:]
        await change_category(db, one, CategoryDraft("Shipping"))
        await delete_category(db, other)
        with pytest.raises(CategoryGone):
            await close_contacts(db, ids, by=shop.world.agent.id, category_id=other)
    assert await shop.rows(NOTE) == [("Delivery", one, "s", shop.world.agent.id), ("Broken", other, "t", shop.world.agent.id)]
    told = await shop.rows("SELECT details ->> 'category', details ->> 'summary' FROM event WHERE kind = 'conversation.closed' ORDER BY id")
    assert told == [("Delivery", "s"), ("Broken", "t")]


@pytest.mark.behaviour(214)
async def test_of_two_who_close_at_once_one_does_and_the_other_hears_who(shop: Shop) -> None:
    await shop.wrote("ada")
    members = (shop.world.agent, shop.world.manager)
    browsers = [await shop.browser(member) for member in members]
    address = f"/conversations/{await conversation(shop)}/closure"
    answers = await asyncio.gather(
        *(browser.post(address, data={"summary": member.name}, headers=STREAMS) for browser, member in zip(browsers, members, strict=True))
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    (kept,) = await shop.rows(NOTE)
    first = next(member for member in members if member.id == kept[3])
    assert kept[2] == first.name
    assert await shop.value("SELECT count(*) FROM event WHERE kind = 'conversation.closed'") == 1
    late = answers[1 - members.index(first)]
    assert f"{first.name} has closed this conversation already." in late.text
    # Their page gets the conversation as it is now.
    assert re.search(r'data-status="closed"', late.text)


@pytest.mark.behaviour(214)
async def test_whoever_was_late_keeps_the_words_of_their_note(shop: Shop) -> None:
    await shop.wrote("ada")
    first, second = await shop.browser(shop.world.manager), await shop.browser(shop.world.agent)
    address = f"/conversations/{await conversation(shop)}/closure"
    await first.post(address, headers=STREAMS)
    late = await second.post(address, data={"summary": "Long words", "asked": "true"}, headers=STREAMS)
    assert late.status_code == 422
    assert "has closed this conversation already" in late.text
    assert "Long words" in late.text


@pytest.mark.behaviour(215)
async def test_a_closing_that_is_taken_back_leaves_the_same_conversation_as_it_was(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    before = await shop.rows("SELECT id, opened_at, waiting_since, incoming_count, closed_at, category, summary FROM conversation")
    opened_at = await shop.value("SELECT opened_at FROM contact")
    browser, address = await shop.browser(shop.world.agent), f"/conversations/{await conversation(shop)}/closure"
    await browser.post(address, data={"summary": "too soon"}, headers=STREAMS)
    answer = await browser.post(address, data={"_method": "delete"}, headers=STREAMS)
    assert 'data-status="open"' in answer.text
    assert await shop.rows("SELECT id, opened_at, waiting_since, incoming_count, closed_at, category, summary FROM conversation") == before
    assert await shop.rows("SELECT status, opened_at FROM contact WHERE id = :id", id=contact_id) == [("open", opened_at)]


@pytest.mark.behaviour(215)
async def test_what_was_snoozed_is_snoozed_again_and_what_is_old_or_others_is_not_taken_back(shop: Shop) -> None:
    agent = shop.world.agent
    with stopped(now()) as clock:
        contact_id = await shop.wrote("ada")
        id_ = await conversation(shop)
        until = clock.at + timedelta(hours=5)
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            contact = await lock_contact(db, contact_id)
            await snooze(db, contact, until, by=agent.id)
            await close(db, contact, by=agent.id)
            assert await take_back(db, [id_], by=shop.world.manager.id) == []
            assert await take_back(db, [id_], by=agent.id) == [contact_id]
            assert await take_back(db, [id_], by=agent.id) == []
        assert await shop.rows("SELECT status, snoozed_until FROM contact") == [("snoozed", until)]
        assert await shop.rows("SELECT kind, due_at FROM wakeup") == [("snooze", until)]
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await close(db, await lock_contact(db, contact_id), by=agent.id)
        clock.advance(timedelta(minutes=3))
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            assert await take_back(db, [id_], by=agent.id) == []
