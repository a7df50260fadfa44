"""The machine's Chromium, and pages that note everything a browser complains about."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = os.environ.get("ISMESSENGER_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser until the block ends."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


def complaints_of(page: Page) -> list[str]:
    """A list that fills with the page's errors: scripts, the security policy, missing files."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return complaints


async def accessibility(page: Page) -> list[str]:
    """What axe finds wrong: the rule and the element."""
    # Evaluated through the debugger: the page's policy would not let it in as a script.
    await page.evaluate(AXE.read_text())
    while True:
        await page.locator("html:not([aria-busy])").wait_for(state="attached")
        found = await page.evaluate("axe.run({resultTypes: ['violations']})")
        words = [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found["violations"] for node in rule["nodes"]]
        # Turbo marks the document while a page comes; one that began meanwhile is waited for, and looked at then.
        if not any('aria-busy="true"' in each for each in words):
            return words
