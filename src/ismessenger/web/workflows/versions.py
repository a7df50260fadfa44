"""What was published of a workflow, for the builder to compare."""

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.define import workflow_named
from ismessenger.automation.publish import version_numbered, versions
from ismessenger.web.edge import Visit, reads
from ismessenger.web.workflows.shown import names_of, version_json


@reads(Right.WORKFLOWS)
async def index(visit: Visit) -> Response:
    """``GET /workflows/ID/versions``: the newest first."""
    workflow = await workflow_named(visit.reading, visit.path_id())
    found = await versions(visit.reading, workflow.id)
    names = await names_of(visit.reading, [each.published_by_id for each in found])
    return JSONResponse([version_json(each, names) for each in found])


@reads(Right.WORKFLOWS)
async def show(visit: Visit) -> Response:
    """``GET /workflows/ID/versions/NUMBER``: its definition."""
    version = await version_numbered(visit.reading, visit.path_id(), visit.path_id("number"))
    return JSONResponse(version.definition)


routes: list[BaseRoute] = [
    Route("/workflows/{id:id}/versions", index),
    Route("/workflows/{id:id}/versions/{number:id}", show),
]
