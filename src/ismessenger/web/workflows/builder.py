"""The builder of a workflow: its page, and the draft that it saves by itself."""

from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.define import DraftMoved, Naming, rename_workflow, save_draft, workflow_named
from ismessenger.automation.transfer import refuse_deep
from ismessenger.contacts.errors import Refused
from ismessenger.web.body import parse_json
from ismessenger.web.edge import Visit, reads, writes
from ismessenger.web.errors import Unprocessable
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render
from ismessenger.web.workflows.shown import builder_json, clash_json, examined_draft, head_json, looks_json, problems_json
from workflows.definition import Definition, DefinitionInvalid, parse

Body = TypeVar("Body", bound=BaseModel)


class DraftBody(BaseModel):
    """``number`` is the draft that this one was made from."""

    number: int = Field(ge=0, lt=2**63)
    definition: Any


class NamingBody(BaseModel):
    """What is not given stays."""

    name: str | None = None
    description: str | None = None


@reads(Right.WORKFLOWS)
async def show(visit: Visit) -> Response:
    """``GET /workflows/ID``: the page with the canvas."""
    seq = await live_seq(visit)
    workflow = await workflow_named(visit.reading, visit.path_id())
    return render(
        visit.request,
        "workflows/builder.html",
        shell=shell_of(visit, seq),
        name=workflow.name,
        builder=await builder_json(visit, workflow),
    )


@reads(Right.WORKFLOWS)
async def newest_draft(visit: Visit) -> Response:
    """``GET /workflows/ID/draft``: what was saved last, by whomever."""
    workflow = await workflow_named(visit.reading, visit.path_id())
    examined = await examined_draft(visit, workflow.id, parse(workflow.draft))
    saved = await clash_json(visit.reading, DraftMoved(workflow))
    return JSONResponse({**saved, "looks": looks_json(examined), "problems": problems_json(examined.problems)})


@writes(Right.WORKFLOWS)
async def keep_draft(visit: Visit) -> Response:
    """``PUT /workflows/ID/draft``: 409 with the newer draft if somebody else changed it, 422 for what is no workflow."""
    body = await json_body(visit.request, DraftBody)
    try:
        draft = definition_of(body.definition)
        workflow = await save_draft(visit.db, visit.path_id(), body.number, draft, by=visit.member.id)
    except DraftMoved as moved:
        return JSONResponse(await clash_json(visit.db, moved), HTTPStatus.CONFLICT)
    except Refused as error:
        return refusal(str(error))
    examined = await examined_draft(visit, workflow.id, draft)
    return JSONResponse({"number": workflow.draft_number, "looks": looks_json(examined), "problems": problems_json(examined.problems)})


@writes(Right.WORKFLOWS)
async def rename(visit: Visit) -> Response:
    """``PATCH /workflows/ID``: another name or description."""
    body = await json_body(visit.request, NamingBody)
    workflow = await workflow_named(visit.db, visit.path_id())
    name = workflow.name if body.name is None else body.name
    description = workflow.description if body.description is None else body.description
    try:
        workflow = await rename_workflow(visit.db, workflow.id, Naming(name, description), by=visit.member.id)
    except Refused as error:
        return refusal(str(error))
    return JSONResponse(await head_json(visit, workflow))


def definition_of(json: object) -> Definition:
    """A definition that a browser sent. Raises `Refused`."""
    refuse_deep(json)
    try:
        return parse(json)
    except DefinitionInvalid as error:
        raise Refused(str(error)) from None


async def json_body(request: Request, model: type[Body]) -> Body:
    """What the page sent as JSON, cleaned for the database. Raises `BadRequest`, `Unprocessable`."""
    try:
        return model.model_validate(parse_json(await request.body()))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Unprocessable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None


def refusal(words: str, **more: object) -> Response:
    """What the builder is refused, in words."""
    return JSONResponse({"words": words, **more}, HTTPStatus.UNPROCESSABLE_ENTITY)


routes: list[BaseRoute] = [
    Route("/workflows/{id:id}", show),
    Route("/workflows/{id:id}", rename, methods=["PATCH"]),
    Route("/workflows/{id:id}/draft", newest_draft),
    Route("/workflows/{id:id}/draft", keep_draft, methods=["PUT"]),
]
