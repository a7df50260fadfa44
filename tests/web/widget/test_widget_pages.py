"""The demo shop, and the settings page of a chat."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.installation import Installation
from ismessenger.language import PSEUDO_LANGUAGE, speaking
from ismessenger.web.app import create_app_for
from ismessenger.web.templating import fragment
from ismessenger.web.widget import demo as widget_demo
from tests.conftest import PASSWORD, World, make_world
from tests.web.widget.site import Site, open_site


@pytest.fixture
async def app(installation: Installation) -> AsyncIterator[Starlette]:
    application = create_app_for(installation)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=("10.9.9.9", 1))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8080", headers={"Sec-Fetch-Site": "same-origin"}
    ) as client:
        yield client


async def signed_in(browser: httpx.AsyncClient, email: str) -> httpx.AsyncClient:
    answer = await browser.post("/session", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303
    return browser


def address(site: Site, more: str = "") -> str:
    return f"/settings/channels/{site.channel.channel_id}/widget{more}"


async def test_without_a_demo_workspace_there_is_no_demo_shop(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget_demo, "DEMO_SLUG", "nobody-has-it")
    assert (await browser.get("/demo/shop")).status_code == 404


async def test_the_demo_shop_carries_the_chat_of_the_demo_workspace(
    world: World, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await open_site(world, browser)
    monkeypatch.setattr(widget_demo, "DEMO_SLUG", world.slug)
    for path in ("/demo/shop", *(f"/demo/shop/{product.slug}" for product in widget_demo.PRODUCTS)):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert f'data-channel="{site.route}"' in answer.text
        assert "style=" not in answer.text
    assert (await browser.get("/demo/shop/unicycle")).status_code == 404


def test_every_word_of_the_shop_can_be_translated() -> None:
    with speaking(PSEUDO_LANGUAGE):
        pages = [
            fragment("widget/shop.html", products=widget_demo.PRODUCTS, product=product, route="r", csp_nonce="n")
            for product in (None, *widget_demo.PRODUCTS)
        ]
    for page in pages:
        body = re.sub(r"<(style|script|svg)\b.*?</\1>", "", page[page.index("<body>") :], flags=re.DOTALL)
        words = [text.strip() for text in re.findall(r">([^<>]+)<", body)]
        assert [text for text in words if re.search("[A-Za-z]", text) and "⟦" not in text and "Pedal" not in text] == []


async def test_the_settings_page_shows_what_is_saved_and_the_tag_to_paste(world: World, browser: httpx.AsyncClient) -> None:
    site = await open_site(
        world, browser, title="Ask the shop", colour="#a1b2c3", pre_chat="name*, email", allowed_domains="a.example, *.b.example"
    )
    page = (await (await signed_in(browser, world.owner.email)).get(address(site))).text
    assert 'value="Ask the shop"' in page
    assert 'value="#a1b2c3"' in page
    assert "a.example\n*.b.example" in page
    assert f"data-channel=&#34;{site.route}&#34;" in page
    assert site.key in page


async def test_saving_changes_the_chat_and_keeps_its_key(world: World, browser: httpx.AsyncClient) -> None:
    site = await open_site(world, browser, sound="true")
    await signed_in(browser, world.manager.email)
    form = {
        "name": "Front desk",
        "title": "New title",
        "greeting": "",
        "colour": "rose",
        "icon": "smile",
        "position": "left",
        "language": "de",
    }
    answer = await browser.post(
        address(site), data=form | {"online_hours": "", "ask_email": "required", "allowed_domains": "", "emoji": "on"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, address(site, "?saved=1"))
    ((name, config),) = await site.rows("SELECT name, config FROM channel")
    assert name == "Front desk"
    assert config["pre_chat"] == [{"kind": "email", "required": True}]
    assert (config["title"], config["colour"], config["emoji"], config["sound"], config["file_upload"]) == (
        "New title",
        "rose",
        True,
        False,
        False,
    )
    assert site.key in (await browser.get(address(site))).text


async def test_what_is_wrong_is_shown_with_everything_that_was_typed(world: World, browser: httpx.AsyncClient) -> None:
    site = await open_site(world, browser)
    await signed_in(browser, world.owner.email)
    form = {
        "name": "Chat",
        "title": "My words",
        "greeting": "Hi",
        "colour": "custom",
        "colour_custom": "pink",
        "icon": "bubble",
        "position": "right",
    }
    answer = await browser.post(address(site), data=form | {"language": "auto", "online_hours": "", "allowed_domains": "not a host!"})
    assert answer.status_code == 422
    assert 'value="My words"' in answer.text
    assert 'value="pink"' in answer.text
    assert "Choose one of teal" in answer.text
    ((config,),) = await site.rows("SELECT config FROM channel")
    assert config["title"] == "Chat with us"


async def test_the_preview_follows_without_saving(world: World, browser: httpx.AsyncClient) -> None:
    site = await open_site(world, browser)
    await signed_in(browser, world.owner.email)
    shown = await browser.get(address(site, "/options"), params={"title": "Not saved", "colour": "amber", "ask_name": "optional"})
    assert (shown.json()["title"], shown.json()["colour"], shown.json()["pre_chat"]) == (
        "Not saved",
        "#b45309",
        [{"kind": "name", "required": False}],
    )
    assert (await browser.get(address(site, "/options"), params={"title": ""})).status_code == 422
    frame = await browser.get(address(site, "/preview"))
    assert "frame-ancestors 'self'" in frame.headers["content-security-policy"]
    assert "data-preview=" in frame.text
    ((config,),) = await site.rows("SELECT config FROM channel")
    assert config["title"] == "Chat with us"


@pytest.mark.parametrize("more", ["", "/preview", "/options"])
async def test_agents_and_other_workspaces_may_not(world: World, browser: httpx.AsyncClient, more: str) -> None:
    site = await open_site(world, browser)
    await signed_in(browser, world.agent.email)
    assert (await browser.get(address(site, more))).status_code == 403


async def test_a_channel_of_another_workspace_or_kind_is_not_there(
    installation: Installation, world: World, browser: httpx.AsyncClient
) -> None:
    elsewhere = await make_world(installation)
    for _ in range(3):
        site = await open_site(elsewhere, browser)
    await signed_in(browser, world.owner.email)
    for more in ("", "/preview", "/options"):
        assert (await browser.get(address(site, more))).status_code == 404
    assert (await browser.post(address(site), data={"title": "Mine now"})).status_code == 404


async def test_script_in_the_settings_stays_text(world: World, browser: httpx.AsyncClient) -> None:
    bad = "</script><script>alert(1)</script>\"'><img src=x>"
    site = await open_site(world, browser, title=bad, greeting=bad, online_hours=bad)
    await signed_in(browser, world.owner.email)
    for more in ("", "/preview"):
        page = (await browser.get(address(site, more))).text
        assert "<script>alert(1)" not in page
        assert "<img src=x>" not in page
