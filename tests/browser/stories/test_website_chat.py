"""A visitor of the website and an agent talk to each other."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.stories.conftest import AgentPage, VisitorPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.pictures import PDF, png
from tests.browser.stories.shop import Shop
from tests.browser.stories.visitor import Visitor
from tests.web.widget.site import Site

pytestmark = pytest.mark.browser

# What the clipboard of the machine would do, without touching it.
PASTE = """
(field, bytes) => {
  const held = new DataTransfer();
  held.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}));
  field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: held, bubbles: true, cancelable: true}));
}
"""


@pytest.fixture
async def talk(shop: Shop, site: Site, agent_page: AgentPage, visitor_page: VisitorPage) -> tuple[Desk, Visitor]:
    """A visitor has written; the agent has the thread open."""
    desk = await agent_page(shop.world.agent)
    await desk.open("/inbox/unassigned")
    guest = await visitor_page(site)
    await guest.open()
    await guest.introduces("Ada Lamp")
    await guest.says("Is the lamp in stock?")
    await desk.choose("Ada Lamp")
    return desk, guest


async def loaded(page: Page, name: str) -> tuple[int, int]:
    """Width and height of the picture with this name, once the browser has decoded it."""
    picture = page.get_by_role("img", name=name)
    await expect(picture).to_be_visible()
    size = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    width, height = await picture.evaluate(size)
    return width, height


async def test_a_visitor_who_writes_appears_live_and_is_answered(talk: tuple[Desk, Visitor], shop: Shop) -> None:
    desk, guest = talk
    await expect(desk.card("Ada Lamp")).to_contain_text("Is the lamp in stock?")
    await desk.writes("It is, in **white**.")
    await guest.hears("It is, in white.")
    await expect(guest.log.locator(".who")).to_have_text(shop.world.agent.name)
    await expect(desk.assignee).to_have_text(shop.world.agent.name)
    await expect(desk.card("Ada Lamp")).to_have_count(0)
    await expect(desk.ticks("It is")).to_have_text(re.compile("^Read"))


async def test_the_form_before_the_chat_names_the_contact(talk: tuple[Desk, Visitor]) -> None:
    desk, _guest = talk
    panel = desk.page.get_by_role("complementary", name="Contact")
    await expect(panel.get_by_role("heading", name="Ada Lamp")).to_be_visible()
    await expect(panel).to_contain_text("Shop chat")


async def test_each_sees_the_other_typing(talk: tuple[Desk, Visitor], shop: Shop) -> None:
    desk, guest = talk
    await guest.field.press_sequentially("And in")
    await expect(desk.page.get_by_text("Ada Lamp is writing…")).to_be_visible()
    await guest.field.press("Enter")
    await expect(desk.bubble("And in")).to_have_count(1)
    await expect(desk.page.get_by_text("Ada Lamp is writing…")).to_be_hidden()
    await desk.reply.press_sequentially("One mo")
    await expect(guest.log.get_by_text(f"{shop.world.agent.name} is typing")).to_be_attached()


async def test_a_picture_and_a_file_of_the_visitor_are_shown_in_place(talk: tuple[Desk, Visitor]) -> None:
    desk, guest = talk
    await guest.attaches("corner.png", "image/png", png(120, 80))
    assert await loaded(desk.page, "Photo from Ada Lamp") == (120, 80)
    await guest.attaches("plan.pdf", "application/pdf", PDF)
    link = desk.thread.get_by_role("link", name="plan.pdf")
    async with desk.page.expect_download() as started:
        await link.click()
    assert (await (await started.value).path()).read_bytes() == PDF
    await expect(desk.thread.locator("[data-incoming]")).to_have_count(3)


async def test_a_picture_that_an_agent_pastes_arrives(talk: tuple[Desk, Visitor], shop: Shop) -> None:
    desk, guest = talk
    await desk.reply.evaluate(PASTE, list(png(90, 60)))
    await expect(desk.page.locator(".composer-file[data-done]")).to_contain_text("image.png")
    await desk.reply.fill("This corner?")
    await desk.reply.press("Enter")
    await expect(desk.page.locator(".composer-file")).to_have_count(0)
    assert await loaded(desk.page, f"Photo from {shop.world.agent.name}") == (90, 60)
    await guest.hears("This corner?")
    picture = guest.log.locator(".item:not(.mine) img")
    await expect(picture).to_have_count(1)
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 90


async def test_a_file_that_an_agent_chooses_arrives(talk: tuple[Desk, Visitor]) -> None:
    desk, guest = talk
    async with desk.page.expect_file_chooser() as choosing:
        await desk.page.get_by_role("button", name="Attach files").click()
    await (await choosing.value).set_files({"name": "offer.pdf", "mimeType": "application/pdf", "buffer": PDF})
    await expect(desk.page.locator(".composer-file[data-done]")).to_contain_text("offer.pdf")
    await desk.page.get_by_role("button", name="Send", exact=True).click()
    await expect(guest.log.get_by_role("link", name="offer.pdf")).to_be_visible()
    await expect(desk.thread.get_by_role("link", name="offer.pdf")).to_be_visible()


async def test_a_visitor_who_comes_back_finds_the_history(talk: tuple[Desk, Visitor]) -> None:
    desk, guest = talk
    await desk.says("It is.")
    await guest.hears("It is.")
    await guest.page.reload()
    await guest.hears("Is the lamp in stock?")
    await guest.hears("It is.")
    await guest.says("Then I take it")
    await expect(desk.bubble("Then I take it")).to_have_count(1)


@pytest.mark.behaviour(2, 5)
async def test_writing_again_after_the_end_opens_anew_with_the_same_person(talk: tuple[Desk, Visitor], shop: Shop) -> None:
    desk, guest = talk
    await desk.says("It is.")
    await guest.hears("It is.")
    await desk.closes()
    await expect(desk.thread.get_by_text("Conversation closed")).to_be_attached()
    await desk.page.get_by_role("navigation", name="Inboxes").get_by_role("link", name="Mine").click()
    await desk.is_live()
    await expect(desk.card("Ada Lamp")).to_have_count(0)
    await guest.says("One more thing")
    await expect(desk.card("Ada Lamp")).to_contain_text("One more thing")
    await desk.choose("Ada Lamp")
    await expect(desk.assignee).to_have_text(shop.world.agent.name)
    await expect(desk.page.get_by_role("button", name="Close conversation")).to_be_visible()
    assert await shop.rows("SELECT count(*), count(closed_at) FROM conversation") == [(2, 1)]
