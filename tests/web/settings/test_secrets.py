"""Settings → Workflow secrets: entered, replaced, deleted, and shown to nobody."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ismessenger.automation.model import Workflow
from ismessenger.automation.references import known
from ismessenger.automation.secrets import MAX_SECRETS, open_secrets
from tests.web.site import Shop

LIST = "/settings/secrets"
VALUE = "opensesame-<42>"


async def _value(shop: Shop, name: str) -> str:
    async with shop.installation.tenancy.reading(shop.world.workspace_id) as db:
        return (await open_secrets(db, shop.installation.vault, [name.lower()])).values[name.lower()]


async def _id(shop: Shop) -> int:
    return int(str(await shop.value("SELECT id FROM workflow_secret")))


@pytest.mark.behaviour(332)
async def test_a_secret_is_kept_sealed_and_shown_to_nobody(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, data={"name": "SHOP_KEY", "value": VALUE}, follow_redirects=True)
    assert answer.status_code == 200
    assert "{{secret.SHOP_KEY}}" in answer.text
    assert "opensesame" not in answer.text
    sealed = await shop.value("SELECT value FROM workflow_secret")
    assert isinstance(sealed, bytes)
    assert b"opensesame" not in sealed
    assert await _value(shop, "SHOP_KEY") == VALUE


async def test_a_value_is_replaced(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, data={"name": "K", "value": VALUE})
    assert (await browser.post(f"{LIST}/{await _id(shop)}/value", data={"value": "another-one"})).status_code == 303
    assert await _value(shop, "K") == "another-one"
    refused = await browser.post(f"{LIST}/{await _id(shop)}/value", data={"value": "abc"})
    assert refused.status_code == 422
    assert "6 to 10,000 characters" in refused.text
    assert await _value(shop, "K") == "another-one"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("", VALUE, "begins with a letter"),
        ("1A", VALUE, "begins with a letter"),
        ("a b", VALUE, "begins with a letter"),
        ("a}}", VALUE, "begins with a letter"),
        ("x" * 65, VALUE, "begins with a letter"),
        ("KEY", "short", "6 to 10,000 characters"),
        ("KEY", "x" * 10_001, "6 to 10,000 characters"),
        ("taken", VALUE, "already"),
    ],
)
async def test_what_is_no_secret_comes_back_without_its_value(shop: Shop, name: str, value: str, words: str) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, data={"name": "TAKEN", "value": VALUE})
    answer = await browser.post(LIST, data={"name": name, "value": value})
    assert answer.status_code == 422
    assert words in answer.text
    assert "opensesame" not in answer.text


async def test_a_workspace_has_a_limited_number(shop: Shop) -> None:
    await shop.change(
        "INSERT INTO workflow_secret (name, value, at) SELECT 'S' || n, 'x', now() FROM generate_series(1, :most) AS n", most=MAX_SECRETS
    )
    answer = await (await shop.browser(shop.world.manager)).post(LIST, data={"name": "MORE", "value": VALUE})
    assert "at most 100 secrets" in answer.text


@pytest.mark.behaviour(339)
async def test_deleting_says_which_workflows_use_it(shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]) -> None:
    browser = await shop.browser(shop.world.manager)
    for name in ("USED", "UNUSED"):
        await browser.post(LIST, data={"name": name, "value": VALUE})
    step = {"id": "s1", "kind": "http_request", "params": {"url": "https://x", "body": '{"k": "{{ secret.used }}"}'}}
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        db.add(Workflow(name="Order news", draft={"steps": [step]}))
        db.add(Workflow(name="Another", draft={"steps": [{"params": {"url": "secret.UNUSED"}}]}))
    await browser.get(LIST)
    with queries(at_most=9):
        page = (await browser.get(LIST)).text
    assert "The workflow Order news uses it" in page
    assert page.count("No workflow uses it.") == 1
    for _secret in range(2):
        statement = "SELECT min(id) FROM workflow_secret"
        assert (await browser.post(f"{LIST}/{await shop.value(statement)}/deletion")).status_code == 303
    assert (await browser.post(f"{LIST}/1/deletion")).status_code == 404


async def test_agents_see_no_secrets(shop: Shop) -> None:
    agent = await shop.browser(shop.world.agent)
    assert (await agent.get(LIST)).status_code == 403
    assert (await agent.post(LIST, data={"name": "K", "value": VALUE})).status_code == 403


async def test_another_workspace_reaches_no_secret(shop: Shop, other_shop: Shop) -> None:
    await (await shop.browser(shop.world.manager)).post(LIST, data={"name": "K", "value": VALUE})
    stranger = await other_shop.browser(other_shop.world.manager)
    assert "secret.K" not in (await stranger.get(LIST)).text
    assert (await stranger.post(f"{LIST}/{await _id(shop)}/deletion")).status_code == 404


async def test_a_secret_is_named_whatever_its_capitals(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, data={"name": "SHOP_KEY", "value": VALUE})
    async with shop.installation.tenancy.reading(shop.world.workspace_id) as db:
        there = await known(db, "UTC")
    assert there.name("secret", "shop_key") == "SHOP_KEY"
    assert there.name("secret", "other") is None
