"""Writing with snippets, variables, names, emoji and files of the library, by hand and by key."""

import re

import pytest
from playwright.async_api import Locator, expect

from ismessenger.accounts.visibility import ONLY_MINE
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.pictures import PDF
from tests.browser.stories.shop import Shop
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser
# With the selector that asks for the coloured form. Source: Unicode, UTS 51.
THUMB = "\N{THUMBS UP SIGN}\N{VARIATION SELECTOR-16}"


def options(desk: Desk) -> Locator:
    """What is offered over the place where somebody writes."""
    return desk.page.get_by_role("option").filter(visible=True)


def current(desk: Desk) -> Locator:
    """The choice that Enter takes."""
    return desk.page.locator("[role=option][aria-selected=true]")


async def add_file(desk: Desk, name: str) -> None:
    await desk.page.goto(f"{desk.address}/settings/files")
    await desk.page.get_by_label("Files", exact=True).set_input_files({"name": name, "mimeType": "application/pdf", "buffer": PDF})
    await desk.page.get_by_role("button", name="Add to the library").click()
    await expect(desk.page.get_by_role("link", name=name, exact=True)).to_be_visible()


async def add_snippet(desk: Desk, name: str, text: str, *, base: str = "/settings/snippets", topics: str = "", file: str = "") -> None:
    await desk.page.goto(f"{desk.address}{base}/new")
    await desk.page.get_by_label("Name").fill(name)
    await desk.page.get_by_label("Words").fill(text)
    await desk.page.get_by_label("Topics").fill(topics)
    if file:
        await desk.page.get_by_role("button", name="From the library").click()
        await desk.page.get_by_label("Find a file").fill(file[:3])
        await desk.page.get_by_role("button", name=file).click()
        await expect(desk.page.locator(".snippet-file")).to_contain_text(file)
    await desk.page.get_by_role("button", name="Add snippet").click()
    await expect(desk.page.get_by_role("link", name=name, exact=True)).to_be_visible()


@pytest.mark.behaviour(220)
@pytest.mark.behaviour(222)
async def test_a_snippet_is_made_found_seen_and_sent_with_its_file(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = (await shop.custom()).channel_id
    contact_id = await shop.wrote(channel_id, "Ada", "How much is it?")
    manager = await agent_page(shop.world.manager)
    await add_file(manager, "Prices.pdf")
    await add_snippet(manager, "Price list", "Hello {{$contact.firstname|there}}, here are our prices.", topics="Sales", file="Prices.pdf")
    await add_snippet(manager, "Opening hours", "We are here from nine to five.", topics="Shop")
    assert await accessibility(manager.page) == []
    desk = await agent_page(shop.world.agent)
    await add_snippet(desk, "Bye", "See you, {{$contact.email}}", base="/account/snippets")

    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await desk.reply.press_sequentially("/")
    await expect(options(desk)).to_have_count(5)  # two topics, three snippets
    await expect(desk.page.locator(".complete-panel [role=status], [role=status]").filter(has_text="5 choices")).to_have_count(1)
    assert await accessibility(desk.page) == []
    await desk.reply.press_sequentially("#sal")
    await expect(options(desk)).to_have_count(1)
    for _each in "#sal":
        await desk.reply.press("Backspace")
    await desk.reply.press_sequentially("pri")
    await expect(options(desk)).to_have_count(1)
    await expect(desk.page.locator("#reply_panel .complete-preview")).to_have_text("Hello Ada, here are our prices.")
    await desk.reply.press("Enter")
    await expect(options(desk)).to_have_count(0)
    await expect(desk.reply).to_have_value("Hello {{$contact.firstname|there}}, here are our prices.")
    await expect(desk.page.locator(".composer-file")).to_contain_text("Prices.pdf")
    await expect(desk.page.locator("#reply_panel .complete-line")).to_contain_text("Hello Ada, here are our prices.")
    await desk.reply.press("Enter")
    await expect(desk.bubble("Hello Ada, here are our prices.")).to_have_count(1)
    await expect(desk.page.locator("#reply_panel .complete-line")).to_be_hidden()
    await expect(desk.bubble("Prices.pdf").first).to_be_visible()

    # What is empty for this contact is flagged, and does not go.
    await desk.reply.press_sequentially("/bye")
    await expect(current(desk)).to_contain_text("Bye")
    await expect(desk.page.locator("#reply_panel .complete-preview")).to_contain_text("Ada has no $contact.email.")
    await desk.reply.press("Tab")
    line = desk.page.locator("#reply_panel .complete-line")
    await expect(line).to_contain_text("Ada has no $contact.email.")
    await desk.reply.press("Enter")
    await expect(desk.reply).to_have_value("See you, {{$contact.email}}")
    await expect(desk.bubble("See you")).to_have_count(0)
    await shop.change("UPDATE contact SET email = 'ada@example.com'")
    await desk.reply.press("End")
    await desk.reply.press_sequentially(" ")
    await expect(line).to_contain_text("See you, ada@example.com")
    await desk.reply.press("Enter")
    await expect(desk.bubble("See you, ada@example.com")).to_have_count(1)


async def test_enter_before_the_answer_takes_the_snippet_and_escape_leaves_the_words(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.wrote(await shop.quiet(), "Ada")
    desk = await agent_page(shop.world.agent)
    await add_snippet(desk, "Hi", "Good morning!", base="/account/snippets")
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await desk.reply.press_sequentially("/hi")
    await desk.reply.press("Enter")
    await expect(desk.reply).to_have_value("Good morning!")
    await desk.reply.fill("")
    await desk.reply.press_sequentially("/hi")
    await expect(options(desk)).to_have_count(1)
    await desk.reply.press("Escape")
    await expect(options(desk)).to_have_count(0)
    await desk.reply.press_sequentially("!")
    await desk.reply.press("Enter")
    await expect(desk.bubble("/hi!")).to_have_count(1)
    await expect(desk.reply).to_have_value("")


async def test_variables_and_emoji_by_key_and_button(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.wrote(await shop.quiet(), "Ada")
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await desk.reply.press_sequentially("Dear $first")
    await expect(current(desk)).to_contain_text("First name of the contact")
    await expect(current(desk)).to_contain_text("Ada")
    await desk.reply.press("ArrowDown")
    await expect(current(desk)).not_to_contain_text("of the contact")
    await desk.reply.press("ArrowUp")
    await desk.reply.press("Enter")
    await expect(desk.reply).to_have_value("Dear {{$contact.firstname}}")
    await desk.reply.press_sequentially(" ::thumbs u")
    await expect(current(desk)).to_contain_text(THUMB)
    await desk.reply.press("Enter")
    await expect(desk.reply).to_have_value(f"Dear {{{{$contact.firstname}}}} {THUMB}")
    await desk.page.locator("#reply_panel").get_by_role("button", name="Variables").click()
    await options(desk).filter(has_text="Your first name").click()
    await expect(desk.reply).to_have_value(f"Dear {{{{$contact.firstname}}}} {THUMB} {{{{$member.firstname}}}}")
    # Money is no variable.
    await desk.reply.fill("")
    await desk.reply.press_sequentially("It is $5")
    await expect(options(desk)).to_have_count(0)
    await desk.reply.press("Enter")
    await expect(desk.bubble("It is $5")).to_have_count(1)


@pytest.mark.behaviour(223)
@pytest.mark.behaviour(224)
async def test_a_comment_names_a_colleague_who_may_see_the_contact(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.wrote(await shop.quiet(), "Ada")
    await shop.change("UPDATE member SET restrictions = :r WHERE id = :id", r=[ONLY_MINE], id=shop.world.agent.id)
    desk, other = await agent_page(shop.world.owner), await agent_page(shop.world.manager)
    for each in (desk, other):
        await each.open(f"/inbox/all/contacts/{contact_id}")
    await desk.page.get_by_role("tab", name="Comment").click()
    field = desk.page.get_by_label("Comment for your team")
    await field.press_sequentially("@")
    await expect(options(desk)).to_have_count(1)
    assert await accessibility(desk.page) == []
    await field.press_sequentially("man")
    await expect(current(desk)).to_contain_text(shop.world.manager.name)
    await field.press("Enter")
    await expect(field).to_have_value(f"@{shop.world.manager.name} ")
    await field.press_sequentially("please look")
    await field.press("Enter")
    for each in (desk, other):
        await expect(each.thread.locator(".message-comment .mention")).to_have_text(f"@{shop.world.manager.name}")
    assert await shop.rows("SELECT mentioned_ids FROM comment") == [([shop.world.manager.id],)]


@pytest.mark.behaviour(226)
async def test_a_file_of_the_library_is_picked_sent_and_deleted(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.wrote((await shop.custom()).channel_id, "Ada")
    manager, desk = await agent_page(shop.world.manager), await agent_page(shop.world.agent)
    await add_file(manager, "Directions.pdf")
    await add_snippet(manager, "Way", "This way", file="Directions.pdf")
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await desk.reply.fill("Here you are")
    await desk.page.get_by_role("button", name="From the library").click()
    await desk.page.get_by_label("Find a file").fill("dire")
    await expect(desk.page.locator("#library_choices[complete]")).to_have_attribute("src", re.compile("words=dire$"))
    await desk.page.get_by_label("Find a file").press("ArrowDown")
    await expect(desk.page.get_by_role("button", name="Directions.pdf")).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator(".composer-file")).to_contain_text("Directions.pdf")
    await expect(desk.reply).to_be_focused()
    await expect(desk.reply).to_have_value("Here you are")
    await desk.reply.press("Enter")
    await expect(desk.bubble("Directions.pdf")).to_have_count(1)

    await manager.page.goto(f"{manager.address}/settings/files")
    await expect(manager.page.get_by_text("Used in: Way")).to_be_visible()
    await manager.page.get_by_role("link", name="Edit Directions.pdf").click()
    await manager.page.get_by_label("Name").fill("The way to us.pdf")
    await manager.page.get_by_role("button", name="Save").click()
    await manager.page.get_by_role("link", name="Edit The way to us.pdf").click()
    await manager.page.get_by_role("button", name="Delete…").click()
    await expect(manager.page.get_by_role("dialog")).to_contain_text("A snippet uses it and is sent without it then.")
    assert await accessibility(manager.page) == []
    await manager.page.get_by_role("button", name="Delete file").click()
    await expect(manager.page.get_by_text("No file yet")).to_be_visible()
    await desk.page.reload()
    await expect(desk.bubble(re.escape("Directions.pdf"))).to_have_count(0)
    await expect(desk.bubble("Directions.pdf")).to_have_count(1)
