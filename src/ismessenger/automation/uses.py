"""Which workflows name something: told before it is deleted, and rewritten when one thing becomes another."""

from collections.abc import Sequence

from sqlalchemy import Text, cast, func, or_, select, text
from sqlmodel import col

from ismessenger.automation.define import set_draft, tell
from ismessenger.automation.listing import named_by
from ismessenger.automation.mentions import Id, mentions, replaced
from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.plugins import Plugins
from ismessenger.sdk.step import Thing
from ismessenger.tenancy.doors import ReadSession, WriteSession
from workflows.definition import parse

_ON_TO = text(
    "UPDATE workflow_run SET version_id = :becomes WHERE id IN (SELECT id FROM workflow_run"
    " WHERE version_id = :was AND workflow_id = :workflow_id AND ended_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)"
)
_LAST = text("SELECT max(number) FROM workflow_version WHERE workflow_id = :workflow_id")


async def workflows_using(db: ReadSession, thing: Thing, id_: Id, plugins: Plugins) -> list[str]:
    """The names of the workflows whose draft or whose published version names it."""
    drafts = select(Workflow).order_by(func.lower(Workflow.name), col(Workflow.id))
    found = (await db.execute(drafts)).scalars().all()
    running = {each.published_id for each in found if each.status == "published" and each.published_id}
    named = await named_by(db, running, plugins)
    return [
        each.name
        for each in found
        if any((mention.thing, mention.id) == (thing, id_) for mention in named.get(each.published_id or 0, ()))
        or _drafts(each, thing, id_, plugins)
    ]


async def rename_in_workflows(db: WriteSession, thing: Thing, was: Id, becomes: Id, plugins: Plugins, *, by: int | None) -> None:
    """Have every draft and every version that is still run name ``becomes`` where it names ``was``.

    Versions never change: who is inside goes on with a new one, and so does who comes. A run that moves at this very moment keeps its own.
    """

    def change(named: Thing, id_: Id) -> Id:
        return becomes if (named, id_) == (thing, was) else id_

    for version in await _in_use(db, was):
        definition = parse(version.definition)
        changed = replaced(definition, plugins, change)
        if changed != definition:
            await _replace_version(db, version, changed.as_json(), by)
    statement = select(Workflow).where(cast(col(Workflow.draft), Text).contains(str(was))).order_by(col(Workflow.id))
    for workflow in (await db.execute(statement.with_for_update(key_share=True))).scalars():
        draft = parse(workflow.draft)
        if (changed := replaced(draft, plugins, change)) != draft:
            set_draft(workflow, changed.as_json())
            await db.flush()
            tell(db, workflow, by)


def _drafts(workflow: Workflow, thing: Thing, id_: Id, plugins: Plugins) -> bool:
    # Most drafts do not hold the number at all.
    if str(id_) not in str(workflow.draft):
        return False
    return any((mention.thing, mention.id) == (thing, id_) for mention in mentions(parse(workflow.draft), plugins))


async def _in_use(db: ReadSession, was: Id) -> Sequence[WorkflowVersion]:
    """The versions that somebody is inside of, or enters, and that may name it."""
    published = select(col(Workflow.published_id)).where(col(Workflow.published_id).is_not(None))
    inside = text("workflow_version.id IN (SELECT version_id FROM workflow_run WHERE ended_at IS NULL)")
    statement = select(WorkflowVersion).where(
        or_(col(WorkflowVersion.id).in_(published), inside), cast(col(WorkflowVersion.definition), Text).contains(str(was))
    )
    return (await db.execute(statement.order_by(col(WorkflowVersion.id)))).scalars().all()


async def _replace_version(db: WriteSession, version: WorkflowVersion, definition: dict[str, object], by: int | None) -> None:
    last: int = (await db.execute(_LAST, {"workflow_id": version.workflow_id})).scalar_one()
    new = WorkflowVersion(workflow_id=version.workflow_id, number=last + 1, definition=definition, published_by_id=by)
    db.add(new)
    await db.flush()
    workflow: Workflow | None = await db.get(Workflow, (db.workspace_id, version.workflow_id), with_for_update={"key_share": True})
    if workflow is not None and workflow.published_id == version.id:
        workflow.published_id = new.id
        await db.flush()
    await db.execute(_ON_TO, {"was": version.id, "becomes": new.id, "workflow_id": version.workflow_id})
