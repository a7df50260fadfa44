"""Managers and agents on a phone: everything is met by a finger, and nothing is left out that a desk can do."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
# Whoever aims 21 px beside the middle still meets it: it, what is in it, or the label that it has.
MISSED = """[...document.querySelectorAll('a[href], button, select, input:not([type=hidden]), summary')]
  .filter(each => each.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !each.disabled)
  .filter(each => !each.closest('.bubble, .toasts') && each.getBoundingClientRect().width > 1)
  .flatMap(each => {
    const whole = each.closest('label') ?? each;
    whole.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
    const {left, top, width, height} = whole.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const meets = (across, down) => {
      const met = document.elementFromPoint(x + across, y + down);
      return met !== null && (whole.contains(met) || (met.closest('label') ?? met).contains(each));
    };
    const inside = (at, end) => at >= 22 && at <= end - 22;
    if (!meets(0, 0)) return [];
    const low = inside(y, innerHeight) && height < 43.5 && !(meets(0, -21) && meets(0, 21));
    const narrow = inside(x, innerWidth) && width < 43.5 && !(meets(-21, 0) && meets(21, 0));
    const named = each.ariaLabel || each.innerText || each.name;
    return low || narrow ? [`${Math.round(width)} x ${Math.round(height)} ${each.className} ${named}`] : [];
  })"""


async def missed(page: Page) -> list[str]:
    """What a finger does not meet on the page as it stands."""
    await page.evaluate("document.fonts.ready")
    found: list[str] = await page.evaluate(MISSED)
    return found


@pytest.mark.behaviour(395)
async def test_every_control_of_an_agent_is_met_by_a_finger(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    contact_id = await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    tag = "INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('Lamps', '', '', 'green', now())"
    await shop.change(tag)
    await shop.change("UPDATE contact SET tag_ids = (SELECT array_agg(id) FROM tag)")
    desk = await agent_page(shop.world.agent, phone=True)
    page = desk.page
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await expect(desk.bubble("Is the lamp in stock?")).to_be_visible()
    assert await missed(page) == []
    await page.get_by_role("button", name="Contact", exact=True).tap()
    await expect(page.get_by_role("button", name="Remove the tag Lamps")).to_be_visible()
    assert await missed(page) == []
    await desk.open()
    await page.get_by_role("button", name="Change inbox").tap()
    await expect(page.get_by_role("link", name="New inbox")).to_be_visible()
    assert await missed(page) == []
    for path in ("/inboxes/new", "/account/notifications", "/account/snippets/new", "/workspaces"):
        await page.goto(desk.address + path)
        assert (path, await missed(page)) == (path, [])


@pytest.mark.behaviour(395)
async def test_every_control_of_a_manager_is_met_by_a_finger(shop: Shop, agent_page: AgentPage) -> None:
    await shop.wrote(await shop.quiet(), "Ada")
    desk = await agent_page(shop.world.manager, phone=True)
    places = (
        "/contacts",
        "/settings/channels",
        "/settings/users",
        "/settings/users/invitations/new",
        "/settings/general",
        "/settings/tokens",
    )
    for path in places:
        await desk.page.goto(desk.address + path)
        assert (path, await missed(desk.page)) == (path, [])


@pytest.mark.behaviour(396)
async def test_a_block_closes_the_composer_at_once_and_its_end_opens_it(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.wrote(await shop.quiet(), "Ada", "Hello")
    desk, colleague = await agent_page(shop.world.agent, phone=True), await agent_page(shop.world.manager)
    for each in (desk, colleague):
        await each.open(f"/inbox/all/contacts/{contact_id}")
    closed = [each.page.locator("#reply_panel").get_by_text("This contact is blocked. Unblock it to write.") for each in (desk, colleague)]
    more = desk.page.get_by_role("button", name="More actions")
    await more.tap()
    await desk.page.get_by_role("button", name="Block", exact=True).tap()
    for each, words in zip((desk, colleague), closed, strict=True):
        await expect(words).to_be_visible()
        await expect(each.reply).to_be_hidden()
    await more.tap()
    await desk.page.locator("#more_menu").get_by_role("button", name="Unblock", exact=True).tap()
    for each, words in zip((desk, colleague), closed, strict=True):
        await expect(words).to_be_hidden()
        await expect(each.reply).to_be_visible()


@pytest.mark.behaviour(397)
async def test_a_conversation_is_closed_with_a_note_on_a_phone_too(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.wrote(await shop.quiet(), "Ada", "Thank you")
    desk = await agent_page(shop.world.agent, phone=True)
    page = desk.page
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await page.get_by_role("button", name="More actions").tap()
    await page.get_by_role("link", name="Close with a note…").tap()
    await page.get_by_label("Summary").fill("Wanted to say thanks")
    await page.get_by_role("dialog").get_by_role("button", name="Close conversation").tap()
    await expect(desk.thread).to_contain_text("Wanted to say thanks")
    await page.get_by_role("button", name="More actions").tap()
    await expect(page.get_by_role("button", name="Mark as unread")).to_be_visible()
    await expect(page.get_by_role("link", name="Close with a note…")).to_be_hidden()
