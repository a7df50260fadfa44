"""Somebody's website that carries the chat, with a strict content-security policy and an origin of its own; and what visitors do on it."""

from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.web.chromium import complaints_of
from tests.web.widget.site import Site

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# What a hostile or careless page does to everything in it: none of it may reach the chat.
RUDE = """
* { all: unset !important; display: block !important; color: red !important; font: 40px cursive !important }
* { box-sizing: content-box !important }
* { float: left; visibility: hidden !important; pointer-events: none !important }
body > * { opacity: .3 !important; transform: scale(.5) !important }
*, .frame { --bg: lime !important; --ink: lime !important; --soft: lime !important; --line: lime !important; --accent: lime !important }
html { font-size: 4px }
body::after { content: "" !important; position: fixed !important; inset: 0 !important }
body::after { z-index: 2147483646 !important; pointer-events: auto !important }
"""
PLAIN = """
body { font-family: sans-serif; margin: 2rem; max-width: 40rem }
@media (prefers-color-scheme: dark) { body { background: #222; color: #ddd } a { color: #9cf } }
"""


def website(chat_address: str, *, policy: bool = True) -> Starlette:
    """``/`` and ``/second`` with the chat of ``?channel=``; ``?user=&hash=`` names a user, ``?rude`` adds styles that hit everything."""

    async def page(request: Request) -> Response:
        asked = request.query_params
        user = f' data-user-id="{asked["user"]}" data-user-hash="{asked["hash"]}" data-user-name="Ada"' if "user" in asked else ""
        script = f'<script src="{chat_address}/static/widget.js" data-channel="{asked["channel"]}"{user} async></script>'
        sheet = "/rude.css" if "rude" in asked else "/plain.css"
        link = f'<a href="/second?{request.url.query}">The second page</a>'
        html = (
            '<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>A shop</title><link rel="stylesheet" href="{sheet}"><link rel="icon" href="data:,"></head>'
            f"<body><main><h1>A shop</h1><p>Words. {link}</p></main>{script}</body></html>"
        )
        socket = chat_address.replace("http", "ws", 1)
        strict = (
            f"default-src 'none'; script-src {chat_address}; connect-src {chat_address} {socket}; img-src {chat_address} data:;"
            f" media-src {chat_address}; style-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": strict} if policy else {})

    async def style(request: Request) -> Response:
        return Response(RUDE if "rude" in request.url.path else PLAIN, media_type="text/css")

    return Starlette(routes=[Route("/", page), Route("/second", page), Route("/plain.css", style), Route("/rude.css", style)])


@dataclass
class Visit:
    """One visitor's browser on the website."""

    site: Site
    origin: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, *words: str) -> None:
        """Complaints with these words belong to the story, also those that come late."""
        self.expected += words

    @property
    def unexpected(self) -> list[str]:
        """What nobody announced."""
        return [complaint for complaint in self.complaints if not any(words in complaint for words in self.expected)]

    async def open(self, path: str = "/", **query: str) -> None:
        words = "&".join(f"{name}={value}" for name, value in {"channel": self.site.route, **query}.items())
        await self.page.goto(f"{self.origin}{path}?{words}")

    @property
    def launcher(self) -> Locator:
        return self.page.locator("#ismessenger .launcher")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Write a message")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Messages")

    async def says(self, words: str) -> None:
        await self.field.fill(words)
        await self.page.get_by_role("button", name="Send").click()
        await expect(self.log.get_by_text(words, exact=True).last).to_be_visible()

    async def confirmed(self) -> None:
        """The last message was taken by the server and came back."""
        await expect(self.log.locator(".mine .meta").last).to_contain_text("Sent")


async def visit(browser: Browser, site: Site, origin: str, viewport: dict[str, int] | None = None, **more: object) -> Visit:
    size = viewport or DESKTOP
    touch = size["width"] < 600
    context = await browser.new_context(viewport=size, has_touch=touch, is_mobile=touch, locale="en-GB", **more)  # type: ignore[arg-type]
    page = await context.new_page()
    visited = Visit(site, origin, context, page)
    visited.complaints = complaints_of(page)
    return visited
