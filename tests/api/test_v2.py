"""The developer API as clients of such products know it."""

import asyncio

import pytest
from sqlalchemy import text

from ismessenger.channels.connect import connect
from ismessenger.contacts.lifecycle import enable_lifecycle
from ismessenger.contacts.model import Contact
from ismessenger.messages.receive import receive
from ismessenger.sdk.channel import MessageEchoed
from ismessenger.sdk.content import Text
from tests.api.conftest import Api
from tests.conftest import make_world
from tests.messages.test_receive import NOON, wrote


async def people(api: Api, *names: str) -> list[int]:
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        rows = [Contact(first_name=name, phone=f"+4930{index:06}", email=f"{name.lower()}@example.com") for index, name in enumerate(names)]
        db.add_all(rows)
        await db.flush()
        return [row.id for row in rows]


async def conversation(api: Api) -> int:
    """A contact that wrote on a custom channel; its id."""
    values = {"id_type": "custom", "api_base_url": "https://integration.example"}
    channel = await connect(api.world.installation, api.world.workspace_id, "custom_channel", name="c", values=values)
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        await receive(db, channel.channel_id, [wrote("ada", "m1", "Hello")])
        return int((await db.execute(text("SELECT id FROM contact"))).scalar_one())


@pytest.mark.behaviour(49)
async def test_a_contact_is_named_by_id_email_or_phone(api: Api) -> None:
    (id_,) = await people(api, "Ada")
    for identifier in (f"id:{id_}", "email:ADA@example.com", "phone:+4930000000", "phone:%2B49%2030%20000000"):
        answer = await api.http.get(f"/contact/{identifier}")
        assert answer.status_code == 200, identifier
        assert answer.json()["firstName"] == "Ada"


@pytest.mark.parametrize("identifier", ["7", "name:Ada", "id:", "id:x", "id:99999999999999999999", "id:-1"])
async def test_other_names_are_refused_in_words(api: Api, identifier: str) -> None:
    answer = await api.http.get(f"/contact/{identifier}")
    assert answer.status_code == 400
    assert "phone:" in answer.json()["message"]


async def test_a_contact_of_another_workspace_is_not_found(api: Api) -> None:
    other = await make_world(api.world.installation)
    async with other.installation.tenancy.workspace(other.workspace_id) as db:
        stranger = Contact(first_name="Eve")
        db.add(stranger)
        await db.flush()
    for call in (api.http.get(f"/contact/id:{stranger.id}"), api.http.get(f"/contact/id:{stranger.id}/message/list")):
        answer = await call
        assert (answer.status_code, answer.json()) == (404, {"code": 404, "message": "Contact not found"})


async def test_a_wrong_token_gets_401(api: Api) -> None:
    for token in ("", "Bearer", "Bearer ism_wrong", "Basic abc"):
        answer = await api.http.get("/contact/id:1", headers={"Authorization": token})
        assert answer.status_code == 401
        assert answer.json()["code"] == 401


@pytest.mark.behaviour(48)
@pytest.mark.usefixtures("dry_buckets")
async def test_the_sixth_call_within_a_second_is_told_when_to_come_back(api: Api) -> None:
    (id_,) = await people(api, "Ada")
    answers = await asyncio.gather(*(api.http.get(f"/contact/id:{id_}") for _ in range(40)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert sum(answer.status_code == 200 for answer in answers) == 5
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"5"}
    assert max(int(answer.headers["X-RateLimit-Remaining"]) for answer in answers) == 4
    missing = await api.http.get("/contact/id:999999999/channels")
    assert (missing.status_code, missing.headers["X-RateLimit-Remaining"]) == (404, "4")
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert refused[0].json()["code"] == 429


@pytest.mark.behaviour(51)
async def test_lists_go_forth_and_back(api: Api) -> None:
    ids = await people(api, *[f"P{number}" for number in range(7)])
    first = (await api.http.post("/contact/list?limit=3", json={"search": "", "filter": {"$and": []}})).json()
    assert [item["id"] for item in first["items"]] == ids[:3]
    assert first["pagination"]["previous"] is None
    second = (await api.http.post(first["pagination"]["next"], json={})).json()
    assert [item["id"] for item in second["items"]] == ids[3:6]
    third = (await api.http.post(second["pagination"]["next"], json={})).json()
    assert [item["id"] for item in third["items"]] == ids[6:]
    assert third["pagination"]["next"] is None
    back = (await api.http.post(third["pagination"]["previous"], json={})).json()
    assert [item["id"] for item in back["items"]] == ids[3:6]


@pytest.mark.behaviour(51)
async def test_a_list_has_ten_items_unless_asked_and_at_most_a_hundred(api: Api) -> None:
    await people(api, *[f"P{number}" for number in range(12)])
    assert len((await api.http.post("/contact/list", json={})).json()["items"]) == 10
    for wrong in ("0", "101", "x", "-1"):
        assert (await api.http.post(f"/contact/list?limit={wrong}", json={})).status_code == 400


async def test_search_takes_wildcards_literally(api: Api) -> None:
    await people(api, "A_a", "Aba")
    found = (await api.http.post("/contact/list", json={"search": "a_a"})).json()["items"]
    assert [item["firstName"] for item in found] == ["A_a"]


async def test_a_message_is_sent_shown_and_listed_newest_first(api: Api) -> None:
    id_ = await conversation(api)
    sent = await api.http.post(f"/contact/id:{id_}/message", json={"channelId": None, "message": {"type": "text", "text": "Hi Ada"}})
    assert sent.status_code == 200
    message_id = sent.json()["messageId"]
    shown = (await api.http.get(f"/contact/id:{id_}/message/{message_id}")).json()
    assert (shown["traffic"], shown["message"]) == ("outgoing", {"type": "text", "text": "Hi Ada"})
    assert [status["value"] for status in shown["status"]][:1] == ["pending"]
    listed = (await api.http.get(f"/contact/id:{id_}/message/list")).json()["items"]
    assert [item["message"]["text"] for item in listed] == ["Hi Ada", "Hello"]


@pytest.mark.behaviour(410)
async def test_what_was_sent_from_the_channel_s_own_application_is_shown_as_sent(api: Api) -> None:
    id_ = await conversation(api)
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        channel_id = (await db.execute(text("SELECT id FROM channel"))).scalar_one()
        await receive(db, channel_id, [MessageEchoed("ada", "m2", Text(text="from the phone"), NOON)])
    echoed, incoming = (await api.http.get(f"/contact/id:{id_}/message/list")).json()["items"]
    assert (echoed["source"], [status["value"] for status in echoed["status"]]) == ("echo", ["sent"])
    assert (incoming["traffic"], incoming["status"]) == ("incoming", [])


async def test_a_repeated_idempotency_key_is_one_message(api: Api) -> None:
    id_ = await conversation(api)
    body = {"message": {"type": "text", "text": "once"}}
    answers = [await api.http.post(f"/contact/id:{id_}/message", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": {"type": "text"}},
        {"message": {"type": "text", "text": ""}},
        {"message": {"type": "text", "text": "x" * 10_001}},
        {"message": {"type": "nonsense", "text": "x"}},
        {"channelId": "x", "message": {"type": "text", "text": "x"}},
        {"channelId": 2**70, "message": {"type": "text", "text": "x"}},
        {"channelId": 999_999_999, "message": {"type": "text", "text": "x"}},
        {"message": {"type": "attachment", "attachment": {"type": "image", "url": "file:///etc/passwd"}}},
        {"message": {"type": "quick_reply", "title": "?", "replies": [str(number) for number in range(11)]}},
        [],
        "text",
    ],
)
async def test_a_bad_message_is_refused_in_words(api: Api, body: object) -> None:
    id_ = await conversation(api)
    answer = await api.http.post(f"/contact/id:{id_}/message", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.behaviour(52)
async def test_assignee_by_id_or_email_and_null_unassigns(api: Api) -> None:
    id_ = await conversation(api)
    agent = api.world.agent
    for given, expected in ((agent.id, agent.id), (None, None), (agent.email, agent.id)):
        answer = await api.http.post(f"/contact/id:{id_}/conversation/assignee", json={"assignee": given})
        assert answer.status_code == 200
        assignee = (await api.http.get(f"/contact/id:{id_}")).json()["assignee"]
        assert (assignee or {}).get("id") == expected
    assert (await api.http.post(f"/contact/id:{id_}/conversation/assignee", json={"assignee": "nobody@x.y"})).status_code == 404


@pytest.mark.behaviour(1)
async def test_close_with_a_note_and_open_again(api: Api) -> None:
    id_ = await conversation(api)
    for status in ("close", "open", "open"):
        body = {"status": status, "category": "Delivery", "summary": "Late"}
        assert (await api.http.post(f"/contact/id:{id_}/conversation/status", json=body)).status_code == 200
    async with api.world.installation.tenancy.reading(api.world.workspace_id) as db:
        rows = (await db.execute(text("SELECT category, closed_source, opened_source FROM conversation ORDER BY id"))).all()
    assert [tuple(row) for row in rows] == [("Delivery", "api", "contact"), (None, None, "api")]


async def test_a_contact_is_created_once(api: Api) -> None:
    answer = await api.http.post("/contact/phone:+60123456789", json={"firstName": "Ann"})
    assert answer.status_code == 200
    assert (await api.http.get("/contact/phone:+60123456789")).json()["countryCode"] == "MY"
    assert (await api.http.post("/contact/phone:+60123456789", json={"firstName": "Ann"})).status_code == 409
    assert (await api.http.post("/contact/email:a@b.co", json={})).status_code == 400
    wrong = await api.http.post("/contact/email:a@b.co", json={"firstName": "Ann", "phone": "12"})
    assert wrong.status_code == 400
    assert "12 is no phone number" in wrong.json()["message"]


@pytest.mark.behaviour(21)
async def test_of_two_requests_for_the_same_new_contact_at_once_one_is_told_that_it_exists(api: Api) -> None:
    answers = await asyncio.gather(*(api.http.post("/contact/email:ann@b.co", json={"firstName": "Ann"}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


@pytest.mark.behaviour(25)
async def test_a_contact_made_through_the_api_begins_in_the_default_stage_and_says_so(api: Api) -> None:
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
    made = (await api.http.post("/contact/email:ann@b.co", json={"firstName": "Ann"})).json()["contactId"]
    async with api.world.installation.tenancy.reading(api.world.workspace_id) as db:
        stage = text("SELECT s.name FROM contact c JOIN lifecycle_stage s ON s.id = c.lifecycle_id WHERE c.id = :id")
        assert (await db.execute(stage, {"id": made})).scalar_one() == "New Lead"
        told = text("SELECT kind, actor_kind FROM event WHERE contact_id = :id")
        assert [tuple(row) for row in (await db.execute(told, {"id": made})).all()] == [("contact.created", "api")]


async def test_broken_json_is_a_400(api: Api) -> None:
    for content in (b"{", b"\xff", b"[" * 100_000, b'{"search": "\\ud800"}'):
        answer = await api.http.post("/contact/list", content=content)
        assert answer.status_code in {200, 400}
        assert answer.status_code == 200 or answer.json()["code"] == 400
