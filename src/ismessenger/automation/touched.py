"""What the end of a workflow touches: contacts inside of it, and workflows that start it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, text
from sqlmodel import col

from ismessenger.automation.mentions import mentions
from ismessenger.automation.model import Workflow
from ismessenger.plugins import Plugins
from ismessenger.tenancy.doors import ReadSession
from workflows.definition import parse

COUNTED: Final = 1000

_INSIDE = text("SELECT count(*) FROM (SELECT FROM workflow_run WHERE workflow_id = :id AND ended_at IS NULL LIMIT :most) AS inside")
_RUNS = text("SELECT EXISTS (SELECT FROM workflow_run WHERE workflow_id = :id)")


@dataclass(frozen=True, slots=True)
class Touched:
    """``inside`` is exact up to `COUNTED`; one more says that it is more. ``started_by`` are names of workflows."""

    inside: int
    history: bool
    started_by: Sequence[str]
    hook: bool


async def touched(db: ReadSession, workflow: Workflow, plugins: Plugins) -> Touched:
    """What goes with it."""
    inside: int = (await db.execute(_INSIDE, {"id": workflow.id, "most": COUNTED + 1})).scalar_one()
    history: bool = (await db.execute(_RUNS, {"id": workflow.id})).scalar_one()
    statement = select(Workflow).where(col(Workflow.id) != workflow.id).order_by(func.lower(Workflow.name))
    others = (await db.execute(statement)).scalars().all()
    started_by = [other.name for other in others if _starts(other, workflow.id, plugins)]
    return Touched(inside, history, started_by, workflow.hook_secret is not None)


def _starts(other: Workflow, workflow_id: int, plugins: Plugins) -> bool:
    named = mentions(parse(other.draft), plugins)
    return any(mention.thing == "workflow" and mention.id == workflow_id for mention in named)
