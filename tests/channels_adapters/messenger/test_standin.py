import asyncio
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from ismessenger.sdk.channel import Challenge, InboundEvent, MessageEchoed, MessageReceived, RawRequest, SignatureInvalid, StatusChanged
from ismessenger.sdk.content import Media, Text
from ismessenger.sdk.testing.setup import RECEIVED_AT
from tests.channels_adapters.messenger.conftest import APP_SECRET, PAGE, PERSON, VERIFY_TOKEN, Sender, make_config
from tests.standins.graph import GraphServer, Webhook
from tests.standins.server import Answer, Recorded, StandIn


class Inbox(StandIn):
    """Stands where our own webhook is: verifies and parses with the adapter."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[InboundEvent] = []

    async def respond(self, request: Recorded) -> Answer:
        config = make_config()
        query = str(httpx.QueryParams(request.query))
        raw = RawRequest(request.method, request.headers, query, request.body, RECEIVED_AT)
        try:
            challenge = Messenger().verify(raw, config)
        except SignatureInvalid:
            return Answer(status=401)
        if isinstance(challenge, Challenge):
            return Answer(challenge.body.encode())
        self.events += Messenger().parse(raw, config)
        return Answer()


@pytest.fixture
async def inbox(graph: GraphServer) -> AsyncIterator[Inbox]:
    async with Inbox() as server:
        graph.webhook = Webhook(server.url, APP_SECRET, VERIFY_TOKEN)
        yield server


async def test_a_customer_writes(graph: GraphServer, inbox: Inbox) -> None:
    link = graph.keep("a.jpg", b"jpeg")
    attachment = {"type": "image", "payload": {"url": link}}
    mid = await graph.say("Hello 👋", page_id=PAGE, person=PERSON, attachments=[attachment])
    text, image = inbox.events
    assert isinstance(text, MessageReceived)
    assert isinstance(image, MessageReceived)
    assert (text.identifier, text.external_id, text.content) == (PERSON, mid, Text(text="Hello 👋"))
    assert image.content == Media(kind="image", url=link)
    async with httpx.AsyncClient() as client:
        assert (await client.get(link)).content == b"jpeg"


async def test_a_message_of_ours_is_echoed_delivered_and_read(graph: GraphServer, inbox: Inbox, send: Sender) -> None:
    assert graph.webhook is not None
    graph.webhook.reads = True
    sent = await send(Text(text="Hello"))
    await graph.settled()
    echo, delivered, up_to, read = inbox.events
    assert isinstance(echo, MessageEchoed)
    assert (echo.our_id, echo.external_id, echo.content) == ("our-1", sent.external_id, Text(text="Hello"))
    assert isinstance(delivered, StatusChanged)
    assert (delivered.status, delivered.external_id) == ("delivered", sent.external_id)
    assert isinstance(up_to, StatusChanged)
    assert isinstance(read, StatusChanged)
    assert up_to.watermark == echo.sent_at
    assert (read.status, read.identifier) == ("read", PERSON)
    assert [status for _, status in graph.delivered] == [200, 200, 200]


async def test_an_echo_may_come_before_the_answer(graph: GraphServer, inbox: Inbox, send: Sender, http: httpx.AsyncClient) -> None:
    graph.echoes_first = True
    graph.late(30)
    http.timeout = httpx.Timeout(None)
    sending = asyncio.create_task(send(Text(text="Hello")))
    await inbox.received(1)
    assert not sending.done()
    assert isinstance(inbox.events[0], MessageEchoed)
    sending.cancel()
    await graph.settled()


async def test_a_forged_webhook_is_refused(graph: GraphServer, inbox: Inbox) -> None:
    graph.webhook = Webhook(inbox.url, "another secret")
    await graph.say("Hello", page_id=PAGE, person=PERSON)
    assert [status for _, status in graph.delivered] == [401]
    assert inbox.events == []


async def test_the_check_of_a_callback_url(graph: GraphServer, inbox: Inbox) -> None:
    assert await graph.challenge()
    graph.webhook = Webhook(inbox.url, APP_SECRET, "wrong word")
    assert not await graph.challenge()


async def test_a_webhook_that_is_away(graph: GraphServer) -> None:
    async with Inbox() as gone:
        graph.webhook = Webhook(gone.url, APP_SECRET)
    await graph.say("Hello", page_id=PAGE, person=PERSON)
    assert [status for _, status in graph.delivered] == [0]


async def test_it_runs_as_a_program(config: MessengerConfig) -> None:
    program = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.standins.graph", stdout=asyncio.subprocess.PIPE)
    try:
        assert program.stdout is not None
        url = (await program.stdout.readline()).decode().strip()
        async with Inbox() as inbox, httpx.AsyncClient(base_url=url, timeout=10) as http:
            await http.post("/webhook", json={"url": inbox.url, "app_secret": APP_SECRET})
            event = {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "message": {"mid": "m1", "text": "Hi"}}
            answer = await http.post("/deliver", json={"page_id": PAGE, "events": [event]})
            assert answer.json() == {"status": 200}
            assert isinstance(inbox.events[0], MessageReceived)
            await http.post("/_control", json={"mode": "throttle", "path": "/messages"})
            assert (await http.post(f"/v25.0/{PAGE}/messages", json={})).status_code == 429
    finally:
        program.terminate()
        assert await program.wait() == 0
