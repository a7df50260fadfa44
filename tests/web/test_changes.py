"""What is rendered of a batch of changes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.close import close
from ismessenger.sdk.channel import MessageEdited, MessageReacted, MessageReceived, StatusChanged
from ismessenger.sdk.content import Media, Text
from ismessenger.tenancy.doors import Change
from ismessenger.web.changes import Rendered, render_changes
from tests.web.site import NOON, STREAMS, Shop

Queries = Callable[..., AbstractContextManager[list[str]]]


async def rendered(shop: Shop, *changes: Change) -> list[Rendered]:
    return await render_changes(shop.installation, shop.world.workspace_id, changes)


async def test_a_batch_costs_a_handful_of_statements_however_large(shop: Shop, queries: Queries) -> None:
    for number in range(60):
        await shop.wrote(f"person{number % 20}", f"message {number}")
    agent = await shop.browser(shop.world.agent)
    await agent.post(f"/contacts/{await shop.contact('person1')}/comments", data={"text": "note"}, headers=STREAMS)
    changes: list[Change] = [
        *({"kind": "message", "contact_id": c, "id": m} for m, c in await shop.rows("SELECT id, contact_id FROM message")),
        *({"kind": "event", "contact_id": c, "id": e} for e, c in await shop.rows("SELECT id, contact_id FROM event")),
        *({"kind": "comment", "contact_id": c, "id": n} for n, c in await shop.rows("SELECT id, contact_id FROM comment")),
        *({"kind": "contact", "contact_id": c} for (c,) in await shop.rows("SELECT id FROM contact")),
    ]
    with queries(at_most=12):
        found = await rendered(shop, *changes)
    assert len(found) == 20
    assert sum(each.html.count("<article") for each in found) == 61


async def test_what_was_edited_and_reacted_to_is_shown_anew(shop: Shop) -> None:
    await shop.take(MessageReceived("ada", "e1", Text(text="helo"), NOON))
    await shop.take(MessageEdited("ada", "e1", Text(text="hello"), NOON + timedelta(minutes=1)), MessageReacted("ada", "e1", "❤️", NOON))
    message_id, contact_id = (await shop.rows("SELECT id, contact_id FROM message"))[0]
    (one,) = await rendered(shop, {"kind": "message", "contact_id": contact_id, "id": message_id})
    assert "hello" in one.html
    assert "helo" not in one.html.split("card_")[0]
    assert "❤️" in one.html
    assert 'title="Edited"' in one.html


async def test_a_status_renews_the_message_and_its_card(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    agent = await shop.browser(shop.world.agent)
    await agent.post(f"/contacts/{contact_id}/messages", data={"text": "Hi"}, headers=STREAMS)
    message_id = await shop.value("SELECT id FROM message WHERE traffic = 'outgoing'")
    await shop.change("UPDATE message SET external_id = 'x1', status = 'sent' WHERE id = :id", id=message_id)
    await shop.take(StatusChanged("failed", NOON, external_id="x1", reason="The number is not in use."))
    (one,) = await rendered(shop, {"kind": "status", "contact_id": contact_id, "id": message_id})
    assert "The number is not in use." in one.html
    assert "Not sent" in one.html[one.html.index("card_") :]
    assert "header_" not in one.html


async def test_a_file_that_comes_later_takes_the_place_of_the_waiting_one(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", Media(kind="image", url="https://cdn.example/a.png"))
    message_id = await shop.value("SELECT id FROM message")
    change: Change = {"kind": "message", "contact_id": contact_id, "id": message_id}
    (waiting,) = await rendered(shop, change)
    assert "Fetching the photo" in waiting.html
    await shop.change("UPDATE attachment SET state = 'stored', path = 'w/1/x', file_name = 'a b.png', mime = 'image/png', size = 10")
    (come,) = await rendered(shop, change)
    assert f'src="/attachments/{await shop.value("SELECT id FROM attachment")}/a%20b.png"' in come.html
    await shop.change("UPDATE attachment SET state = 'failed', reason = 'The address is private.'")
    (failed,) = await rendered(shop, change)
    assert "The address is private." in failed.html


async def test_closing_renews_header_panel_and_card(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await close(db, await lock_contact(db, contact_id), by=shop.world.agent.id, category="Order", summary="Sent on Monday")
        changes = list(db.changes)
    (one,) = await rendered(shop, *changes)
    for words in ("header_", f'target="contact_{contact_id}"', "Conversation closed", "Order: Sent on Monday", 'data-status="closed"'):
        assert words in one.html


async def test_a_later_rendering_has_a_later_version(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    change: Change = {"kind": "contact", "contact_id": contact_id}
    versions = []
    for _time in range(3):
        (one,) = await rendered(shop, change)
        versions.append(int(one.html.split('data-version="')[1].split('"')[0]))
    assert versions == sorted(set(versions))


async def test_what_is_gone_and_what_is_no_business_of_a_page_is_left_out(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    assert await rendered(shop) == []
    assert await rendered(shop, {"kind": "message", "contact_id": 999_999, "id": 1}) == []
    assert await rendered(shop, {"kind": "typing", "contact_id": contact_id}, {"kind": "signed_out", "contact_id": 0, "session": "x"}) == []
    (one,) = await rendered(shop, {"kind": "message", "contact_id": contact_id, "id": 999_999})
    assert "insert" not in one.html


async def test_it_is_told_whose_the_contact_was(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.assign(contact_id, shop.world.owner)
    changes: list[Change] = [
        {"kind": "contact", "contact_id": contact_id, "was_assignee": None},
        {"kind": "contact", "contact_id": contact_id, "was_assignee": shop.world.agent.id},
    ]
    (one,) = await rendered(shop, *changes)
    assert one.assignee_id == shop.world.owner.id
    assert one.was_assignees == {None, shop.world.agent.id}
    assert one.gone_html == f'<turbo-stream action="remove" target="card_{contact_id}"></turbo-stream>'
