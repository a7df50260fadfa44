"""Trying a request while one builds, and what connections have to choose from."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from integrations.google_sheets.config import GoogleSheetsConfig
from ismessenger.automation.connections import connect
from ismessenger.automation.secrets import add_secret
from tests.standins.anything import AnyServer
from tests.standins.google_sheets import SPREADSHEET, GoogleSheetsServer
from tests.standins.server import Answer
from tests.web.site import Shop
from tests.web.workflows.test_builder import made


@pytest.fixture
async def server() -> AsyncIterator[AnyServer]:
    async with AnyServer() as running:
        yield running


async def _try(browser: httpx.AsyncClient, workflow_id: int, variables: dict[str, Any] | None = None, **params: Any) -> httpx.Response:
    return await browser.post(f"/workflows/{workflow_id}/request-test", json={"params": params, "variables": variables or {}})


@pytest.mark.behaviour(338)
async def test_a_test_sends_what_the_step_would_send_and_shows_the_answer_without_secrets(shop: Shop, server: AnyServer) -> None:
    browser, workflow_id = await made(shop)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await add_secret(db, shop.installation.vault, "KEY", "opensesame-1", by_id=None)
    server.answers["/people/Ada Lee"] = Answer({"name": "Ada", "key": "opensesame-1"}, 201)
    answer = await _try(
        browser,
        workflow_id,
        {"contact.firstname": "Ada Lee", "code": "7"},
        method="POST",
        url=f"{server.url}/people/$contact.firstname",
        headers=[{"name": "X-Key", "value": "{{secret.key}}"}],
        body='{"code": $code, "name": "{{$contact.firstname | upper}}"}',
    )
    shown = answer.json()
    assert (shown["ok"], shown["status"], shown["reason"]) == (True, 201, "")
    assert shown["json"] == {"name": "Ada", "key": "***"}
    assert "opensesame" not in answer.text
    (sent,) = server.requests
    assert sent.json() == {"code": 7, "name": "ADA LEE"}
    assert sent.headers["x-key"] == "opensesame-1"


@pytest.mark.behaviour(338)
async def test_a_test_that_fails_says_why(shop: Shop, server: AnyServer) -> None:
    browser, workflow_id = await made(shop)
    own = shop.installation.settings.address
    for params, words in (
        ({"url": f"{own}/v2/contact"}, "IS-Messenger itself"),
        ({"url": "http://10.1.2.3/"}, "private network"),
        ({"url": server.url, "headers": [{"name": "X", "value": "{{secret.NONE}}"}]}, "no secret NONE"),
        ({"url": server.url, "method": "POST", "body": "{"}, "no JSON"),
    ):
        shown = (await _try(browser, workflow_id, **params)).json()
        assert shown["ok"] is False
        assert words in shown["reason"]
    assert (await _try(browser, workflow_id, url=5)).status_code == 422


@pytest.mark.usefixtures("dry_buckets")
async def test_tests_are_limited(shop: Shop) -> None:
    browser, workflow_id = await made(shop)
    answers = [await _try(browser, workflow_id, url="ftp://x") for _attempt in range(30)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["words"]


async def test_agents_try_nothing(shop: Shop) -> None:
    _browser, workflow_id = await made(shop)
    agent = await shop.browser(shop.world.agent)
    assert (await _try(agent, workflow_id, url="https://example.com")).status_code == 403


async def test_a_connection_says_what_there_is_to_choose_from(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _workflow_id = await made(shop)
    async with GoogleSheetsServer() as google:
        monkeypatch.setitem(shop.installation.settings.provider_base_urls, "google_sheets", google.url)
        shop.installation._clients.pop("integration/google_sheets", None)
        integration = shop.installation.plugins.integrations["google_sheets"]
        config = GoogleSheetsConfig(service_account=SecretStr(google.key_file))
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            made_ = await connect(db, shop.installation.vault, integration, "Books", config, by_id=None)
        asked = {"connection_id": made_.id, "what": "sheets", "within": {"spreadsheet": SPREADSHEET}}
        assert (await browser.post("/workflows/choices", json=asked)).json() == {"choices": [["Sheet1", "Sheet1"], ["Bo's", "Bo's"]]}
        google.shared.clear()
        refused = await browser.post("/workflows/choices", json=asked)
        assert refused.status_code == 422
        assert "not shared" in refused.json()["words"]
        assert (await browser.post("/workflows/choices", json={**asked, "connection_id": 99999})).status_code == 422
    client = shop.installation._clients.pop("integration/google_sheets")
    await client.aclose()
