"""The inboxes of the sidebar: standing ones, stages, teams, saved filters; what a list shows, and what is done with many at once."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from ismessenger.conditions.tree import Group, Leaf
from ismessenger.contacts.block import block_contacts
from ismessenger.contacts.lifecycle import enable_lifecycle
from ismessenger.contacts.mark import tag_contacts
from ismessenger.conversations.custom import InboxDraft, add_inbox
from ismessenger.conversations.snooze import snooze_contacts
from ismessenger.kit.clock import now
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look

pytestmark = pytest.mark.browser


async def filter_by_tag(page: Page, *tags: str) -> None:
    """One condition: the contact has any of these tags."""
    await page.get_by_role("button", name="Add condition").click()
    await page.get_by_label("What the condition is about").select_option(label="Tags")
    await page.get_by_role("button", name="Choose values").click()
    for tag in tags:
        await page.get_by_role("dialog", name="Values").get_by_label(tag, exact=True).check()
    await page.keyboard.press("Escape")


async def tagged(shop: Shop, name: str, *contact_ids: int) -> None:
    """A new tag on these contacts."""
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES (:n, '', '', 'green', now())", n=name)
    await shop.change(
        "UPDATE contact SET tag_ids = array_append(tag_ids, (SELECT id FROM tag WHERE name = :n)) WHERE id = ANY(:c)",
        n=name,
        c=list(contact_ids),
    )


async def team_of(shop: Shop, name: str, *member_ids: int) -> int:
    """A team of these members."""
    await shop.change("INSERT INTO team (name, description, created_at) VALUES (:n, '', now())", n=name)
    ((team_id,),) = await shop.rows("SELECT id FROM team WHERE name = :n", n=name)
    await shop.change("UPDATE member SET team_id = :t WHERE id = ANY(:m)", t=team_id, m=list(member_ids))
    return int(team_id)


@pytest.mark.behaviour(200)
async def test_an_agent_makes_an_inbox_and_shares_it(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    ada, _bo = await shop.wrote(channel_id, "Ada"), await shop.wrote(channel_id, "Bo")
    await tagged(shop, "Wholesale", ada)
    desk = await agent_page(shop.world.agent)
    await desk.open()
    page = desk.page
    await page.get_by_role("link", name="New inbox").click()
    await page.get_by_label("Name").fill("Wholesale")
    await page.get_by_label("Emoji").fill("🏬")
    await filter_by_tag(page, "Wholesale")
    await page.get_by_label("Everybody").check()
    await page.get_by_role("button", name="Save inbox").click()
    await expect(page.locator("#list_title")).to_contain_text("Wholesale")
    await expect(desk.names).to_have_text(["Ada"])
    await expect(desk.inbox("Wholesale")).to_contain_text("1 open")
    await desk.choose("Ada")
    for other in (shop.world.manager,):
        theirs = await agent_page(other)
        await theirs.open()
        await theirs.inbox("Wholesale").click()
        await expect(theirs.names).to_have_text(["Ada"])
        await theirs.page.get_by_role("button", name="About this inbox").click()
        await expect(theirs.page.get_by_role("link", name="Edit and share")).to_have_count(0)


@pytest.mark.behaviour(202)
async def test_several_are_assigned_closed_and_snoozed_at_once_and_brought_back(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    for name in ("Ada", "Bo", "Cy", "Di"):
        await shop.wrote(channel_id, name)
    desk, other = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    await desk.open()
    await other.open()
    page = desk.page
    await desk.card("Bo").hover()
    await page.get_by_role("button", name="Choose several").click()
    await page.get_by_label("Choose Di").click()
    await page.get_by_label("Choose Bo").click(modifiers=["Shift"])
    await expect(page.get_by_text("3 chosen")).to_be_visible()
    bar = page.get_by_role("region", name="Chosen conversations")
    await bar.get_by_role("button", name="Assign").click()
    await page.get_by_role("dialog").get_by_label("Assign to").select_option(str(shop.world.manager.id))
    await page.get_by_role("dialog").get_by_role("button", name="Assign").click()
    notice = await desk.notice("3 conversations assigned to")
    await expect(other.inbox("Mine")).to_contain_text("3 open")
    await notice.get_by_role("button", name="Undo").click()
    await expect(other.inbox("Mine")).to_contain_text("0 open")


@pytest.mark.behaviour(206)
async def test_a_contact_goes_to_the_lists_it_belongs_to_while_they_are_open(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    ada, bo = await shop.wrote(channel_id, "Ada"), await shop.wrote(channel_id, "Bo")
    agent, manager, owner = shop.world.agent, shop.world.manager, shop.world.owner
    team_id = await team_of(shop, "Sales", agent.id)
    desk, team, snoozed, blocked = [await agent_page(member) for member in (manager, owner, owner, agent)]
    await desk.open()
    await team.open(f"/inbox/team-{team_id}")
    await snoozed.open("/inbox?status=snoozed")
    await blocked.open("/inbox/blocked")
    await expect(team.page.get_by_text("Nothing waits for this team")).to_be_visible()
    await desk.choose("Ada")
    await desk.assigns(agent.name)
    await expect(team.names).to_have_text(["Ada"])
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await snooze_contacts(db, [ada], now() + timedelta(days=1), by=manager.id)
    await expect(snoozed.names).to_have_text(["Ada"])
    await expect(snoozed.card("Ada").locator(".contact-card-status")).to_be_visible()
    await expect(team.names).to_have_count(0)
    await expect(desk.names).to_have_text(["Bo"])
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await block_contacts(db, [bo], by=manager.id)
    await expect(blocked.names).to_have_text(["Bo"])
    await expect(desk.names).to_have_count(0)
    await shop.wrote(channel_id, "Ada", "Wake up")
    await expect(team.names).to_have_text(["Ada"])
    await expect(snoozed.names).to_have_count(0)


@pytest.mark.behaviour(206)
async def test_a_custom_inbox_asks_the_server_who_belongs_to_it(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    ada = await shop.wrote(channel_id, "Ada")
    await tagged(shop, "VIP", ada)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        ((tag_id,),) = await shop.rows("SELECT id FROM tag")
        leaf = Leaf(category="contactTag", operator="hasAnyOf", value=(tag_id,))
        inbox = await add_inbox(db, shop.world.agent, InboxDraft("VIPs", Group(items=(leaf,))))
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/custom-{inbox.id}")
    await expect(desk.names).to_have_text(["Ada"])
    bo = await shop.wrote(channel_id, "Bo")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await tag_contacts(db, [bo], add=[tag_id])
    await expect(desk.names).to_have_text(["Bo", "Ada"], timeout=15_000)
    await shop.wrote(channel_id, "Ada", "Me again")
    await expect(desk.names).to_have_text(["Ada", "Bo"])
    # Groups that were folded stay so, and the number of one that is open comes.
    page = desk.page
    await expect(desk.inbox("VIPs")).to_contain_text("2 open", timeout=25_000)
    await page.get_by_text("Custom", exact=True).click()
    await page.reload()
    await expect(desk.inbox("VIPs")).to_be_hidden()


async def test_one_at_a_click_on_its_card(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    for name in ("Ada", "Bo", "Cy"):
        await shop.wrote(channel_id, name)
    desk = await agent_page(shop.world.agent)
    await desk.open()
    page = desk.page
    await desk.card("Cy").hover()
    await page.get_by_role("button", name="Assign to me: Cy").click()
    await expect(page.get_by_text("1 conversation assigned to")).to_be_visible()
    await expect(desk.card("Cy")).to_have_attribute("data-assignee-id", str(shop.world.agent.id))
    await desk.card("Bo").hover()
    await page.get_by_role("button", name="Close: Bo").click()
    notice = await desk.notice("1 conversation closed")
    await expect(desk.names).to_have_text(["Cy", "Ada"])
    await notice.get_by_role("button", name="Undo").click()
    await expect(desk.names).to_have_text(["Cy", "Bo", "Ada"])
    await desk.card("Ada").hover()
    await page.get_by_role("button", name="Snooze: Ada").click()
    await page.get_by_role("dialog").get_by_role("button", name="Tomorrow").click()
    await expect(desk.names).to_have_text(["Cy", "Bo"])
    await page.get_by_role("button", name="Status: Open").click()
    await page.get_by_role("link", name="Snoozed").click()
    await expect(desk.names).to_have_text(["Ada"])
    assert await shop.rows("SELECT status FROM contact WHERE first_name = 'Ada'") == [("snoozed",)]


@pytest.mark.behaviour(203)
async def test_all_that_the_list_shows_is_closed_by_a_job(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    for number in range(32):
        await shop.wrote(channel_id, f"Person {number}")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    page = desk.page
    await page.get_by_role("button", name="Choose several").click()
    bar = page.get_by_role("region", name="Chosen conversations")
    await bar.get_by_role("button", name="All that the list shows").click()
    await bar.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("heading", name="Close 32 conversations?")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Close conversations").click()
    await expect(page.get_by_text("32 changed")).to_be_visible(timeout=20_000)
    await expect(page.get_by_text("No open conversation", exact=True)).to_be_visible()


async def test_the_pages_hold_in_both_themes_and_sizes(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    ada = await shop.wrote(channel_id, "Ada")
    await shop.wrote(channel_id, "Bo")
    await tagged(shop, "Wholesale", ada)
    await team_of(shop, "Sales", shop.world.agent.id)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        leaf = Leaf(category="contactTag", operator="hasNoneOf", value=(10**6,))
        await add_inbox(db, shop.world.manager, InboxDraft("Broken", Group(items=(leaf,)), emoji="🏬", sharing="public"))
        own = await add_inbox(db, shop.world.agent, InboxDraft("Night shift", Group(items=(leaf,)), description="What comes at night"))
    found = []
    for phone, width in ((False, 1440), (True, 390)):
        desk = await agent_page(shop.world.agent, phone=phone)
        for name, path in (("inboxes", "/inbox"), ("inbox-broken", f"/inbox/custom-{own.id}"), ("inbox-form", f"/inboxes/{own.id}")):
            await desk.open(path)
            found += await look(desk.page, name, width)
            if name == "inboxes":
                await desk.page.get_by_role("button", name="Choose several").click()
                found += await look(desk.page, "inbox-choosing", width)
                if phone:
                    await desk.page.get_by_role("button", name="Change inbox").click()
                    found += await look(desk.page, "inbox-switch", width)
    assert found == []
