"""Which workflows use something that somebody is about to delete: a frame of the question."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.uses import workflows_using
from ismessenger.sdk.step import Thing
from ismessenger.web.edge import Visit, reads
from ismessenger.web.errors import NotFound
from ismessenger.web.templating import render

_BY_NUMBER: Final[dict[str, Thing]] = {
    "tag": "tag",
    "stage": "stage",
    "channel": "channel",
    "member": "member",
    "team": "team",
    "category": "category",
    "file": "file",
    "connection": "connection",
}


@reads(Right.SETTINGS)
async def show(visit: Visit) -> Response:
    """``GET /workflows/using/THING/ID``: the names of the workflows."""
    named, id_ = visit.request.path_params["thing"], visit.path_id()
    plugins = visit.installation.plugins
    if named == "field":
        found = await workflows_using(visit.reading, "field", str(id_), plugins)
    elif (thing := _BY_NUMBER.get(named)) is not None:
        found = await workflows_using(visit.reading, thing, id_, plugins)
    else:
        raise NotFound
    return render(visit.request, "workflows/using.html", thing=named, id=id_, names=found)


routes: list[BaseRoute] = [Route("/workflows/using/{thing}/{id:id}", show)]
