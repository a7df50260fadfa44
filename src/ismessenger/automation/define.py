"""Workflows are made, named, edited as drafts and copied."""

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ismessenger.automation.model import Workflow
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.kit.clock import now
from ismessenger.kit.ids import new_token
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession
from workflows.definition import Definition

MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 500
HOOK_BYTES: Final = 18

# Who adds waits for whoever adds at the same moment: else both would count too few.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('workflows', :workspace_id))")


class DraftMoved(ValueError):
    """Somebody changed the draft since; ``workflow`` is what it is now."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__("Somebody else changed this workflow in the meantime.")
        self.workflow = workflow


@dataclass(frozen=True, slots=True)
class Naming:
    """What a workflow is called."""

    name: str
    description: str = ""


async def workflow_named(db: ReadSession, workflow_id: int, *, held: bool = False) -> Workflow:
    """A workflow by its id; ``held`` keeps others from changing it until the transaction ends. Raises `NotThere`."""
    workflow: Workflow | None = await db.get(
        Workflow, (db.workspace_id, workflow_id), with_for_update={"key_share": True} if held else None, populate_existing=held
    )
    if workflow is None or workflow.status == "deleted":
        raise NotThere(gettext("There is no such workflow."))
    return workflow


async def add_workflow(db: WriteSession, naming: Naming, draft: Definition, *, most: int, by: int | None) -> Workflow:
    """A new workflow that nobody runs yet; a workspace has ``most`` of them. Raises `Refused`."""
    naming = _checked(naming)
    await db.execute(_ONE_AT_A_TIME, {"workspace_id": db.workspace_id})
    if (await db.execute(select(func.count()).where(col(Workflow.status) != "deleted"))).scalar_one() >= most:
        raise Refused(
            gettext("A workspace has at most %(most)s workflows. Delete one that nobody uses, or ask the operator to raise the limit.")
            % {"most": most}
        )
    workflow = Workflow(name=naming.name, description=naming.description, created_by_id=by, updated_by_id=by)
    set_draft(workflow, draft.as_json())
    db.add(workflow)
    await _flush(db, naming)
    tell(db, workflow, by)
    return workflow


async def rename_workflow(db: WriteSession, workflow_id: int, naming: Naming, *, by: int | None) -> Workflow:
    """Another name or description; what runs goes on. Raises `Refused`, `NotThere`."""
    workflow = await workflow_named(db, workflow_id, held=True)
    naming = _checked(naming)
    workflow.name, workflow.description = naming.name, naming.description
    await _flush(db, naming)
    tell(db, workflow, by)
    return workflow


async def save_draft(db: WriteSession, workflow_id: int, number: int, draft: Definition, *, by: int | None) -> Workflow:
    """Keep a draft that was made from the one called ``number``. Raises `DraftMoved`, `NotThere`."""
    workflow = await workflow_named(db, workflow_id, held=True)
    saved = draft.as_json()
    if saved == workflow.draft:
        return workflow
    if number != workflow.draft_number:
        raise DraftMoved(workflow)
    set_draft(workflow, saved)
    workflow.updated_at, workflow.updated_by_id = now(), by
    await db.flush()
    tell(db, workflow, by)
    return workflow


async def renew_hook(db: WriteSession, workflow_id: int, *, by: int | None) -> Workflow:
    """Another address for its incoming webhook: what calls the old one begins nothing any more. Raises `Refused`, `NotThere`."""
    workflow = await workflow_named(db, workflow_id, held=True)
    if workflow.hook_secret is None:
        raise Refused(gettext("This workflow has no address yet. It is made when you wait for a sample, or publish."))
    workflow.hook_secret = new_token(HOOK_BYTES)
    workflow.updated_at, workflow.updated_by_id = now(), by
    await db.flush()
    tell(db, workflow, by)
    return workflow


async def copy_workflow(db: WriteSession, workflow_id: int, *, most: int, by: int | None) -> Workflow:
    """Another workflow with the same draft. Raises `Refused`, `NotThere`."""
    workflow = await workflow_named(db, workflow_id)
    name = await free_name(db, workflow.name)
    return await add_workflow(db, Naming(name, workflow.description), Definition.model_validate(workflow.draft), most=most, by=by)


async def free_name(db: ReadSession, name: str) -> str:
    """A name that no workflow has: ``Welcome``, ``Welcome 2``, ``Welcome 3``."""
    bare = re.sub(r" \d{1,4}$", "", name)
    taken = {each for (each,) in (await db.execute(select(func.lower(Workflow.name)))).all()}
    numbered = (f"{bare[: MAX_NAME - 5]} {number}" for number in range(2, len(taken) + 3))
    return name if name.lower() not in taken else next(each for each in numbered if each.lower() not in taken)


def tell(db: WriteSession, workflow: Workflow, by: int | None) -> None:
    """Let open pages know what a workflow is now, after the commit."""
    db.announce("workflow", 0, workflow_id=workflow.id, number=workflow.draft_number, status=workflow.status, by=by)


def set_draft(workflow: Workflow, draft: dict[str, Any]) -> None:
    """Another draft, under the next number."""
    trigger = draft["trigger"]
    workflow.draft, workflow.draft_number = draft, (workflow.draft_number or 0) + 1
    # What is listed is what runs; of a workflow that does not run, what is being built.
    if workflow.status != "published":
        workflow.trigger = trigger["kind"] if trigger else ""
    # Its address is shown, and listens for a sample, before it is published.
    if trigger and trigger["kind"] == "webhook" and workflow.hook_secret is None:
        workflow.hook_secret = new_token(HOOK_BYTES)


def _checked(naming: Naming) -> Naming:
    name, description = " ".join(clean(naming.name).split()), clean(naming.description).strip()
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A workflow needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(description) > MAX_DESCRIPTION:
        raise Refused(gettext("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    return Naming(name, description)


async def _flush(db: WriteSession, naming: Naming) -> None:
    try:
        async with db.begin_nested():
            await db.flush()
    except IntegrityError as error:
        raise Refused(gettext("There is a workflow called %(name)s already.") % {"name": naming.name}) from error
