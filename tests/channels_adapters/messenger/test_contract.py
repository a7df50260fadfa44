from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import channels_adapters.messenger
from channels_adapters.messenger.adapter import Messenger
from ismessenger.sdk.channel import (
    Channel,
    Connectable,
    HasAccount,
    RawRequest,
    SharesApp,
    ShowsSetup,
    SupportsMedia,
    SupportsProfile,
    SupportsReadReceipts,
    SupportsTyping,
)
from ismessenger.sdk.signing import hmac_hex
from ismessenger.sdk.testing import Answer, ChannelContract, Provider, raw_request
from tests.channels_adapters.messenger.conftest import APP_SECRET, PAGE, PERSON, make_config, make_graph


class TestMessenger(ChannelContract):
    channel = Messenger()
    config = make_config()
    fixtures = Path(channels_adapters.messenger.__file__).parent / "fixtures"
    identifier = PERSON
    throttled = Answer(
        400,
        {"error": {"message": "(#613) Calls to this api have exceeded the rate limit.", "type": "OAuthException", "code": 613}},
        {"X-Business-Use-Case-Usage": f'{{"{PAGE}": [{{"type": "messenger", "call_count": 101, "estimated_time_to_regain_access": 3}}]}}'},
    )
    throttled_for = timedelta(minutes=3)

    def sign(self, body: bytes) -> RawRequest:
        return raw_request(body, {"x-hub-signature-256": "sha256=" + hmac_hex(APP_SECRET, body)})

    def provider(self) -> AbstractAsyncContextManager[Provider]:
        return make_graph()


def test_it_has_every_ability_of_the_platform() -> None:
    adapter: Channel = Messenger()
    for ability in (Connectable, HasAccount, SharesApp, ShowsSetup, SupportsMedia, SupportsProfile, SupportsReadReceipts, SupportsTyping):
        assert isinstance(adapter, ability)


def test_there_are_enough_recorded_webhooks() -> None:
    assert len(list(TestMessenger.fixtures.glob("*.expected.json"))) >= 25
