"""Workflows that start each other without end: found before they are published.

A step that triggers another workflow leads there for certain. What a step does to a contact sets off a workflow that listens to it only
where it does something: whoever was closed already is not closed again. So a change counts where the workflow's own trigger says that it
was otherwise before (it begins when a conversation opens, and closes it), on a way without branches, and where whoever listens asks no
more. All else is ended by the limit on how many workflows set each other off.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col

from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from workflows.check import Problem
from workflows.conditions import asks
from workflows.definition import Definition, Placed, Triggered, parse

KEPT: Final = 5000


@dataclass(frozen=True, slots=True)
class Doing:
    """What a step sets off: a workflow by its id, or whoever listens to a mark such as ``closed`` or ``tag+7``."""

    step: str
    workflow_id: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A workflow among the others. ``hears`` are the marks that begin it, whatever else holds; one that ends with ``*`` stands for all."""

    id: int
    name: str
    does: Sequence[Doing]
    hears: Sequence[str]

    def begins_with(self, mark: str) -> bool:
        """Whether a mark begins it."""
        return any(mark == heard or (heard.endswith("*") and mark.startswith(heard[:-1])) for heard in self.hears)


_known: dict[tuple[int, int], tuple[Sequence[Doing], Sequence[str]]] = {}
"""What versions do and hear. They never change, so that each is read once by a process."""


async def loop_problems(db: ReadSession, workflow_id: int, definition: Definition) -> list[Problem]:
    """The steps of a draft from which a way through published workflows leads back to it."""
    try:
        does, hears = list(_does(definition)), list(_hears(definition.trigger))
    except (TypeError, AttributeError):
        return []  # what of a draft cannot be read is a problem of its own, and runs nowhere
    if not does:
        return []
    nodes = {node.id: node for node in await _published(db, but=workflow_id)}
    nodes[workflow_id] = Node(workflow_id, "", does, hears)
    return list(_loops(nodes[workflow_id], nodes))


def _loops(start: Node, nodes: Mapping[int, Node]) -> Iterator[Problem]:
    for doing in start.does:
        for first in _next(doing, nodes):
            if first is start:
                yield Problem(doing.step, "", gettext("This is a loop: the step starts this workflow again. Take the step out."))
            elif any(back is start for back in _reached(first, nodes, but=start)):
                yield Problem(
                    doing.step,
                    "",
                    gettext("This is a loop: the step starts “%(name)s”, which starts this workflow again. Change one of the two.")
                    % {"name": first.name},
                )


def _reached(node: Node, nodes: Mapping[int, Node], *, but: Node) -> Iterator[Node]:
    seen, ahead = {node.id}, [node]
    while ahead:
        for doing in ahead.pop().does:
            for found in _next(doing, nodes):
                if found is but:
                    yield found
                elif found.id not in seen:
                    seen.add(found.id)
                    ahead.append(found)


def _next(doing: Doing, nodes: Mapping[int, Node]) -> list[Node]:
    if doing.workflow_id:
        return [nodes[doing.workflow_id]] if doing.workflow_id in nodes else []
    return [node for node in nodes.values() if node.begins_with(doing.mark)]


async def _published(db: ReadSession, *, but: int) -> list[Node]:
    statement = select(col(Workflow.id), col(Workflow.name), col(Workflow.published_id)).where(
        col(Workflow.status) == "published", col(Workflow.id) != but
    )
    rows = (await db.execute(statement)).all()
    missing = [row.published_id for row in rows if (db.workspace_id, row.published_id) not in _known]
    if missing:
        await _learn(db, missing)
    return [Node(row.id, row.name, *_known.get((db.workspace_id, row.published_id), ((), ()))) for row in rows]


async def _learn(db: ReadSession, version_ids: Sequence[int]) -> None:
    if len(_known) > KEPT:
        _known.clear()
    for version in (await db.execute(select(WorkflowVersion).where(col(WorkflowVersion.id).in_(version_ids)))).scalars():
        definition = parse(version.definition)
        _known[db.workspace_id, version.id] = (tuple(_does(definition)), tuple(_hears(definition.trigger)))


def _does(definition: Definition) -> Iterator[Doing]:
    sure = _surely_reached(definition)
    for placed in definition.steps:
        params = placed.params
        if placed.kind == "trigger_workflow" and isinstance(params.get("workflow_id"), int):
            yield Doing(placed.id, workflow_id=params["workflow_id"])
        elif placed.id in sure and definition.trigger:
            for mark in _marks(placed, definition.trigger):
                yield Doing(placed.id, mark=mark)


def _marks(placed: Placed, trigger: Triggered) -> Iterator[str]:
    """What a step changes for certain, where a contact was otherwise when the workflow began."""
    params, began = placed.params, trigger.params
    match placed.kind, trigger.kind:
        case "close_conversation", "conversation_opened":
            yield "closed"
        case "open_conversation", "conversation_closed":
            yield "opened"
        case "update_tags", "tag_updated":
            yield from _tag_marks(params, began)
        case "update_lifecycle", "lifecycle_updated":
            stage = params.get("stage_id")
            if began.get("stage_ids") and stage and stage not in began["stage_ids"]:
                yield f"stage={stage}"
        case _:
            return


def _tag_marks(params: Mapping[str, Any], began: Mapping[str, Any]) -> Iterator[str]:
    """Of a workflow that begins with one tag, added or removed: the same tag the other way round."""
    action, tags = params.get("action", "add"), began.get("tag_ids", [])
    opposite = {"added": "remove", "removed": "add"}.get(began.get("action", "added"))
    if action == opposite and len(tags) == 1 and tags[0] in params.get("tag_ids", []):
        yield f"tag{'+' if action == 'add' else '-'}{tags[0]}"


def _hears(trigger: Triggered | None) -> Iterator[str]:
    """What begins a workflow whoever the contact is, and however often."""
    if trigger is None or trigger.once or asks(trigger.condition):
        return
    params = trigger.params
    by_workflows = not params.get("sources") or "workflow" in params["sources"]
    match trigger.kind:
        case "conversation_opened" if by_workflows and not params.get("channel_ids"):
            yield "opened"
        case "conversation_closed" if by_workflows and not params.get("category_ids"):
            yield "closed"
        case "tag_updated":
            signs = {"added": "+", "removed": "-", "either": "+-"}.get(params.get("action", "added"), "")
            yield from (f"tag{sign}{tag}" for sign in signs for tag in params.get("tag_ids") or ["*"])
        case "lifecycle_updated":
            yield from (f"stage={stage}" for stage in params.get("stage_ids") or ["*"])
        case _:
            return


def _surely_reached(definition: Definition) -> set[str]:
    """The steps that every contact comes to: behind the trigger, one after the other, each with one way on."""
    reached: set[str] = set()
    placed = definition.step(definition.start) if definition.start else None
    while placed is not None and placed.id not in reached:
        reached.add(placed.id)
        placed = definition.behind(placed, "next") if set(placed.exits) <= {"next"} else None
    return reached
