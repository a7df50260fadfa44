"""Take an import back: new contacts go unless somebody worked with them since, old values return where nobody changed them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from ismessenger.accounts.rights import Right
from ismessenger.background.asker import asker
from ismessenger.background.job import CANCELLED, DONE, FAILED, JobCancelled, JobFailed, Running, start_job
from ismessenger.background.model import Job
from ismessenger.contacts.errors import Refused
from ismessenger.imports.choose import import_named
from ismessenger.imports.look_up import COLUMNS, state_of
from ismessenger.imports.order import UNDO, Order
from ismessenger.imports.plan import Draft
from ismessenger.imports.rejects import Rejects
from ismessenger.imports.run import labels
from ismessenger.imports.targets import ASSIGNEE, LIFECYCLE, TAGS
from ismessenger.imports.write import Labels, change
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import WriteSession

UNTIL: Final = timedelta(hours=24)
SLICE: Final = 500
_NEXT = text("SELECT id, contact_id, before, after FROM imported_contact WHERE job_id = :job_id AND id > :after ORDER BY id LIMIT :slice")
_HOLD = text(f"SELECT {COLUMNS} FROM contact WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")  # noqa: S608 - a list of ours
# What anybody does to a contact is an event; what this import did names it.
_TOUCHED = text(
    "SELECT c.id, CASE WHEN EXISTS (SELECT FROM contact_channel k WHERE k.contact_id = c.id)"
    " OR EXISTS (SELECT FROM message m WHERE m.contact_id = c.id) THEN 'messages'"
    " WHEN EXISTS (SELECT FROM comment k WHERE k.contact_id = c.id) OR EXISTS (SELECT FROM conversation k WHERE k.contact_id = c.id)"
    " OR EXISTS (SELECT FROM event e WHERE e.contact_id = c.id"
    " AND e.details->>'import' IS DISTINCT FROM CAST(:job_id AS text)) THEN 'work' END AS why"
    " FROM contact c WHERE c.id = ANY(:ids)"
)
_COUNT = text("SELECT count(*) FROM imported_contact WHERE job_id = :job_id")
_DELETE = text("DELETE FROM contact WHERE id = ANY(:ids)")
_WHY: Final = {
    "messages": marked("Kept: a channel knows this contact, or messages were exchanged since."),
    "work": marked("Kept: somebody has changed this contact or worked on it since."),
}
HEADING: Final = (marked("Contact ID"), marked("Reason"), marked("First name"), marked("Last name"))


async def undo(db: WriteSession, import_id: int, *, by: int) -> Job:
    """Have a worker take an import back. Raises `Refused` after a day or the second time, `ImportNotFound`."""
    job = await import_named(db, import_id, lock=True)
    if words := why_not(job):
        raise Refused(words)
    undoing = await start_job(db, UNDO, {"import": job.id}, by=by)
    job.params = Order.model_validate(job.params).model_copy(update={"undone_by": undoing.id}).model_dump()
    await db.flush()
    return undoing


def why_not(job: Job) -> str:
    """Why an import cannot be taken back, as a sentence; empty if it can."""
    if job.state not in {DONE, CANCELLED, FAILED} or job.finished_at is None:
        return gettext("This import has not come to its end yet.")
    if Order.model_validate(job.params).undone_by is not None:
        return gettext("This import was undone already.")
    if job.finished_at + UNTIL < now():
        return gettext("An import can be undone for 24 hours.")
    return ""


async def run_undo(running: Running) -> None:
    """The kind ``contacts_import_undo``. Its result names who was kept, and why."""
    rejects = Rejects(running, heading=[gettext(word) for word in HEADING], name=f"kept-{running.params['import']}.csv")
    try:
        await _undo(running, rejects)
    except (JobCancelled, JobFailed):
        await rejects.leave()
        raise
    await rejects.leave()


async def _undo(running: Running, rejects: Rejects) -> None:
    job_id = int(running.params["import"])
    async with running.slice() as (db, job):
        job.total = (await db.execute(_COUNT, {"job_id": job_id})).scalar_one()
        position = job.position
    await rejects.keep(int(position.get("after", 0)), position.get("failed", []))
    while (reached := await running.carry(_next_piece)) is not None:
        await rejects.keep(reached["after"], reached["failed"])


async def _next_piece(db: WriteSession, job: Job) -> dict[str, Any] | None:
    """Take some back; returns the job's new position, None at the end."""
    await asker(db, job.created_by_id, Right.CONTACTS)
    job_id, after = int(job.params["import"]), int(job.position.get("after", 0))
    rows = (await db.execute(_NEXT, {"job_id": job_id, "after": after, "slice": SLICE})).all()
    if not rows:
        return None
    deleted, kept = await _delete_new(db, job_id, [row.contact_id for row in rows if row.before is None])
    restored, partly = await _put_back(db, [row for row in rows if row.before is not None], by=job.created_by_id, job_id=job_id)
    counts = {"deleted": deleted, "restored": restored, "kept": len(kept) + len(partly)}
    job.counts = {word: job.counts.get(word, 0) + number for word, number in counts.items()}
    job.done += len(rows)
    job.position = {"after": rows[-1].id, "failed": [*kept, *partly]}
    return job.position


async def _delete_new(db: WriteSession, job_id: int, ids: Sequence[int]) -> tuple[int, list[list[object]]]:
    """Delete who was made and is untouched. Returns how many, and who was kept with the reason."""
    held = {row["id"]: row for row in (await db.execute(_HOLD, {"ids": list(ids)})).mappings()} if ids else {}
    asked = await db.execute(_TOUCHED, {"ids": list(held), "job_id": str(job_id)})
    touched: dict[int, str | None] = {row.id: row.why for row in asked}
    free = [id_ for id_, why in touched.items() if why is None]
    if free:
        await db.execute(_DELETE, {"ids": free})
    for id_ in free:
        db.announce("gone", id_, assignee=held[id_]["assignee_id"])
    return len(free), [_kept(held[id_], gettext(_WHY[why])) for id_, why in sorted(touched.items()) if why is not None]


async def _put_back(db: WriteSession, rows: Sequence[Any], *, by: int | None, job_id: int) -> tuple[int, list[list[object]]]:
    """Put back what still is as the import wrote it. Returns for how many contacts, and where something was kept."""
    held = {row["id"]: row for row in (await db.execute(_HOLD, {"ids": [row.contact_id for row in rows]})).mappings()} if rows else {}
    drafts, kept = [], []
    names = await labels(db, sorted({id_ for row in rows for id_ in (*row.before.get(TAGS, ()), *row.after.get(TAGS, ()))}))
    for row in rows:
        if row.contact_id not in held:
            continue
        state = state_of(held[row.contact_id])
        draft = Draft(row.contact_id, state, dict(state))
        changed_since = [key for key, wrote in row.after.items() if not _restored(draft, key, row.before.get(key), wrote)]
        if draft.after:
            drafts.append(draft)
        if changed_since:
            words = ", ".join(sorted(_called(key, names) for key in changed_since))
            kept.append(_kept(held[row.contact_id], gettext("Changed since, and kept: %(words)s.") % {"words": words}))
    if drafts:
        await change(db, drafts, names, by=by, cause={"undoes": job_id})
    return len(drafts), kept


def _restored(draft: Draft, key: str, before: Any, wrote: Any) -> bool:
    """Put one value back, tags one by one. False if it is another one by now."""
    if key == TAGS:
        added, removed = set(wrote) - set(before or ()), set(before or ()) - set(wrote)
        there = set(draft.now[TAGS])
        draft.now[TAGS] = sorted(there - added | removed)
        return added <= there
    if draft.now.get(key) == wrote:
        draft.now[key] = before
        return True
    return bool(draft.now.get(key) == before)


def _called(key: str, names: Labels) -> str:
    known = {TAGS: gettext("tags"), LIFECYCLE: gettext("lifecycle stage"), ASSIGNEE: gettext("assignee")}
    return known.get(key) or (names.fields[key].called if key in names.fields else key)


def _kept(row: Any, reason: str) -> list[object]:
    return [row["id"], reason, row["first_name"] or "", row["last_name"] or ""]
