"""Publishing the draft of a workflow, and stopping it."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.define import DraftMoved, workflow_named
from ismessenger.automation.publish import HasProblems, publish, unpublish
from ismessenger.automation.stop import eject
from ismessenger.contacts.errors import Refused
from ismessenger.web.edge import Visit, writes
from ismessenger.web.workflows.builder import json_body, refusal
from ismessenger.web.workflows.shown import clash_json, examined_draft, head_json, problems_json
from workflows.definition import parse


class PublicationBody(BaseModel):
    """The draft that whoever publishes it looks at."""

    number: int = Field(ge=0, lt=2**63)


@writes(Right.WORKFLOWS)
async def create(visit: Visit) -> Response:
    """``POST /workflows/ID/publication``: contacts enter from now on; 422 with the problems, 409 if the draft was changed since."""
    body = await json_body(visit.request, PublicationBody)
    workflow = await workflow_named(visit.db, visit.path_id(), held=True)
    examined = await examined_draft(visit, workflow.id, parse(workflow.draft))
    plugins = visit.installation.plugins
    try:
        workflow = await publish(visit.db, workflow.id, body.number, examined.problems, plugins, by=visit.member.id)
    except DraftMoved as moved:
        return JSONResponse(await clash_json(visit.db, moved), HTTPStatus.CONFLICT)
    except HasProblems as error:
        return refusal(str(error), problems=problems_json(error.problems))
    return JSONResponse(await head_json(visit, workflow))


@writes(Right.WORKFLOWS)
async def destroy(visit: Visit) -> Response:
    """``DELETE /workflows/ID/publication?eject=1``: nobody enters any more; with ``eject`` whoever is inside leaves now."""
    try:
        workflow = await unpublish(visit.db, visit.path_id(), by=visit.member.id)
    except Refused as error:
        return refusal(str(error))
    if visit.request.query_params.get("eject") == "1":
        await eject(visit.db, workflow, by=visit.member.name)
    return JSONResponse(await head_json(visit, workflow))


routes: list[BaseRoute] = [
    Route("/workflows/{id:id}/publication", create, methods=["POST"]),
    Route("/workflows/{id:id}/publication", destroy, methods=["DELETE"]),
]
