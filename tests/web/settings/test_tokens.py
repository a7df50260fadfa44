"""Settings → API tokens: made, shown once, used, revoked."""

import re

import httpx
import pytest

from tests.web.site import Shop

LIST = "/settings/tokens"


async def made(browser: httpx.AsyncClient, *scopes: str, name: str = "Order system") -> str:
    answer = await browser.post(LIST, data={"name": name, "scopes[]": list(scopes) or ["contacts:read"]})
    assert answer.status_code == 201, answer.text
    token = re.search(r">(ism_[\w-]+)</code>", answer.text)
    assert token is not None
    return token[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_is_shown_once_and_does_what_was_ticked(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    token = await made(browser, "contacts:read", "messages:read")
    page = (await browser.get(LIST)).text
    assert token not in page
    assert "Order system" in page
    assert "Read contacts · Read messages" in page
    assert shop.world.manager.name in page
    assert "never used" in page
    assert (await browser.post("/v2/contact/list", json={}, headers=bearer(token))).status_code == 200
    refused = await browser.post("/v2/contact/phone:%2B4912345678", json={"firstName": "Ada"}, headers=bearer(token))
    assert refused.status_code == 403
    assert refused.json()["message"] == "This API token lacks the scope contacts:write."
    assert "last used" in (await browser.get(LIST)).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " ", "scopes[]": ["contacts:read"]}, "needs a name"),
        ({"name": "Shop"}, "Choose what the token may do"),
        ({"name": "Shop", "scopes[]": ["everything"]}, "Choose what the token may do"),
    ],
)
async def test_a_token_that_is_refused_comes_back(shop: Shop, fields: dict[str, object], words: str) -> None:
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(LIST, data=fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert "ism_" not in answer.text


@pytest.mark.behaviour(17)
async def test_owners_revoke_tokens_and_managers_do_not(shop: Shop) -> None:
    owner, manager = await shop.browser(shop.world.owner), await shop.browser(shop.world.manager)
    token = await made(owner)
    found = re.search(rf"{LIST}/(\d+)/revocation", (await owner.get(LIST)).text)
    assert found is not None
    assert "/revocation" not in (await manager.get(LIST)).text
    assert (await manager.post(f"{LIST}/{found[1]}/revocation")).status_code == 403
    assert (await owner.post("/v2/contact/list", json={}, headers=bearer(token))).status_code == 200
    assert (await owner.post(f"{LIST}/{found[1]}/revocation")).headers["location"] == LIST
    assert (await owner.post("/v2/contact/list", json={}, headers=bearer(token))).status_code == 401
    assert (await owner.post(f"{LIST}/{found[1]}/revocation")).status_code == 404


async def test_tokens_of_another_workspace_are_out_of_reach(shop: Shop, other_shop: Shop) -> None:
    token = await made(await shop.browser(shop.world.owner))
    found = re.search(rf"{LIST}/(\d+)/revocation", (await (await shop.browser(shop.world.owner)).get(LIST)).text)
    assert found is not None
    browser = await other_shop.browser(other_shop.world.owner)
    assert "Order system" not in (await browser.get(LIST)).text
    assert (await browser.post(f"{LIST}/{found[1]}/revocation")).status_code == 404
    assert (await browser.post("/v2/contact/list", json={}, headers=bearer(token))).status_code == 200
