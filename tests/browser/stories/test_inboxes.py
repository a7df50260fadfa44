"""The inboxes of the sidebar: standing ones, stages, teams, saved filters; what a list shows, and what is done with many at once."""


import pytest
from playwright.async_api import Page, expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop

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
    await page.screenshot(path="/tmp/shots/form.png")
    await page.get_by_label("Name").fill("Wholesale")
    await page.get_by_label("Emoji").fill("🏬")
    await filter_by_tag(page, "Wholesale")
    await page.get_by_label("Everybody").check()
    await page.get_by_role("button", name="Save inbox").click()
    await expect(page.locator("#list_title")).to_contain_text("Wholesale")
    await expect(desk.names).to_have_text(["Ada"])
    await expect(desk.inbox("Wholesale")).to_contain_text("1 open")
    await page.screenshot(path="/tmp/shots/custom.png")
    await desk.choose("Ada")
    await page.screenshot(path="/tmp/shots/custom2.png")
    for other in (shop.world.manager,):
        theirs = await agent_page(other)
        await theirs.open()
        await theirs.inbox("Wholesale").click()
        await expect(theirs.names).to_have_text(["Ada"])
        await theirs.page.get_by_role("button", name="About this inbox").click()
        await theirs.page.screenshot(path="/tmp/shots/others.png")
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
    await page.screenshot(path="/tmp/shots/list.png")
    await desk.card("Bo").hover()
    await page.screenshot(path="/tmp/shots/hover.png")
    await page.get_by_role("button", name="Choose several").click()
    await page.get_by_label("Choose Di").click()
    await page.get_by_label("Choose Bo").click(modifiers=["Shift"])
    await expect(page.get_by_text("3 chosen")).to_be_visible()
    await page.screenshot(path="/tmp/shots/choosing.png")
    bar = page.get_by_role("region", name="Chosen conversations")
    await bar.get_by_role("button", name="Assign").click()
    await page.get_by_role("dialog").get_by_label("Assign to").select_option(str(shop.world.manager.id))
    await page.screenshot(path="/tmp/shots/assign.png")
    await page.get_by_role("dialog").get_by_role("button", name="Assign").click()
    await expect(page.get_by_text("3 conversations assigned to")).to_be_visible()
    await page.screenshot(path="/tmp/shots/toast.png")
    await expect(other.inbox("Mine")).to_contain_text("3 open")
    await page.get_by_role("button", name="Undo").click()
    await expect(other.inbox("Mine")).to_contain_text("0 open")
