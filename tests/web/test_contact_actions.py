"""What members do with a contact, by the pages' own requests."""

import asyncio

import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from tests.web.site import NOON, STREAMS, Shop, new_browser


async def write(shop: Shop, contact_id: int, text: str, **more: object) -> str:
    """The agent replies; returns the streams of the answer."""
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/messages", data={"text": text, **more}, headers=STREAMS)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.behaviour(4)
async def test_the_first_human_reply_assigns_the_contact(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    html = await write(shop, contact_id, "Hello Ada")
    assert await shop.value("SELECT assignee_id FROM contact") == shop.world.agent.id
    assert f"Assigned to {shop.world.agent.name}" in html
    assert f'<turbo-stream action="refit" target="header_{contact_id}">' in html


@pytest.mark.behaviour(14)
async def test_a_reply_by_somebody_else_keeps_the_assignee(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.assign(contact_id, shop.world.owner)
    await write(shop, contact_id, "Hello Ada")
    assert await shop.value("SELECT assignee_id FROM contact") == shop.world.owner.id


async def test_a_reply_to_a_closed_contact_opens_a_conversation(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/conversations/{await shop.value('SELECT id FROM conversation')}/closure", headers=STREAMS)
    html = await write(shop, contact_id, "One more thing")
    assert "Conversation opened" in html
    assert await shop.rows("SELECT opened_source, closed_at IS NULL FROM conversation ORDER BY id") == [("contact", False), ("user", True)]


@pytest.mark.behaviour(6)
async def test_a_blocked_contact_can_be_neither_written_to_nor_opened_nor_closed(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    conversation_id = await shop.value("SELECT id FROM conversation")
    await shop.change("UPDATE contact SET blocked_at = now()")
    browser = await shop.browser(shop.world.agent)
    answers = [
        await browser.post(f"/contacts/{contact_id}/messages", data={"text": "hi"}, headers=STREAMS),
        await browser.post(f"/contacts/{contact_id}/conversation", headers=STREAMS),
        await browser.post(f"/conversations/{conversation_id}/closure", headers=STREAMS),
    ]
    assert [answer.status_code for answer in answers] == [422, 409, 409]
    assert all("blocked" in answer.text for answer in answers)
    assert await shop.rows("SELECT closed_at IS NULL, (SELECT count(*) FROM message WHERE traffic = 'outgoing') FROM conversation") == [
        (True, 0)
    ]


async def test_the_answer_names_the_message_as_the_browser_did(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    html = await write(shop, contact_id, "Hello", client_id="c-1")
    assert 'data-client-id="c-1"' in html
    assert f'<turbo-stream action="insert" target="timeline_{contact_id}">' in html


async def test_a_repeated_request_is_one_message_and_shows_it_again(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    answers = await asyncio.gather(*(write(shop, contact_id, "Hello", client_id="c-1") for _time in range(3)))
    assert await shop.value("SELECT count(*) FROM message WHERE traffic = 'outgoing'") == 1
    assert await shop.value("SELECT count(*) FROM delivery") == 1
    assert all('data-client-id="c-1"' in html for html in answers)


async def test_a_client_id_that_another_contact_has_is_a_conflict(shop: Shop) -> None:
    ada, bo = await shop.wrote("ada"), await shop.wrote("bo")
    await write(shop, ada, "for Ada", client_id="same")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{bo}/messages", data={"text": "for Bo", "client_id": "same"}, headers=STREAMS)
    assert answer.status_code == 409
    await browser.post(f"/contacts/{ada}/comments", data={"text": "about Ada", "client_id": "note"}, headers=STREAMS)
    answer = await browser.post(f"/contacts/{bo}/comments", data={"text": "about Bo", "client_id": "note"}, headers=STREAMS)
    assert answer.status_code == 409
    assert "about Ada" not in answer.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Write something first."),
        ({"text": "x", "channel_id": "999999"}, "no channel"),
        ({"text": "x", "channel_id": "abc"}, "channel_id"),
        ({"text": "x", "files[]": "999999"}, "Attach it again"),
        ({"text": "x", "client_id": "no spaces please"}, "client_id"),
        ({"text": "x" * 300_000}, "too long"),
    ],
)
async def test_what_cannot_be_sent_says_why_and_changes_nothing(shop: Shop, fields: dict[str, str], words: str) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/messages", data=fields, headers=STREAMS)
    assert answer.status_code == 422
    assert words in answer.text
    assert await shop.rows("SELECT count(*), (SELECT assignee_id FROM contact) FROM message WHERE traffic = 'outgoing'") == [(0, None)]


async def test_a_message_may_answer_another_one(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "Which colour?")
    html = await write(shop, contact_id, "Teal", reply_to=str(await shop.value("SELECT id FROM message")))
    assert 'class="quote"' in html
    assert "Which colour?" in html


async def test_a_comment_is_seen_by_members_and_sent_to_nobody(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/comments", data={"text": "be generous", "client_id": "n1"}, headers=STREAMS)
    assert answer.status_code == 200
    assert "be generous" in answer.text
    assert await shop.rows("SELECT text, author_id, (SELECT count(*) FROM delivery) FROM comment") == [
        ("be generous", shop.world.agent.id, 0)
    ]
    again = await browser.post(f"/contacts/{contact_id}/comments", data={"text": "be generous", "client_id": "n1"}, headers=STREAMS)
    assert "be generous" in again.text
    assert await shop.value("SELECT count(*) FROM comment") == 1
    too_long = await browser.post(f"/contacts/{contact_id}/comments", data={"text": "x" * 1001}, headers=STREAMS)
    assert too_long.status_code == 422


async def test_assigning_and_taking_the_assignment_away(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/assignment", data={"assignee_id": str(shop.world.owner.id)}, headers=STREAMS)
    assert f'data-assignee-id="{shop.world.owner.id}"' in answer.text
    await browser.post(f"/contacts/{contact_id}/assignment", data={"assignee_id": ""}, headers=STREAMS)
    assert await shop.value("SELECT assignee_id FROM contact") is None
    kinds = await shop.rows("SELECT kind, actor_id FROM event WHERE kind LIKE 'contact.%assigned' ORDER BY id")
    assert kinds == [("contact.assigned", shop.world.agent.id), ("contact.unassigned", shop.world.agent.id)]


async def test_nobody_is_assigned_who_does_not_work_here(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.change("UPDATE member SET removed_at = now() WHERE id = :id", id=shop.world.manager.id)
    browser = await shop.browser(shop.world.agent)
    for somebody in (shop.world.manager.id, 999_999):
        answer = await browser.post(f"/contacts/{contact_id}/assignment", data={"assignee_id": str(somebody)}, headers=STREAMS)
        assert answer.status_code == 404
    assert await shop.value("SELECT assignee_id FROM contact") is None


async def test_whoever_may_see_only_their_own_loses_sight_of_what_they_hand_over(shop: Shop) -> None:
    agent = shop.world.agent
    contact_id = await shop.wrote("ada", "private words")
    await shop.assign(contact_id, agent)
    await shop.restrict(agent, ONLY_MINE)
    browser = await shop.browser(agent)
    answer = await browser.post(f"/contacts/{contact_id}/assignment", data={"assignee_id": str(shop.world.owner.id)}, headers=STREAMS)
    assert answer.text.startswith(f'<turbo-stream action="remove" target="card_{contact_id}"></turbo-stream>')
    # They could not take it back: nothing says that they can.
    assert "private words" not in answer.text
    assert "Undo" not in answer.text
    assert (await browser.post(f"/contacts/{contact_id}/messages", data={"text": "x"}, headers=STREAMS)).status_code == 404


async def test_closing_and_opening_again(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    conversation_id = await shop.value("SELECT id FROM conversation")
    browser = await shop.browser(shop.world.agent)
    closed = await browser.post(f"/conversations/{conversation_id}/closure", headers=STREAMS)
    assert "Conversation with Ada closed" in closed.text
    assert "Undo" in closed.text
    assert await shop.rows("SELECT closed_by_id, closed_source, (SELECT status FROM contact) FROM conversation") == [
        (shop.world.agent.id, "user", "closed")
    ]
    other = await shop.browser(shop.world.manager)
    await other.post(f"/conversations/{conversation_id}/closure", data={"_method": "delete"}, headers=STREAMS)
    assert await shop.value("SELECT status FROM contact") == "open"
    assert await shop.value("SELECT count(*) FROM conversation WHERE contact_id = :id", id=contact_id) == 2


async def test_closing_an_old_conversation_leaves_the_new_one_open(shop: Shop) -> None:
    await shop.wrote("ada")
    old = await shop.value("SELECT id FROM conversation")
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/conversations/{old}/closure", headers=STREAMS)
    await shop.wrote("ada", "again")
    assert (await browser.post(f"/conversations/{old}/closure", headers=STREAMS)).status_code == 200
    assert await shop.value("SELECT status FROM contact") == "open"


@pytest.mark.behaviour(1)
async def test_opening_twice_at_once_opens_one(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/conversations/{await shop.value('SELECT id FROM conversation')}/closure", headers=STREAMS)
    answers = await asyncio.gather(*(browser.post(f"/contacts/{contact_id}/conversation", headers=STREAMS) for _time in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert await shop.value("SELECT count(*) FROM conversation WHERE closed_at IS NULL") == 1


async def test_reading_goes_forward_only_and_never_past_what_there_is(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    first = await shop.value("SELECT max(id) FROM message")
    await shop.wrote("ada", "more")
    second = await shop.value("SELECT max(id) FROM message")
    browser = await shop.browser(shop.world.agent)
    for asked, kept in ((first, first), (10**15, second), (first, second)):
        await browser.post(f"/contacts/{contact_id}/read", data={"message_id": str(asked)})
        assert await shop.rows("SELECT member_id, message_id FROM read_mark") == [(shop.world.agent.id, kept)]


async def test_a_failed_message_is_sent_again(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await write(shop, contact_id, "Hello")
    message_id = await shop.value("SELECT id FROM message WHERE traffic = 'outgoing'")
    await shop.change("UPDATE message SET status = 'failed', status_reason = 'The bot was blocked.' WHERE id = :id", id=message_id)
    await shop.change("UPDATE delivery SET state = 'failed'")
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    assert "The bot was blocked." in page
    assert f'action="/messages/{message_id}/attempts"' in page
    answer = await browser.post(f"/messages/{message_id}/attempts", headers=STREAMS)
    assert "Waiting to be sent" in answer.text
    assert await shop.rows("SELECT state, attempt FROM delivery") == [("due", 0)]
    assert (await browser.post(f"/messages/{message_id}/attempts", headers=STREAMS)).status_code == 422


async def test_without_turbo_the_answer_leads_to_the_thread(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{contact_id}/messages", data={"text": "hi"}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/inbox/all/contacts/{contact_id}")


async def test_nobody_acts_without_being_signed_in_or_from_another_site(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    stranger = new_browser(shop.app)
    assert (await stranger.post(f"/contacts/{contact_id}/messages", data={"text": "hi"}, headers=STREAMS)).status_code == 401
    browser = await shop.browser(shop.world.agent)
    foreign = {**STREAMS, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert (await browser.post(f"/contacts/{contact_id}/messages", data={"text": "hi"}, headers=foreign)).status_code == 403
    assert await shop.value("SELECT count(*) FROM message WHERE traffic = 'outgoing'") == 0


async def test_a_closed_window_closes_the_composer_and_the_server_alike(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", at=NOON)
    await shop.change("UPDATE channel SET kind = 'messenger', config = '{\"page_id\": \"1\"}'")
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    assert "The messaging window has closed." in page
    assert 'name="tag"' in page
