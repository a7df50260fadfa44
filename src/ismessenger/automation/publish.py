"""A draft becomes a version that contacts run, and a workflow stops taking new ones in."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from ismessenger.automation.define import DraftMoved, tell, workflow_named
from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.kit.clock import now
from ismessenger.plugins import Plugins
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession
from workflows.check import Problem
from workflows.definition import parse


class HasProblems(Refused):
    """A draft that cannot be published as it is."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("This workflow cannot be published yet.")
        self.problems = problems


async def publish(
    db: WriteSession, workflow_id: int, number: int, problems: Sequence[Problem], plugins: Plugins, *, by: int | None
) -> Workflow:
    """Let contacts in from now on, by the draft called ``number``, in which ``problems`` were found. Whoever is inside keeps their version.

    Raises `HasProblems`, `DraftMoved`, `NotThere`.
    """
    workflow = await workflow_named(db, workflow_id, held=True)
    if number != workflow.draft_number:
        raise DraftMoved(workflow)
    if problems:
        raise HasProblems(problems)
    version = await _version(db, workflow, by)
    trigger = parse(workflow.draft).trigger
    kind = trigger.kind if trigger else ""
    workflow.status, workflow.published_id, workflow.trigger = "published", version.id, kind
    workflow.listens = list(plugins.triggers[kind].listens)
    workflow.published_at, workflow.published_by_id = now(), by
    await db.flush()
    tell(db, workflow, by)
    return workflow


async def unpublish(db: WriteSession, workflow_id: int, *, by: int | None) -> Workflow:
    """Let nobody in any more. Whoever is inside goes on; see `stop` for how they are sent away. Raises `Refused`, `NotThere`."""
    workflow = await workflow_named(db, workflow_id, held=True)
    if workflow.status != "published":
        raise Refused(gettext("This workflow is not published."))
    workflow.status, workflow.listens = "stopped", []
    await db.flush()
    tell(db, workflow, by)
    return workflow


def hook_address(address: str, workflow: Workflow) -> str | None:
    """Where an incoming webhook starts the workflow; ``address`` is the installation's."""
    if workflow.hook_secret is None:
        return None
    return f"{address}/hooks/workflows/{workflow.workspace_id}-{workflow.id}-{workflow.hook_secret}"


async def published_version(db: ReadSession, workflow: Workflow) -> WorkflowVersion | None:
    """What contacts run, or ran last."""
    if workflow.published_id is None:
        return None
    found: WorkflowVersion | None = await db.get(WorkflowVersion, (db.workspace_id, workflow.published_id))
    return found


async def versions(db: ReadSession, workflow_id: int) -> Sequence[WorkflowVersion]:
    """What was ever published of a workflow, newest first."""
    statement = select(WorkflowVersion).where(col(WorkflowVersion.workflow_id) == workflow_id)
    return list((await db.execute(statement.order_by(col(WorkflowVersion.number).desc()))).scalars())


async def version_numbered(db: ReadSession, workflow_id: int, number: int) -> WorkflowVersion:
    """One of them. Raises `NotThere`."""
    statement = select(WorkflowVersion).where(col(WorkflowVersion.workflow_id) == workflow_id, col(WorkflowVersion.number) == number)
    found: WorkflowVersion | None = (await db.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotThere(gettext("There is no such version of this workflow."))
    return found


async def _version(db: WriteSession, workflow: Workflow, by: int | None) -> WorkflowVersion:
    """The version that says what the draft says: the newest one, or one more."""
    statement = select(WorkflowVersion).where(col(WorkflowVersion.workflow_id) == workflow.id)
    last: WorkflowVersion | None = (await db.execute(statement.order_by(col(WorkflowVersion.number).desc()).limit(1))).scalar_one_or_none()
    if last is not None and last.definition == workflow.draft:
        return last
    version = WorkflowVersion(workflow_id=workflow.id, number=last.number + 1 if last else 1, definition=workflow.draft, published_by_id=by)
    db.add(version)
    await db.flush()
    return version
