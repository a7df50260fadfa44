"""What the owner of a chat can choose, as typed into a form or on the command line."""

import pytest
from pydantic import ValidationError

from channels_adapters.website_chat.config import PALETTE, WebsiteChatConfig
from ismessenger.sdk.channel import Endpoint
from tests.channels_adapters.website_chat.chat import CHANNEL, KEY, config


def test_a_chat_without_any_choice_works() -> None:
    chosen = WebsiteChatConfig()
    assert chosen.allows("anything.example")
    assert chosen.pre_chat == []
    assert len(chosen.visitor_key.get_secret_value()) >= 40


def test_every_channel_has_a_key_of_its_own() -> None:
    assert WebsiteChatConfig().visitor_key != WebsiteChatConfig().visitor_key


def test_questions_can_be_written_as_words_or_as_json() -> None:
    words = config(pre_chat="name*, email phone")
    json = config(pre_chat='[{"kind": "name", "required": true}, "email", "phone"]')
    assert words.pre_chat == json.pre_chat
    assert [(field.kind, field.required) for field in words.pre_chat] == [("name", True), ("email", False), ("phone", False)]


def test_an_empty_text_is_an_empty_list() -> None:
    assert config(pre_chat="", allowed_domains="").allowed_domains == []


@pytest.mark.parametrize("colour", [*PALETTE, "#0A1b2c"])
def test_a_colour_is_a_name_of_the_palette_or_hexadecimal(colour: str) -> None:
    accent = config(colour=colour).accent
    assert accent.startswith("#")
    assert len(accent) == 7


@pytest.mark.parametrize("colour", ["", "teel", "#fff", "#12345g", "red;}*{display:none", "url(https://x)"])
def test_other_colours_are_refused(colour: str) -> None:
    with pytest.raises(ValidationError, match="Choose one of"):
        config(colour=colour)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 61},
        {"icon": "skull"},
        {"position": "top"},
        {"language": "xx"},
        {"pre_chat": "name,name"},
        {"pre_chat": "password"},
        {"pre_chat": "[1"},
        {"allowed_domains": "exa mple..com"},
        {"allowed_domains": "*"},
        {"allowed_domains": "a.*.com"},
        {"allowed_domains": "x" * 300},
        {"visitor_key": "short"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        config(**wrong)


@pytest.mark.parametrize("typed", ["shop.example", "SHOP.example.", "https://shop.example/cart?x=1", "shop.example:8443"])
def test_a_domain_may_be_pasted_as_an_address(typed: str) -> None:
    assert config(allowed_domains=typed).allowed_domains == ["shop.example"]


def test_a_domain_in_another_alphabet_becomes_what_browsers_send() -> None:
    assert config(allowed_domains="bücher.example").allows("xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("shop.example", True),
        ("SHOP.example", True),
        ("a.shops.example", True),
        ("b.a.shops.example", True),
        ("shops.example", False),
        ("evilshop.example", False),
        ("shop.example.evil", False),
        ("xshops.example", False),
        ("", False),
    ],
)
def test_only_named_hosts_and_those_below_a_star_are_allowed(host: str, allowed: bool) -> None:
    assert config(allowed_domains=["shop.example", "*.shops.example"]).allows(host) is allowed


def test_the_page_learns_looks_and_words_and_nothing_secret() -> None:
    chosen = config(colour="rose", allowed_domains="shop.example", pre_chat="email*")
    options = CHANNEL.public_options(chosen)
    assert options["colour"] == PALETTE["rose"]
    assert options["pre_chat"] == [{"kind": "email", "required": True}]
    assert KEY not in repr(options)
    assert "allowed_domains" not in options
    assert KEY not in repr(chosen)


def test_after_connecting_the_owner_gets_one_line_to_paste() -> None:
    values = CHANNEL.setup_values(config(), Endpoint("https://chat.example/hooks/website_chat/r1", "https://chat.example", "7", "r1"))
    assert values == {
        "script_tag": '<script src="https://chat.example/static/widget.js" data-channel="r1" async></script>',
        "identity_secret": KEY,
    }
