"""Workflows as files, for scripts."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from ismessenger.automation.define import workflow_named
from ismessenger.automation.examine import examine, files_in
from ismessenger.automation.mentions import mentions
from ismessenger.automation.model import Workflow
from ismessenger.automation.publish import hook_address, publish
from ismessenger.automation.references import known
from ismessenger.automation.take_in import take_in
from ismessenger.automation.transfer import Adopted, Exported, export_of, read_export
from ismessenger.commands.outcome import Outcome, WordsRefused
from ismessenger.commands.running import running
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.installation import Installation
from ismessenger.tenancy.catalog import Workspace
from ismessenger.workspaces.create import WorkspaceRefused, find_workspace
from workflows.check import Problem
from workflows.definition import parse

EXPECTED = (Refused, NotThere, WorkspaceRefused, *UNPREPARED)


def read(args: argparse.Namespace) -> Outcome:
    """Make a workflow out of a file, and publish it if that is asked for and nothing is wrong with it."""
    exported = read_export(_text(Path(args.file)))

    async def go() -> Outcome:
        async with running("workflow import") as installation:
            workspace = await find_workspace(installation, args.workspace)
            return await _taken_in(installation, workspace, exported, publishes=args.publish)

    return asyncio.run(go())


def write(args: argparse.Namespace) -> Outcome | None:
    """Print the file of a workflow."""

    async def go() -> bytes:
        async with running("workflow export") as installation:
            workspace = await _workspace_of(installation, args.workflow, args.workspace)
            plugins = installation.plugins
            async with installation.tenancy.reading(workspace.id) as db:
                workflow = await workflow_named(db, args.workflow)
                definition = parse(workflow.draft)
                there = await known(db, workspace.timezone, files_in(mentions(definition, plugins)))
                return export_of(workflow.name, workflow.description, definition, plugins, there)

    text = asyncio.run(go())
    if args.json:
        return Outcome(read_export(text).model_dump(mode="json"))
    print(text.decode(), end="")
    return None


async def _taken_in(installation: Installation, workspace: Workspace, exported: Exported, *, publishes: bool) -> Outcome:
    plugins, most = installation.plugins, installation.settings.max_workflows
    async with installation.tenancy.workspace(workspace.id) as db:
        workflow, adopted = await take_in(db, exported, plugins, workspace.timezone, most=most, by=None)
        examined = await examine(db, workflow.id, adopted.definition, plugins, workspace.timezone)
        if publishes and not examined.problems:
            await publish(db, workflow.id, workflow.draft_number, [], plugins, by=None)
        address = hook_address(installation.settings.address, workflow)
    values = _values(workflow, adopted, examined.problems) | {"hook_url": address}
    return Outcome(values, well=not (publishes and examined.problems))


def _values(workflow: Workflow, adopted: Adopted, problems: Sequence[Problem]) -> dict[str, object]:
    return {
        "workflow_id": workflow.id,
        "name": workflow.name,
        "status": workflow.status,
        "missing": [{"thing": thing, "name": name} for thing, name in adopted.missing],
        "problems": [asdict(problem) for problem in problems],
    }


async def _workspace_of(installation: Installation, workflow_id: int, named: str | None) -> Workspace:
    """The workspace that was named, or the one that has such a workflow. Raises `NotThere`, `WordsRefused`."""
    if named:
        return await find_workspace(installation, named)
    async with installation.tenancy.catalog() as catalog:
        statement = select(Workspace).where(col(Workspace.deleted_at).is_(None), col(Workspace.ready_at).is_not(None))
        workspaces = (await catalog.execute(statement.order_by(col(Workspace.id)))).scalars().all()
    found = [workspace for workspace in workspaces if await _has(installation, workspace, workflow_id)]
    if not found:
        raise NotThere(f"There is no workflow {workflow_id}.")
    if len(found) > 1:
        raise WordsRefused(f"Several workspaces have a workflow {workflow_id}: say which one with --workspace.")
    return found[0]


async def _has(installation: Installation, workspace: Workspace, workflow_id: int) -> bool:
    async with installation.tenancy.reading(workspace.id) as db:
        there: Workflow | None = await db.get(Workflow, (workspace.id, workflow_id))
        return there is not None and there.status != "deleted"


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None
