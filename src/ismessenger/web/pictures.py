"""Pictures of the members of a workspace, for each other."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.files.serve import answer
from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import without_transaction
from ismessenger.web.errors import NotFound


@without_transaction(Right.INBOX)
async def show(request: Request, signed_in: SignedIn) -> Response:
    """``GET /members/ID/picture/NAME``: another picture has another name, so that caches need not ask."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        member: Member | None = await db.get(Member, (db.workspace_id, request.path_params["id"]))
    name = request.path_params["name"]
    if member is None or not member.picture or member.picture.rpartition("/")[2] != name:
        raise NotFound(gettext("There is no such picture."))
    return await answer(request, installation.files, member.picture, name)


routes = [Route("/members/{id:id}/picture/{name}", show)]
