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
