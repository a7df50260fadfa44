from collections.abc import AsyncIterator

import httpx
import pytest

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from ismessenger.sdk.channel import Endpoint, OutboundMessage, Sent
from ismessenger.sdk.content import Content
from tests.standins.graph import GraphServer, Page

PAGE = "104627381950642"
PERSON = "7482910365521894"
TOKEN = "EAAPageToken0fTheTests"
APP_SECRET = "app-secret-of-the-tests"
VERIFY_TOKEN = "verify-token-of-the-tests"


def make_config() -> MessengerConfig:
    return MessengerConfig.model_validate(
        {"page_id": PAGE, "page_access_token": TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
    )


def make_graph() -> GraphServer:
    """A server that knows one Page and refuses other tokens and secrets for it."""
    graph = GraphServer()
    graph.pages[PAGE] = Page("Oak & Sons", token=TOKEN, app_secret=APP_SECRET)
    return graph


@pytest.fixture
def config() -> MessengerConfig:
    return make_config()


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint("https://inbox.example/hooks/messenger/r7", "https://inbox.example", channel_id="7", route="r7")


@pytest.fixture
async def graph() -> AsyncIterator[GraphServer]:
    async with make_graph() as server:
        yield server


@pytest.fixture
async def http(graph: GraphServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=graph.url, timeout=60, trust_env=False) as client:
        yield client


class Sender:
    """Sends one content after another through the adapter."""

    def __init__(self, config: MessengerConfig, http: httpx.AsyncClient) -> None:
        self.config, self.http = config, http

    async def __call__(self, content: Content, *, reply_to: str | None = None, tag: str | None = None) -> Sent:
        message = OutboundMessage("our-1", "7", PERSON, content, reply_to=reply_to, tag=tag)
        return await Messenger().send(message, self.config, self.http)


@pytest.fixture
def send(config: MessengerConfig, http: httpx.AsyncClient) -> Sender:
    return Sender(config, http)
