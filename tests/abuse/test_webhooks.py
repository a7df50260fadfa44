"""What is sent to the webhook addresses by people who wish us harm, or by mistake: a clear answer, never a 500, nothing lost."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from ismessenger.channels.connect import connect
from ismessenger.channels.drain import drain_channel
from ismessenger.messages.fetch import fetch
from ismessenger.messages.receive import receive
from ismessenger.sdk.channel import MessageReceived
from ismessenger.sdk.content import Media
from tests.api.conftest import app  # noqa: F401 - a fixture
from tests.conftest import World
from tests.messages.test_receive import NOON

AT = 1_763_640_000
SECRET = "the-secret-of-this-application"
TOKEN = "123456:made-up-token-of-the-tests"
SHARED_TOKEN = "a-secret-token-of-the-tests"

Sign = Callable[[bytes], dict[str, str]]


@dataclass(frozen=True)
class Door:
    """One connected channel: how to sign a body, and a body with some words in it."""

    world: World
    channel_id: int
    path: str
    http: httpx.AsyncClient
    sign: Sign
    good: Callable[[str, str], Any]

    async def post(self, body: bytes, **headers: str) -> httpx.Response:
        return await self.http.post(self.path, content=body, headers={**self.sign(body), **headers})


def _messenger(words: str, id_: str) -> Any:
    message = {"mid": f"m_{id_}", "text": words}
    item = {"sender": {"id": "900"}, "recipient": {"id": "1111"}, "timestamp": AT * 1000, "message": message}
    return {"object": "page", "entry": [{"id": "1111", "time": AT * 1000, "messaging": [item]}]}


def _telegram(words: str, id_: str) -> Any:
    person = {"id": 77, "is_bot": False, "first_name": "Tom"}
    number = int.from_bytes(id_.encode()[-4:], "big")
    message = {"message_id": number, "date": AT, "chat": {"id": 77, "type": "private", "first_name": "Tom"}, "from": person, "text": words}
    return {"update_id": number, "message": message}


def _custom(words: str, id_: str) -> Any:
    event = {"type": "message", "mId": id_, "timestamp": AT * 1000, "message": {"type": "text", "text": words}}
    return {"contactId": "+4930901820", "events": [event]}


KINDS: dict[str, tuple[dict[str, str], Callable[[str, str], Any]]] = {
    "messenger": ({"page_id": "1111", "page_access_token": "t", "app_secret": SECRET, "verify_token": "v"}, _messenger),
    "telegram": ({"bot_token": TOKEN, "secret_token": SHARED_TOKEN}, _telegram),
    "custom_channel": ({"id_type": "phone", "api_base_url": "https://integration.example", "api_token": SHARED_TOKEN}, _custom),
}


def _signer(kind: str) -> Sign:
    def sign(body: bytes) -> dict[str, str]:
        match kind:
            case "messenger":
                return {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
            case "telegram":
                return {"X-Telegram-Bot-Api-Secret-Token": SHARED_TOKEN}
            case _:
                return {"Authorization": f"Bearer {SHARED_TOKEN}"}

    return sign


@pytest.fixture(params=sorted(KINDS))
async def door(request: pytest.FixtureRequest, world: World, app: Starlette) -> AsyncIterator[Door]:  # noqa: F811
    kind: str = request.param
    values, good = KINDS[kind]
    channel = await connect(world.installation, world.workspace_id, kind, name=kind, values=values, check=False)
    path = httpx.URL(channel.webhook_url).path
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as http:
        yield Door(world, channel.channel_id, path, http, _signer(kind), good)


async def words_of(door: Door) -> list[str]:
    while await drain_channel(door.world.installation, door.world.workspace_id, door.channel_id):
        pass
    async with door.world.installation.tenancy.reading(door.world.workspace_id) as db:
        return list((await db.execute(text("SELECT words FROM message ORDER BY id"))).scalars())


async def failures_of(door: Door) -> list[str]:
    async with door.world.installation.tenancy.reading(door.world.workspace_id) as db:
        return list((await db.execute(text("SELECT note FROM inbound_event WHERE state = 'failed'"))).scalars())


BAD = {
    "empty": b"",
    "truncated": b'{"object": "page", "entry": [',
    "not JSON": b"\x00\x01\x02",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "a number": b"7",
    "a list": b"[]",
    "null": b"null",
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "a huge number": b'{"update_id": 1e999999, "entry": 9999999999999999999999999999}',
    "twice the same key": b'{"object": "page", "object": 7, "update_id": 1, "update_id": "x"}',
    "wrong types": json.dumps({"object": [], "entry": {"x": 1}, "message": 7, "events": "x", "contactId": {}}).encode(),
}


@pytest.mark.parametrize("name", sorted(BAD))
async def test_a_genuine_body_that_makes_no_sense_harms_nothing(door: Door, name: str) -> None:
    answer = await door.post(BAD[name])
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.json()["error"]["message"]
    assert await words_of(door) == []
    if answer.status_code == 200:
        async with door.world.installation.tenancy.reading(door.world.workspace_id) as db:
            assert (await db.execute(text("SELECT note FROM inbound_event"))).scalar_one()
    assert (await door.post(json.dumps(door.good("still here", "z9")).encode())).status_code == 200
    assert await words_of(door) == ["still here"]


async def test_a_body_over_the_limit_is_refused_and_the_next_one_taken(door: Door) -> None:
    assert (await door.post(b"x" * (2 << 20))).status_code == 413
    assert (await door.post(json.dumps(door.good("small", "s1")).encode())).status_code == 200
    assert await words_of(door) == ["small"]


@pytest.mark.parametrize("header", ["X-Hub-Signature-256", "X-Telegram-Bot-Api-Secret-Token", "Authorization"])
@pytest.mark.parametrize("value", ["", "sha256=", "sha256=00", "Bearer ", "Bearer x", "é".encode("latin-1").decode("latin-1"), "x" * 5000])
async def test_a_wrong_signature_is_refused_and_nothing_is_stored(door: Door, header: str, value: str) -> None:
    body = json.dumps(door.good("forged", "f1")).encode()
    headers = {name.encode(): value.encode("latin-1") for name in (*door.sign(body), header.lower())}
    answer = await door.http.post(door.path, content=body, headers=headers)
    assert answer.status_code == 401
    assert await words_of(door) == []


async def test_unknown_addresses_and_methods_are_refused(door: Door) -> None:
    assert (await door.http.post(f"{door.path}x", content=b"{}")).status_code == 404
    assert (await door.http.post("/hooks/nonsense/route", content=b"{}")).status_code == 404
    assert (await door.http.put(door.path, content=b"{}")).status_code in {404, 405}
    assert (await door.http.get(door.path)).status_code in {401, 405}


async def test_text_of_a_hundred_thousand_characters_is_kept_whole(door: Door) -> None:
    words = "word " * 20_000
    assert (await door.post(json.dumps(door.good(words, "l1")).encode())).status_code == 200
    (kept,) = await words_of(door)
    assert kept == words


async def test_what_the_database_cannot_hold_and_scripts_are_kept_as_text(door: Door) -> None:
    body = json.dumps(door.good("N\x00L \ud800 <script>alert(1)</script>", "x1")).encode()
    assert (await door.post(body)).status_code == 200
    assert await words_of(door) == ["N\ufffdL \ufffd <script>alert(1)</script>"]


@pytest.mark.behaviour(103)
async def test_an_item_that_cannot_be_read_takes_no_neighbour_along(world: World, app: Starlette) -> None:  # noqa: F811
    values, good = KINDS["messenger"]
    channel = await connect(world.installation, world.workspace_id, "messenger", name="m", values=values, check=False)
    body = good("one", "1")
    items = body["entry"][0]["messaging"]
    items += [{"sender": 7}, None, "x", *good("two", "2")["entry"][0]["messaging"]]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as http:
        door = Door(world, channel.channel_id, httpx.URL(channel.webhook_url).path, http, _signer("messenger"), good)
        assert (await door.post(json.dumps(body).encode())).status_code == 200
        assert await words_of(door) == ["one", "two"]
        assert await failures_of(door)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:1/a.png",
        "http://[::ffff:10.0.0.1]/a.png",
        "http://0xA9FEA9FE/",
        "http://2852039166/",
        "http://0251.0376.0251.0376/",
        "http://100.64.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://",
        "not a url",
    ],
)
async def test_a_file_at_a_private_address_is_not_fetched_and_says_why(world: World, url: str) -> None:
    values, _good = KINDS["messenger"]
    channel = await connect(world.installation, world.workspace_id, "messenger", name="m", values=values, check=False)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await receive(db, channel.channel_id, [MessageReceived("ada", "1", Media(kind="image", url=url), NOON)])
        attachment_id = (await db.execute(text("SELECT id FROM attachment"))).scalar_one()
    await fetch(world.installation, (world.workspace_id, attachment_id))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        state, reason, path = (await db.execute(text("SELECT state, reason, path FROM attachment"))).one()
    assert (state, path) == ("failed", None)
    assert reason
