"""Try a run that failed once more, from the step where it failed."""

from sqlalchemy import select
from sqlmodel import col

from ismessenger.automation.define import workflow_named
from ismessenger.automation.model import WorkflowRun
from ismessenger.automation.signals import tell
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.lock import ContactNotFound, lock_contact
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession
from workflows.state import State


class NotRetried(Refused):
    """This run cannot go on; the text says why."""


async def retry(db: WriteSession, run_id: int) -> WorkflowRun:
    """Have it enter the step again, with the variables that it had, as soon as this is on disk. Raises `NotRetried`, `NotThere`."""
    run: WorkflowRun | None = await db.get(WorkflowRun, (db.workspace_id, run_id))
    if run is None:
        raise NotThere(gettext("There is no such run."))
    workflow = await workflow_named(db, run.workflow_id)
    try:
        await lock_contact(db, run.contact_id)
    except ContactNotFound:
        raise NotThere(gettext("There is no such run.")) from None
    await db.refresh(run)
    if run.standing != "failed":
        raise NotRetried(gettext("This run did not fail, or it was tried again already."))
    if State.model_validate(run.state).step is None:
        raise NotRetried(gettext("This run failed before its first step. Let the contact enter the workflow again."))
    inside = select(col(WorkflowRun.id)).where(
        col(WorkflowRun.workflow_id) == run.workflow_id, col(WorkflowRun.contact_id) == run.contact_id, col(WorkflowRun.ended_at).is_(None)
    )
    if (await db.execute(inside)).first() is not None:
        raise NotRetried(gettext("The contact is inside “%(name)s” again. Wait until that run is done.") % {"name": workflow.name})
    run.standing, run.ended_at, run.error = "waiting", None, None
    await db.flush()
    await tell(db, [(run.contact_id, "retry", {"run_id": run.id}, run.depth)])
    return run
