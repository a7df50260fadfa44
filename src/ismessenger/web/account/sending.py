"""Your account → Profile: whether replies wait some seconds in which they can be taken back."""

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right
from ismessenger.web.edge import Visit, see_other, writes
from ismessenger.web.forms import parse


class SendingForm(BaseModel):
    """An unticked box sends nothing."""

    undo_send: bool = False


@writes(Right.INBOX)
async def update(visit: Visit) -> Response:
    """``POST /account/sending``: one's own choice in the workspace that is open."""
    form = await parse(visit.request, SendingForm)
    member = await visit.db.get_one(Member, (visit.db.workspace_id, visit.member.id))
    member.undo_send = form.undo_send
    return see_other("/account/profile?saved=1")


routes: list[BaseRoute] = [Route("/account/sending", update, methods=["POST"])]
