"""Choosing a workspace: the page, the menu, going there, and pages of the former one that are still open."""

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.members import members
from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import is_active, statuses
from tests.conftest import PASSWORD, World
from tests.web.site import STREAMS, Shop


async def both(shop: Shop, other_shop: Shop) -> Member:
    """The agent of the shop, who works in the other one too."""
    agent = shop.world.agent
    return await join_workspace(
        shop.installation, other_shop.world.workspace_id, email=agent.email, password=PASSWORD, name=agent.name, role="agent"
    )


async def name_of(world: World) -> str:
    return f"Shop {world.slug.rpartition('-')[2]}"


async def go(browser: httpx.AsyncClient, world: World) -> httpx.Response:
    return await browser.post(f"/workspaces/{world.workspace_id}/visit")


async def test_the_menu_shows_what_one_can_enter_with_the_open_one_marked(shop: Shop, other_shop: Shop) -> None:
    await both(shop, other_shop)
    browser = await shop.browser(shop.world.agent)
    menu = (await browser.get("/workspaces/menu")).text
    assert menu.count("/visit") == 2
    marked = menu.split('aria-current="true"')[0].rpartition("/workspaces/")[2]
    assert marked.startswith(f"{shop.world.workspace_id}/visit")
    assert "/workspaces/new" not in menu


async def test_going_to_another_workspace_changes_the_session_of_this_browser(shop: Shop, other_shop: Shop) -> None:
    await both(shop, other_shop)
    browser = await shop.browser(shop.world.agent)
    await other_shop.wrote("zoe", "from the other shop")
    assert "zoe" not in (await browser.get("/inbox")).text.lower()
    assert (await go(browser, other_shop.world)).headers["location"] == "/inbox"
    assert "zoe" in (await browser.get("/inbox")).text.lower()


@pytest.mark.parametrize("next_", ["https://evil.example", "//evil.example"])
async def test_going_leads_nowhere_else(shop: Shop, next_: str) -> None:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/workspaces/{shop.world.workspace_id}/visit", data={"next": next_})
    assert answer.headers["location"] == "/inbox"


async def test_a_workspace_that_one_does_not_belong_to_is_not_entered(shop: Shop, other_shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    for workspace_id in (other_shop.world.workspace_id, 10**17):
        answer = await browser.post(f"/workspaces/{workspace_id}/visit")
        assert answer.status_code == 404
        assert "not a member" in answer.text
    there = await both(shop, other_shop)
    await other_shop.change("UPDATE member SET removed_at = now() WHERE id = :id", id=there.id)
    assert (await go(browser, other_shop.world)).status_code == 404
    assert (await browser.get("/inbox")).status_code == 200


@pytest.mark.behaviour(122)
async def test_a_page_of_the_former_workspace_changes_nothing_in_the_new_one(shop: Shop, other_shop: Shop) -> None:
    await both(shop, other_shop)
    theirs = await other_shop.wrote("zoe")
    browser = await shop.browser(shop.world.agent)
    await go(browser, other_shop.world)
    old_page, new_page = ({"X-Workspace": str(each.world.workspace_id)} for each in (shop, other_shop))
    before = await other_shop.value("SELECT count(*) FROM comment")
    for address, data in ((f"/contacts/{theirs}/comments", {"text": "hi"}), (f"/contacts/{theirs}/assignment", {"assignee_id": ""})):
        refused = await browser.post(address, data=data, headers={**STREAMS, **old_page})
        assert refused.status_code == 409
        assert "another workspace" in refused.text
    frame = {"Turbo-Frame": "thread"}
    assert (await browser.get(f"/inbox/all/contacts/{theirs}", headers=old_page | frame)).status_code == 409
    assert await other_shop.value("SELECT count(*) FROM comment") == before
    assert (await browser.get("/inbox", headers=old_page)).status_code == 200
    assert (await browser.post(f"/contacts/{theirs}/comments", data={"text": "hi"}, headers={**STREAMS, **new_page})).status_code == 200


async def test_whoever_goes_is_no_longer_online_where_they_were(shop: Shop, other_shop: Shop) -> None:
    await both(shop, other_shop)
    agent = shop.world.agent
    await is_active(shop.installation, shop.world.workspace_id, agent.id, returns=False)
    await go(await shop.browser(agent), other_shop.world)
    async with shop.installation.tenancy.reading(shop.world.workspace_id) as db:
        assert (await statuses(db, shop.installation.redis, await members(db)))[agent.id] == "offline"


async def test_whoever_has_no_workspace_is_told_what_to_do_and_can_make_one(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await shop.change("UPDATE member SET removed_at = now() WHERE id = :id", id=shop.world.agent.id)
    async with shop.installation.tenancy.catalog() as catalog:
        from sqlalchemy import text  # noqa: PLC0415

        for table in ("membership", "organization_member"):
            await catalog.execute(text(f"DELETE FROM catalog.{table} WHERE account_id = :id"), {"id": shop.world.agent.account_id})
    assert (await browser.get("/inbox")).headers["location"] == "/workspaces"
    page = await browser.get("/workspaces")
    assert page.status_code == 200
    assert "You are in no workspace" in page.text
    assert (await browser.post("/workspaces", data={"organization": "", "name": " "})).status_code == 422
    made = await browser.post("/workspaces", data={"organization": "Agent and Sons", "name": "Studio"})
    assert made.status_code == 303
    assert "Studio" in (await browser.get("/inbox")).text


async def test_without_a_session_there_is_nothing_to_choose(app: Starlette) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as stranger:
        assert (await stranger.get("/workspaces")).headers["location"].startswith("/session/new")
        assert (await stranger.post("/workspaces/1/visit")).status_code == 401
