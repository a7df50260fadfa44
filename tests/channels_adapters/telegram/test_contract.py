from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import channels_adapters.telegram
from channels_adapters.telegram.adapter import Telegram
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.sdk.channel import (
    Channel,
    Connectable,
    RawRequest,
    ShowsSetup,
    SupportsMedia,
    SupportsProfile,
    SupportsReadReceipts,
    SupportsTyping,
)
from ismessenger.sdk.testing import Answer, ChannelContract, Provider, raw_request
from tests.channels_adapters.telegram.conftest import CHAT, TOKEN
from tests.standins.telegram import TelegramServer

SECRET = "s3cret_token-of-the-tests"


class TestTelegram(ChannelContract):
    channel = Telegram()
    config = TelegramConfig(bot_token=TOKEN, secret_token=SECRET)
    fixtures = Path(channels_adapters.telegram.__file__).parent / "fixtures"
    identifier = CHAT
    throttled = Answer(429, {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 31}})
    throttled_for = timedelta(seconds=31)

    def sign(self, body: bytes) -> RawRequest:
        return raw_request(body, {"x-telegram-bot-api-secret-token": SECRET})

    def provider(self) -> AbstractAsyncContextManager[Provider]:
        return TelegramServer(token=TOKEN)


def test_it_has_the_abilities_that_telegram_allows() -> None:
    adapter: Channel = Telegram()
    for ability in (Connectable, ShowsSetup, SupportsMedia, SupportsProfile, SupportsTyping):
        assert isinstance(adapter, ability)
    assert not isinstance(adapter, SupportsReadReceipts)
