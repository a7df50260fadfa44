"""A visitor's browser on the shop's website."""

from dataclasses import dataclass, field

from playwright.async_api import expect

from tests.browser.stories.watch import Watch
from tests.browser.widget.host import Visit


@dataclass
class Visitor(Visit):
    """One page of a visitor."""

    watch: Watch = field(default_factory=lambda: Watch("visitor"))

    async def introduces(self, name: str) -> None:
        """Open the chat and fill in the form before the first message."""
        await self.launcher.click()
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_role("button", name="Start chat").click()
        await expect(self.field).to_be_visible()

    async def attaches(self, name: str, mime: str, content: bytes) -> None:
        """Send a file."""
        await self.page.locator("#ismessenger input[type=file]").set_input_files({"name": name, "mimeType": mime, "buffer": content})

    async def hears(self, words: str) -> None:
        """The shop's words stand in the chat, once."""
        await expect(self.log.get_by_text(words, exact=True)).to_have_count(1)
