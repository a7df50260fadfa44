"""Pages that stay where they are: nothing jumps, nothing takes the focus away, what comes is said once; in every direction of writing."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser

# Source: W3C, "Layout Instability", and web.dev, "Cumulative Layout Shift": what follows a key or a click within half a second is expected.
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    const moved = shift.sources.map(({node}) => node && (node.id || node.className || node.parentElement?.className || node.nodeName));
    if (!shift.hadRecentInput) window.shifts.push([shift.value, moved.join(', ')]);
  }
}).observe({type: 'layout-shift', buffered: true});
"""
MOST = 0.05
RUNS = """each => {
  const style = getComputedStyle(each);
  if (style.unicodeBidi !== 'plaintext') return style.direction;
  const strong = /[\\p{L}]/u.exec(each.textContent || each.value || '')?.[0] ?? '';
  return /[\\u0590-\\u08ff]/.test(strong) ? 'rtl' : 'ltr';
}"""
WORDS = {"Hebrew": ("נועה לוי", "שלום, מתי מגיע המשלוח? Order #10482"), "Arabic": ("ليلى حداد", "مرحبا، أين طلبي رقم 10482؟")}


async def shifted(page: Page) -> list[list[object]]:
    """Everything that has moved by itself since the page was opened."""
    await page.wait_for_load_state("networkidle")
    found: list[list[object]] = await page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(shifts), 100)))")
    return found


async def runs(element: Locator, direction: str) -> None:
    """Wait until it is written that way: the words, or the bubble that the server drew, may be on their way still."""
    async with asyncio.timeout(10):
        while await element.evaluate(RUNS) != direction:  # noqa: ASYNC110 - a page has no event for it
            await asyncio.sleep(0.1)


@pytest.mark.behaviour(266)
@pytest.mark.parametrize("path", ["/inbox", "/inbox/all/contacts/{contact}", "/contacts", "/settings/channels", "/conversations/new"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
async def test_nothing_moves_while_a_page_comes(shop: Shop, agent_page: AgentPage, path: str, phone: bool) -> None:
    channel_id = await shop.quiet()
    for name in ("Bo", "Cy", "Dee"):
        await shop.wrote(channel_id, name, "Hello")
    contact_id = await shop.chatted(channel_id, "Ada", 8)
    desk = await agent_page(shop.world.owner, phone=phone)
    await desk.context.add_init_script(SHIFTS)
    await desk.open(path.format(contact=contact_id))
    shifts = await shifted(desk.page)
    assert sum(float(str(value)) for value, _what in shifts) < MOST, shifts


@pytest.mark.behaviour(265)
async def test_focus_and_words_stay_whatever_the_stream_brings(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    contact_id = await shop.wrote(channel_id, "Ada", "Hello")
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await desk.reply.fill("I am writ")
    await shop.wrote(channel_id, "Ada", "Are you there?")
    await shop.wrote(channel_id, "Bo", "Hello too")
    await shop.change("UPDATE contact SET first_name = 'Adaora' WHERE id = :c", c=contact_id)
    await shop.installation.publisher.send(shop.world.workspace_id, [{"kind": "contact", "contact_id": contact_id}])
    await expect(desk.page.locator("#thread_name")).to_have_text("Adaora")
    await expect(desk.bubble("Are you there?")).to_have_count(1)
    await expect(desk.card("Bo")).to_be_visible()
    await desk.page.keyboard.type("ing")
    await expect(desk.reply).to_have_value("I am writing")
    first_name = desk.page.get_by_role("complementary", name="Contact").get_by_label("First name")
    await first_name.focus()
    await shop.wrote(channel_id, "Ada", "Hello?")
    await expect(desk.bubble("Hello?")).to_have_count(1)
    await expect(first_name).to_be_focused()


@pytest.mark.behaviour(268)
async def test_a_message_is_said_once_and_politely(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    contact_id = await shop.wrote(channel_id, "Ada", "Hello")
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    said = desk.page.locator("#announcements")
    await expect(said).to_have_attribute("aria-live", "polite")
    await said.evaluate("""region => { window.said = []; new MutationObserver(() => window.said.push(region.textContent))
      .observe(region, {childList: true, subtree: true, characterData: true}); }""")
    await shop.wrote(channel_id, "Ada", "Is it blue?")
    await expect(said).to_have_text("Ada: Is it blue?")
    ((message_id,),) = await shop.rows("SELECT max(id) FROM message WHERE contact_id = :c", c=contact_id)
    # The stream brings it again: it has changed, and was said.
    for _again in range(2):
        await shop.installation.publisher.send(shop.world.workspace_id, [{"kind": "message", "contact_id": contact_id, "id": message_id}])
    await shop.wrote(channel_id, "Ada", "Or green?")
    await expect(said).to_have_text("Ada: Or green?")
    assert await desk.page.evaluate("window.said") == ["Ada: Is it blue?", "Ada: Or green?"]


@pytest.mark.behaviour(267)
@pytest.mark.parametrize("script", WORDS)
async def test_names_and_words_run_the_way_they_are_written(shop: Shop, agent_page: AgentPage, script: str) -> None:
    name, words = WORDS[script]
    contact_id = await shop.wrote(await shop.quiet(), name, words)
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    # Not a mere digit: the time below a message begins with one, too.
    await desk.says(f"{words} (2)")
    await desk.comments(f"{words} (3)")
    await desk.page.get_by_role("tab", name="Reply").click()
    await expect(desk.thread.locator(".bubble-text")).to_have_count(3)
    people = [
        *await desk.thread.locator(".bubble-text").all(),
        desk.page.locator("#thread_name"),
        desk.page.locator(".contact-name"),
        desk.page.locator(".contact-card-name").first,
        desk.page.locator(".contact-card-text").first,
        desk.page.get_by_role("complementary", name="Contact").get_by_label("First name"),
    ]
    await desk.reply.fill(words)
    people.append(desk.reply)
    for each in people:
        await runs(each, "rtl")
    await desk.reply.fill("")
    # An English answer beside it still runs from left to right, and so does the page.
    await desk.says("It arrives on Monday.")
    await runs(desk.bubble("It arrives on Monday.").locator(".bubble-text"), "ltr")
    assert await desk.page.evaluate("getComputedStyle(document.body).direction") == "ltr"
