"""Do an import: stretch by stretch through the kept rows, with what was done and where to go on in one commit."""

from collections.abc import Sequence
from contextlib import aclosing
from functools import partial

from sqlalchemy import text

from ismessenger.accounts.members import members
from ismessenger.accounts.rights import Right
from ismessenger.background.asker import asker
from ismessenger.background.job import JobCancelled, JobFailed, Running
from ismessenger.background.model import Job
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import fields_by_key
from ismessenger.contacts.lifecycle import stages
from ismessenger.imports.look_up import look_up, names_in
from ismessenger.imports.order import Order
from ismessenger.imports.plan import Outcome, planned
from ismessenger.imports.read_rows import Read, Reader
from ismessenger.imports.rejects import Rejects
from ismessenger.imports.stretches import stretches_of
from ismessenger.imports.targets import TAGS, targets
from ismessenger.imports.write import Labels, write
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

# Of two imports that bring the same person at the same moment the second finds who the first has added.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('imports', :workspace_id))")
_NAMED = text("SELECT id, name FROM tag WHERE id = ANY(:ids)")


async def run_import(running: Running) -> None:
    """The kind ``contacts_import``."""
    order = Order.model_validate(running.params)
    rejects = rejects_of(running, order)
    try:
        await _import(running, order, rejects)
    except (JobCancelled, JobFailed):
        await rejects.leave()
        raise
    await rejects.leave()


async def _import(running: Running, order: Order, rejects: Rejects) -> None:
    async with running.slice() as (db, job):
        position = job.position
        await see_targets(db, order)
        reader = Reader(order, await targets(db))
    end = int(position.get("end", 0))
    # The last worker may have stopped between its commit and this.
    await rejects.keep(end, position.get("failed", []))
    async with aclosing(stretches_of(running, order, reader, end)) as stretches:
        async for rows, end in stretches:
            failed = await running.carry(partial(_stretch, order=order, rows=rows, end=end))
            await rejects.keep(end, failed)


async def _stretch(db: WriteSession, job: Job, *, order: Order, rows: Sequence[Read], end: int) -> list[list[object]]:
    """Write one; returns the rows that fail. Raises `JobFailed`."""
    await asker(db, job.created_by_id, Right.CONTACTS)
    await see_targets(db, order)
    if order.purpose != "all":
        await db.execute(_ALONE, {"workspace_id": db.workspace_id})
    known = await look_up(db, order, rows, lock=True)
    try:
        names = await names_in(db, order, rows, create=True)
    except Refused as error:
        raise JobFailed(str(error)) from error
    outcome = planned(order, rows, known, names)
    await write(db, outcome, await _labels(db, outcome), job_id=job.id, by=job.created_by_id)
    advance(job, outcome, len(rows))
    job.position = {"end": end, "failed": outcome.failed}
    return outcome.failed


def advance(job: Job, outcome: Outcome, rows: int) -> None:
    """Add a stretch to the job's numbers."""
    job.done += rows
    job.failed += len(outcome.failed)
    job.counts = {word: job.counts.get(word, 0) + outcome.counts.get(word, 0) for word in job.counts.keys() | outcome.counts.keys()}


async def see_targets(db: ReadSession, order: Order) -> None:
    """Somebody may delete a field while its column is being imported. Raises `JobFailed`."""
    known = {target.key for target in await targets(db)}
    for column, key in zip(order.columns, order.targets, strict=True):
        if key and key not in known:
            raise JobFailed(
                gettext("The field for the column %(column)s was deleted meanwhile. Start the import again.") % {"column": column}
            )


async def _labels(db: ReadSession, outcome: Outcome) -> Labels:
    if not outcome.changed:
        return Labels({}, {}, {}, {})
    ids = {id_ for draft in outcome.changed for id_ in draft.now.get(TAGS, ())}
    return await labels(db, sorted(ids))


async def labels(db: ReadSession, tag_ids: Sequence[int]) -> Labels:
    """The names for events about these tags and any field, stage and member."""
    return Labels(
        await fields_by_key(db),
        {row.id: row.name for row in await db.execute(_NAMED, {"ids": list(tag_ids)})},
        {stage.id: stage.name for stage in await stages(db)},
        {member.id: member.name for member in await members(db)},
    )


def rejects_of(running: Running, order: Order) -> Rejects:
    """Where the failed rows go, with the columns that they came in."""
    stem = order.name.rpartition(".")[0] or order.name
    return Rejects(running, heading=[gettext("Row"), gettext("Reason"), *order.columns], name=f"failed-{stem}.csv")
