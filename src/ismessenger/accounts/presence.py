"""Who is here. What a member chose, online or busy, counts as long as they do something; else they are offline.

Offline comes by itself: after the workspace's inactivity timeout, or by signing out. Redis holds each member's last activity to the
second; the member's row holds it to the minute and is what counts once Redis is lost.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession, workspace_key
from ismessenger.workspaces.preferences import preferences

Status = Literal["online", "busy", "offline"]

CHOICES: Final = ("online", "busy")
KEPT_EVERY = timedelta(minutes=1)
"""The row follows no more often than this."""

WAITING: Final = "assignment"
"""The lane that gives those who are here what waits for them."""

_FORGOTTEN_SECONDS = 86_400
_KEEP = text("UPDATE member SET last_active_at = :now WHERE id = :id AND (last_active_at IS NULL OR last_active_at < :before OR :returns)")
_LEAVE = text("UPDATE member SET left_at = :now WHERE account_id = :account_id AND removed_at IS NULL RETURNING id")
_CHOOSE = text("UPDATE member SET status = :status WHERE id = :id AND status <> :status RETURNING id")


class StatusRefused(ValueError):
    """Nobody can choose this status; the text says why."""


@dataclass(frozen=True, slots=True)
class Presence:
    """A member's status, and until when it stays so if they do nothing; ``None``: as long as they do nothing."""

    status: Status
    until: datetime | None = None


async def statuses(db: ReadSession, redis: Redis, members: Iterable[Member]) -> dict[int, Status]:
    """Whether each of these members is online, busy or offline now. Who counts only those online skips the busy and the offline."""
    return {id_: presence.status for id_, presence in (await presences(db, redis, members)).items()}


async def presences(db: ReadSession, redis: Redis, members: Iterable[Member]) -> dict[int, Presence]:
    """The same, with the end of each."""
    timeout = (await preferences(db)).inactivity
    last = await _last_signs(redis, db.workspace_id)
    return {member.id: _presence(member, last, timeout) for member in members}


async def gone_since(db: ReadSession, redis: Redis, members: Iterable[Member]) -> dict[int, datetime]:
    """Since when those of these members are offline who are."""
    timeout = (await preferences(db)).inactivity
    last = await _last_signs(redis, db.workspace_id)
    return {member.id: _gone(member, last, timeout) for member in members if _presence(member, last, timeout).status == "offline"}


async def is_active(installation: Installation, workspace_id: int, member_id: int, *, returns: bool) -> None:
    """The member does something. With ``returns`` they seemed to be away, and the others are told.

    Costs a round trip to Redis, and once a minute one to the database.
    """
    at, redis = now(), installation.redis
    kept_at = await _note(redis, workspace_id, member_id, at)
    if not returns and kept_at is not None and at - kept_at < KEPT_EVERY:
        return
    async with installation.tenancy.workspace(workspace_id) as db:
        await db.execute(_KEEP, {"id": member_id, "now": at, "before": at - KEPT_EVERY, "returns": returns})
        if returns:
            db.announce("presence", 0, member_id=member_id)
            db.ring(WAITING)
    with suppress(RedisError, OSError):
        await redis.zadd(workspace_key(workspace_id, "kept"), {str(member_id): at.timestamp()})


async def leave(installation: Installation, workspace_id: int, account_id: int) -> None:
    """The person signed out: offline from now on, until they do something again."""
    async with installation.tenancy.workspace(workspace_id) as db:
        member_id = (await db.execute(_LEAVE, {"account_id": account_id, "now": now()})).scalar_one_or_none()
        if member_id is not None:
            db.announce("presence", 0, member_id=member_id)


async def choose_status(db: WriteSession, member_id: int, status: str) -> None:
    """Be online or busy whenever here. Raises `StatusRefused`."""
    if status not in CHOICES:
        raise StatusRefused(gettext("Choose Online or Busy. Offline comes by itself when you are away or sign out."))
    if (await db.execute(_CHOOSE, {"id": member_id, "status": status})).first() is not None:
        db.announce("presence", 0, member_id=member_id)
        db.ring(WAITING)


async def _note(redis: Redis, workspace_id: int, member_id: int, at: datetime) -> datetime | None:
    """Note an activity in Redis; returns when the row followed last, ``None`` if that is not known."""
    active, kept = workspace_key(workspace_id, "active"), workspace_key(workspace_id, "kept")
    try:
        async with redis.pipeline(transaction=False) as pipe:
            pipe.zscore(kept, str(member_id))
            pipe.zadd(active, {str(member_id): at.timestamp()})
            pipe.expire(active, _FORGOTTEN_SECONDS)
            pipe.expire(kept, _FORGOTTEN_SECONDS)
            kept_at, *_rest = await pipe.execute()
    except (RedisError, OSError):
        return None
    return None if kept_at is None else datetime.fromtimestamp(kept_at, UTC)


async def _last_signs(redis: Redis, workspace_id: int) -> Mapping[int, datetime]:
    """When each member was active last; empty while Redis is away."""
    try:
        found = await redis.zrange(workspace_key(workspace_id, "active"), 0, -1, withscores=True)
    except (RedisError, OSError):
        return {}
    return {int(member_id): datetime.fromtimestamp(score, UTC) for member_id, score in found}


def _gone(member: Member, last: Mapping[int, datetime], timeout: timedelta) -> datetime:
    latest = _latest(member, last) or member.created_at
    return member.left_at if member.left_at and member.left_at >= latest else min(latest + timeout, now())


def _latest(member: Member, last: Mapping[int, datetime]) -> datetime | None:
    return max((sign for sign in (last.get(member.id), member.last_active_at) if sign is not None), default=None)


def _presence(member: Member, last: Mapping[int, datetime], timeout: timedelta) -> Presence:
    latest = _latest(member, last)
    if member.removed_at is not None or latest is None or latest + timeout <= now() or (member.left_at and member.left_at >= latest):
        return Presence("offline")
    return Presence(cast("Status", member.status), latest + timeout)
