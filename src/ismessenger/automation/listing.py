"""The workflows of a workspace as they are listed, and which of them name something that was deleted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.automation.mentions import Mention, mentions
from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.automation.references import known
from ismessenger.kit.folding import folded
from ismessenger.plugins import Plugins
from ismessenger.tenancy.doors import ReadSession
from workflows.definition import parse

PAGE: Final = 100
STATUSES: Final = ("draft", "published", "stopped")
Position = tuple[str, int]
"""Where a page begins: behind the workflow with this name in small letters and this id."""

KEPT: Final = 5000
_named: dict[tuple[int, int], frozenset[Mention]] = {}
"""What versions name. They never change, so that each is read once by a process."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A workflow in the list. ``changed``: its draft says something else than what runs; ``broken``: what runs names something deleted."""

    workflow: Workflow
    published_by: str
    changed: bool
    broken: bool = False


async def workflows_page(
    db: ReadSession, words: str = "", status: str = "", *, after: Position | None = None
) -> tuple[list[Listed], Position | None]:
    """A page of the workflows with these words in name or description, by name; and where the next page begins."""
    name: ColumnElement[str] = func.lower(Workflow.name)
    by, version = aliased(Member), aliased(WorkflowVersion)
    statement = (
        select(Workflow, name, col(by.name), col(version.definition).is_distinct_from(col(Workflow.draft)))
        .outerjoin(by, col(by.id) == col(Workflow.published_by_id))
        .outerjoin(version, col(version.id) == col(Workflow.published_id))
        .where(col(Workflow.status) != "deleted")
        .order_by(name, col(Workflow.id))
        .limit(PAGE + 1)
    )
    if words:
        found = func.strpos(func.search_fold(Workflow.name + " " + Workflow.description), folded(words))
        statement = statement.where(found > 0)
    if status:
        statement = statement.where(col(Workflow.status) == status)
    if after is not None:
        statement = statement.where(tuple_(name, col(Workflow.id)) > tuple_(*after))
    rows = (await db.execute(statement)).all()
    page = [Listed(workflow, who or "", bool(changed)) for workflow, _name, who, changed in rows[:PAGE]]
    return page, (rows[PAGE - 1][1], rows[PAGE - 1][0].id) if len(rows) > PAGE else None


async def numbers_by_status(db: ReadSession) -> Mapping[str, int]:
    """How many workflows there are of each status."""
    there = select(col(Workflow.status), func.count()).where(col(Workflow.status) != "deleted")
    rows = (await db.execute(there.group_by(col(Workflow.status)))).all()
    return dict.fromkeys(STATUSES, 0) | {str(row[0]): int(row[1]) for row in rows}


async def with_faults(db: ReadSession, page: Sequence[Listed], plugins: Plugins, timezone: str) -> list[Listed]:
    """The same, and which of those that run name something that was deleted."""
    running = {each.workflow.published_id for each in page if each.workflow.status == "published" and each.workflow.published_id}
    named = await named_by(db, running, plugins)
    files = {int(each.id) for found in named.values() for each in found if each.thing == "file"}
    there = await known(db, timezone, files)
    broken = {id_ for id_, found in named.items() if not all(there.has(each) for each in found)}
    return [replace(each, broken=each.workflow.published_id in broken) for each in page]


async def named_by(db: ReadSession, versions: Collection[int], plugins: Plugins) -> Mapping[int, frozenset[Mention]]:
    """What each of these versions names, by its id."""
    missing = [id_ for id_ in versions if (db.workspace_id, id_) not in _named]
    if missing:
        if len(_named) > KEPT:
            _named.clear()
        statement = select(WorkflowVersion).where(col(WorkflowVersion.id).in_(missing))
        for version in (await db.execute(statement)).scalars():
            _named[db.workspace_id, version.id] = frozenset(mentions(parse(version.definition), plugins))
    return {id_: _named.get((db.workspace_id, id_), frozenset()) for id_ in versions}
