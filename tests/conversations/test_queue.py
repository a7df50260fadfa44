"""Who finds nobody that qualifies waits in the queue: the oldest is served first, and whoever waits for it hears."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import choose_status, is_active
from ismessenger.automation.model import Workflow, WorkflowRun, WorkflowVersion
from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.allot import allot_many
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import close, reopen
from ismessenger.conversations.many import assign_contacts, close_contacts
from ismessenger.conversations.queue import LANE, Asker, Wanted, leave_queue
from ismessenger.conversations.serve import GRACE, serve_queue
from ismessenger.conversations.snooze import snooze_contacts
from ismessenger.jobs.assignment import find_queues, work_queue
from ismessenger.kit.clock import now, shifted
from ismessenger.realtime.publish import bell_key
from ismessenger.sdk.step import Assign
from tests.conftest import World
from tests.conversations.crew import assignees, crew, people

ASKER = Asker("workflow", 7, "7/s1")
DAY = timedelta(days=1)
_numbers = itertools.count()


async def runs_of(world: World, contact_ids: Sequence[int]) -> list[int]:
    """A run inside of a workflow for each of them."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        workflow = Workflow(name=str(next(_numbers)), draft={})
        db.add(workflow)
        await db.flush()
        version = WorkflowVersion(workflow_id=workflow.id, number=1, definition={})
        db.add(version)
        await db.flush()
        runs = [WorkflowRun(workflow_id=workflow.id, version_id=version.id, contact_id=id_) for id_ in contact_ids]
        db.add_all(runs)
        await db.flush()
        return [run.id for run in runs]


async def give(world: World, contact_ids: Sequence[int], runs: Sequence[int] = (), **order: Any) -> Mapping[int, int | None]:
    asking: Sequence[int | None] = runs or [None] * len(contact_ids)
    wanted = [Wanted(id_, run, f"{run}:1" if run else "") for id_, run in zip(contact_ids, asking, strict=True)]
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"), {"ids": list(contact_ids)})
        return await allot_many(world.installation, db, Assign.model_validate(order), wanted, ASKER)


async def waiting(world: World) -> list[int]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        rows = text("SELECT contact_id FROM queued_assignment WHERE member_id IS NULL ORDER BY id")
        return list((await db.execute(rows)).scalars())


async def heard(world: World) -> list[tuple[int, int, str, int]]:
    """What runs were told: the contact, the run, the key of its step, and whose the contact is now."""
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        rows = (await db.execute(text("SELECT contact_id, payload FROM workflow_signal WHERE kind = 'result' ORDER BY id"))).all()
    assert all(told["ok"] and not told["reason"] for _contact_id, told in rows)
    return [(contact_id, told["run_id"], told["key"], told["details"]["member_id"]) for contact_id, told in rows]


async def come(world: World, member_id: int) -> None:
    await is_active(world.installation, world.workspace_id, member_id, returns=True)


async def serve(world: World) -> int:
    return await serve_queue(world.installation, world.workspace_id)


@pytest.mark.behaviour(32)
async def test_whoever_comes_online_gets_the_contacts_that_waited_longest(world: World) -> None:
    team_id, (ada, bo) = await crew(world, 2)
    first, second, third = await people(world, 3)
    runs = await runs_of(world, [third, first, second])
    # The one with the highest id came first.
    assert await give(world, [third], runs[:1], pool="team", to=team_id, online_only=True, below=1) == {}
    assert await give(world, [first, second], runs[1:], pool="team", to=team_id, online_only=True, below=1) == {}
    assert await waiting(world) == [third, first, second]
    assert await serve(world) == 0
    await come(world, bo)
    assert await serve(world) == 1
    await come(world, ada)
    assert await serve(world) == 1
    assert await assignees(world, [third, first, second]) == {third: bo, first: ada, second: None}
    assert await heard(world) == [(third, runs[0], f"{runs[0]}:1", bo), (first, runs[1], f"{runs[1]}:1", ada)]
    assert await waiting(world) == [second]


@pytest.mark.behaviour(32)
@pytest.mark.parametrize("freed_by", ["closing one", "closing many", "snoozing", "unassigning", "handing it on"])
async def test_whoever_has_less_to_do_gets_the_next(world: World, freed_by: str) -> None:
    team_id, (ada,) = await crew(world, 1)
    busy_with, next_one = await people(world, 2, status="closed")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await reopen(db, await lock_contact(db, busy_with), by=world.owner.id)
    assert await give(world, [busy_with, next_one], pool="team", to=team_id, below=1) == {busy_with: ada}
    assert await serve(world) == 0
    await world.installation.redis.delete(bell_key(LANE))
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        match freed_by:
            case "closing one":
                await close(db, await lock_contact(db, busy_with), by=world.owner.id)
            case "closing many":
                await close_contacts(db, [busy_with], by=world.owner.id)
            case "snoozing":
                await snooze_contacts(db, [busy_with], now() + DAY, by=world.owner.id)
            case "unassigning":
                await assign(db, await lock_contact(db, busy_with), to=None, actor="user", by=world.owner.id)
            case _:
                await assign_contacts(db, [busy_with], to=world.owner, by=world.owner.id)
    assert await world.installation.redis.llen(bell_key(LANE)) == 1  # type: ignore[misc]
    assert (world.workspace_id, 0) in await find_queues(world.installation)
    assert await work_queue(world.installation, (world.workspace_id, 0)) == 1
    assert (await assignees(world, [next_one]))[next_one] == ada
    assert (world.workspace_id, 0) not in await find_queues(world.installation)


async def test_presence_rings_the_lane(world: World) -> None:
    await world.installation.redis.delete(bell_key(LANE))
    await come(world, world.agent.id)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await choose_status(db, world.agent.id, "busy")
    assert await world.installation.redis.llen(bell_key(LANE)) == 2  # type: ignore[misc]


@pytest.mark.behaviour(305)
async def test_nobody_overtakes_those_who_wait(world: World) -> None:
    team_id, (ada,) = await crew(world, 1)
    old, new, other = await people(world, 3)
    assert await give(world, [old], pool="team", to=team_id, online_only=True) == {}
    await come(world, ada)
    # Ada qualifies for both, and nobody has served the queue yet.
    assert await give(world, [new], pool="workspace", logic="least_open", below=1, online_only=True) == {}
    assert await give(world, [other], pool="member", to=world.owner.id) == {other: world.owner.id}
    assert await waiting(world) == [old, new]
    assert await serve(world) == 1
    assert await assignees(world, [old, new]) == {old: ada, new: None}


@pytest.mark.behaviour(305)
async def test_what_nobody_may_take_keeps_nobody_else_waiting(world: World) -> None:
    team_id, (ada,) = await crew(world, 1)
    stuck, free = await people(world, 2)
    assert await give(world, [stuck], pool="member", to=world.agent.id, online_only=True) == {}
    assert await give(world, [free], pool="team", to=team_id, online_only=True) == {}
    await come(world, ada)
    assert await serve(world) == 1
    assert await assignees(world, [stuck, free]) == {stuck: None, free: ada}


@pytest.mark.behaviour(306)
@pytest.mark.parametrize("at_once", [False, True])
async def test_whoever_assigns_by_hand_takes_the_contact_out_and_all_its_runs_hear(world: World, *, at_once: bool) -> None:
    team_id, (ada,) = await crew(world, 1)
    (contact_id,) = await people(world, 1)
    runs = [*await runs_of(world, [contact_id]), *await runs_of(world, [contact_id])]
    for run in runs:
        assert await give(world, [contact_id], [run], pool="team", to=team_id, online_only=True) == {}
    assert await waiting(world) == [contact_id] * 2
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        if at_once:
            await assign_contacts(db, [contact_id], to=world.owner, by=world.owner.id)
        else:
            await assign(db, await lock_contact(db, contact_id), to=world.owner, actor="user", by=world.owner.id)
    assert await waiting(world) == []
    assert await heard(world) == [(contact_id, run, f"{run}:1", world.owner.id) for run in runs]
    await come(world, ada)
    assert await serve(world) == 0


@pytest.mark.behaviour(306)
async def test_a_run_that_waits_no_longer_leaves_the_queue_in_silence(world: World) -> None:
    team_id, (ada,) = await crew(world, 1)
    contact_id, gone = await people(world, 2)
    (run,), (_other,) = await runs_of(world, [contact_id]), await runs_of(world, [gone])
    await give(world, [contact_id], [run], pool="team", to=team_id, online_only=True)
    await give(world, [gone], [_other], pool="team", to=team_id, online_only=True)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await leave_queue(db, [run])
        await db.execute(text("DELETE FROM contact WHERE id = :id"), {"id": gone})
    await come(world, ada)
    assert await serve(world) == 0
    assert await heard(world) == []
    assert await assignees(world, [contact_id]) == {contact_id: None}


async def test_a_step_that_is_reached_again_waits_with_its_new_order(world: World) -> None:
    team_id, (ada,) = await crew(world, 1)
    (contact_id,) = await people(world, 1)
    runs = await runs_of(world, [contact_id])
    await give(world, [contact_id], runs, pool="member", to=world.agent.id, online_only=True)
    await give(world, [contact_id], runs, pool="team", to=team_id, online_only=True)
    await come(world, ada)
    assert await serve(world) == 1
    assert (await assignees(world, [contact_id]))[contact_id] == ada


@pytest.mark.behaviour(307)
async def test_what_was_given_to_somebody_who_goes_offline_goes_on_to_somebody_online(world: World) -> None:
    team_id, (ada, bo) = await crew(world, 2)
    kept, passed, closed, by_hand, plain = await people(world, 5)
    await come(world, ada)
    order: dict[str, Any] = {"pool": "team", "to": team_id, "online_only": True}
    assert set((await give(world, [passed, closed, by_hand], reassign_offline=True, **order)).values()) == {ada}
    assert set((await give(world, [plain], **order)).values()) == {ada}
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE contact SET status = 'closed' WHERE id = :id"), {"id": closed})
        await assign_contacts(db, [by_hand], to=world.owner, by=world.owner.id)
    assert await serve(world) == 0
    with shifted(DAY):
        # Both are offline: it stays with whom it is.
        assert await serve(world) == 0
        assert (await assignees(world, [passed]))[passed] == ada
        await come(world, bo)
        assert await serve(world) == 1
        ours = [passed, closed, by_hand, plain, kept]
        assert await assignees(world, ours) == {passed: bo, closed: ada, by_hand: world.owner.id, plain: ada, kept: None}
    with shifted(2 * DAY):
        await come(world, ada)
        assert await serve(world) == 1, "and on to the next, when Bo has gone"
        assert (await assignees(world, [passed]))[passed] == ada


@pytest.mark.behaviour(307)
async def test_somebody_who_is_back_soon_keeps_theirs(world: World) -> None:
    team_id, (ada, bo) = await crew(world, 2)
    (contact_id,) = await people(world, 1)
    await come(world, ada)
    await give(world, [contact_id], pool="team", to=team_id, online_only=True, reassign_offline=True)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        ada_left = now()
        await db.execute(text("UPDATE member SET left_at = :at WHERE id = :id"), {"at": ada_left, "id": ada})
        assert (await db.get_one(Member, (db.workspace_id, ada))).left_at == ada_left
    await come(world, bo)
    assert await serve(world) == 0
    with shifted(GRACE):
        await come(world, bo)
        assert await serve(world) == 1
    assert (await assignees(world, [contact_id]))[contact_id] == bo


@pytest.mark.behaviour(304)
async def test_several_workers_serve_one_queue_and_each_contact_goes_out_once(world: World) -> None:
    team_id, mates = await crew(world, 3)
    ids = await people(world, 250)
    assert await give(world, ids, pool="team", to=team_id, online_only=True, below=60) == {}
    for member_id in mates:
        await come(world, member_id)

    async def worker() -> int:
        done = 0
        while some := await serve(world):
            done += some
        return done

    assert sum(await asyncio.gather(*(worker() for _each in range(4)))) == 180
    assert await waiting(world) == ids[180:]
    given = await assignees(world, ids[:180])
    assert Counter(given.values()) == dict.fromkeys(mates, 60)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert (await db.execute(text("SELECT count(*) FROM event WHERE kind = 'contact.assigned'"))).scalar_one() == 180


@pytest.mark.behaviour(304)
async def test_hands_steps_and_the_lane_do_not_lock_each_other_out(world: World) -> None:
    team_id, mates = await crew(world, 3)
    ids = await people(world, 30)
    for member_id in mates:
        await come(world, member_id)
    order: dict[str, Any] = {"pool": "team", "to": team_id, "online_only": True, "below": 4, "reassign_offline": True}

    async def steps(first: int) -> None:
        for at in range(first, first + 20, 4):
            await give(world, sorted(ids[at % 30 : at % 30 + 4]), **order)

    async def hands() -> None:
        for at in range(0, 30, 3):
            async with world.installation.tenancy.workspace(world.workspace_id) as db:
                await assign_contacts(db, ids[at : at + 3], to=world.owner, by=world.owner.id)

    async def lane() -> None:
        for _each in range(10):
            await serve(world)

    await asyncio.gather(steps(0), steps(7), steps(15), hands(), hands(), lane(), lane())
    while await serve(world):
        pass
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        kept = "SELECT count(*) FROM queued_assignment q JOIN contact c ON c.id = q.contact_id WHERE q.member_id <> c.assignee_id"
        assert (await db.execute(text(kept))).scalar_one() == 0
    given = Counter((await assignees(world, ids)).values())
    assert all(given[member_id] <= 4 for member_id in mates)
    assert given[None] == 0
