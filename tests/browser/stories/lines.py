"""The live connections of a browser, seen from the server."""

import asyncio

from ismessenger.embedded.process import wait_until
from ismessenger.web.line import Line, frame
from tests.browser.stories.conftest import Product
from tests.browser.stories.desk import Desk


def lines_of(product: Product, desk: Desk) -> list[Line]:
    """The live connections of the agent's browser."""
    lines = [line for room in product.app.state.hub._rooms.values() for lines in room._lines.values() for line in lines]
    return [line for line in lines if line.member_id == desk.member.id]


async def is_told_to_refresh(product: Product, desk: Desk) -> None:
    """As after every loss of Redis. The page may think that it is connected before the server has let it in."""
    assert await asyncio.to_thread(wait_until, lambda: bool(lines_of(product, desk)), timeout_s=10)
    for line in lines_of(product, desk):
        line.send(frame("", "", refreshes=True))


async def reads_itself_again(product: Product, desk: Desk) -> None:
    """It is told to, and has done it."""
    rendered = await desk.hears("turbo:morph")
    await is_told_to_refresh(product, desk)
    await rendered()
