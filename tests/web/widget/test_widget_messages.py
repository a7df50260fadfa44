"""Writing and reading: what a visitor posts arrives once, and each visitor sees its own conversation only."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ismessenger.sdk.content import CustomPayload, QuickReplies, QuickReply, Template
from tests.conftest import World
from tests.web.widget.site import ORIGIN, Site, open_site

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


async def test_a_message_opens_a_conversation_and_fills_the_contact(site: Site) -> None:
    visitor = await site.visitor()
    profile = {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+442079460000"}
    assert (await visitor.says("Is it in stock?", profile=profile)).json() == {"accepted": True}
    await site.settle()
    assert await site.rows("SELECT first_name, last_name, email, phone, status FROM contact") == [
        ("Ada", "Lovelace", "ada@example.com", "+442079460000", "open")
    ]
    assert await visitor.words() == [("visitor", "Is it in stock?")]


async def test_the_form_alone_makes_a_contact_and_opens_nothing(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("messages", {"type": "profile", "profile": {"name": "Bo"}})
    await site.settle()
    assert await site.rows("SELECT first_name, status FROM contact") == [("Bo", "closed")]


async def test_a_repeated_post_is_one_message_and_comes_back_under_its_id(site: Site) -> None:
    visitor = await site.visitor()
    for _ in range(3):
        assert (await visitor.says("Hello", id_="the-same-id")).status_code == 200
    await site.settle()
    page = await visitor.history()
    assert [(message["client_id"], message["content"]["text"]) for message in page["messages"]] == [("the-same-id", "Hello")]


async def test_visitors_see_their_own_conversation_only(site: Site) -> None:
    ada, bo = await site.visitor(), await site.visitor()
    await ada.says("I am Ada", id_="the-same-id")
    await site.settle()
    await site.answer("Hello Ada")
    await bo.says("I am Bo", id_="the-same-id")
    await site.settle()
    await site.answer("Hello Bo")
    assert await ada.words() == [("visitor", "I am Ada"), ("agent", "Hello Ada")]
    assert await bo.words() == [("visitor", "I am Bo"), ("agent", "Hello Bo")]


async def test_the_other_channels_of_the_same_person_are_not_shown(world: World, site: Site) -> None:
    elsewhere = await open_site(world, site.http)
    here, there = await site.visitor(identity=site.identity("42")), await elsewhere.visitor(identity=elsewhere.identity("42"))
    await here.says("On this website")
    await there.says("On the other website")
    await site.settle()
    assert await here.words() == [("visitor", "On this website")]


async def test_an_answer_names_the_agent_and_carries_its_choices(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.says("Hello")
    await site.settle()
    await site.answer(QuickReplies(title="Which size?", replies=[QuickReply(title="S", payload="s"), QuickReply(title="M")]))
    answer = (await visitor.history())["messages"][-1]
    assert (answer["from"], answer["name"], answer["status"]) == ("agent", site.world.agent.name, "sent")
    assert answer["content"]["replies"] == [{"title": "S", "payload": "s"}, {"title": "M"}]


@pytest.mark.parametrize("content", [CustomPayload(payload={"secret": "inside"}), Template(name="internal", language="en")])
async def test_what_says_nothing_to_a_person_stays_inside(site: Site, content: Any) -> None:
    visitor = await site.visitor()
    await visitor.says("Hello")
    await site.settle()
    await site.answer("Hello")
    async with site.world.installation.tenancy.workspace(site.world.workspace_id) as db:
        await db.execute(
            text("UPDATE message SET body = CAST(:body AS jsonb) WHERE traffic = 'outgoing'"), {"body": content.model_dump_json()}
        )
    assert (await visitor.history())["messages"][-1]["content"] == {"type": content.type}


async def test_reading_marks_the_answers_as_read(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.says("Hello")
    await site.settle()
    await site.answer("One")
    await site.answer("Two")
    shown = (await visitor.history())["messages"]
    await visitor.post("read", {"type": "read", "up_to": shown[1]["at"]})
    await site.settle()
    assert [message["status"] for message in (await visitor.history())["messages"]] == ["sent", "read", "sent"]
    await visitor.post("read", {"type": "delivered", "up_to": shown[2]["at"]})
    await site.settle()
    assert [message["status"] for message in (await visitor.history())["messages"]] == ["sent", "read", "delivered"]


async def test_a_receipt_covers_the_visitors_own_messages_only(site: Site) -> None:
    ada, bo = await site.visitor(), await site.visitor()
    await ada.says("Hello")
    await site.settle()
    await site.answer("Hello Ada")
    await bo.says("Hello")
    await site.settle()
    await bo.post("read", {"type": "read", "up_to": "2999-01-01T00:00:00Z"})
    await site.settle()
    assert (await ada.history())["messages"][-1]["status"] == "sent"


async def test_a_long_history_comes_in_pages(site: Site) -> None:
    visitor = await site.visitor(identity=site.identity("ada"))
    await site.store([{"visitor": "user:ada", "type": "message", "id": f"number-{number:04}", "text": str(number)} for number in range(65)])
    await site.settle()
    seen: list[str] = []
    before: str | None = None
    for expected in (30, 30, 5):
        page = await visitor.history(before)
        assert len(page["messages"]) == expected
        seen = [message["content"]["text"] for message in page["messages"]] + seen
        before = page["before"]
    assert before is None
    assert seen == [str(number) for number in range(65)]


@pytest.mark.parametrize("before", ["x", "W10", "!!", "x" * 3000, "WyIyMDI2IiwgMV0"])
async def test_a_page_that_does_not_exist_is_refused(site: Site, before: str) -> None:
    visitor = await site.visitor()
    answer = await site.http.get(site.path("messages"), params={"before": before}, headers=visitor.headers)
    assert answer.status_code == 400


async def test_script_in_every_text_is_kept_as_text(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.says(SCRIPT, payload=SCRIPT, profile={"name": SCRIPT})
    await site.settle()
    assert await visitor.words() == [("visitor", SCRIPT)]
    answer = await site.http.get(site.path("messages"), headers=visitor.headers)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_text_that_cannot_be_stored_is_made_storable(site: Site) -> None:
    visitor = await site.visitor()
    raw = b'{"type": "message", "id": "odd-characters", "text": "a\\u0000b\\ud800c"}'
    answer = await site.http.post(site.path("messages"), content=raw, headers=visitor.headers)
    assert answer.status_code == 200
    await site.settle()
    assert await visitor.words() == [("visitor", "a\ufffdb\ufffdc")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"\xff\xfe", 400),
        (b"[" * 30_000, 400),
        (b'{"type": "message", "id": "0123456789", "text": 7}', 400),
        (b'{"type": "message", "id": "../../etc", "text": "x"}', 400),
        (b'{"type": "message", "id": "0123456789", "text": "' + b"x" * 10_001 + b'"}', 400),
        (b'{"type": "message", "id": "0123456789", "text": "' + b"x" * 100_000 + b'"}', 413),
        (b"x" * 2_000_000, 413),
        (b'{"type": "message", "id": "0123456789", "attachment": "forged.ticket"}', 400),
    ],
)
async def test_what_is_wrong_is_refused_and_nothing_is_stored(site: Site, body: bytes, status: int) -> None:
    visitor = await site.visitor()
    answer = await site.http.post(site.path("messages"), content=body, headers=visitor.headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert await site.rows("SELECT id FROM inbound_event") == []


async def test_a_visitor_cannot_write_in_the_name_of_another(site: Site) -> None:
    ada, bo = await site.visitor(identity=site.identity("ada")), await site.visitor(identity=site.identity("bo"))
    await bo.says("I am Ada", visitor="user:ada")
    await site.settle()
    assert await ada.words() == []
    assert await bo.words() == [("visitor", "I am Ada")]


async def test_tokens_are_not_kept(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.says("Hello")
    await site.settle()
    ((headers, query, body),) = await site.rows("SELECT headers, query, body FROM inbound_event")
    assert visitor.token not in repr((headers, query, bytes(body)))


@pytest.mark.usefixtures("dry_buckets")
async def test_a_visitor_who_floods_is_slowed_down_and_others_are_not(site: Site) -> None:
    loud, quiet = await site.visitor(), await site.visitor()
    answers = [await loud.says("Again") for _ in range(30)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert (await quiet.says("Hello")).status_code == 200


@pytest.mark.behaviour(388)
@pytest.mark.usefixtures("dry_buckets")
async def test_the_webhook_address_has_the_limits_of_the_widget(site: Site) -> None:
    loud = await site.visitor()
    path = f"/hooks/website_chat/{site.route}"
    body = {"type": "message", "id": "posted-directly", "text": "Hello"}
    answers = [await site.http.post(path, json=body, headers=loud.headers) for _ in range(30)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert (await loud.says("By the widget")).status_code == 429
    quiet = await site.visitor()
    assert (await site.http.post(path, json=body | {"text": "x" * 70_000}, headers=quiet.headers)).status_code == 413
    assert (await site.http.post(path, json=body)).status_code == 401
    await site.settle()
    assert await loud.words() == [("visitor", "Hello")]


async def test_a_file_is_uploaded_and_shown(site: Site) -> None:
    visitor = await site.visitor()
    uploaded = (await visitor.upload("../lamp.png", PNG, "image/png")).json()
    assert {name: uploaded["file"][name] for name in ("type", "kind", "mime", "file_name", "size")} == {
        "type": "attachment",
        "kind": "image",
        "mime": "image/png",
        "file_name": ".._lamp.png",
        "size": len(PNG),
    }
    assert (await visitor.says("This one", attachment=uploaded["ticket"])).status_code == 200
    await site.settle()
    await _until_stored(site)
    content = (await visitor.history())["messages"][-1]["content"]
    assert (content["kind"], content["caption"], content["size"]) == ("image", "This one", len(PNG))
    assert content["url"].startswith(f"{site.world.installation.settings.address}/files/")


@pytest.mark.parametrize(("name", "content"), [("a.svg", b"<svg onload=alert(1)>"), ("a.png", b"<html><script>alert(1)</script>")])
async def test_a_dangerous_file_is_only_a_file(site: Site, name: str, content: bytes) -> None:
    visitor = await site.visitor()
    uploaded = (await visitor.upload(name, content, "image/png")).json()
    assert uploaded["file"]["kind"] == "file"


async def test_a_visitor_cannot_send_the_file_of_another(site: Site) -> None:
    ada, bo = await site.visitor(), await site.visitor()
    ticket = (await ada.upload("secret.pdf", b"%PDF-1.7")).json()["ticket"]
    answer = await bo.says("Look", attachment=ticket)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "attachment: This file was not uploaded by this visitor.")


async def test_an_empty_or_huge_file_is_refused(site: Site) -> None:
    visitor = await site.visitor()
    assert (await visitor.upload("a.txt", b"")).status_code == 400
    assert (await visitor.upload("a.bin", b"x" * 25_000_001)).status_code == 413


async def test_where_files_are_not_wanted_none_is_taken(world: World, http: httpx.AsyncClient) -> None:
    site = await open_site(world, http, file_upload="false")
    visitor = await site.visitor()
    assert (await visitor.upload("a.txt", b"a")).status_code == 403


async def _until_stored(site: Site) -> None:
    while await site.rows("SELECT id FROM attachment WHERE state = 'pending'"):
        await site.settle()
