from contextlib import AbstractAsyncContextManager
from pathlib import Path

import channels_adapters.custom_channel
from channels_adapters.custom_channel.adapter import CustomChannel
from channels_adapters.custom_channel.config import CustomChannelConfig
from ismessenger.sdk.channel import RawRequest
from ismessenger.sdk.testing import ChannelContract, Provider, raw_request
from tests.standins.custom_channel import CustomChannelServer

TOKEN = "a-token-of-the-tests"


class TestCustomChannel(ChannelContract):
    channel = CustomChannel()
    config = CustomChannelConfig(id_type="phone", api_base_url="https://integration.example.com", api_token=TOKEN)
    fixtures = Path(channels_adapters.custom_channel.__file__).parent / "fixtures"
    identifier = "+60123456789"

    def sign(self, body: bytes) -> RawRequest:
        return raw_request(body, {"authorization": f"Bearer {TOKEN}"})

    def provider(self) -> AbstractAsyncContextManager[Provider]:
        return CustomChannelServer(token=TOKEN)

    def config_at(self, url: str) -> CustomChannelConfig:
        return self.config.model_copy(update={"api_base_url": url})
