"""An agent's browser: what a person at the inbox sees and does."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import BrowserContext, Locator, Page, expect

from ismessenger.accounts.model import Member
from tests.browser.stories.watch import Watch

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Desk:
    """One page of a signed-in member."""

    member: Member
    context: BrowserContext
    page: Page
    watch: Watch
    address: str

    async def open(self, path: str = "/inbox") -> None:
        """Load a page of the inbox and wait for its live connection."""
        await self.page.goto(self.address + path)
        await self.is_live()

    async def is_live(self) -> None:
        """The live connection stands."""
        await expect(self.page.locator("#live_note")).to_have_attribute("data-state", "open", timeout=20_000)

    async def hears(self, event: str) -> Callable[[], Awaitable[None]]:
        """Listen for the next event of the page; what comes back waits until it came and the page was painted after it."""
        painted = "requestAnimationFrame(() => requestAnimationFrame(done))"
        await self.page.evaluate(f"window.heard = new Promise(done => addEventListener('{event}', () => {painted}, {{once: true}})); null")

        async def heard() -> None:
            async with asyncio.timeout(10):
                await self.page.evaluate("window.heard.then(() => null)")

        return heard

    async def notice(self, words: str) -> Locator:
        """The notice with these words, pointed at: it stays for as long as the story takes."""
        notice = self.page.locator("#toasts .toast-note", has_text=words)
        await notice.hover()
        return notice

    # --- The list ---

    def card(self, name: str) -> Locator:
        """The contact in the list."""
        return self.page.locator(".contact-card").filter(has=self.page.locator(".contact-card-name", has_text=name))

    @property
    def names(self) -> Locator:
        """The names in the list, from the top."""
        return self.page.locator(".contact-card-name")

    async def choose(self, name: str) -> None:
        """Open a contact's thread from the list."""
        await self.card(name).get_by_role("link").click()
        await expect(self.thread).to_be_visible()
        await expect(self.page.locator("#thread_name")).to_have_text(name)

    def inbox(self, name: str) -> Locator:
        """The line of an inbox with its number."""
        return self.page.get_by_role("navigation", name="Inboxes").get_by_role("link", name=re.compile(rf"^{name}\b"))

    # --- The thread ---

    @property
    def thread(self) -> Locator:
        """The messages of the open thread."""
        return self.page.get_by_role("region", name="Messages")

    def bubble(self, words: str) -> Locator:
        """The messages with these words."""
        return self.thread.locator(".message").filter(has_text=words)

    def ticks(self, words: str) -> Locator:
        """How far the message with these words came, in words for screen readers and on hover."""
        return self.bubble(words).locator(".message-state-words")

    @property
    def reply(self) -> Locator:
        """Where a reply is written."""
        return self.page.get_by_role("textbox", name=re.compile("^Reply to"))

    async def writes(self, words: str) -> None:
        """Write a reply and press Enter."""
        await self.reply.fill(words)
        await self.reply.press("Enter")

    async def says(self, words: str) -> None:
        """The same of words without marks, which stay as they are: the bubble is there."""
        await self.writes(words)
        await expect(self.bubble(words)).to_have_count(1)

    async def comments(self, words: str) -> None:
        """Write a comment and press Enter."""
        await self.page.get_by_role("tab", name="Comment").click()
        field = self.page.get_by_label("Comment for your team")
        await field.fill(words)
        await field.press("Enter")
        await expect(self.thread.locator(".message-comment", has_text=words)).to_have_count(1)

    async def assigns(self, choice: str) -> None:
        """Choose in the menu of members; `choice` is a name, "Unassign" or the start of either."""
        await self.page.locator(".thread-assignee").click()
        await self.page.locator("#assign_menu").get_by_role("button", name=re.compile(f"^.{{0,2}} ?{re.escape(choice)}")).first.click()

    @property
    def assignee(self) -> Locator:
        """Whose conversation it is, at the top of the thread."""
        return self.page.locator(".thread-assignee .thread-action-words")

    async def closes(self) -> None:
        """Close the conversation."""
        await self.page.get_by_role("button", name="Close conversation").click()
        await expect(self.page.get_by_role("button", name="Open conversation")).to_be_visible()
