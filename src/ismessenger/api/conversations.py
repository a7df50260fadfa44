"""Assignee and status of a contact's conversation in the API."""

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ismessenger.accounts.members import MemberNotFound
from ismessenger.accounts.model import Member
from ismessenger.api.body import AssigneeBody, StatusBody, read
from ismessenger.api.contacts import find_contact
from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import close, reopen
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.installation import Installation
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.errors import BadRequest, NotFound


async def set_assignee(request: Request) -> Response:
    """``POST /contact/{identifier}/conversation/assignee``: a user's id or e-mail; null unassigns."""
    installation: Installation = request.app.state.installation
    body = await read(request, AssigneeBody)
    async with installation.tenancy.workspace(request.state.workspace_id) as db:
        contact = await lock_contact(db, (await find_contact(db, request)).id)
        member = await _member(db, body.assignee) if body.assignee is not None else None
        try:
            await assign(db, contact, to=member, actor="api")
        except MemberNotFound as error:
            raise NotFound("User not found") from error
        return JSONResponse({"contactId": contact.id})


async def set_status(request: Request) -> Response:
    """``POST /contact/{identifier}/conversation/status``: open or close, with a closing note."""
    installation: Installation = request.app.state.installation
    body = await read(request, StatusBody)
    async with installation.tenancy.workspace(request.state.workspace_id) as db:
        contact = await lock_contact(db, (await find_contact(db, request)).id)
        try:
            if body.status == "open":
                await reopen(db, contact, source="api")
            else:
                await close(db, contact, source="api", category=body.category, summary=body.summary)
        except ConversationRefused as error:
            raise BadRequest(str(error)) from error
        return JSONResponse({"contactId": contact.id})


async def _member(db: ReadSession, named: int | str) -> Member:
    number = named if isinstance(named, int) else None
    condition = Member.id == number if number is not None else func.lower(Member.email) == str(named).lower()
    statement = select(Member).where(condition, Member.removed_at.is_(None))  # type: ignore[union-attr, arg-type]
    member = (await db.execute(statement)).scalar_one_or_none()
    if member is None:
        raise NotFound("User not found")
    return member
