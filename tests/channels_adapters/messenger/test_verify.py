from urllib.parse import urlencode

import pytest

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from ismessenger.sdk.channel import AppKeys, Challenge, RawRequest, SignatureInvalid
from ismessenger.sdk.signing import hmac_hex
from ismessenger.sdk.testing import raw_request
from tests.channels_adapters.messenger.conftest import APP_SECRET, VERIFY_TOKEN

BODY = b'{"object":"page","entry":[]}'
KEYS = AppKeys(secret="secret-of-the-application", verify_token="word-of-the-application")


def asked(**arguments: str) -> RawRequest:
    return raw_request(b"", query=urlencode({name.replace("_", ".", 1): value for name, value in arguments.items()}), method="GET")


def signed(key: str, *, prefix: str = "sha256=") -> RawRequest:
    return raw_request(BODY, {"x-hub-signature-256": prefix + hmac_hex(key, BODY)})


def test_the_check_of_the_callback_url_is_answered_with_its_challenge(config: MessengerConfig) -> None:
    request = asked(hub_mode="subscribe", hub_verify_token=VERIFY_TOKEN, hub_challenge="1158201444")
    assert Messenger().verify(request, config) == Challenge("1158201444")


@pytest.mark.parametrize(
    "request_",
    [
        asked(hub_mode="subscribe", hub_verify_token="wrong", hub_challenge="1"),
        asked(hub_mode="unsubscribe", hub_verify_token=VERIFY_TOKEN, hub_challenge="1"),
        asked(hub_verify_token=VERIFY_TOKEN),
        asked(),
    ],
)
def test_other_questions_are_refused(request_: RawRequest, config: MessengerConfig) -> None:
    with pytest.raises(SignatureInvalid):
        Messenger().verify(request_, config)


def test_the_signature_is_the_hmac_of_the_raw_body(config: MessengerConfig) -> None:
    assert Messenger().verify(signed(APP_SECRET), config) is None


@pytest.mark.parametrize("request_", [signed("another secret"), signed(APP_SECRET, prefix=""), signed(APP_SECRET, prefix="sha1=")])
def test_other_signatures_are_refused(request_: RawRequest, config: MessengerConfig) -> None:
    with pytest.raises(SignatureInvalid):
        Messenger().verify(request_, config)


def test_a_shared_application_has_keys_of_its_own() -> None:
    assert Messenger().verify_app(signed(KEYS.secret), KEYS) is None
    question = asked(hub_mode="subscribe", hub_verify_token=KEYS.verify_token, hub_challenge="7")
    assert Messenger().verify_app(question, KEYS) == Challenge("7")
    with pytest.raises(SignatureInvalid):
        Messenger().verify_app(signed(APP_SECRET), KEYS)


def test_an_application_without_keys_takes_nothing() -> None:
    nothing = AppKeys(secret="", verify_token="")
    for request in (signed(""), asked(hub_mode="subscribe", hub_verify_token="", hub_challenge="7")):
        with pytest.raises(SignatureInvalid):
            Messenger().verify_app(request, nothing)
