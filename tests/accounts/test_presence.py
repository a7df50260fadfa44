"""Who is online, busy or offline: chosen, timed out, signed out, come back, and what is left of it when Redis is lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from ismessenger.accounts.members import members
from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import Status, StatusRefused, choose_status, is_active, leave, statuses
from ismessenger.kit.clock import Stopped, now, stopped
from ismessenger.tenancy.doors import workspace_key
from ismessenger.workspaces.preferences import Decided, prefer
from tests.conftest import World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> Iterator[Stopped]:
    with stopped(now()) as standing:
        yield standing


async def status_of(world: World, member: Member, redis: Redis | None = None) -> Status:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return (await statuses(db, redis or world.installation.redis, await members(db)))[member.id]


async def does_something(world: World, member: Member, *, returns: bool = False) -> None:
    await is_active(world.installation, world.workspace_id, member.id, returns=returns)


async def choose(world: World, member: Member, status: str) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await choose_status(db, member.id, status)


async def announced(world: World) -> int:
    """How often the others were told that somebody's status changed."""
    entries = await world.installation.redis.xrange(workspace_key(world.workspace_id, "changes"))
    return sum(b'"presence"' in fields[b"d"] for _id, fields in entries)


async def test_nobody_is_here_before_they_did_anything(world: World) -> None:
    assert await status_of(world, world.agent) == "offline"


@pytest.mark.behaviour(15)
@pytest.mark.parametrize("chosen", ["online", "busy"])
async def test_the_timeout_takes_offline_and_activity_brings_the_chosen_status_back(world: World, clock: Stopped, chosen: Status) -> None:
    await choose(world, world.agent, chosen)
    await does_something(world, world.agent)
    assert await status_of(world, world.agent) == chosen
    clock.advance(14 * MINUTE)
    assert await status_of(world, world.agent) == chosen
    clock.advance(MINUTE)
    assert await status_of(world, world.agent) == "offline"
    await does_something(world, world.agent, returns=True)
    assert await status_of(world, world.agent) == chosen


@pytest.mark.behaviour(15)
async def test_signing_out_takes_offline_and_activity_brings_the_chosen_status_back(world: World, clock: Stopped) -> None:
    await choose(world, world.agent, "busy")
    await does_something(world, world.agent)
    clock.advance(timedelta(seconds=1))
    await leave(world.installation, world.workspace_id, world.agent.account_id)
    assert await status_of(world, world.agent) == "offline"
    clock.advance(timedelta(seconds=1))
    await does_something(world, world.agent, returns=True)
    assert await status_of(world, world.agent) == "busy"


@pytest.mark.behaviour(15)
@pytest.mark.parametrize("status", ["offline", "", "ONLINE", "away"])
async def test_nobody_chooses_to_be_offline(world: World, status: str) -> None:
    await does_something(world, world.agent)
    with pytest.raises(StatusRefused):
        await choose(world, world.agent, status)
    assert await status_of(world, world.agent) == "online"


async def test_the_workspace_says_how_long_nothing_may_happen(world: World, clock: Stopped) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await prefer(db, Decided(inactivity_minutes=2, events_open_conversations=False))
    await does_something(world, world.agent)
    clock.advance(2 * MINUTE)
    assert await status_of(world, world.agent) == "offline"


async def test_a_redis_that_forgot_or_hangs_costs_a_minute_of_exactness(world: World, clock: Stopped) -> None:
    await does_something(world, world.agent)
    clock.advance(timedelta(seconds=50))
    await does_something(world, world.agent)
    await world.installation.redis.delete(workspace_key(world.workspace_id, "active"))
    assert await status_of(world, world.agent) == "online"
    nobody = Redis(host="127.0.0.1", port=1)
    assert await status_of(world, world.agent, nobody) == "online"
    clock.advance(14 * MINUTE + timedelta(seconds=10))
    assert await status_of(world, world.agent, nobody) == "offline"
    await nobody.aclose()


async def test_the_row_follows_once_a_minute(world: World, clock: Stopped) -> None:
    async def written() -> object:
        async with world.installation.tenancy.reading(world.workspace_id) as db:
            return (await db.execute(text("SELECT last_active_at FROM member WHERE id = :id"), {"id": world.agent.id})).scalar_one()

    await does_something(world, world.agent)
    first = await written()
    for _half in range(3):
        clock.advance(timedelta(seconds=19))
        await does_something(world, world.agent)
        assert await written() == first
    clock.advance(timedelta(seconds=19))
    await does_something(world, world.agent)
    assert await written() == clock.at


async def test_the_others_are_told_of_real_changes_only(world: World) -> None:
    for _time in range(3):
        await does_something(world, world.agent)
        await choose(world, world.agent, "online")
    assert await announced(world) == 0
    await choose(world, world.agent, "busy")
    assert await announced(world) == 1
    await leave(world.installation, world.workspace_id, world.agent.account_id)
    assert await announced(world) == 2
    await does_something(world, world.agent, returns=True)
    assert await announced(world) == 3


@pytest.mark.behaviour(16)
async def test_counting_only_those_online_skips_the_busy_and_the_offline(world: World) -> None:
    await does_something(world, world.owner)
    await does_something(world, world.manager)
    await choose(world, world.manager, "busy")
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        found = await statuses(db, world.installation.redis, await members(db))
    assert found == {world.owner.id: "online", world.manager.id: "busy", world.agent.id: "offline"}
    assert [id_ for id_, status in found.items() if status == "online"] == [world.owner.id]
