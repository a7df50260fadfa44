"""Whoever calls addresses that this process does not know: each costs a look into the database, of which a network address has a few."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from starlette.requests import HTTPConnection

from ismessenger.web.ratelimit import Limit, RateLimiter

# A provider calls from few addresses, for all channels that were ever connected.
LOOKS: Final = Limit(per_second=50, burst=500)

Found = TypeVar("Found")


class Strangers:
    """One per web process, which counts for itself: a look is cheaper than to ask another server whether it is one too many."""

    def __init__(self) -> None:
        self._looks = RateLimiter(None)

    async def look(self, connection: HTTPConnection, find: Callable[[], Awaitable[Found | None]]) -> Found | None:
        """What ``find`` finds; only what it does not find is counted. Raises `TooMany`."""
        key = f"unknown/{connection.client.host if connection.client else '?'}"
        await self._looks.require(key, LOOKS)
        found = await find()
        if found is not None:
            await self._looks.take(key, LOOKS, -1)
        return found
