"""Long jobs as people see them: how far one is, stopping it, and the file that it made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.background.job import CANCELLING, DONE, DRAFT, FAILED, RUNNING, WAITING, JobNotFound, cancel_job, job_named
from ismessenger.background.model import Job
from ismessenger.files.serve import answer
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.edge import Visit, reads, see_other, without_transaction, writes
from ismessenger.web.errors import NotFound
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

EXPORT = "export"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """How far a job is. ``total`` is None until somebody counted; ``counts`` are numbers by the words of `jobs/_progress.html`."""

    id: int
    kind: str
    state: str
    done: int
    failed: int
    total: int | None
    counts: Mapping[str, int]
    error: str
    created_at: datetime
    finished_at: datetime | None
    result_url: str = ""
    result_name: str = ""
    result_bytes: int = 0
    expires_at: datetime | None = None
    expired: bool = False

    @property
    def moving(self) -> bool:
        """Whether it will look different soon."""
        return self.state in {WAITING, RUNNING, CANCELLING}

    @property
    def ok(self) -> bool:
        """Whether it came to its end."""
        return self.state == DONE

    @property
    def broke(self) -> bool:
        """Whether it failed as a whole."""
        return self.state == FAILED


def job_view(job: Job, member: Member) -> JobView:
    """A job for whoever may look at it; the file only for who may have it."""
    there = job.result_path is not None and not _expired(job)
    return JobView(
        id=job.id,
        kind=job.kind,
        state=job.state,
        done=job.done,
        failed=job.failed,
        total=job.total,
        counts={word: number for word, number in job.counts.items() if number},
        error=job.error,
        created_at=job.created_at,
        finished_at=job.finished_at,
        result_url=f"/jobs/{job.id}/result" if there and _may_take(job, member) else "",
        result_name=job.result_name,
        result_bytes=job.result_bytes,
        expires_at=job.expires_at,
        expired=bool(job.result_name) and not there,
    )


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /jobs/ID``: how far it is; a frame for the pages that show it, else a page."""
    job = job_view(await _shown_job(visit.reading, visit.member, visit.path_id()), visit.member)
    if "turbo-frame" in visit.request.headers:
        return render(visit.request, "jobs/_progress.html", job=job)
    return render(visit.request, "jobs/show.html", shell=shell_of(visit, await live_seq(visit)), job=job)


@writes(Right.INBOX)
async def cancel(visit: Visit) -> Response:
    """``POST /jobs/ID/cancellation``: stop it; what it did until then stays."""
    job = await _shown_job(visit.db, visit.member, visit.path_id())
    await cancel_job(visit.db, job.id)
    return see_other(f"/jobs/{job.id}")


@without_transaction(Right.INBOX)
async def result(request: Request, signed_in: SignedIn) -> Response:
    """``GET /jobs/ID/result``: the file, to be saved."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        job = await _shown_job(db, signed_in.member, request.path_params["id"])
    if job.result_path is None or _expired(job) or not _may_take(job, signed_in.member):
        raise NotFound(gettext("This file is not there any more, or it is not for you."))
    return await answer(request, installation.files, job.result_path, job.result_name)


async def _shown_job(db: ReadSession, member: Member, job_id: int) -> Job:
    """A job that is under way or over, for who started it and for who works with contacts. Raises `JobNotFound`."""
    job = await job_named(db, job_id)
    if job.state == DRAFT or not (job.created_by_id == member.id or may(member, Right.CONTACTS)):
        raise JobNotFound(gettext("There is no such job."))
    return job


def _may_take(job: Job, member: Member) -> bool:
    return may(member, Right.EXPORT if job.kind == EXPORT else Right.CONTACTS)


def _expired(job: Job) -> bool:
    return job.expires_at is not None and job.expires_at <= now()


routes: list[BaseRoute] = [
    Route("/jobs/{id:id}", show),
    Route("/jobs/{id:id}/cancellation", cancel, methods=["POST"]),
    Route("/jobs/{id:id}/result", result),
]
