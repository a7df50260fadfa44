from collections.abc import AsyncIterator

import httpx
import pytest

from channels_adapters.telegram.adapter import Telegram
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.sdk.channel import Endpoint, OutboundMessage, Sent
from ismessenger.sdk.content import Content
from tests.standins.telegram import TelegramServer

TOKEN = "7000000001:AAF-x_standin"
CHAT = "512044381"


@pytest.fixture
def config() -> TelegramConfig:
    return TelegramConfig(bot_token=TOKEN, secret_token="s3cret_token-of-the-tests")


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint("https://inbox.example/hooks/telegram/r7", "https://inbox.example", channel_id="7", route="r7")


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(token=TOKEN) as server:
        yield server


@pytest.fixture
async def http(telegram: TelegramServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=telegram.url, timeout=60, trust_env=False) as client:
        yield client


class Sender:
    """Sends one content after another through the adapter."""

    def __init__(self, config: TelegramConfig, http: httpx.AsyncClient) -> None:
        self.config, self.http = config, http

    async def __call__(self, content: Content, *, reply_to: str | None = None, identifier: str = CHAT) -> Sent:
        message = OutboundMessage("m1", "7", identifier, content, reply_to=reply_to)
        return await Telegram().send(message, self.config, self.http)


@pytest.fixture
def send(config: TelegramConfig, http: httpx.AsyncClient) -> Sender:
    return Sender(config, http)
