"""Workflows out of files and into them, and the gallery of workflows that one begins with."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.define import workflow_named
from ismessenger.automation.gallery import GROUPS, Template, template_named, templates
from ismessenger.automation.model import Workflow
from ismessenger.automation.references import known
from ismessenger.automation.take_in import take_in
from ismessenger.automation.transfer import MAX_FILE_BYTES, Exported, adopt, export_of, read_export
from ismessenger.contacts.errors import Refused
from ismessenger.plugins import Plugins
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render
from ismessenger.web.workflows.builder import refusal
from ismessenger.web.workflows.shown import examined_draft, known_to, looks_json, problems_json
from workflows.definition import parse as parse_definition


class TemplateForm(BaseModel):
    """Which one of the gallery."""

    template: str = ""


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A workflow of the gallery. ``steps`` are the names of its first steps, ``more`` how many come after them."""

    slug: str
    name: str
    description: str
    icon: str
    trigger: str
    steps: Sequence[str]
    more: int


STEPS_SHOWN = 4


@reads(Right.WORKFLOWS)
async def gallery(visit: Visit) -> Response:
    """``GET /workflows/new``: begin from scratch, from a template or from a file."""
    return await _new(visit, "")


@writes(Right.WORKFLOWS)
async def begin(visit: Visit) -> Response:
    """``POST /workflows/new``: out of the gallery; on to its canvas."""
    form = await parse(visit.request, TemplateForm)
    exported = template_named(form.template).exported
    words = {"name": gettext(exported.name), "description": gettext(exported.description)}
    workflow = await _add(visit, exported.model_copy(update=words))
    return see_other(f"/workflows/{workflow.id}")


@writes(Right.WORKFLOWS)
async def upload(visit: Visit) -> Response:
    """``POST /workflows/import``: out of a file; on to its canvas, which says what must be chosen again."""
    async with visit.request.form(max_files=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return await _new(visit, gettext("Choose a file."))
        try:
            workflow = await _add(visit, read_export(await file.read(MAX_FILE_BYTES + 1)))
        except Refused as error:
            return await _new(visit, str(error))
    return see_other(f"/workflows/{workflow.id}")


@reads(Right.WORKFLOWS)
async def read(visit: Visit) -> Response:
    """``POST /workflows/ID/file``: what a file would make of the draft, in this workspace's own ids. Changes nothing."""
    workflow = await workflow_named(visit.reading, visit.path_id())
    try:
        exported = read_export(await visit.request.body())
    except Refused as error:
        return refusal(str(error))
    plugins, timezone = visit.installation.plugins, visit.signed_in.workspace.timezone
    adopted = adopt(exported, plugins, await known(visit.reading, timezone))
    examined = await examined_draft(visit, workflow.id, adopted.definition)
    return JSONResponse(
        {
            "name": exported.name,
            "definition": adopted.definition.as_json(),
            "missing": sorted({name for _thing, name in adopted.missing}),
            "looks": looks_json(examined),
            "problems": problems_json(examined.problems),
        }
    )


@reads(Right.WORKFLOWS)
async def export(visit: Visit) -> Response:
    """``GET /workflows/ID/export``: its draft as a file."""
    workflow = await workflow_named(visit.reading, visit.path_id())
    definition = parse_definition(workflow.draft)
    there = await known_to(visit.reading, definition, visit)
    body = export_of(workflow.name, workflow.description, definition, visit.installation.plugins, there)
    name = quote(f"{workflow.name}.json", safe="")
    headers = {"Content-Disposition": f"attachment; filename=\"workflow-{workflow.id}.json\"; filename*=UTF-8''{name}"}
    return Response(body, media_type="application/json", headers=headers)


async def _add(visit: Visit, exported: Exported) -> Workflow:
    plugins, timezone = visit.installation.plugins, visit.signed_in.workspace.timezone
    most = visit.installation.settings.max_workflows
    workflow, _adopted = await take_in(visit.db, exported, plugins, timezone, most=most, by=visit.member.id)
    return workflow


async def _new(visit: Visit, error: str) -> Response:
    return render(
        visit.request,
        "workflows/new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        groups=_by_group(visit.installation.plugins),
        error=error,
    )


def _by_group(plugins: Plugins) -> Mapping[str, Sequence[TemplateView]]:
    found: dict[str, list[TemplateView]] = defaultdict(list)
    for template in templates():
        found[template.group].append(_view(template, plugins))
    return {group: found[group] for group in GROUPS if found[group]}


def _view(template: Template, plugins: Plugins) -> TemplateView:
    exported = template.exported
    definition = parse_definition(exported.definition)
    trigger = plugins.triggers.get(definition.trigger.kind) if definition.trigger else None
    names = [
        step.name or (gettext(plugins.steps[step.kind].name) if step.kind in plugins.steps else step.kind) for step in definition.steps
    ]
    return TemplateView(
        slug=template.slug,
        name=gettext(exported.name),
        description=gettext(exported.description) if exported.description else "",
        icon=template.icon,
        trigger=gettext(trigger.name) if trigger else "",
        steps=names[:STEPS_SHOWN],
        more=max(0, len(names) - STEPS_SHOWN),
    )


routes: list[BaseRoute] = [
    Route("/workflows/new", gallery),
    Route("/workflows/new", begin, methods=["POST"]),
    Route("/workflows/import", upload, methods=["POST"]),
    Route("/workflows/{id:id}/file", read, methods=["POST"]),
    Route("/workflows/{id:id}/export", export),
]
