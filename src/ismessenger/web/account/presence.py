"""What a member chooses to be while they are here: online or busy."""

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.presence import StatusRefused, choose_status
from ismessenger.accounts.rights import Right
from ismessenger.web.edge import Visit, see_other, writes
from ismessenger.web.errors import Unprocessable
from ismessenger.web.forms import parse
from ismessenger.web.templating import stream


class StatusForm(BaseModel):
    """``online`` or ``busy``."""

    status: str = Field("", max_length=20)


@writes(Right.INBOX)
async def choose(visit: Visit) -> Response:
    """``POST /account/status``: in the workspace that is open."""
    form = await parse(visit.request, StatusForm)
    try:
        await choose_status(visit.db, visit.member.id, form.status)
    except StatusRefused as error:
        raise Unprocessable(str(error)) from error
    return stream("layouts/status.stream.html", chosen=form.status) if visit.wants_streams else see_other("/inbox")


routes: list[BaseRoute] = [Route("/account/status", choose, methods=["POST"])]
