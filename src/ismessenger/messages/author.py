"""Who wrote or did something: of what workflows did, the id that stands there is the workflow's and no member's."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, select
from sqlmodel import col

from ismessenger.automation.model import Workflow

WORKFLOW = "workflow"


def by_member(member: Any, id_: Any, kind: Any) -> ColumnElement[bool]:
    """Joins the member who did it."""
    return and_(col(member.id) == id_, kind != WORKFLOW)


def name_of_author(member: Any, id_: Any, kind: Any) -> ColumnElement[str | None]:
    """The name of the member who was joined, or of the workflow."""
    flow = select(col(Workflow.name)).where(col(Workflow.id) == id_, col(Workflow.status) != "deleted").scalar_subquery()
    return case((kind == WORKFLOW, flow), else_=col(member.name))
