"""Inviting somebody, what they may do then, and taking it away again; the pages of people, looked at."""

import re

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.access import Access
from ismessenger.accounts.invite import invite as invite_them
from ismessenger.accounts.tokens import create_token
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.tenancy.catalog import Letter, Workspace
from tests.browser.stories.conftest import AgentPage, Opens, Product
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look

pytestmark = pytest.mark.browser


async def link_to(shop: Shop, email: str) -> str:
    """The link in the newest letter to somebody."""
    async with shop.installation.tenancy.catalog() as catalog:
        statement = select(col(Letter.text)).where(col(Letter.to) == email).order_by(col(Letter.id).desc()).limit(1)
        words = (await catalog.execute(statement)).scalar_one()
    return next(line for line in words.splitlines() if "/invitations/" in line)


async def invite(page: Page, address: str, email: str, role: str) -> None:
    """Fill the form of an invitation and send it."""
    await page.goto(f"{address}/settings/users")
    await page.get_by_role("link", name="Invite", exact=True).click()
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_role("radio", name=re.compile(f"^{role}")).check()


@pytest.mark.behaviour(130)
async def test_an_invited_person_sees_what_was_given_to_them(shop: Shop, product: Product, agent_page: AgentPage, opens: Opens) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Bo", "Not for everybody")
    email = f"ada.{shop.world.workspace_id}@example.com"
    desk = await agent_page(shop.world.owner)
    await invite(desk.page, product.address, email, "Agent")
    await expect(desk.page.get_by_role("group", name="Restrictions of this Manager")).to_be_hidden()
    await desk.page.get_by_role("radio", name="Only contacts assigned to them").check()
    await desk.page.get_by_role("button", name="Send invitation").click()
    await expect(desk.page.get_by_role("status").filter(has_text="on its way")).to_be_visible()
    await expect(desk.page.get_by_role("region", name="Invited")).to_contain_text(email)

    context, _watch = await opens("Ada")
    page = await context.new_page()
    await page.goto(await link_to(shop, email))
    await expect(page.get_by_role("heading")).to_contain_text("Join")
    await page.get_by_label("Your name").fill("Ada Nwosu")
    await page.get_by_label("Password").fill("seven green lamps sing")
    await page.get_by_role("button", name="Join").click()
    await expect(page.locator(".inbox-link[data-inbox-name]")).to_have_text([re.compile("Mine")])
    await expect(page.get_by_text("Not for everybody")).to_have_count(0)
    await expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings")).to_have_count(0)

    await desk.page.goto(f"{product.address}/settings/users")
    row = desk.page.get_by_role("listitem").filter(has_text=email)
    await expect(row).to_contain_text("Ada Nwosu")
    await expect(row).to_contain_text("Agent")
    await expect(desk.page.get_by_role("region", name="Invited")).to_contain_text("Nobody is invited")


@pytest.mark.behaviour(132)
async def test_a_change_of_access_loads_the_open_page_again_and_removal_ends_it(
    shop: Shop, product: Product, agent_page: AgentPage
) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Bo", "For everybody")
    agent, desk = await agent_page(shop.world.agent), await agent_page(shop.world.owner)
    await agent.open()
    await expect(agent.card("Bo")).to_be_visible()
    await desk.page.goto(f"{product.address}/settings/users/{shop.world.agent.id}")
    await desk.page.get_by_role("radio", name="Only contacts assigned to them").check()
    await desk.page.get_by_role("button", name="Save").click()
    await expect(desk.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await expect(agent.page.locator(".inbox-link[data-inbox-name]")).to_have_text([re.compile("Mine")])
    await expect(agent.card("Bo")).to_have_count(0)
    await agent.is_live()

    await desk.page.get_by_role("link", name=f"Edit {shop.world.agent.name}").click()
    await desk.page.get_by_role("button", name="Remove…").click()
    question = desk.page.get_by_role("dialog")
    await expect(question).to_contain_text("No contact is assigned to them.")
    await question.get_by_role("button", name="Remove").click()
    await expect(desk.page.get_by_role("status").filter(has_text="Removed")).to_be_visible()
    await agent.page.wait_for_url(re.compile("/workspaces"))


async def test_a_token_is_copied_and_does_not_come_back(shop: Shop, product: Product, agent_page: AgentPage) -> None:
    desk = await agent_page(shop.world.owner)
    await desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await desk.page.goto(f"{product.address}/settings/tokens")
    await desk.page.get_by_label("Name").fill("Order system")
    await desk.page.get_by_role("button", name="Make token").click()
    await expect(desk.page.get_by_role("button", name="Copy")).to_be_visible()
    # The page reads itself again: the token is not in the answer, and stays on the screen.
    async with desk.page.expect_response(lambda answer: answer.url.endswith("/settings/tokens") and answer.request.method == "GET"):
        await shop.installation.publisher.send(shop.world.workspace_id, [{"kind": "refresh", "contact_id": 0}])
    await desk.page.get_by_role("button", name="Copy").click()
    await expect(desk.page.get_by_role("button", name="Copied")).to_be_visible()
    token = await desk.page.evaluate("navigator.clipboard.readText()")
    assert token.startswith("ism_")
    await desk.page.get_by_role("link", name="Users", exact=True).first.click()
    await expect(desk.page.get_by_role("heading", name="Users")).to_be_visible()
    await desk.page.go_back()
    await expect(desk.page.get_by_role("heading", name="API tokens")).to_be_visible()
    await expect(desk.page.get_by_text(token)).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_pages_of_people(shop: Shop, product: Product, agent_page: AgentPage, opens: Opens, phone: bool) -> None:
    pages = await furnish(shop)
    desk = await agent_page(shop.world.owner, phone=phone)
    desk.watch.expect("422")
    width, page, found = 390 if phone else 1440, desk.page, list[str]()
    for name, path in pages.items():
        await page.goto(product.address + path)
        found += await look(page, name, width)
        if (
            button := page.get_by_role("button", name=re.compile("^(Remove…|Delete…|Revoke .*…|Cancel the invitation.*)$")).first
        ) and await button.count():
            await button.click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            found += await look(page, f"{name}-question", width)
    await page.goto(f"{product.address}/settings/users/invitations/new")
    await page.get_by_label("E-mail").fill(shop.world.agent.email)
    await page.get_by_role("button", name="Send invitation").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found += await look(page, "user-new-wrong", width)
    await page.goto(f"{product.address}/settings/tokens")
    await page.get_by_label("Name").fill("Order system")
    await page.get_by_role("button", name="Make token").click()
    await expect(page.get_by_role("button", name="Copy")).to_be_visible()
    found += await look(page, "token-new", width)

    link = await link_to(shop, f"dee.{shop.world.workspace_id}@example.com")
    desk.watch.expect("403")
    await page.goto(link)
    found += await look(page, "invitation-other", width)
    context, watch = await opens("stranger", phone=phone)
    watch.expect("410", "422")
    page = await context.new_page()
    await page.goto(link)
    found += await look(page, "invitation-newcomer", width)
    await page.goto(f"{product.address}/invitations/none")
    found += await look(page, "invitation-over", width)
    assert "\n".join(found) == ""


async def invited(shop: Shop, name: str, *restrictions: str) -> None:
    """Somebody is invited as an Agent."""
    async with shop.installation.tenancy.catalog() as catalog:
        workspace = await catalog.get_one(Workspace, shop.world.workspace_id)
    email = f"{name}.{shop.world.workspace_id}@example.com"
    await invite_them(shop.installation, workspace, email=email, access=Access("agent", restrictions), by=shop.world.owner)


async def furnish(shop: Shop) -> dict[str, str]:
    """People, teams, invitations and tokens to look at; names and paths of the pages."""
    world = shop.world
    # Something happened in the workspace already: its pages are not told to read themselves again.
    await shop.wrote(await shop.quiet(), "Bo")
    await shop.change("INSERT INTO team (name, description, created_at) VALUES ('Sales', 'Lamps, prices, offers', now())")
    await shop.change("INSERT INTO team (name, description, created_at) VALUES ('Customer support in German', '', now())")
    await shop.change(
        "UPDATE member SET team_id = (SELECT max(id) FROM team), restrictions = :r WHERE id = :m",
        r=[ONLY_TEAM, "shortcuts"],
        m=world.agent.id,
    )
    await shop.change("UPDATE member SET restrictions = '{data_export,workflows}' WHERE id = :m", m=world.manager.id)
    for number in range(8):
        values = {"a": 10_000_000 + number, "n": f"Colleague Number {number}", "e": f"colleague.number.{number}@lumen-lamps.example"}
        await shop.change(
            "INSERT INTO member (account_id, name, email, role, picture, status, restrictions, created_at, last_active_at)"
            " VALUES (:a, :n, :e, 'agent', '', 'online', '{}', now(), now() - interval '3 days')",
            **values,
        )
    await invited(shop, "dee", ONLY_MINE)
    await invited(shop, "a.rather.long.address.of.somebody")
    await create_token(shop.installation, world.workspace_id, "Order system", created_by=world.owner.name)
    ((team_id,),) = await shop.rows("SELECT max(id) FROM team")
    return {
        "users": "/settings/users",
        "user": f"/settings/users/{world.agent.id}",
        "user-manager": f"/settings/users/{world.manager.id}",
        "user-new": "/settings/users/invitations/new",
        "teams": "/settings/teams",
        "team": f"/settings/teams/{team_id}",
        "team-new": "/settings/teams/new",
        "tokens": "/settings/tokens",
    }
