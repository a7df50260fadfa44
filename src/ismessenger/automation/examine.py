"""A definition in its workspace: what the canvas shows of it, and what keeps it from being published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ismessenger.automation.loops import loop_problems
from ismessenger.automation.mentions import Mention, mentions
from ismessenger.automation.references import Known, known
from ismessenger.plugins import Plugins
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from workflows.check import Problem, problems
from workflows.definition import Definition
from workflows.look import Look, looks


@dataclass(frozen=True, slots=True)
class Examined:
    """``looks`` by step and for the ``trigger``; ``known`` is what there was to name."""

    looks: Mapping[str, Look]
    problems: Sequence[Problem]
    known: Known


async def examine(db: ReadSession, workflow_id: int, definition: Definition, plugins: Plugins, timezone: str) -> Examined:
    """How a definition looks in its workspace, and what is wrong with it. A new workflow has the id 0."""
    named = mentions(definition, plugins)
    there = await known(db, timezone, files_in(named))
    found = [
        *problems(definition, plugins.steps, plugins.triggers, there),
        *_not_published(named, there, workflow_id),
        *await loop_problems(db, workflow_id, definition),
    ]
    return Examined(looks(definition, plugins.steps, plugins.triggers, there.name), found, there)


def files_in(named: Sequence[Mention]) -> set[int]:
    """The files of the library among what is named."""
    return {mention.id for mention in named if mention.thing == "file" and isinstance(mention.id, int)}


def _not_published(named: Sequence[Mention], there: Known, workflow_id: int) -> Iterator[Problem]:
    """Steps that start a workflow which nobody can enter."""
    for mention in named:
        item = there.things["workflow"].get(mention.id) if mention.thing == "workflow" else None
        if item is not None and item.id != workflow_id and item.more["status"] != "published":
            yield Problem(mention.step, "workflow_id", gettext("“%(name)s” is not published. Publish it first.") % {"name": item.name})
