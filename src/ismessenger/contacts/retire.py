"""Do away with a tag, a stage or a field, and take it off the contacts first: at once where they are few, else piece by piece."""

from collections.abc import Sequence

from sqlalchemy import delete, text
from sqlmodel import col

from ismessenger.automation.uses import rename_in_workflows
from ismessenger.background.job import Running, start_job
from ismessenger.background.model import Job
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.lifecycle import stage_named
from ismessenger.contacts.mark import move_contacts, tag_contacts
from ismessenger.contacts.mentions import rename_in_conditions
from ismessenger.contacts.model import LifecycleStage, Tag
from ismessenger.contacts.tags import tag_named
from ismessenger.plugins import load_plugins
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

AT_ONCE = 200
SLICE = 200
DELETE_TAG, MERGE_TAGS, DELETE_STAGE = "tag_delete", "tag_merge", "stage_delete"

_TAGGED = text("SELECT id FROM contact WHERE tag_ids @> ARRAY[CAST(:tag AS bigint)] AND tag_ids <> '{}' ORDER BY id LIMIT :limit")
_ON = text("SELECT count(*) FROM contact WHERE tag_ids @> ARRAY[CAST(:tag AS bigint)] AND tag_ids <> '{}'")
_HOLD = text("SELECT id FROM tag WHERE id = :tag FOR UPDATE")
_STAGED = text("SELECT id FROM contact WHERE lifecycle_id = :stage ORDER BY id LIMIT :limit")
_IN = text("SELECT count(*) FROM contact WHERE lifecycle_id = :stage")


async def delete_tag(db: WriteSession, tag_id: int, *, by: int | None) -> Job | None:
    """Take a tag off every contact and delete it; the job that does so, where there are many. Raises `NotThere`."""
    tag = await tag_named(db, tag_id)
    return await _retire_tag(db, tag, None, by=by)


async def merge_tags(db: WriteSession, tag_id: int, into_id: int, *, by: int | None) -> Job | None:
    """Whoever has the first tag gets the second, and so do the conditions of segments and the workflows; the first is deleted.

    Returns the job that does so, where there are many. Raises `NotThere`, `Refused`.
    """
    if tag_id == into_id:
        raise Refused(gettext("A tag is merged into another one."))
    tag, into = await tag_named(db, tag_id), await tag_named(db, into_id)
    return await _retire_tag(db, tag, into.id, by=by)


async def delete_stage(db: WriteSession, stage_id: int, *, by: int | None) -> Job | None:
    """Delete a stage; its contacts are in none then. Returns the job that does so, where there are many. Raises `NotThere`, `Refused`."""
    stage = await stage_named(db, stage_id)
    if stage.is_default:
        raise Refused(gettext("New contacts begin in %(name)s. Make another stage the first one, then delete this.") % {"name": stage.name})
    number = (await db.execute(_IN, {"stage": stage_id})).scalar_one()
    if number > AT_ONCE:
        return await start_job(db, DELETE_STAGE, {"stage_id": stage_id, "by": by}, by=by, total=number)
    while await _empty_stage(db, stage_id, by):
        pass
    return None


async def run_tag(running: Running) -> None:
    """The job of `delete_tag` and `merge_tags`."""
    tag_id, into_id, by = (running.params[name] for name in ("tag_id", "into_id", "by"))

    async def next_piece(db: WriteSession, job: Job) -> bool:
        changed = await _retag(db, tag_id, into_id, by, limit=SLICE)
        job.done += len(changed)
        if not changed:
            await _forget_tag(db, tag_id, into_id, by)
        return bool(changed)

    while await running.carry(next_piece):
        pass


async def run_stage(running: Running) -> None:
    """The job of `delete_stage`."""

    async def next_piece(db: WriteSession, job: Job) -> bool:
        number = await _empty_stage(db, running.params["stage_id"], running.params["by"])
        job.done += number
        return number > 0

    while await running.carry(next_piece):
        pass


async def _retire_tag(db: WriteSession, tag: Tag, into_id: int | None, *, by: int | None) -> Job | None:
    number = (await db.execute(_ON, {"tag": tag.id})).scalar_one()
    if number > AT_ONCE:
        kind = MERGE_TAGS if into_id else DELETE_TAG
        return await start_job(db, kind, {"tag_id": tag.id, "into_id": into_id, "by": by}, by=by, total=number)
    await _retag(db, tag.id, into_id, by, limit=AT_ONCE)
    await _forget_tag(db, tag.id, into_id, by)
    return None


async def _retag(db: WriteSession, tag_id: int, into_id: int | None, by: int | None, *, limit: int) -> Sequence[int]:
    found = (await db.execute(_TAGGED, {"tag": tag_id, "limit": limit})).scalars().all()
    return await tag_contacts(db, found, add=[into_id] if into_id else [], remove=[tag_id], by=by) if found else []


async def _forget_tag(db: WriteSession, tag_id: int, into_id: int | None, by: int | None) -> None:
    # Whoever puts the tag on a contact holds it meanwhile: once it is ours, those who got it last are seen.
    if (await db.execute(_HOLD, {"tag": tag_id})).first() is None:
        return
    while await _retag(db, tag_id, into_id, by, limit=AT_ONCE):
        pass
    if into_id:
        await rename_in_conditions(db, "contactTag", tag_id, into_id)
        await rename_in_workflows(db, "tag", tag_id, into_id, load_plugins(), by=by)
    await db.execute(delete(Tag).where(col(Tag.id) == tag_id).execution_options(synchronize_session=False))
    db.announce("refresh", 0)


async def _empty_stage(db: WriteSession, stage_id: int, by: int | None) -> int:
    """Take a slice of contacts out of a stage; where none is left, the stage goes."""
    found = (await db.execute(_STAGED, {"stage": stage_id, "limit": SLICE})).scalars().all()
    if found:
        return len(await move_contacts(db, found, None, by=by))
    gone = delete(LifecycleStage).where(col(LifecycleStage.id) == stage_id, col(LifecycleStage.is_default).is_(False))
    await db.execute(gone.execution_options(synchronize_session=False))
    db.announce("refresh", 0)
    return 0
