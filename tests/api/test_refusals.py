"""What callers get wrong: every refusal is one sentence that says where, and none is a fault of ours."""

import asyncio
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from ismessenger.contacts.model import Contact
from ismessenger.messages.receive import receive
from tests.api.conftest import Api
from tests.api.test_v2 import conversation
from tests.messages.test_receive import wrote

MANY_DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "The body: an object is wanted."),
        ({}, "message: this is missing."),
        ({"message": None}, "message: an object is wanted."),
        ({"message": {}}, "message: its type is missing."),
        ({"message": {"type": "x"}}, "message: its type is one of 'text', 'attachment', 'quick_reply', 'location', 'custom_payload'."),
        ({"message": {"type": "text"}}, "message.text: this is missing."),
        ({"message": {"type": "text", "text": ""}}, "message.text: a text of at least 1 character is wanted."),
        ({"message": {"type": "text", "text": 5}}, "message.text: a text is wanted."),
        ({"message": {"type": "text", "text": "x" * 10_001}}, "message.text: a text has at most 10000 characters here."),
        (
            {"message": {"type": "attachment", "attachment": {"type": "gif", "url": "https://x/y"}}},
            "message.attachment.type: this is none of ",
        ),
        ({"message": {"type": "attachment", "attachment": {"type": "image", "url": "ftp://x/y"}}}, "message.attachment.url: an address "),
        ({"message": {"type": "quick_reply", "title": "?", "replies": []}}, "message.replies: a list of at least 1 is wanted."),
        ({"message": {"type": "quick_reply", "title": "?", "replies": ["a"] * 11}}, "message.replies: a list of at most 10 is wanted."),
        ({"message": {"type": "quick_reply", "title": "?", "replies": [""]}}, "message.replies.0: a text of at least 1 "),
        ({"message": {"type": "location", "latitude": 91, "longitude": 0}}, "message.latitude: a number of at most 90"),
        ({"message": {"type": "custom_payload", "payload": []}}, "message.payload: an object is wanted."),
        ({"channelId": "x", "message": {"type": "text", "text": "hi"}}, "channelId: a whole number is wanted."),
        ({"channelId": True, "message": {"type": "text", "text": "hi"}}, "channelId: a whole number is wanted."),
    ],
)
async def test_a_body_is_refused_in_a_sentence_that_names_the_place(api: Api, body: object, words: str) -> None:
    id_ = await conversation(api)
    answer = await api.http.post(f"/contact/id:{id_}/message", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(words)


@pytest.mark.parametrize("assignee", [True, 0, 1.5, [], {}, 2**70])
async def test_what_names_no_assignee_is_refused(api: Api, assignee: object) -> None:
    id_ = await conversation(api)
    answer = await api.http.post(f"/contact/id:{id_}/conversation/assignee", json={"assignee": assignee})
    assert (answer.status_code, answer.json()["message"]) == (400, "assignee: the id or the e-mail address of a user, or null, is wanted.")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/contact/id:{MANY_DIGITS}", 400),
        (f"/contact/id:1/message/{MANY_DIGITS}", 404),
        (f"/contact/id:1/message/list?cursorId={MANY_DIGITS}", 400),
    ],
)
async def test_a_number_too_long_to_be_one_is_no_fault_of_ours(api: Api, path: str, status: int) -> None:
    assert (await api.http.get(path)).status_code == status


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b'{"a": ' * 300 + b"1" + b"}" * 300, "nested too deeply"),
        (b'{"a": 1e400}', "1e400 is larger than"),
        (b'{"a": ' + MANY_DIGITS.encode() + b"}", "a number has 5000 digits"),
    ],
)
async def test_json_that_cannot_be_kept_as_it_is_is_refused(api: Api, payload: bytes, words: str) -> None:
    id_ = await conversation(api)
    body = b'{"message": {"type": "custom_payload", "payload": ' + payload + b"}}"
    answer = await api.http.post(f"/contact/id:{id_}/message", content=body)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


async def test_an_idempotency_key_is_of_one_contact_and_never_cut(api: Api) -> None:
    first = await conversation(api)
    channel = (await api.http.get(f"/contact/id:{first}/channels")).json()["items"][0]["id"]
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        await receive(db, channel, [wrote("bo", "m2", "Hello")])
    second = (await api.http.post("/contact/list", json={})).json()["items"][1]["id"]
    body = {"message": {"type": "text", "text": "your order"}}

    async def sent(contact: int, key: str) -> tuple[int, Mapping[str, object]]:
        answer = await api.http.post(f"/contact/id:{contact}/message", json=body, headers={"Idempotency-Key": key})
        return answer.status_code, answer.json()

    status, once = await sent(first, "order-7")
    assert (status, await sent(first, "order-7")) == (200, (200, once))
    status, other = await sent(second, "order-7")
    assert (status, other["messageId"] != once["messageId"]) == (200, True)
    assert (await sent(first, "k" * 256))[0] == 400


async def test_two_spellings_of_a_phone_number_wait_for_each_other(api: Api) -> None:
    workspace = api.world.workspace_id
    alone = text("SELECT pg_advisory_xact_lock(hashtextextended('phone:+60199990077', :workspace))")
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with api.world.installation.tenancy.workspace(workspace) as db:
        await db.execute(alone, {"workspace": workspace})
        db.add(Contact(first_name="Twin", phone="+60199990077"))
        await db.flush()
        call = asyncio.create_task(api.http.post("/contact/phone:+60 19-999 00 77", json={"firstName": "Twin"}))
        while not call.done() and not (await db.execute(waiting)).scalar_one():
            await asyncio.wait({call}, timeout=0.01)
        assert not call.done()
    assert (await call).status_code == 409


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([1], "filter, condition 1: A condition is an object with a category and an operator."),
        ([{"category": "contactTag"}], "filter, condition 1: A condition needs a category and an operator."),
        ([{"category": "contactTag", "operator": "exists", "colour": 1}], "filter, condition 1: “colour” is no part of a condition."),
        (
            [{"category": "assignee", "operator": "exists"}, {"$or": [{"$and": []}, {"category": "assignee", "operator": "isEqualTo"}]}],
            "filter, condition 2: A condition: isEqualTo takes one value.",
        ),
        (
            [{"category": "assignee", "operator": "exists"}, {"$or": [{"category": "contactTag", "operator": "hasAnyOf", "value": ["x"]}]}],
            "filter, condition 2: There is no tag called x.",
        ),
        (
            [{"category": "assignee", "operator": "exists"}, {"category": "conversationStatus", "operator": "isEqualTo", "value": "done"}],
            "filter, condition 2: A status of this condition is none of open, closed, snoozed and blocked.",
        ),
        ([{"$not": []}], "filter, condition 1: A condition"),
    ],
)
async def test_a_filter_is_refused_with_the_number_of_the_condition(api: Api, items: list[object], words: str) -> None:
    answer = await api.http.post("/contact/list", json={"filter": {"$and": items}})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(words)
