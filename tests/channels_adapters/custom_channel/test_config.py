from typing import Any

import jinja2
import pytest
from pydantic import ValidationError

from channels_adapters.custom_channel.adapter import CustomChannel
from channels_adapters.custom_channel.config import CustomChannelConfig
from ismessenger.sdk.channel import Endpoint, Rate, capabilities_of

channel = CustomChannel()
ENDPOINT = Endpoint("https://inbox.example/hooks/custom_channel/r0ute", "https://inbox.example", "5", "r0ute")


def config(**values: Any) -> CustomChannelConfig:
    return CustomChannelConfig.model_validate({"id_type": "phone", "api_base_url": "https://a.example", **values})


def test_every_channel_gets_a_token_of_its_own() -> None:
    first, second = (config().api_token.get_secret_value() for _ in range(2))
    assert first != second
    assert len(first) >= 32
    assert CustomChannelConfig.model_fields["api_token"].json_schema_extra == {"generated": True}


def test_the_token_is_shown_after_connecting() -> None:
    assert channel.setup_values(config(api_token="a-token-of-the-tests"), ENDPOINT) == {"api_token": "a-token-of-the-tests"}


@pytest.mark.parametrize("address", ["https://a.example", "http://127.0.0.1:9000/api/", " https://a.example/b ", "https://[::1]:8443"])
def test_an_address_loses_its_last_slash(address: str) -> None:
    assert config(api_base_url=address).api_base_url == address.strip().rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.example",
        "ftp://a.example",
        "https://",
        "https:///path",
        "https://a.example?x=1",
        "https://a.example/?",
        "https://a.example#x",
        "https://a b.example",
        "https://a.example/\nx",
        "https://user:password@a.example",
        "https://a.example:99999",
        "https://[::1",
    ],
)
def test_what_cannot_be_called_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        config(api_base_url=address)


@pytest.mark.parametrize("token", ["short", "x" * 257, "a token with spaces", "a-token-with-a-line\nbreak", "ein-schlüssel-mit-ü"])
def test_a_token_must_fit_into_a_header(token: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        config(api_token=token)
    assert token not in str(refusal.value)


def test_who_has_a_phone_number_can_be_written_to_first() -> None:
    assert capabilities_of(channel, config(id_type="phone")).starts == "either"
    assert capabilities_of(channel, config(id_type="custom")).starts == "contact"


def test_the_pace_is_the_owners() -> None:
    assert capabilities_of(channel, config(messages_per_second="2.5")).rate == Rate(2.5, burst=2)
    assert capabilities_of(channel, config(messages_per_second=0.1)).rate == Rate(0.1, burst=1)


def test_the_setup_page_shows_what_to_copy_once_the_channel_is_connected() -> None:
    environment = jinja2.Environment(loader=jinja2.PackageLoader("channels_adapters.custom_channel", "."), autoescape=True)
    page = environment.get_template("setup.html")
    shown = page.render(_=str, channel=channel, endpoint=ENDPOINT, values={"api_token": "a-<token>-of-the-tests"})
    assert ENDPOINT.webhook_url in shown
    assert "https://inbox.example/custom/channel/webhook/" in shown
    assert "a-&lt;token&gt;-of-the-tests" in shown
    before = page.render(_=str, channel=channel, endpoint=None, values={})
    assert "/hooks/" not in before
    assert "style=" not in shown
