"""Long work: start it, cancel it, and do it in slices whose progress is committed with what they did."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlmodel import col

from ismessenger.background.model import Job
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.notifications.notify import notify
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession
from ismessenger.tenancy.parted import parted

LANE = "jobs"
LEASE = timedelta(minutes=2)
DRAFT, WAITING, RUNNING, CANCELLING = "draft", "waiting", "running", "cancelling"
DONE, CANCELLED, FAILED = "done", "cancelled", "failed"

Answer = TypeVar("Answer")

LONG = timedelta(seconds=15)
"""Whoever started a job that took longer has gone to do something else, and is told when it is done."""

MAX_UNFINISHED = 50
"""So many jobs of one workspace may wait or run: the lanes are everybody's."""


class TooManyJobs(Exception):
    """The workspace has to wait until some of its jobs are done; the text says so."""


class JobNotFound(LookupError):
    """There is no such job."""


class JobCancelled(Exception):
    """Somebody stopped the job: what was done stays."""


class JobLost(Exception):
    """Another worker has taken the job over, because this one did not show a sign of life for too long."""


class JobFailed(Exception):
    """The job cannot go on; the text says why and is shown to whoever started it."""


async def start_job(db: WriteSession, kind: str, params: dict[str, Any], *, by: int | None, total: int | None = None) -> Job:
    """Have a worker do it after the commit. ``params`` is JSON; ``by`` a member's id. Raises `TooManyJobs`."""
    unfinished = select(func.count()).select_from(Job).where(col(Job.state).in_((WAITING, RUNNING, CANCELLING)))
    if (await db.execute(unfinished)).scalar_one() >= MAX_UNFINISHED:
        raise TooManyJobs(
            gettext("%(most)s imports, exports and changes are under way already. Wait until some are done, or stop one.")
            % {"most": MAX_UNFINISHED}
        )
    job = Job(kind=kind, params=params, created_by_id=by, total=total)
    db.add(job)
    await db.flush()
    db.ring(LANE)
    return job


async def job_named(db: ReadSession, job_id: int, *kinds: str) -> Job:
    """One job, of one of these kinds if any are named. Raises `JobNotFound`."""
    job = await db.get(Job, (db.workspace_id, job_id))
    if job is None or (kinds and job.kind not in kinds):
        raise JobNotFound(gettext("There is no such job."))
    return job


async def jobs_of(db: ReadSession, *kinds: str, limit: int = 50, before: int | None = None) -> Sequence[Job]:
    """The newest jobs of these kinds, drafts left out."""
    statement = select(Job).where(col(Job.kind).in_(kinds), col(Job.state) != DRAFT)
    if before is not None:
        statement = statement.where(col(Job.id) < before)
    return (await db.execute(statement.order_by(col(Job.id).desc()).limit(limit))).scalars().all()


async def cancel_job(db: WriteSession, job_id: int) -> Job:
    """Stop a job at the end of the slice that it is at; one that has not begun is cancelled at once. Raises `JobNotFound`."""
    job = (await db.execute(select(Job).where(col(Job.id) == job_id).with_for_update())).scalar_one_or_none()
    if job is None:
        raise JobNotFound(gettext("There is no such job."))
    if job.state in {DRAFT, WAITING}:
        job.state, job.finished_at = CANCELLED, now()
    elif job.state == RUNNING:
        job.state = CANCELLING
    await db.flush()
    db.ring(LANE)
    return job


@dataclass
class Running:
    """A job that this worker holds. Every slice is one transaction, which also renews the hold and carries the progress."""

    installation: Installation
    workspace_id: int
    job_id: int
    attempt: int
    params: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def slice(self) -> AsyncIterator[tuple[WriteSession, Job]]:
        """Do a piece: change the workspace, and on the job ``done``, ``failed``, ``total``, ``counts`` and ``position``.

        The job's row is locked meanwhile, so keep it short. Give ``counts`` and ``position`` new dictionaries: changes inside of them
        are not noticed. Raises `JobCancelled`, `JobLost`.
        """
        async with self.installation.tenancy.workspace(self.workspace_id) as db:
            yield db, await self._held(db)

    async def carry(self, piece: Callable[[WriteSession, Job], Awaitable[Answer]]) -> Answer:
        """What a piece answers that is done in a slice, and again where the slice has to be `parted` from another transaction."""

        async def once() -> Answer:
            async with self.slice() as (db, job):
                return await piece(db, job)

        return await parted(once)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[ReadSession]:
        """Read the workspace as it is at one moment, however long that takes."""
        async with self.installation.tenancy.reading(self.workspace_id, snapshot=True) as db:
            yield db

    async def finish(self, state: str = DONE, *, error: str = "") -> None:
        """The end, unless another worker has taken the job over."""
        values = {"state": state, "error": error, "finished_at": now(), "lease_until": None}
        ours = update(Job).where(col(Job.id) == self.job_id, col(Job.attempt) == self.attempt)
        async with self.installation.tenancy.workspace(self.workspace_id) as db:
            finished = (await db.execute(ours.values(**values).returning(Job.kind, Job.created_by_id, Job.started_at))).one_or_none()  # type: ignore[call-overload]
            if finished is not None and state != CANCELLED and finished.created_by_id and now() - (finished.started_at or now()) >= LONG:
                to = [finished.created_by_id]
                await notify(db, "job_done", None, to=to, subject_id=self.job_id, job=finished.kind, state=state)

    async def _held(self, db: WriteSession) -> Job:
        statement = select(Job).where(col(Job.id) == self.job_id).with_for_update()
        job = (await db.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
        if job is None or job.attempt != self.attempt or job.state not in {RUNNING, CANCELLING}:
            raise JobLost
        if job.state == CANCELLING:
            raise JobCancelled
        job.lease_until = now() + LEASE
        return job


Work = Callable[[Running], Awaitable[None]]
"""Does a whole job, in slices. It may be begun again after a crash: it goes on from ``position``."""
