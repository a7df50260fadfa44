"""From workflows to the JSON of the builder: `frontend/src/workflows/types.ts` says what it looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.automation.define import DraftMoved
from ismessenger.automation.examine import Examined, examine, files_in
from ismessenger.automation.mentions import mentions, schema_of
from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.automation.publish import hook_address, published_version
from ismessenger.automation.references import Known, known
from ismessenger.conditions.schema import editor_schema
from ismessenger.conditions.tree import EVERYBODY
from ismessenger.sdk.step import Step, Trigger, Variable
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.edge import Visit
from ismessenger.web.workflows.icons import icon_of
from ismessenger.web.workflows.schema import in_words
from workflows.check import Problem
from workflows.definition import Definition, parse
from workflows.look import blank, look, look_of_trigger

NOBODY: Final = ""
Json = dict[str, Any]


async def builder_json(visit: Visit, workflow: Workflow) -> Json:
    """All that the builder starts with."""
    plugins = visit.installation.plugins
    examined = await examined_draft(visit, workflow.id, parse(workflow.draft))
    there = examined.known
    return {
        "workflow": await head_json(visit, workflow),
        "definition": workflow.draft,
        "looks": looks_json(examined),
        "problems": problems_json(examined.problems),
        "steps": [_step_kind(step, there) for step in plugins.steps.values()],
        "triggers": [_trigger_kind(trigger, there) for trigger in plugins.triggers.values()],
        "things": things_json(there),
        "conditions": editor_schema(replace(there.vocabulary, variables={}), EVERYBODY),
        "variables": [variable_json(each) for each in there.variables],
        "member": {"id": visit.member.id, "name": visit.member.name},
    }


async def examined_draft(visit: Visit, workflow_id: int, definition: Definition) -> Examined:
    """How a draft looks, and what is wrong with it."""
    return await examine(visit.reading, workflow_id, definition, visit.installation.plugins, visit.signed_in.workspace.timezone)


async def known_to(db: ReadSession, definition: Definition, visit: Visit) -> Known:
    """What there is, with the files that a definition names."""
    return await known(db, visit.signed_in.workspace.timezone, files_in(mentions(definition, visit.installation.plugins)))


async def head_json(visit: Visit, workflow: Workflow) -> Json:
    """What stands above the canvas."""
    version = await published_version(visit.reading, workflow)
    return {
        "id": workflow.id,
        "name": workflow.name,
        "description": workflow.description,
        "status": workflow.status,
        "number": workflow.draft_number,
        "changed": version is None or version.definition != workflow.draft,
        "published": await _published(visit.reading, version) if version else None,
        "hook_url": hook_url(visit, workflow),
    }


def hook_url(visit: Visit, workflow: Workflow) -> str | None:
    """Where an incoming webhook starts the workflow."""
    return hook_address(visit.installation.settings.address, workflow)


async def _published(db: ReadSession, version: WorkflowVersion) -> Json:
    names = await names_of(db, [version.published_by_id])
    return version_json(version, names)


def version_json(version: WorkflowVersion, names: Mapping[int, str]) -> Json:
    """A version in the list of versions."""
    return {
        "number": version.number,
        "at": version.published_at.isoformat(),
        "by": names.get(version.published_by_id or 0, NOBODY),
    }


async def names_of(db: ReadSession, member_ids: Sequence[int | None]) -> Mapping[int, str]:
    """Who these members are, also those who have left."""
    if not (wanted := {id_ for id_ in member_ids if id_}):
        return {}
    statement = select(Member).where(col(Member.id).in_(wanted))
    return {member.id: member.name for member in (await db.execute(statement)).scalars()}


async def clash_json(db: ReadSession, moved: DraftMoved) -> Json:
    """What somebody else made of the draft."""
    workflow = moved.workflow
    names = await names_of(db, [workflow.updated_by_id])
    return {"number": workflow.draft_number, "by": names.get(workflow.updated_by_id or 0, NOBODY), "definition": workflow.draft}


def looks_json(examined: Examined) -> Json:
    """By step and for the trigger."""
    return {id_: look.as_json() for id_, look in examined.looks.items()}


def problems_json(problems: Sequence[Problem]) -> list[Json]:
    """In the order in which they are listed."""
    return [asdict(problem) for problem in problems]


def things_json(there: Known) -> Json:
    """Everything that a form offers."""
    return {thing: [asdict(item) for item in items.values()] for thing, items in there.things.items()}


def variable_json(variable: Variable) -> Json:
    """A variable that texts and conditions can name."""
    options = [list(option) for option in variable.options]
    return {"name": variable.name, "label": variable.label, "type": variable.type, "options": options}


def _step_kind(step: Step, there: Known) -> Json:
    params = blank(step)
    return {**_kind(step), "group": gettext(step.group), "params": params, "look": look(step, params, there.name).as_json()}


def _trigger_kind(trigger: Trigger, there: Known) -> Json:
    params = blank(trigger)
    return {**_kind(trigger), "group": "", "params": params, "look": look_of_trigger(trigger, params, there.name).as_json()}


def _kind(kind: Step | Trigger) -> Json:
    return {
        "kind": kind.kind,
        "name": gettext(kind.name),
        "description": gettext(kind.description),
        "icon": icon_of(kind),
        "schema": in_words(schema_of(kind.Params)),
    }
