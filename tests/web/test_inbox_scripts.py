"""What the scripts do with the inbox, in a real browser against the preview."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from ismessenger.kit import clock
from ismessenger.sdk.content import Text
from ismessenger.web import templating
from tests.serving import served
from tests.web import samples
from tests.web.chromium import accessibility, complaints_of, launched
from tests.web.preview import Preview

pytestmark = pytest.mark.browser
THREAD = "/inbox/all/contacts/1"
# Opens the menu of members and types a name and Enter at once, or at the moment of an event of the frame.
OPENS_TYPES_AND_ENTERS = """(button, moment) => {
    const menu = document.getElementById("assign_menu");
    const field = document.getElementById("assign_search");
    const write = () => {
        field.value = "leila";
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    };
    if (moment !== "opened") document.addEventListener(moment, write, { once: true });
    button.click();
    if (!menu.matches(":popover-open")) throw new Error("The menu is not open.");
    if (moment === "opened") write();
}"""

# A stream comes, and in the same moment the focus goes on; says what has it once the stream was put in and a while of frames has passed.
GOES_ON_AS_A_STREAM_COMES = """async (html) => {
    document.getElementById("card_link_8").focus();
    const put = new Promise((done) => addEventListener("turbo:before-stream-render", ({ target }) => done(target), { once: true }));
    Turbo.renderStreamMessage(html);
    document.getElementById("card_link_2").focus();
    await (await put).render();
    for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
    return document.activeElement.id;
}"""


@dataclass
class Screen:
    """A page of the preview."""

    preview: Preview
    page: Page
    origin: str

    async def open(self, path: str = THREAD) -> None:
        await self.page.goto(self.origin + path)
        await expect(self.page.locator("#live_note")).to_have_attribute("data-state", "open")
        await self.page.evaluate("document.fonts.ready")  # lines are as high as they stay

    async def top_of(self, item: str) -> float:
        """Where an item is once it has stayed there: on a busy machine pictures and lines come after the words."""
        seen: list[float] = []
        async with asyncio.timeout(20):
            while len(seen) < 6 or len(set(seen[-6:])) > 1:
                seen.append(await self.page.locator(item).evaluate("item => item.getBoundingClientRect().top"))
                await asyncio.sleep(0.1)
        return seen[-1]

    @property
    def reply(self) -> Locator:
        return self.page.get_by_label("Reply to Ada Nwosu")

    def posted(self, path: str) -> list[dict[str, list[str]]]:
        return [fields for address, fields in self.preview.posted if address == path]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as chromium:
        yield chromium


@pytest.fixture
async def screen(browser: Browser) -> AsyncIterator[Screen]:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    preview = Preview()
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="Europe/Berlin")
    page = await context.new_page()
    complaints = complaints_of(page)
    with clock.shifted(samples.NOW - clock.now()):
        async with served(preview.app()) as port:
            await page.clock.install(time=samples.NOW)
            yield Screen(preview, page, f"http://127.0.0.1:{port}")
            await context.close()
    assert [complaint for complaint in complaints if complaint not in preview.expected_complaints] == []


def said(number: int, words: str, **more: object) -> str:
    """A stream that brings a message of the customer."""
    message = replace(samples.contact_says(number, 0, Text(text=words)), **more)  # type: ignore[arg-type]
    return templating.fragment("messages/item.stream.html", item=message)


def placed(number: int, **changes: object) -> str:
    """A stream that brings a contact's card."""
    card = replace(samples.cards()[number - 1], read_id=None, version=1, **changes)  # type: ignore[arg-type]
    return templating.fragment("inbox/card.stream.html", card=card)


@pytest.mark.parametrize("width", [1440, 1000, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/inbox", THREAD, "/session?error=Wrong", "/error", "/guide"])
async def test_pages_pass_axe_and_fit_the_width(screen: Screen, path: str, scheme: str, width: int) -> None:
    screen.preview.items = [*samples.every_kind(), *samples.conversation(), *samples.every_event()]
    screen.preview.expected_complaints |= {"Failed to load resource: the server responded with a status of 404 (Not Found)"}
    await screen.page.set_viewport_size({"width": width, "height": 844})
    await screen.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await screen.page.goto(screen.origin + path)
    await screen.page.wait_for_load_state("networkidle")
    assert await accessibility(screen.page) == []
    assert await screen.page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_reply_shows_at_once_and_is_there_once(screen: Screen) -> None:
    await screen.open()
    screen.preview.hold.clear()
    await screen.reply.fill("The office it is.")
    await screen.reply.press("Enter")
    pending = screen.page.locator(".message-pending")
    await expect(pending).to_contain_text("The office it is.")
    await expect(screen.reply).to_have_value("")
    screen.preview.hold.set()
    await expect(pending).to_have_count(0)
    await expect(screen.page.locator(".message-out", has_text="The office it is.")).to_have_count(1)
    [fields] = screen.posted("/contacts/1/messages")
    assert fields["text"] == ["The office it is."]
    assert fields["channel_id"] == ["1"]
    assert len(fields["client_id"][0]) == 32


async def test_the_live_stream_may_bring_a_reply_before_its_answer(screen: Screen) -> None:
    await screen.open()
    screen.preview.hold.clear()
    await screen.reply.fill("First by the stream")
    await screen.reply.press("Enter")
    await screen.page.wait_for_selector(".message-pending")
    client_id = await screen.page.locator(".message-pending").get_attribute("data-client-id")
    sent = samples.we_say(501, 0, Text(text="First by the stream"), "sent", client_id=client_id, version=5)
    await screen.preview.push(html=templating.fragment("messages/item.stream.html", item=sent))
    bubble = screen.page.locator(".message-out", has_text="First by the stream")
    await expect(bubble.locator(".message-state-sent")).to_have_count(1)
    async with screen.page.expect_response("**/contacts/1/messages"):
        screen.preview.hold.set()
    await expect(bubble).to_have_count(1)
    # The answer shows an older state: it does not put the ticks back.
    await expect(bubble.locator(".message-state-sent")).to_have_count(1)


async def test_shift_and_enter_make_a_new_line(screen: Screen) -> None:
    await screen.open()
    await screen.reply.fill("One")
    await screen.reply.press("Shift+Enter")
    await screen.reply.press_sequentially("Two")
    await expect(screen.reply).to_have_value("One\nTwo")
    assert screen.posted("/contacts/1/messages") == []


async def test_words_that_are_refused_come_back(screen: Screen) -> None:
    screen.preview.refuse = "The messaging window has closed."
    screen.preview.expected_complaints |= {"Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"}
    await screen.open()
    await screen.reply.fill("Too late")
    await screen.reply.press("Enter")
    await expect(screen.page.locator("#reply_panel .composer-error[role=alert]").first).to_have_text("The messaging window has closed.")
    await expect(screen.reply).to_have_value("Too late")
    await expect(screen.page.locator(".message-pending")).to_have_count(0)


async def test_a_draft_is_kept_per_contact(screen: Screen) -> None:
    await screen.open()
    await screen.reply.fill("Half a sentence")
    await screen.page.reload()
    await expect(screen.reply).to_have_value("Half a sentence")


async def test_a_comment_goes_to_the_comments(screen: Screen) -> None:
    await screen.open()
    await screen.page.get_by_role("tab", name="Comment").click()
    comment = screen.page.get_by_label("Comment for your team")
    await expect(comment).to_be_focused()
    await comment.fill("Only for us")
    await comment.press("Enter")
    await expect(screen.page.locator(".message-comment", has_text="Only for us")).to_have_count(1)
    await expect(comment).to_have_value("")
    assert screen.posted("/contacts/1/messages") == []
    assert [fields["text"] for fields in screen.posted("/contacts/1/comments")] == [["Only for us"]]


async def test_a_file_is_uploaded_ahead_and_goes_by_its_id(screen: Screen) -> None:
    await screen.open()
    file = {"name": "Offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    await screen.page.locator("#reply_panel input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    await expect(screen.page.locator(".composer-file[data-done]")).to_contain_text("Offer.pdf")
    await screen.page.get_by_role("button", name="Send", exact=True).click()
    await expect(screen.page.locator(".composer-file")).to_have_count(0)
    assert (await screen.preview.posts("/contacts/1/messages"))[0]["files[]"] == ["77"]


async def test_an_emoji_is_found_and_inserted(screen: Screen) -> None:
    await screen.open()
    await screen.reply.fill("Thanks ")
    await screen.page.get_by_role("button", name="Emoji").first.click()
    await screen.page.get_by_label("Find an emoji").first.fill("light bulb")
    await screen.page.keyboard.press("Enter")
    await expect(screen.reply).to_have_value("Thanks 💡")
    await expect(screen.reply).to_be_focused()


async def test_a_channel_whose_window_has_closed_cannot_be_sent_on(screen: Screen) -> None:
    await screen.open()
    await screen.page.get_by_label("Send on").select_option("4")
    await expect(screen.page.get_by_text("This contact must write first.")).to_be_visible()
    await expect(screen.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await screen.page.get_by_label("Send on").select_option("3")
    await screen.reply.fill("With a reason")
    await screen.reply.press("Enter")
    assert (await screen.preview.posts("/contacts/1/messages"))[0]["tag"] == ["HUMAN_AGENT"]


async def test_a_message_arrives_live_and_is_read(screen: Screen) -> None:
    await screen.open()
    await screen.preview.push(html=said(110, "Hello again"))
    await expect(screen.page.locator("#message_110")).to_be_in_viewport()
    await expect(screen.page.locator("#announcements")).to_contain_text("Hello again")
    await screen.preview.read_up_to(110)
    await screen.preview.push(html=placed(1, last_incoming_id=110))
    await expect(screen.page.locator("#card_1[data-unread]")).to_have_count(0)


async def test_a_late_message_takes_its_place_by_time(screen: Screen) -> None:
    await screen.open()
    late = samples.NOW - timedelta(minutes=5, seconds=30)
    await screen.preview.push(html=said(111, "I was late", at=late))
    await expect(screen.page.locator("#message_111")).to_have_count(1)
    order = await screen.page.locator("[data-item]").evaluate_all("items => items.map(({id}) => id)")
    assert order.index("message_108") < order.index("message_111") < order.index("message_109")


async def test_times_stay_in_the_zone_of_the_reader_when_a_message_changes(screen: Screen) -> None:
    await screen.open()
    clock_time = screen.page.locator("#message_109 .message-foot time")
    before = await clock_time.inner_text()
    await screen.preview.push(html=said(109, "Edited words", at=samples.NOW - timedelta(minutes=1), version=3))
    await expect(screen.page.locator("#message_109")).to_contain_text("Edited words")
    assert before.startswith("3:31")
    await expect(clock_time).to_have_text(before)


async def test_who_has_scrolled_up_stays_there_and_is_told(screen: Screen) -> None:
    await screen.open()
    area = screen.page.locator(".thread-scroll")
    await area.evaluate("area => { area.scrollTop = 200 }")
    before = await area.evaluate("area => area.scrollTop")
    await screen.preview.push(html=said(112, "News"))
    pill = screen.page.get_by_role("button", name="1 new message")
    await expect(pill).to_be_visible()
    assert await area.evaluate("area => area.scrollTop") == before
    await pill.click()
    await expect(screen.page.locator("#message_112")).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def test_older_messages_do_not_move_what_is_read(screen: Screen) -> None:
    await screen.open()
    area = screen.page.locator(".thread-scroll")
    await area.evaluate("area => { area.scrollTop = 0 }")
    top = "() => document.getElementById('message_101').getBoundingClientRect().top"
    before = await screen.page.evaluate(top)
    await screen.page.wait_for_selector(".timeline-older[complete]", state="attached")
    await expect(screen.page.locator("#message_-9899")).to_have_count(1)
    after = await screen.page.evaluate(top)
    # The waiting lines at the top are gone by now, the messages below them are where they were.
    assert abs(after - before) < 120


async def test_somebody_writing_is_shown_for_a_while(screen: Screen) -> None:
    await screen.open()
    await screen.preview.push(typing={"contact_id": 1, "name": "Ada Nwosu"})
    await expect(screen.page.get_by_text("Ada Nwosu is writing…")).to_be_visible()
    await screen.page.clock.run_for(7000)
    await expect(screen.page.get_by_text("Ada Nwosu is writing…")).to_be_hidden()


async def test_three_events_fold_into_one_line(screen: Screen) -> None:
    await screen.open()
    fold = screen.page.get_by_role("button", name="3 events")
    await expect(screen.page.get_by_text("Contact created")).to_be_hidden()
    await fold.click()
    await expect(screen.page.get_by_text("Contact created")).to_be_visible()


async def test_a_card_moves_to_the_top_and_turns_unread(screen: Screen) -> None:
    await screen.open("/inbox")
    await screen.preview.push(html=placed(8, at=samples.NOW, words="And to Iceland?", last_incoming_id=801))
    first = screen.page.locator(".contact-card").first
    await expect(first).to_contain_text("And to Iceland?")
    await expect(first).to_have_attribute("data-unread", "")
    await expect(screen.page.locator("#card_8")).to_have_count(1)


async def test_a_card_keeps_the_focus_while_it_moves(screen: Screen) -> None:
    await screen.open("/inbox")
    await screen.page.locator("#card_8 a").focus()
    await screen.preview.push(html=placed(8, at=samples.NOW, words="And to Iceland?"))
    await expect(screen.page.locator(".contact-card").first).to_contain_text("And to Iceland?")
    await expect(screen.page.locator("#card_8 a")).to_be_focused()


@pytest.mark.behaviour(374)
async def test_a_focus_that_goes_on_stays_there_although_a_stream_came_just_before(screen: Screen) -> None:
    await screen.open("/inbox")
    assert await screen.page.evaluate(GOES_ON_AS_A_STREAM_COMES, placed(8, at=samples.NOW, words="And to Iceland?")) == "card_link_2"
    await expect(screen.page.locator(".contact-card").first).to_contain_text("And to Iceland?")


@pytest.mark.behaviour(374)
async def test_what_a_stream_puts_anew_keeps_the_focus(screen: Screen) -> None:
    await screen.open("/inbox")
    link = screen.page.locator("#card_link_8")
    await link.focus()
    anew = await screen.page.locator("#card_8").evaluate("card => card.outerHTML.replace('id=', 'data-anew id=')")
    await screen.preview.push(html=f'<turbo-stream action="replace" target="card_8"><template>{anew}</template></turbo-stream>')
    await expect(screen.page.locator("#card_8[data-anew]")).to_have_count(1)
    await expect(link).to_be_focused()


async def test_a_list_takes_what_belongs_to_it_and_gives_away_the_rest(screen: Screen) -> None:
    await screen.open("/inbox/mine")
    await screen.preview.push(html=placed(2, assignee=samples.MIRA) + placed(1, assignee=samples.JONAS) + placed(7, status="closed"))
    await expect(screen.page.locator("#card_2")).to_be_visible()
    await expect(screen.page.locator("#card_2 a")).to_have_attribute("href", "/inbox/mine/contacts/2")
    await expect(screen.page.locator("#card_1")).to_have_count(0)
    await expect(screen.page.locator("#card_7")).to_have_count(0)


async def test_the_connection_comes_back_after_the_last_position(screen: Screen) -> None:
    await screen.open()
    await screen.preview.push(html=said(113, "Before the cut"))
    await expect(screen.page.locator("#message_113")).to_have_count(1)
    await screen.preview.cut()
    await screen.page.clock.run_for(5000)
    await screen.preview.connections(2)
    assert screen.preview.afters == ["0-0", "1-0"]


async def test_a_refresh_keeps_draft_focus_and_place(screen: Screen) -> None:
    await screen.open()
    async with screen.page.expect_response("**/contacts/1/drafts"):
        await screen.reply.fill("Do not lose me")
    await screen.page.get_by_label("Send on").select_option("2")
    await screen.page.locator(".thread-scroll").evaluate("area => { area.scrollTop = 0 }")
    await screen.page.wait_for_selector(".timeline-older[complete]", state="attached")
    await screen.reply.focus()
    place = await screen.top_of("#message_101")
    screen.preview.items = [*screen.preview.items, samples.contact_says(114, 0, Text(text="While you slept"))]
    await screen.preview.push(html='<turbo-stream action="refresh"></turbo-stream>')
    await expect(screen.page.locator("#message_114")).to_have_count(1)
    await expect(screen.reply).to_have_value("Do not lose me")
    await expect(screen.reply).to_be_focused()
    await expect(screen.page.get_by_label("Send on")).to_have_value("2")
    await expect(screen.page.locator("#message_-9899")).to_be_attached()
    await expect(screen.page.get_by_text("Today", exact=True)).to_be_attached()
    assert await screen.top_of("#message_101") == pytest.approx(place, abs=2)


async def test_what_came_while_a_thread_was_loading_is_put_on_it(screen: Screen) -> None:
    await screen.open("/inbox")
    await screen.preview.push(html=said(115, "In between"))
    screen.preview.seq_of_pages = 0
    await screen.page.locator("#card_1 a").click()
    await expect(screen.page.locator("#message_115")).to_be_visible()


async def test_choosing_a_contact_marks_it_and_leads_to_its_address(screen: Screen) -> None:
    await screen.open("/inbox")
    await screen.page.locator("#card_1 a").click()
    await expect(screen.page.get_by_role("region", name="Messages")).to_be_visible()
    await expect(screen.page.locator("#card_1 a")).to_have_attribute("aria-current", "true")
    await expect(screen.page).to_have_url(screen.origin + THREAD)


async def test_theme_and_columns_are_remembered(screen: Screen) -> None:
    await screen.open()
    await screen.page.get_by_role("button", name="Your menu, Mira Okafor").click()
    await screen.page.get_by_text("Dark", exact=True).click()
    edge = screen.page.get_by_role("separator", name="Width of the list")
    await edge.focus()
    await edge.press("ArrowRight")
    await screen.page.reload()
    await expect(screen.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert await screen.page.locator("#conversation_list").evaluate("column => column.offsetWidth") == 352


async def test_on_a_phone_one_column_shows_at_a_time(screen: Screen) -> None:
    await screen.page.set_viewport_size({"width": 390, "height": 844})
    await screen.open("/inbox")
    await screen.page.locator("#card_1 a").click()
    await expect(screen.page.get_by_role("region", name="Messages")).to_be_visible()
    await expect(screen.page.locator("#card_1")).to_be_hidden()
    await screen.page.get_by_role("button", name="Contact", exact=True).click()
    await expect(screen.page.get_by_label("Mail-name")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.get_by_label("Mail-name")).to_be_hidden()
    await screen.page.get_by_role("link", name="Back to the list").click()
    await expect(screen.page.locator("#card_1")).to_be_visible()


async def test_a_member_is_found_and_assigned(screen: Screen) -> None:
    await screen.open()
    await screen.page.get_by_role("button", name="Assigned to Mira Okafor").click()
    await screen.page.get_by_label("Find a member").fill("leila")
    await expect(screen.page.get_by_role("button", name="Jonas Weber")).to_be_hidden()
    await screen.page.get_by_role("button", name="Leila Haddad").click()
    assert await screen.preview.posts("/contacts/1/assignment") == [{"assignee_id": ["3"]}]


@pytest.mark.parametrize(
    "moment", ["opened", "turbo:before-fetch-request", "turbo:before-fetch-response", "turbo:before-frame-render", "turbo:frame-load"]
)
@pytest.mark.parametrize("time", ["first", "second"])
async def test_enter_assigns_the_member_that_was_typed_whatever_the_list_is_doing(screen: Screen, moment: str, time: str) -> None:
    await screen.open()
    button = screen.page.get_by_role("button", name="Assigned to Mira Okafor")
    if time == "second":
        await button.click()
        await expect(screen.page.get_by_role("button", name="Jonas Weber")).to_be_visible()
        await screen.page.keyboard.press("Escape")
    await button.evaluate(OPENS_TYPES_AND_ENTERS, moment)
    assert await screen.preview.posts("/contacts/1/assignment") == [{"assignee_id": ["3"]}]
