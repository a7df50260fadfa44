"""Who is here: members with an open page, on whatever web process. Known to Redis only, and forgotten by itself."""

import time
from collections.abc import Iterable
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ismessenger.tenancy.doors import workspace_key

LIFE_SECONDS = 90
"""So long a member stays here after the last sign of life; whoever has pages open gives one every third of it."""


def _key(workspace_id: int) -> str:
    return workspace_key(workspace_id, "here")


async def arrive(redis: Redis, workspace_id: int, member_ids: Iterable[int]) -> None:
    """These members have a page open."""
    until = time.time() + LIFE_SECONDS
    if signs := {str(member_id): until for member_id in member_ids}:
        with suppress(RedisError, OSError):
            await redis.zadd(_key(workspace_id), signs)
            await redis.expire(_key(workspace_id), LIFE_SECONDS)


async def depart(redis: Redis, workspace_id: int, member_id: int) -> None:
    """This member closed the last page, as far as this process knows; another process brings them back by its next sign."""
    with suppress(RedisError, OSError):
        await redis.zrem(_key(workspace_id), str(member_id))


async def present(redis: Redis, workspace_id: int) -> frozenset[int]:
    """The members who are here; nobody while Redis is away."""
    try:
        found = await redis.zrangebyscore(_key(workspace_id), time.time(), "+inf")
    except (RedisError, OSError):
        return frozenset()
    return frozenset(int(member_id) for member_id in found)
