"""The agents' WebSocket: ``/live?after=SEQ&workspace=ID`` sends ``{"seq", "html"}`` frames, hears who types, looks and does anything.

No database session outlives a moment here: there may be a thousand of these.
"""

import asyncio
import time
from contextlib import suppress
from math import inf

from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from ismessenger.accounts.members import MemberNotFound, mates, present_member
from ismessenger.accounts.presence import is_active
from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.accounts.visibility import assignees_seen
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.installation import Installation
from ismessenger.kit.metrics import LIVE_SOCKETS
from ismessenger.messages.typing import show_typing
from ismessenger.tenancy.doors import Change
from ismessenger.web.edge import admits, member_of
from ismessenger.web.forms import Id
from ismessenger.web.hub import Hub
from ismessenger.web.line import Line
from ismessenger.web.room import ELSEWHERE, SIGNED_OUT, Audience
from ismessenger.web.shown_contact import sees_all
from ismessenger.web.viewing import View

SEQ_LENGTH = 64
TYPING_EVERY_SECONDS = 2.0
# A browser speaks up every half minute; one that does so all the time is heard no more often than this.
ACTIVE_EVERY_SECONDS = 5.0


class Typing(BaseModel):
    """The member is writing to this contact."""

    contact_id: Id


class Told(BaseModel):
    """What a browser may say. ``active``: its person pressed a key, moved the pointer or asked for a page.

    ``viewing`` is the contact whose conversation it shows, null for none; said again while it is so.
    """

    typing: Typing | Id | None = None
    active: bool = False
    viewing: Id | None = None


@admits(Right.INBOX)
async def live(socket: WebSocket) -> None:
    """Serve one tab until it goes. Where it comes from was checked before: see `middleware.Gate`."""
    # A handshake that is refused tells the browser no reason: open first, and close with one.
    await socket.accept()
    signed_in = await member_of(socket)
    if signed_in is None or not _may_listen(signed_in):
        await socket.close(SIGNED_OUT)
        return
    workspace_id, member = signed_in.workspace.id, signed_in.member
    if socket.query_params.get("workspace", str(workspace_id)) != str(workspace_id):
        await socket.close(ELSEWHERE)
        return
    line, audience = Line(socket, member.id, signed_in.token_hash.hex()), await _audience(socket, signed_in)
    view = View(socket.app.state.installation, workspace_id, member.id, line)
    # A row costs some kilobytes: what is not needed for the next hours goes.
    del signed_in, member
    hub: Hub = socket.app.state.hub

    async def still_so() -> bool:
        found = await member_of(socket)
        if found is None or not _may_listen(found):
            return False
        return found.workspace.id == workspace_id and await _audience(socket, found) == audience

    LIVE_SOCKETS.inc()
    try:
        await hub.enter(workspace_id, line, audience, socket.query_params.get("after", "")[:SEQ_LENGTH], still_so)
        await _listen(socket, workspace_id, line.member_id, view)
    finally:
        LIVE_SOCKETS.dec()
        await view.close()
        await hub.leave(workspace_id, line, audience)


def _may_listen(signed_in: SignedIn) -> bool:
    return not signed_in.lacks_totp and may(signed_in.member, Right.INBOX)


async def _audience(socket: WebSocket, signed_in: SignedIn) -> Audience:
    seen, full = assignees_seen(signed_in.member), sees_all(signed_in.member)
    if seen is None:
        return Audience(None, full)
    async with socket.app.state.installation.tenancy.reading(signed_in.workspace.id) as db:
        return Audience(assignees_seen(signed_in.member, await mates(db, signed_in.member)), full)


async def _listen(socket: WebSocket, workspace_id: int, member_id: int, view: View) -> None:
    typed = active = -inf
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        told, at = _told(message.get("text")), time.monotonic()
        if told.typing is not None and at - typed >= TYPING_EVERY_SECONDS:
            typed = at
            contact_id = told.typing.contact_id if isinstance(told.typing, Typing) else told.typing
            await tell_typing(socket.app.state.installation, workspace_id, member_id, contact_id)
        if "viewing" in told.model_fields_set:
            view.say(told.viewing)
        if told.active and at - active >= ACTIVE_EVERY_SECONDS:
            active = at
            await _note_active(socket, workspace_id, member_id)


def _told(text: str | None) -> Told:
    """What the browser says; nothing, for anything that we do not understand."""
    try:
        return Told.model_validate_json(text or "")
    except ValidationError:
        return Told()


async def _note_active(socket: WebSocket, workspace_id: int, member_id: int) -> None:
    hub: Hub = socket.app.state.hub
    with suppress(SQLAlchemyError, OSError, TimeoutError):
        await is_active(socket.app.state.installation, workspace_id, member_id, returns=hub.is_away(workspace_id, member_id))


async def tell_typing(installation: Installation, workspace_id: int, member_id: int, contact_id: int) -> None:
    """Show the others, and the person, that a member is writing. It may get lost; nothing is stored."""
    with suppress(ContactNotFound, MemberNotFound, SQLAlchemyError, RedisError, OSError):
        async with installation.tenancy.reading(workspace_id) as db:
            member = await present_member(db, member_id)
            await visible_contact(db, member, contact_id)
        change: Change = {"kind": "typing", "contact_id": contact_id, "by": "member", "member_id": member.id, "name": member.name}
        await installation.publisher.send(workspace_id, [change])
        async with asyncio.timeout(TYPING_EVERY_SECONDS):
            await show_typing(installation, workspace_id, contact_id)


routes = [WebSocketRoute("/live", live)]
