"""A visitor and the shop talk: on a page with a strict content-security policy, in a real browser."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Route, expect

from ismessenger.sdk.content import (
    Button,
    Buttons,
    Card,
    Carousel,
    Location,
    Menu,
    QuickReplies,
    QuickReply,
    Row,
    Section,
    SharedContact,
    Text,
)
from tests.browser.widget.conftest import Opens
from tests.browser.widget.host import Visit
from tests.web.widget.site import Site

pytestmark = pytest.mark.browser


async def arrived(guest: Visit, count: int = 1) -> None:
    """The worker has made messages of what the visitor sent."""
    await guest.confirmed()
    await guest.site.settle()
    assert len(await guest.site.rows("SELECT id FROM message WHERE traffic = 'incoming'")) == count


async def talking(site: Site, visits: Opens, **more: object) -> Visit:
    """A visitor who has written once."""
    guest = await visits(site, **more)
    await guest.open()
    await guest.launcher.click()
    await guest.says("Is the lamp in stock?")
    await arrived(guest)
    return guest


async def answer_posts(guest: Visit, **answer: Any) -> None:
    """The server's answer to the next message."""

    async def handle(route: Route) -> None:
        if route.request.method != "POST":
            return await route.continue_()
        await route.fulfill(**answer)
        return await guest.page.unroute("**/messages", handle)

    await guest.page.route("**/messages", handle)


async def test_a_visitor_writes_and_is_answered(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    assert await site.rows("SELECT words, status FROM message") == [("Is the lamp in stock?", "received")]
    await site.answer("Yes, in **white**.")
    await expect(guest.log.get_by_text("Yes, in white.")).to_be_visible()
    await expect(guest.log.locator("strong")).to_have_text("white")
    await expect(guest.log.locator(".who")).to_have_text(site.world.agent.name)


async def test_reading_an_answer_reaches_the_shop(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    async with guest.page.expect_response("**/read"):
        await site.answer("Yes")
    await site.settle()
    assert await site.rows("SELECT status FROM message WHERE traffic = 'outgoing'") == [("read",)]


async def test_a_closed_chat_counts_what_is_unread_and_says_only_that_it_arrived(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await guest.page.keyboard.press("Escape")
    await expect(guest.dialog).to_be_hidden()
    async with guest.page.expect_response("**/read"):
        await site.answer("One")
        await site.answer("Two")
        await expect(guest.launcher).to_have_accessible_name("Open chat, 2 unread")
    await site.settle()
    assert {status for (status,) in await site.rows("SELECT status FROM message WHERE traffic = 'outgoing'")} <= {"sent", "delivered"}
    await guest.launcher.click()
    await expect(guest.launcher).to_have_accessible_name("Close chat")
    await expect(guest.page.locator("#ismessenger .badge")).to_be_hidden()


async def test_the_conversation_goes_on_from_page_to_page(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await site.answer("Yes")
    await guest.page.get_by_role("link", name="The second page").click()
    await expect(guest.log.get_by_text("Is the lamp in stock?")).to_be_visible()
    await expect(guest.log.get_by_text("Yes", exact=True)).to_be_visible()
    await guest.says("Thank you")
    await arrived(guest, 2)


async def test_the_conversation_is_there_at_the_next_visit(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await site.answer("Yes")
    again = await guest.context.new_page()
    await again.goto(guest.page.url)
    await again.locator("#ismessenger .launcher").click()
    await expect(again.get_by_role("log").get_by_text("Is the lamp in stock?")).to_be_visible()


async def test_two_tabs_show_the_same(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    other = await guest.context.new_page()
    await other.goto(guest.page.url)
    await other.locator("#ismessenger .launcher").click()
    await guest.says("From the first tab")
    await expect(other.get_by_role("log").get_by_text("From the first tab")).to_have_count(1)
    await site.answer("To both tabs")
    for page in (guest.page, other):
        await expect(page.get_by_role("log").get_by_text("To both tabs")).to_have_count(1)


async def test_a_message_sent_without_a_network_goes_out_later_and_once(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await guest.context.set_offline(offline=True)
    await guest.says("Written in a tunnel")
    await expect(guest.log.locator(".mine .meta").last).to_contain_text("Sending")
    await guest.context.set_offline(offline=False)
    await arrived(guest, 2)
    await expect(guest.log.get_by_text("Written in a tunnel")).to_have_count(1)
    guest.expect("ERR_INTERNET_DISCONNECTED")


async def test_a_message_that_the_page_could_not_send_goes_out_from_the_next_page(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await guest.page.route("**/messages", lambda route: route.abort())
    await guest.says("Written just before leaving")
    await guest.page.unroute("**/messages")
    await guest.open("/second")
    await expect(guest.log.get_by_text("Written just before leaving")).to_have_count(1)
    await arrived(guest, 2)
    guest.expect("ERR_FAILED")


async def test_a_refused_message_says_so_and_can_be_sent_again(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    refusal = '{"error": {"message": "Not today."}}'
    cors = {"Access-Control-Allow-Origin": "*"}
    await answer_posts(guest, status=400, body=refusal, headers=cors)
    await guest.says("Please take this")
    await expect(guest.log.get_by_text("Not today.")).to_be_visible()
    await guest.log.get_by_role("button", name="Try again").click()
    await arrived(guest, 2)
    guest.expect("400")


async def test_an_answer_during_an_interruption_is_not_missed(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await guest.context.set_offline(offline=True)
    await site.answer("Said meanwhile")
    await guest.context.set_offline(offline=False)
    await expect(guest.log.get_by_text("Said meanwhile")).to_have_count(1, timeout=20_000)
    guest.expect("ERR_INTERNET_DISCONNECTED")


async def test_typing_is_shown_both_ways(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    (contact,) = await site.rows("SELECT id FROM contact")
    change = {"kind": "typing", "contact_id": contact[0], "by": "member", "name": "Aisha"}
    typing = guest.log.get_by_text("Aisha is typing")
    async with asyncio.timeout(10):
        # It may get lost while the page is still connecting: whoever types tells it again.
        while not await typing.count():
            await site.world.installation.publisher.send(site.world.workspace_id, [change])
            await asyncio.sleep(0.2)
    async with guest.page.expect_response("**/typing") as answer:
        await guest.field.press_sequentially("One mo", delay=5)
    assert (await answer.value).status == 204
    await site.answer("There it is")
    await expect(guest.log.get_by_text("Aisha is typing")).to_be_hidden()


async def test_every_kind_of_content_is_shown(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    buttons = [Button(title="White", value="w"), Button(kind="url", title="Read on", value="https://shop.example/lamp")]
    await site.answer(Buttons(text="Which colour?", buttons=[*buttons, Button(kind="phone", title="Call us", value="+49 30 1234")]))
    await site.answer(
        Menu(text="When?", button="Choose a day", sections=[Section(title="This week", rows=[Row(title="Friday", description="9 to 12")])])
    )
    await site.answer(Card(title="Lamp One", subtitle="€ 49", buttons=[Button(title="Take it", value="1")]))
    await site.answer(Carousel(cards=[Card(title="Lamp Two"), Card(title="Lamp Three")]))
    await site.answer(Location(latitude=52.52, longitude=13.4, title="Our shop"))
    await site.answer(SharedContact(name="Bo Li", phones=["+49 30 1234"], emails=["bo@example.com"]))
    log = guest.log
    await expect(log.get_by_role("link", name="Read on")).to_have_attribute("href", "https://shop.example/lamp")
    await expect(log.get_by_role("link", name="Call us")).to_have_attribute("href", "tel:+49301234")
    await expect(log.get_by_text("Lamp Three")).to_be_visible()
    await expect(log.get_by_role("link", name="Our shop")).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=52.52&mlon=13.4#map=16/52.52/13.4"
    )
    await expect(log.get_by_role("link", name="bo@example.com")).to_have_attribute("href", "mailto:bo@example.com")
    await log.get_by_text("Choose a day").click()
    await log.get_by_role("button", name="Friday").click()
    await expect(log.locator(".mine").last).to_contain_text("Friday")
    await arrived(guest, 2)


async def test_a_quick_reply_vanishes_once_it_is_chosen(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await site.answer(QuickReplies(title="Anything else?", replies=[QuickReply(title="Yes", payload="more"), QuickReply(title="No")]))
    await guest.log.get_by_role("button", name="Yes").click()
    await expect(guest.log.get_by_role("button", name="No")).to_have_count(0)
    await arrived(guest, 2)
    ((body,),) = await site.rows("SELECT body FROM message WHERE words = 'Yes'")
    assert body["payload"] == "more"


SCRIPT = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


async def test_script_in_every_text_stays_text(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    bad = "javascript:alert(1)"
    await guest.says(SCRIPT)
    await guest.confirmed()
    for content in (
        Text(text=f"{SCRIPT} [press]({bad}) **{SCRIPT}** `{SCRIPT}`"),
        Buttons(text=SCRIPT, buttons=[Button(title=SCRIPT, value=SCRIPT), Button(kind="url", title="Press", value=bad)]),
        Menu(text=SCRIPT, button="Open", sections=[Section(title=SCRIPT, rows=[Row(title=SCRIPT, description=SCRIPT)])]),
        Card(title=SCRIPT, subtitle=SCRIPT, image_url=bad),
        Location(latitude=1, longitude=2, title=SCRIPT, address=SCRIPT),
        SharedContact(name=SCRIPT, phones=[SCRIPT], emails=[SCRIPT]),
        QuickReplies(title=SCRIPT, replies=[QuickReply(title="x" * 20)]),
    ):
        await site.answer(content)
    await expect(guest.log.get_by_role("button", name="x" * 20)).to_be_visible()
    assert await guest.log.locator("img, script, iframe, [href^=javascript], [src^=javascript]").count() == 0


async def test_the_widget_reads_markdown_as_the_inbox_does(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    text = "a_b_c _it_ **bold _both_** ~~old~~ `x*y` [words](https://a.example/(b)) https://c.example/d. 2**3**4 **open"
    await site.answer(text)
    bubble = guest.log.locator(".item:not(.mine) .bubble").last
    await expect(bubble.locator("strong").first).to_have_text("bold both")
    assert await bubble.locator("em").all_inner_texts() == ["it", "both"]
    assert await bubble.locator("s").all_inner_texts() == ["old"]
    assert await bubble.locator("code").all_inner_texts() == ["x*y"]
    links = bubble.get_by_role("link")
    assert [await link.get_attribute("href") for link in await links.all()] == ["https://a.example/(b)", "https://c.example/d"]
    assert (await bubble.inner_text()).endswith("2**3**4 **open")


async def test_a_server_that_is_away_at_first_is_asked_again(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    away = {"status": 503, "body": "", "headers": {"Access-Control-Allow-Origin": "*"}}
    await guest.page.route("**/messages", lambda route: route.fulfill(**away), times=1)
    await guest.page.reload()
    await expect(guest.log.get_by_text("Is the lamp in stock?")).to_be_visible(timeout=15_000)
    await site.answer("Live again")
    await expect(guest.log.get_by_text("Live again")).to_be_visible()
    guest.expect("503")  # Chromium notes every one


@pytest.mark.behaviour(416)
async def test_a_chat_whose_server_is_away_at_first_comes_on_the_same_page(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    away = {"status": 503, "body": "", "headers": {"Access-Control-Allow-Origin": "*"}}
    await guest.page.route("**/config", lambda route: route.fulfill(**away), times=1)
    await guest.page.route("**/config", lambda route: route.abort(), times=1)
    await guest.open()
    await expect(guest.launcher).to_be_visible()
    guest.expect("503", "ERR_FAILED")  # Chromium notes every one


async def test_the_back_button_finds_the_chat_alive(site: Site, visits: Opens) -> None:
    guest = await talking(site, visits)
    await guest.page.get_by_role("link", name="The second page").click()
    await expect(guest.log).to_be_visible()
    await guest.page.go_back()
    await site.answer("Still with you?")
    await expect(guest.log.get_by_text("Still with you?")).to_have_count(1)
