"""A reply is taken back before it goes out: nothing of it stays, and its words come back."""

import re
from datetime import timedelta

import pytest

from ismessenger.jobs.worker import Lanes
from ismessenger.kit import clock
from ismessenger.messages.recall import UNDO
from tests.conftest import forget_work
from tests.web.site import NOON, STREAMS, Shop
from tests.web.widget.site import open_site


@pytest.fixture
async def undoing(shop: Shop) -> Shop:
    """The members' replies wait for some seconds."""
    await forget_work(shop.installation)
    await shop.change("UPDATE member SET undo_send = true")
    return shop


async def send(shop: Shop, contact_id: int, text: str = "Hello", **more: object) -> str:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/messages", data={"text": text, **more}, headers=STREAMS)
    assert answer.status_code == 200, answer.text
    return answer.text


async def last(shop: Shop) -> int:
    return int(str(await shop.value("SELECT max(id) FROM message WHERE traffic = 'outgoing'")))


async def undo(shop: Shop, *, expect: int = 200) -> str:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.delete(f"/messages/{await last(shop)}/delivery", headers=STREAMS)
    assert answer.status_code == expect, answer.text
    return answer.text


async def state(shop: Shop) -> list[tuple[object, ...]]:
    """All that a reply changes, but for the growing numbers of rows."""
    contact = await shop.rows(
        "SELECT status, opened_at, assignee_id, last_message_at, last_outgoing_at, last_channel_id, preview, preview_traffic FROM contact"
    )
    conversation = await shop.rows("SELECT to_jsonb(c) - 'xmin' FROM conversation c ORDER BY id")
    events = await shop.rows("SELECT id, kind FROM event ORDER BY id")
    identity = await shop.rows("SELECT last_message_at FROM contact_channel")
    left = await shop.rows(
        "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM delivery), (SELECT count(*) FROM message_status),"
        " (SELECT count(*) FROM attachment), (SELECT jsonb_agg(jsonb_build_array(kind, subject_id, due_at)) FROM wakeup)"
    )
    return [*contact, *conversation, *events, *identity, *left]


async def work(shop: Shop) -> None:
    """What the worker does in one round."""
    lanes = Lanes(shop.installation)
    for lane in lanes.all:
        await lane.sweep()
    await lanes.replies.finish()


@pytest.mark.behaviour(230)
async def test_taking_the_first_answer_back_leaves_everything_as_it_was(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada")
    before = await state(undoing)
    await send(undoing, contact_id)
    assert await state(undoing) != before
    html = await undo(undoing)
    assert await state(undoing) == before
    assert '<turbo-stream action="withdraw" target="message_' in html
    assert '<turbo-stream action="withdraw" target="event_' in html
    assert "Hello</textarea>" in html


@pytest.mark.behaviour(230)
async def test_a_conversation_that_it_opened_is_closed_as_before(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada")
    browser = await undoing.browser(undoing.world.agent)
    await browser.post(f"/conversations/{await undoing.value('SELECT id FROM conversation')}/closure", headers=STREAMS)
    before = await state(undoing)
    await send(undoing, contact_id)
    assert await undoing.value("SELECT count(*) FROM conversation") == 2
    await undo(undoing)
    assert await state(undoing) == before


@pytest.mark.behaviour(230)
async def test_what_happened_meanwhile_stays(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada", at=NOON)
    await send(undoing, contact_id)
    await undoing.wrote("ada", "Are you there?", at=clock.now() + timedelta(seconds=1))
    await undoing.assign(contact_id, undoing.world.owner)
    await undo(undoing)
    rows = await undoing.rows(
        "SELECT c.assignee_id, c.preview, c.preview_traffic, v.waiting_since, v.outgoing_count, v.incoming_count, v.first_response_at"
        " FROM contact c JOIN conversation v ON v.contact_id = c.id"
    )
    # She has waited since her first message, as if nobody had answered.
    assert rows == [(undoing.world.owner.id, "Are you there?", "incoming", NOON, 0, 2, None)]


@pytest.mark.behaviour(230)
async def test_with_a_later_reply_the_contact_stays_mine_and_open(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada")
    await send(undoing, contact_id, "First")
    first = await last(undoing)
    await send(undoing, contact_id, "Second")
    browser = await undoing.browser(undoing.world.agent)
    assert (await browser.delete(f"/messages/{first}/delivery", headers=STREAMS)).status_code == 200
    assert await undoing.rows("SELECT assignee_id, status, preview FROM contact") == [(undoing.world.agent.id, "open", "Second")]
    assert await undoing.value("SELECT outgoing_count FROM conversation") == 1
    await undo(undoing)
    # The card shows what is the last message now, not the one that was taken back first.
    assert await undoing.rows("SELECT preview, last_outgoing_at FROM contact") == [("hello", None)]


@pytest.mark.behaviour(230)
async def test_all_parts_of_a_long_reply_go_together_and_its_words_come_back_whole(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada")
    words = ("A line of it.\n" * 600).strip()
    await send(undoing, contact_id, words)
    assert int(str(await undoing.value("SELECT count(*) FROM message WHERE traffic = 'outgoing'"))) > 1
    html = await undo(undoing)
    assert words in html
    assert await undoing.value("SELECT count(*) FROM message WHERE traffic = 'outgoing'") == 0


async def test_files_and_the_quoted_message_come_back_too(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada", "Do you have it in blue?")
    quoted = await undoing.value("SELECT id FROM message")
    browser = await undoing.browser(undoing.world.agent)
    uploaded = (await browser.post("/uploads", files={"file": ("lamp.txt", b"a lamp", "text/plain")})).json()
    await send(undoing, contact_id, "Like this?", reply_to=quoted, **{"files[]": uploaded["id"]})
    html = await undo(undoing)
    assert re.search(rf'<a href="/uploads/{uploaded["id"]}/file" data-id="{uploaded["id"]}" data-mime="[^"]+">lamp.txt</a>', html)
    assert f'data-reply-to="{quoted}" data-quoted="Do you have it in blue?"' in html
    assert await undoing.value("SELECT count(*) FROM file") == 1


@pytest.mark.behaviour(231)
async def test_it_goes_out_when_the_seconds_are_over_and_is_not_taken_back_then(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada")
    await send(undoing, contact_id)
    lanes = Lanes(undoing.installation)
    assert await lanes.replies.find() == []
    with clock.shifted(UNDO + timedelta(seconds=1)):
        [piece] = await lanes.replies.find()
        await lanes.replies.work(piece)
    assert "This has gone out already." in await undo(undoing, expect=422)
    await lanes.replies.finish()
    assert await undoing.value("SELECT undo FROM delivery") is None
    assert await undoing.value("SELECT count(*) FROM message WHERE traffic = 'outgoing'") == 1


@pytest.mark.behaviour(231)
async def test_nobody_else_takes_it_back(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada")
    await send(undoing, contact_id)
    browser = await undoing.browser(undoing.world.owner)
    answer = await browser.delete(f"/messages/{await last(undoing)}/delivery", headers=STREAMS)
    assert (answer.status_code, "no such message" in answer.text) == (404, True)


async def test_a_message_that_never_waited_is_not_taken_back(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    assert "data-undo" not in await send(shop, contact_id)
    assert "This has gone out already." in await undo(shop, expect=422)


async def test_the_bubble_offers_it_to_whoever_sent_it_while_it_waits(undoing: Shop) -> None:
    contact_id = await undoing.wrote("ada")
    html = await send(undoing, contact_id)
    [(left, by)] = re.findall(r'data-undo-left-value="(\d+)" data-undo-by-value="(\d+)"', html)
    assert 3000 < int(left) <= 5000
    assert int(by) == undoing.world.agent.id
    browser = await undoing.browser(undoing.world.agent)
    assert "data-undo-left-value" in (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    with clock.shifted(UNDO):
        assert "data-undo-left-value" not in (await browser.get(f"/inbox/all/contacts/{contact_id}")).text


async def test_whoever_wants_no_waiting_switches_it_off(undoing: Shop) -> None:
    browser = await undoing.browser(undoing.world.agent)
    assert 'name="undo_send" checked' in " ".join((await browser.get("/account/profile")).text.split())
    assert (await browser.post("/account/sending", data={})).status_code == 303
    assert "data-undo" not in await send(undoing, await undoing.wrote("ada"))
    assert await undoing.rows("SELECT count(*) FROM member WHERE undo_send") == [(2,)]


@pytest.mark.behaviour(231)
async def test_a_visitor_sees_nothing_of_what_can_still_be_taken_back(undoing: Shop) -> None:
    browser = await undoing.browser(undoing.world.agent)
    site = await open_site(undoing.world, browser)
    visitor = await site.visitor()
    await visitor.says("Hello")
    await work(undoing)
    contact_id = int(str(await undoing.value("SELECT contact_id FROM contact_channel")))
    await send(undoing, contact_id, "Not yet")
    assert await visitor.words() == [("visitor", "Hello")]
    await work(undoing)
    assert await visitor.words() == [("visitor", "Hello")]
    with clock.shifted(UNDO):
        await work(undoing)
    assert await visitor.words() == [("visitor", "Hello"), ("agent", "Not yet")]
