from pathlib import Path

import jinja2

import channels_adapters.messenger
from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from channels_adapters.messenger.connect import FIELDS
from ismessenger.sdk.channel import Endpoint
from tests.channels_adapters.messenger.conftest import APP_SECRET, TOKEN, VERIFY_TOKEN

FOLDER = Path(channels_adapters.messenger.__file__).parent


def page(**variables: object) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("setup.html").render(channel=None, **{"_": lambda text: text, **variables})


def test_before_connecting_it_says_where_to_click() -> None:
    shown = page(endpoint=None, values={})
    for place in ("https://developers.facebook.com/apps", "App settings → Basic", "Messenger API settings", "Configure webhooks"):
        assert place in shown


def test_afterwards_it_shows_what_to_paste(endpoint: Endpoint, config: MessengerConfig) -> None:
    shown = page(endpoint=endpoint, values=Messenger().setup_values(config, endpoint))
    assert endpoint.webhook_url in shown
    assert VERIFY_TOKEN in shown
    assert "https://inbox.example/hooks/meta" in shown
    assert all(field in shown for field in FIELDS)


def test_it_shows_no_key_of_the_page(endpoint: Endpoint, config: MessengerConfig) -> None:
    values = Messenger().setup_values(config, endpoint)
    assert TOKEN not in str(values)
    assert APP_SECRET not in str(values)


def test_values_are_escaped(endpoint: Endpoint) -> None:
    values = {"callback_url": "<b>", "verify_token": "<i>", "webhook_fields": "<u>"}
    shown = page(endpoint=endpoint, values=values)
    assert not any(value in shown for value in values.values())


def test_no_text_stands_outside_of_the_translation() -> None:
    words = jinja2.filters.do_striptags(page(endpoint=None, values={}, _=lambda text: ""))
    names = "Meta for Developers messages messaging_postbacks message_echoes … ISMESSENGER_META_APP_SECRET ISMESSENGER_META_VERIFY_TOKEN"
    assert words == names


def test_nothing_in_it_breaks_the_content_security_policy() -> None:
    shown = page(endpoint=None, values={})
    assert "style=" not in shown
    assert "<script" not in shown
