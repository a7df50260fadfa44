"""The list of workflows: what there is, found by words and by status; new ones, copies, names, deletion."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import cast

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.define import (
    MAX_NAME,
    Naming,
    add_workflow,
    copy_workflow,
    free_name,
    rename_workflow,
    workflow_named,
)
from ismessenger.automation.delete import delete_workflow
from ismessenger.automation.listing import STATUSES, Listed, numbers_by_status, with_faults, workflows_page
from ismessenger.automation.touched import COUNTED, touched
from ismessenger.contacts.errors import Refused
from ismessenger.kit import pagination
from ismessenger.kit.text import clean
from ismessenger.plugins import Plugins
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render, stream
from ismessenger.web.workflows.icons import icon_of
from workflows.definition import Definition

LIST = "/workflows"


class NamingForm(BaseModel):
    """A name as typed. A new workflow without one gets one."""

    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class WorkflowView:
    """A workflow as dialogs name it."""

    id: int
    name: str
    published: bool


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow in the list. ``trigger`` is the name of what starts it, empty while nothing does."""

    id: int
    name: str
    description: str
    status: str
    trigger: str
    trigger_icon: str
    changed: bool
    broken: bool
    published_at: datetime | None
    published_by: str


@reads(Right.WORKFLOWS)
async def index(visit: Visit) -> Response:
    """``GET /workflows?words=…&status=…&after=CURSOR``: a page of them by name."""
    query = visit.request.query_params
    seq = await live_seq(visit)
    words = " ".join(clean(query.get("words", ""), MAX_NAME).split())
    status = query.get("status", "") if query.get("status") in STATUSES else ""
    cursor = query.get("after")
    after = cast("tuple[str, int]", pagination.decode(cursor, str, int)) if cursor else None
    found, further = await workflows_page(visit.reading, words, status, after=after)
    plugins = visit.installation.plugins
    found = await with_faults(visit.reading, found, plugins, visit.signed_in.workspace.timezone)
    numbers = await numbers_by_status(visit.reading)
    return render(
        visit.request,
        "workflows/list.html",
        shell=shell_of(visit, seq),
        workflows=[_row(each, plugins) for each in found],
        words=words,
        chosen=status,
        numbers=numbers,
        total=sum(numbers.values()),
        most=visit.installation.settings.max_workflows,
        first=after is None,
        further=pagination.encode(*further) if further else "",
    )


@writes(Right.WORKFLOWS)
async def create(visit: Visit) -> Response:
    """``POST /workflows``: an empty one; on to its canvas."""
    form = await parse(visit.request, NamingForm)
    name = form.name.strip() or await free_name(visit.db, gettext("New workflow"))
    most = visit.installation.settings.max_workflows
    workflow = await add_workflow(visit.db, Naming(name, form.description), Definition(), most=most, by=visit.member.id)
    return see_other(f"{LIST}/{workflow.id}")


@reads(Right.WORKFLOWS)
async def edit(visit: Visit) -> Response:
    """``GET /workflows/ID/edit``: the form with its name and description."""
    workflow = await workflow_named(visit.reading, visit.path_id())
    return _naming(visit, NamingForm(name=workflow.name, description=workflow.description), "")


@writes(Right.WORKFLOWS)
async def update(visit: Visit) -> Response:
    """``POST /workflows/ID``: another name or description."""
    form = await parse(visit.request, NamingForm)
    try:
        await rename_workflow(visit.db, visit.path_id(), Naming(form.name, form.description), by=visit.member.id)
    except Refused as error:
        return _naming(visit, form, str(error))
    return see_other(LIST)


@writes(Right.WORKFLOWS)
async def copy(visit: Visit) -> Response:
    """``POST /workflows/ID/copy``: another one with the same draft; on to its canvas."""
    most = visit.installation.settings.max_workflows
    workflow = await copy_workflow(visit.db, visit.path_id(), most=most, by=visit.member.id)
    return see_other(f"{LIST}/{workflow.id}")


@reads(Right.WORKFLOWS)
async def deletion(visit: Visit) -> Response:
    """``GET /workflows/ID/deletion``: what goes with it, and the question."""
    workflow = await workflow_named(visit.reading, visit.path_id())
    found = await touched(visit.reading, workflow, visit.installation.plugins)
    return render(
        visit.request,
        "workflows/_deletion.html",
        workflow=WorkflowView(workflow.id, workflow.name, workflow.status == "published"),
        touched=found,
        counted=COUNTED,
    )


@writes(Right.WORKFLOWS)
async def delete(visit: Visit) -> Response:
    """``POST /workflows/ID/deletion``: from the list, and back to it."""
    await delete_workflow(visit.db, visit.path_id(), by=visit.member.id)
    return see_other(LIST)


@writes(Right.WORKFLOWS)
async def destroy(visit: Visit) -> Response:
    """``DELETE /workflows/ID``: the same for the builder."""
    await delete_workflow(visit.db, visit.path_id(), by=visit.member.id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _row(listed: Listed, plugins: Plugins) -> WorkflowRow:
    workflow = listed.workflow
    trigger = plugins.triggers.get(workflow.trigger)
    return WorkflowRow(
        id=workflow.id,
        name=workflow.name,
        description=workflow.description,
        status=workflow.status,
        trigger=gettext(trigger.name) if trigger else workflow.trigger,
        trigger_icon=icon_of(trigger) if trigger else "workflow",
        changed=listed.changed,
        broken=listed.broken,
        published_at=workflow.published_at,
        published_by=listed.published_by,
    )


def _naming(visit: Visit, form: NamingForm, error: str) -> Response:
    """The form in the list's dialog; after an attempt as a stream, since the form was sent for the whole page."""
    shown = {"id": visit.path_id(), "name": form.name, "description": form.description, "error": error}
    if error and visit.wants_streams:
        return stream("workflows/naming.stream.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(visit.request, "workflows/_naming.html", status=status, **shown)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", destroy, methods=["DELETE"]),
    Route(f"{LIST}/{{id:id}}/edit", edit),
    Route(f"{LIST}/{{id:id}}/copy", copy, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", deletion),
    Route(f"{LIST}/{{id:id}}/deletion", delete, methods=["POST"]),
]
