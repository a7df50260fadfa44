from pathlib import Path

import jinja2

import channels_adapters.telegram
from channels_adapters.telegram.connect import ALLOWED_UPDATES
from ismessenger.sdk.channel import Endpoint

FOLDER = Path(channels_adapters.telegram.__file__).parent


def page(**variables: object) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("setup.html").render(channel=None, _=lambda text: text, **variables)


def test_before_connecting_it_says_where_to_click() -> None:
    shown = page(endpoint=None, values={})
    assert "https://t.me/BotFather" in shown
    assert "/newbot" in shown
    assert "secret_token" not in shown


def test_afterwards_it_shows_what_is_registered(endpoint: Endpoint) -> None:
    shown = page(endpoint=endpoint, values={"secret_token": "<s3cret>"})
    assert endpoint.webhook_url in shown
    assert "&lt;s3cret&gt;" in shown
    assert all(f'"{kind}"' in shown for kind in ALLOWED_UPDATES)


def test_no_text_stands_outside_of_the_translation() -> None:
    without = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True)
    shown = without.get_template("setup.html").render(channel=None, endpoint=None, values={}, _=lambda text: "")
    words = jinja2.filters.do_striptags(shown)
    assert words == "@BotFather"
