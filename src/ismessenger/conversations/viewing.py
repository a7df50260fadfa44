"""Who looks at which conversation right now. Redis holds it and forgets it by itself; nothing is stored."""

from collections.abc import Collection, Sequence
from typing import Final

from redis.asyncio import Redis

from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import workspace_key

LOOK_SECONDS: Final = 45.0
"""A tab that has not said again for so long that it looks has gone. Browsers say so every twenty seconds."""


async def look(redis: Redis, workspace_id: int, contact_id: int, member_id: int, tab: str) -> bool:
    """One of a member's tabs shows the conversation; returns whether it did not before. Raises `RedisError`."""
    key, at = _key(workspace_id, contact_id), now().timestamp()
    async with redis.pipeline() as pipe:
        pipe.zremrangebyscore(key, "-inf", at)
        pipe.zadd(key, {f"{member_id}:{tab}": at + LOOK_SECONDS})
        pipe.expire(key, int(LOOK_SECONDS) + 1)
        _gone, added, _kept = await pipe.execute()
    return bool(added)


async def look_away(redis: Redis, workspace_id: int, contact_id: int, member_id: int, tab: str) -> None:
    """The tab shows something else, or is closed. Raises `RedisError`."""
    await redis.zrem(_key(workspace_id, contact_id), f"{member_id}:{tab}")


async def lookers(redis: Redis, workspace_id: int, contact_ids: Sequence[int]) -> dict[int, Collection[int]]:
    """The ids of the members who look at each of these contacts. Raises `RedisError`."""
    at = now().timestamp()
    async with redis.pipeline(transaction=False) as pipe:
        for contact_id in contact_ids:
            pipe.zrangebyscore(_key(workspace_id, contact_id), f"({at}", "+inf")
        answers = await pipe.execute()
    return {contact_id: {_member_id(tab) for tab in tabs} for contact_id, tabs in zip(contact_ids, answers, strict=True)}


def _member_id(tab: bytes | str) -> int:
    words = tab.decode() if isinstance(tab, bytes) else tab
    return int(words.partition(":")[0])


def _key(workspace_id: int, contact_id: int) -> str:
    return workspace_key(workspace_id, "looking", contact_id)
