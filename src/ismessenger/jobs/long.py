"""The lane of long jobs: takes one, has its kind do it, and settles how it ended."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.accounts.language import language_of_member
from ismessenger.background.job import CANCELLED, FAILED, LEASE, JobCancelled, JobFailed, JobLost, Running, Work
from ismessenger.contacts.bulk import KIND as CONTACTS_BULK
from ismessenger.contacts.bulk import run_bulk
from ismessenger.contacts.define_fields import DELETE_FIELD, run_field
from ismessenger.contacts.retire import DELETE_STAGE, DELETE_TAG, MERGE_TAGS, run_stage, run_tag
from ismessenger.conversations.bulk import KIND as INBOX_BULK
from ismessenger.conversations.bulk import run_inbox_bulk
from ismessenger.exports.order import EXPORT
from ismessenger.exports.run import run_export
from ismessenger.files.store import StoreUnavailable
from ismessenger.imports.check import run_check
from ismessenger.imports.order import CHECK, IMPORT, UNDO
from ismessenger.imports.run import run_import
from ismessenger.imports.undo import run_undo
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.language import speaking
from ismessenger.sdk.words import gettext, marked

log = structlog.get_logger()
MAX_ATTEMPTS = 5
BROKEN = marked("Something went wrong here. What was done until then is done; try the rest again.")

KINDS: Final[Mapping[str, Work]] = {
    CONTACTS_BULK: run_bulk,
    INBOX_BULK: run_inbox_bulk,
    CHECK: run_check,
    DELETE_FIELD: run_field,
    EXPORT: run_export,
    IMPORT: run_import,
    UNDO: run_undo,
    DELETE_TAG: run_tag,
    MERGE_TAGS: run_tag,
    DELETE_STAGE: run_stage,
}

_FIND = text(
    "SELECT workspace_id, id FROM job WHERE state IN ('waiting', 'running', 'cancelling')"
    " AND (lease_until IS NULL OR lease_until < :now) ORDER BY id LIMIT 50"
)
_CLAIM = text(
    "UPDATE job SET state = CASE WHEN state = 'cancelling' THEN state ELSE 'running' END, attempt = attempt + 1, lease_until = :until,"
    " started_at = COALESCE(started_at, :now) WHERE id = :id AND state IN ('waiting', 'running', 'cancelling')"
    " AND (lease_until IS NULL OR lease_until < :now) RETURNING kind, params, attempt, state, created_by_id"
)


async def find_jobs(installation: Installation) -> Sequence[tuple[int, int]]:
    """Jobs of any home that nobody is doing."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [(row.workspace_id, row.id) for row in (await connection.execute(_FIND, {"now": now()})).all()]
    return found


async def work_job(installation: Installation, piece: tuple[int, int]) -> int:
    """Do one job to its end. A server that is away leaves it to the next attempt, after its lease.

    What it says, in its result and about its end, is for whoever started it.
    """
    workspace_id, id_ = piece
    async with installation.tenancy.workspace(workspace_id) as db:
        row = (await db.execute(_CLAIM, {"id": id_, "now": now(), "until": now() + LEASE})).one_or_none()
    if row is None:
        return 0
    with speaking(await language_of_member(installation, workspace_id, row.created_by_id)):
        await _settled(Running(installation, workspace_id, id_, row.attempt, row.params), row)
    return 1


async def _settled(running: Running, row: Row[Any]) -> None:
    try:
        await _do(running, row.kind, row.state)
    except JobCancelled:
        await running.finish(CANCELLED)
    except JobLost:
        log.info("job.lost", workspace_id=running.workspace_id, job_id=running.job_id)
    except JobFailed as error:
        await running.finish(FAILED, error=str(error))
    except (SQLAlchemyError, StoreUnavailable, OSError):
        if row.attempt < MAX_ATTEMPTS:
            raise  # the lane says so, and the job goes on where it stood when its lease is over
        await running.finish(FAILED, error=gettext(BROKEN))
    except Exception:
        log.exception("job.broken", workspace_id=running.workspace_id, job_id=running.job_id, kind=row.kind)
        await running.finish(FAILED, error=gettext(BROKEN))


async def _do(running: Running, kind: str, state: str) -> None:
    if state == "cancelling":
        raise JobCancelled
    if kind not in KINDS:
        raise JobFailed(gettext("This version does not know such a job."))
    await KINDS[kind](running)
    await running.finish()
