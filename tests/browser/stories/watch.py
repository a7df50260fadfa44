"""Notes everything that a page complains about: a test fails on what it did not announce."""

import re

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

# Violations reach the console too, but not those of frames that log nowhere.
_POLICY = "document.addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
# A page that is left, or a frame that was asked for again, gives its requests up.
_GIVEN_UP = "net::ERR_ABORTED"
_GIVEN_UP_IN_SCRIPT = "signal is aborted"
_BROKEN = 400


class Watch:
    """Watches every page of one browser context."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._complaints: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    @classmethod
    async def over(cls, context: BrowserContext, who: str) -> "Watch":
        """Begin, before the first page is opened."""
        watch = cls(who)
        await context.add_init_script(_POLICY)
        context.on("page", watch._page)
        context.on("weberror", watch._web_error)
        return watch

    def expect(self, *patterns: str) -> None:
        """Complaints that match one of these belong to the story, from its start to its end."""
        self._expected += [re.compile(pattern) for pattern in patterns]

    @property
    def unexpected(self) -> list[str]:
        """What nobody announced."""
        return [f"{self._who}: {words}" for words in self._complaints if not any(known.search(words) for known in self._expected)]

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _web_error(self, error: WebError) -> None:
        if _GIVEN_UP_IN_SCRIPT not in str(error.error):
            self._complaints.append(f"script: {error.error}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(f"console: {message.text} {message.location.get('url', '')}")

    def _failed(self, request: Request) -> None:
        if request.failure != _GIVEN_UP:
            self._complaints.append(f"request: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= _BROKEN:
            self._complaints.append(f"answer: {response.status} {response.request.method} {response.url}")
