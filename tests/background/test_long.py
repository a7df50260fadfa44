"""Long jobs: done in slices whose progress is kept, stopped when somebody wishes, gone on with after a crash."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from ismessenger.background.job import (
    LEASE,
    MAX_UNFINISHED,
    JobFailed,
    JobNotFound,
    Running,
    TooManyJobs,
    Work,
    cancel_job,
    job_named,
    jobs_of,
    start_job,
)
from ismessenger.background.model import Job
from ismessenger.jobs import long
from ismessenger.jobs.long import MAX_ATTEMPTS, find_jobs, work_job
from ismessenger.kit.clock import shifted
from tests.conftest import World, make_world

STEPS = 5


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Work]:
    """The kinds of jobs that there are."""
    known: dict[str, Work] = {"count": count}
    monkeypatch.setattr(long, "KINDS", known)
    return known


async def count(running: Running) -> None:
    """One contact a slice."""
    finished = False
    while not finished:
        async with running.slice() as (_db, job):
            job.position = {"step": job.position.get("step", 0) + 1}
            job.done += 1
            finished = job.position["step"] == STEPS


async def begin(world: World, kind: str = "count", **params: Any) -> int:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        return (await start_job(db, kind, params, by=world.owner.id, total=STEPS)).id


async def seen(world: World, job_id: int) -> Job:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return await job_named(db, job_id)


async def work(world: World, job_id: int) -> int:
    return await work_job(world.installation, (world.workspace_id, job_id))


async def test_a_job_is_found_done_and_not_found_again(world: World, kinds: dict[str, Work]) -> None:
    job_id = await begin(world)
    assert (world.workspace_id, job_id) in await find_jobs(world.installation)
    assert await work(world, job_id) == 1
    job = await seen(world, job_id)
    assert (job.state, job.done, job.finished_at is not None) == ("done", STEPS, True)
    assert (world.workspace_id, job_id) not in await find_jobs(world.installation)
    assert await work(world, job_id) == 0


async def test_a_job_that_waits_is_cancelled_at_once_and_never_begun(world: World, kinds: dict[str, Work]) -> None:
    job_id = await begin(world)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await cancel_job(db, job_id)
    assert await work(world, job_id) == 0
    assert (await seen(world, job_id)).state == "cancelled"


async def test_a_running_job_stops_after_its_slice_and_keeps_what_it_did(world: World, kinds: dict[str, Work]) -> None:
    async def stopped(running: Running) -> None:
        async with running.slice() as (_db, job):
            job.done = 1
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            await cancel_job(db, running.job_id)
        async with running.slice() as (_db, job):
            job.done = 2

    kinds["stopped"] = stopped
    job_id = await begin(world, "stopped")
    await work(world, job_id)
    job = await seen(world, job_id)
    assert (job.state, job.done) == ("cancelled", 1)


async def test_after_a_crash_the_job_goes_on_where_it_stood(world: World, kinds: dict[str, Work]) -> None:
    async def dies(running: Running) -> None:
        async with running.slice() as (_db, job):
            job.position, job.done = {"step": 3}, 3
        raise OperationalError("", {}, OSError("the server went away"))

    kinds["count"] = dies
    job_id = await begin(world)
    with pytest.raises(OperationalError):
        await work(world, job_id)
    assert (await seen(world, job_id)).state == "running"
    assert (world.workspace_id, job_id) not in await find_jobs(world.installation)  # somebody may still be at it
    kinds["count"] = count
    with shifted(LEASE + timedelta(seconds=1)):
        assert (world.workspace_id, job_id) in await find_jobs(world.installation)
        await work(world, job_id)
    job = await seen(world, job_id)
    assert (job.state, job.done, job.position) == ("done", STEPS, {"step": STEPS})


async def test_a_job_that_crashes_again_and_again_fails_with_words(world: World, kinds: dict[str, Work]) -> None:
    async def dies(_running: Running) -> None:
        raise OSError("the store went away")

    kinds["dies"] = dies
    job_id = await begin(world, "dies")
    for attempt in range(MAX_ATTEMPTS - 1):
        with shifted((LEASE + timedelta(seconds=1)) * attempt), pytest.raises(OSError, match="store"):
            await work(world, job_id)
    with shifted((LEASE + timedelta(seconds=1)) * MAX_ATTEMPTS):
        await work(world, job_id)
    job = await seen(world, job_id)
    assert (job.state, job.error) == ("failed", long.BROKEN)


async def test_whoever_lost_the_job_to_another_worker_changes_nothing_more(world: World, kinds: dict[str, Work]) -> None:
    async def slow(running: Running) -> None:
        if running.attempt == 1:
            with shifted(LEASE + timedelta(seconds=1)):
                await work(world, running.job_id)  # another worker, after the first gave no sign of life for too long
        async with running.slice() as (_db, job):
            job.done += 1

    kinds["slow"] = slow
    job_id = await begin(world, "slow")
    await work(world, job_id)
    job = await seen(world, job_id)
    assert (job.state, job.done, job.attempt) == ("done", 1, 2)


@pytest.mark.parametrize(("kind", "words"), [("refuses", "The file is empty."), ("breaks", long.BROKEN), ("unknown", "does not know")])
async def test_a_job_that_cannot_be_done_says_why(world: World, kinds: dict[str, Work], kind: str, words: str) -> None:
    async def refuses(_running: Running) -> None:
        raise JobFailed("The file is empty.")

    async def breaks(_running: Running) -> None:
        raise ZeroDivisionError

    kinds.update(refuses=refuses, breaks=breaks)
    job_id = await begin(world, kind)
    await work(world, job_id)
    job = await seen(world, job_id)
    assert job.state == "failed"
    assert words in job.error


async def test_jobs_are_listed_newest_first_and_belong_to_their_workspace(world: World, kinds: dict[str, Work]) -> None:
    first, second, other = await begin(world), await begin(world), await begin(world, "another")
    neighbour = await make_world(world.installation)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert [job.id for job in await jobs_of(db, "count")] == [second, first]
        assert [job.id for job in await jobs_of(db, "count", before=second)] == [first]
        with pytest.raises(JobNotFound):
            await job_named(db, other, "count")
    async with world.installation.tenancy.workspace(neighbour.workspace_id) as db:
        with pytest.raises(JobNotFound):
            await cancel_job(db, first)


async def test_a_workspace_has_so_many_jobs_under_way_and_no_more(world: World, kinds: dict[str, Work]) -> None:
    waiting = [await begin(world) for _number in range(MAX_UNFINISHED)]
    with pytest.raises(TooManyJobs, match="under way already"):
        await begin(world)
    await begin(await make_world(world.installation))
    await work(world, waiting[0])
    await begin(world)
