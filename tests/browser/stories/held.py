"""Answers of the server that a story holds back until it says so."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Page, Route


@dataclass
class Held:
    """Answers to requests, which the server has given and the page waits for."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0

    async def asked_for(self) -> None:
        async with asyncio.timeout(20):
            await self.asked.wait()

    async def hold(self, route: Route) -> None:
        self.count += 1
        answer = await route.fetch()
        self.asked.set()
        await self.free.wait()
        await route.fulfill(response=answer)


@asynccontextmanager
async def held(page: Page, address: str) -> AsyncIterator[Held]:
    """Hold the answers from an address, at the latest until the block ends."""
    answers = Held()
    await page.route(re.compile(address), answers.hold)
    try:
        yield answers
    finally:
        answers.free.set()
        await page.unroute_all(behavior="wait")
