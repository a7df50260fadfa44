"""Settings → Connections: made, checked, changed, deleted; credentials are sealed."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager

import pytest

from ismessenger.automation.model import Workflow
from tests.standins.google_sheets import GoogleSheetsServer
from tests.web.site import Shop

LIST = "/settings/connections"
NEW = f"{LIST}/new/google_sheets"


@pytest.fixture
async def google(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GoogleSheetsServer]:
    async with GoogleSheetsServer() as server:
        monkeypatch.setitem(shop.installation.settings.provider_base_urls, "google_sheets", server.url)
        yield server
    client = shop.installation._clients.pop("integration/google_sheets", None)
    if client is not None:
        await client.aclose()


async def _id(shop: Shop) -> int:
    return int(str(await shop.value("SELECT id FROM connection")))


@pytest.mark.behaviour(332)
async def test_a_connection_is_made_with_a_key_that_works_and_shows_nothing_of_it(shop: Shop, google: GoogleSheetsServer) -> None:
    browser = await shop.browser(shop.world.manager)
    assert "service account" in (await browser.get(NEW)).text
    answer = await browser.post(NEW, data={"connection_name": "Books", "service_account": google.key_file}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Books" in answer.text
    edit = (await browser.get(f"{LIST}/{await _id(shop)}/edit")).text
    row = await shop.rows("SELECT config::text, secrets FROM connection")
    for shown in (answer.text, edit, str(row)):
        assert "PRIVATE KEY" not in shown
    assert "Stored and not shown" in edit


async def test_a_key_that_is_none_comes_back_at_its_field(shop: Shop, google: GoogleSheetsServer) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(NEW, data={"connection_name": "Books", "service_account": '{"type": "x"}'})
    assert answer.status_code == 422
    assert "paste the whole JSON file" in answer.text


async def test_a_key_that_google_refuses_is_not_kept(shop: Shop, google: GoogleSheetsServer) -> None:
    google.refuses_keys = True
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(NEW, data={"connection_name": "Books", "service_account": google.key_file})
    assert answer.status_code == 422
    assert "Google does not accept the key" in answer.text
    assert await shop.rows("SELECT id FROM connection") == []


async def test_a_check_says_whether_it_works_now(shop: Shop, google: GoogleSheetsServer) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(NEW, data={"connection_name": "Books", "service_account": google.key_file})
    place = f"{LIST}/{await _id(shop)}"
    assert "Works" in (await browser.post(f"{place}/check", follow_redirects=True)).text
    google.refuses_keys = True
    assert "Google does not accept the key" in (await browser.post(f"{place}/check", follow_redirects=True)).text
    google.refuses_keys = False
    assert "Google does not accept the key" in (await browser.get(LIST)).text
    assert "Google does not accept the key" not in (await browser.post(f"{place}/check", follow_redirects=True)).text


async def test_a_name_changes_without_entering_the_key_again(shop: Shop, google: GoogleSheetsServer) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(NEW, data={"connection_name": "Books", "service_account": google.key_file})
    answer = await browser.post(
        f"{LIST}/{await _id(shop)}/edit", data={"connection_name": "Ledger", "service_account": ""}, follow_redirects=True
    )
    assert "Ledger" in answer.text
    assert "Works" in (await browser.post(f"{LIST}/{await _id(shop)}/check", follow_redirects=True)).text


async def test_two_connections_of_a_kind_have_different_names(shop: Shop, google: GoogleSheetsServer) -> None:
    browser = await shop.browser(shop.world.manager)
    given = {"connection_name": "Books", "service_account": google.key_file}
    await browser.post(NEW, data=given)
    answer = await browser.post(NEW, data={**given, "connection_name": "books"})
    assert answer.status_code == 422
    assert "There is a connection books already" in answer.text


@pytest.mark.behaviour(339)
@pytest.mark.behaviour(17)
async def test_deleting_says_which_workflows_use_it_and_is_for_owners(
    shop: Shop, google: GoogleSheetsServer, queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    owner, manager = await shop.browser(shop.world.owner), await shop.browser(shop.world.manager)
    await manager.post(NEW, data={"connection_name": "Books", "service_account": google.key_file})
    id_ = await _id(shop)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        db.add(Workflow(name="Leads to sheet", draft={"steps": [{"params": {"connection_id": id_}}]}))
        db.add(Workflow(name="Another", draft={"steps": [{"params": {"connection_id": id_ + 1, "other": id_}}]}))
    await owner.get(LIST)
    with queries(at_most=8):
        page = (await owner.get(LIST)).text
    assert "The workflow Leads to sheet uses it" in page
    assert (await manager.post(f"{LIST}/{id_}/deletion")).status_code == 403
    assert (await owner.post(f"{LIST}/{id_}/deletion")).status_code == 303
    assert await shop.rows("SELECT id FROM connection") == []
    assert (await owner.post(f"{LIST}/{id_}/deletion")).status_code == 404


async def test_an_integration_that_is_not_there_is_said(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    assert (await browser.get(f"{LIST}/new/nonsense")).status_code == 404
    assert (await browser.get(f"{LIST}/99/edit")).status_code == 404


async def test_agents_see_no_connections(shop: Shop) -> None:
    agent = await shop.browser(shop.world.agent)
    assert (await agent.get(LIST)).status_code == 403
    assert (await agent.get(NEW)).status_code == 403


async def test_another_workspace_reaches_no_connection(shop: Shop, other_shop: Shop, google: GoogleSheetsServer) -> None:
    await (await shop.browser(shop.world.manager)).post(NEW, data={"connection_name": "Books", "service_account": google.key_file})
    stranger = await other_shop.browser(other_shop.world.owner)
    assert "Books" not in (await stranger.get(LIST)).text
    assert (await stranger.post(f"{LIST}/{await _id(shop)}/deletion")).status_code == 404
    assert json.loads(google.key_file)["client_email"] not in (await stranger.get(LIST)).text
