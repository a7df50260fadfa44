"""A workspace is deleted, restored, purged: while messages arrive, killed in between, beside a neighbour that notices nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ismessenger.accounts.sign_in import browser_of, check_credentials, start_session
from ismessenger.accounts.tokens import create_token, key_of
from ismessenger.files.store import FileMissing
from ismessenger.jobs.drain import drain
from ismessenger.jobs.tidy import purge_workspaces
from ismessenger.kit.clock import now, shifted
from ismessenger.tenancy.doors import workspace_key
from ismessenger.workspaces import purge
from ismessenger.workspaces.create import WorkspaceRefused, find_workspace
from ismessenger.workspaces.delete import GRACE, delete_workspace, due_for_purge, restore_workspace
from ismessenger.workspaces.purge import purge_workspace
from tests.channels.conftest import Shop
from tests.conftest import PASSWORD, World, make_world
from tests.workspaces.conftest import Left

AT_ONCE = timedelta()


def message(id_: str) -> dict[str, Any]:
    return {"type": "message", "mId": id_, "timestamp": 1_763_640_000_000, "message": {"type": "text", "text": "Hello"}}


async def count(world: World, table: str) -> int:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return int((await db.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


@pytest.fixture
async def filled(shop: Shop, lanes: object) -> Shop:
    """A workspace with people, messages and a file."""
    world = shop.world
    for number in range(3):
        assert (await shop.post(message(f"m{number}"), contact=f"+493090182{number}")).status_code == 200
    assert (await drain(world.installation, seconds=60)).done
    await world.installation.files.put(workspace_key(world.workspace_id, "uploads", "one"), b"words")
    assert lanes
    return shop


async def test_deleting_closes_the_doors_of_people_and_tokens_at_once(world: World) -> None:
    account = await check_credentials(world.installation, email=world.owner.email, password=PASSWORD)
    cookie, _end = await start_session(world.installation, account.id, workspace_id=world.workspace_id)
    token = await create_token(world.installation, world.workspace_id, "key")
    purge_at = await delete_workspace(world.installation, world.workspace_id)
    assert timedelta() <= now() + GRACE - purge_at < timedelta(minutes=1)
    browser = await browser_of(world.installation, cookie)
    assert browser is not None
    assert browser.workspace is None
    assert await key_of(world.installation, token) is None
    await restore_workspace(world.installation, world.workspace_id)
    assert (await browser_of(world.installation, cookie)).workspace is not None  # type: ignore[union-attr]
    assert await key_of(world.installation, token) is not None


@pytest.mark.behaviour(120)
async def test_what_arrives_for_a_deleted_workspace_is_there_when_it_is_restored(filled: Shop) -> None:
    world = filled.world
    await delete_workspace(world.installation, world.workspace_id)
    assert (await filled.post(message("late"))).status_code == 200
    assert (await drain(world.installation, seconds=60)).done
    await restore_workspace(world.installation, world.workspace_id)
    assert await count(world, "message") == 4


async def test_deleting_twice_keeps_the_first_date_and_may_bring_it_forward(world: World) -> None:
    first = await delete_workspace(world.installation, world.workspace_id)
    with shifted(timedelta(days=3)):
        assert await delete_workspace(world.installation, world.workspace_id) == first
    assert await delete_workspace(world.installation, world.workspace_id, grace=AT_ONCE) < first


async def test_a_workspace_is_purged_when_its_grace_is_over_and_not_before(world: World, left_of: Left) -> None:
    await delete_workspace(world.installation, world.workspace_id)
    with shifted(GRACE - timedelta(minutes=1)):
        assert world.workspace_id not in await due_for_purge(world.installation)
        assert await purge_workspace(world.installation, world.workspace_id) == 0
    assert await left_of(world.workspace_id)
    with shifted(GRACE + timedelta(minutes=1)):
        with pytest.raises(WorkspaceRefused, match="cannot be restored"):
            await restore_workspace(world.installation, world.workspace_id)
        await purge_workspaces(world.installation)
    assert await left_of(world.workspace_id) == {}


async def test_a_workspace_that_nobody_deleted_is_never_purged(world: World, left_of: Left) -> None:
    before = await left_of(world.workspace_id)
    assert await purge_workspace(world.installation, world.workspace_id) == 0
    await purge_workspaces(world.installation)
    assert await left_of(world.workspace_id) == before


@pytest.mark.behaviour(121)
async def test_after_a_purge_nothing_is_left_and_the_address_is_unknown(filled: Shop, left_of: Left) -> None:
    world, redis = filled.world, filled.world.installation.redis
    file = workspace_key(world.workspace_id, "uploads", "one")
    await delete_workspace(world.installation, world.workspace_id, grace=AT_ONCE)
    assert await purge_workspace(world.installation, world.workspace_id) > 10
    assert await left_of(world.workspace_id) == {}
    with pytest.raises(FileMissing):
        await world.installation.files.stat(file)
    assert [key async for key in redis.scan_iter(match=f"w/{world.workspace_id}/*")] == []
    with pytest.raises(WorkspaceRefused):
        await find_workspace(world.installation, world.slug)
    route = filled.channel.webhook_url.rpartition("/")[2]
    async with asyncio.timeout(60):
        while (await filled.hooks.post(f"/hooks/custom_channel/{route}", json={})).status_code != 404:  # noqa: ASYNC110 - a cache ends by time
            await asyncio.sleep(0.1)
    assert await purge_workspace(world.installation, world.workspace_id) == 0


@pytest.mark.behaviour(121)
@pytest.mark.usefixtures("lanes")
async def test_a_workspace_deleted_while_messages_arrive_leaves_nothing_behind(shop: Shop, left_of: Left) -> None:
    world, answers = shop.world, []

    async def writes(person: int) -> None:
        """Until the address is unknown: then nothing in an answer waits any more, and nobody else would have a turn."""
        answers.append(200)
        while answers[-1] in {200, 503}:
            answers.append((await shop.post(message(f"{person}-{len(answers)}"), contact=f"+49309018{person:03}")).status_code)

    people = [asyncio.create_task(writes(person)) for person in range(4)]
    async with asyncio.timeout(60):
        while await count(world, "message") < 20:  # noqa: ASYNC110 - a table rings no bell
            await asyncio.sleep(0.02)
        await delete_workspace(world.installation, world.workspace_id, grace=AT_ONCE)
        await purge_workspace(world.installation, world.workspace_id)
        await asyncio.gather(*people)
    assert answers[-1] == 401
    assert set(answers) <= {200, 401, 503}  # its bearer token is unknown now
    assert (await drain(world.installation, seconds=60)).done
    assert await left_of(world.workspace_id) == {}


async def test_a_purge_that_was_killed_anywhere_goes_on_where_it_stood(
    filled: Shop, left_of: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = filled.world
    await delete_workspace(world.installation, world.workspace_id, grace=AT_ONCE)

    class Killed(BaseException):
        pass

    async def dies(*_arguments: object) -> None:
        raise Killed

    for step in ("_leave_providers", "_take_files", "_take_keys"):
        with monkeypatch.context() as patched:
            patched.setattr(purge, step, dies)
            with pytest.raises(Killed):
                await purge_workspace(world.installation, world.workspace_id)
        assert world.workspace_id in await due_for_purge(world.installation)
    await purge_workspaces(world.installation)
    assert await left_of(world.workspace_id) == {}
    assert world.workspace_id not in await due_for_purge(world.installation)


async def test_many_rows_go_in_batches(filled: Shop, left_of: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "BATCH", 2)
    await delete_workspace(filled.world.installation, filled.world.workspace_id, grace=AT_ONCE)
    await purge_workspace(filled.world.installation, filled.world.workspace_id)
    assert await left_of(filled.world.workspace_id) == {}


async def test_the_neighbour_is_untouched(filled: Shop, left_of: Left) -> None:
    neighbour = await make_world(filled.world.installation)
    await filled.world.installation.files.put(workspace_key(neighbour.workspace_id, "uploads", "one"), b"theirs")
    before = await left_of(neighbour.workspace_id)
    await delete_workspace(filled.world.installation, filled.world.workspace_id, grace=AT_ONCE)
    await purge_workspace(filled.world.installation, filled.world.workspace_id)
    assert await left_of(neighbour.workspace_id) == before
    assert await filled.world.installation.files.size(workspace_key(neighbour.workspace_id, "uploads", "one")) == 6
