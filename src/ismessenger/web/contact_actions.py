"""What members do with a contact: answer, comment, read. Each answers with what it changed on the page."""

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.read import mark_read
from ismessenger.accounts.rights import Right
from ismessenger.contacts.find import hold_contact, hold_contact_of_message, visible_contact
from ismessenger.messages.comment import comment
from ismessenger.messages.drafts import clear_draft
from ismessenger.messages.recall import Typed
from ismessenger.messages.reply import Draft, reply, send_again
from ismessenger.messages.variables import filled_in
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, writes
from ismessenger.web.forms import ClientId, Id, OptionalId, OptionalText, parse
from ismessenger.web.reply_parts import parts_of

MAX_FILES = 10


class ReplyForm(BaseModel):
    """What the composer sends. ``files`` are numbers of uploads; ``draft_version`` is the draft that the words were kept as."""

    client_id: ClientId = None
    text: str = ""
    channel_id: OptionalId = None
    files: list[Id] = Field([], max_length=MAX_FILES)
    reply_to: OptionalId = None
    tag: OptionalText = None
    draft_version: int = Field(0, ge=0, lt=2**63)


class CommentForm(BaseModel):
    """What the second tab of the composer sends."""

    client_id: ClientId = None
    text: str = ""
    draft_version: int = Field(0, ge=0, lt=2**63)


class ReadForm(BaseModel):
    """``message_id`` is the newest message that was on the screen."""

    message_id: Id


@writes(Right.INBOX)
async def send(visit: Visit) -> Response:
    """``POST /contacts/ID/messages``: store a reply and the order to deliver it."""
    form = await parse(visit.request, ReplyForm)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    parts = await parts_of(visit, form.text, form.files)
    draft = Draft(parts, form.channel_id, form.client_id, form.reply_to, form.tag)
    typed = Typed(form.text, form.files, form.reply_to) if visit.member.undo_send else None
    messages = await reply(visit.installation, visit.db, contact.id, draft, by=visit.member, typed=typed)
    await clear_draft(visit.db, visit.member.id, contact.id, "reply", form.draft_version)
    if not any(change["kind"] == "message" for change in visit.db.changes):
        # A repeated request: the browser shall see the message that the first one made.
        for message in messages:
            visit.db.announce("message", contact.id, id=message.id)
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def note(visit: Visit) -> Response:
    """``POST /contacts/ID/comments``: a note that only members see."""
    form = await parse(visit.request, CommentForm)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    words = await filled_in(visit.installation, visit.db, form.text, contact, by=visit.member)
    row = await comment(visit.db, contact.id, words, by=visit.member.id, client_id=form.client_id)
    await clear_draft(visit.db, visit.member.id, contact.id, "comment", form.draft_version)
    if not any(change["kind"] == "comment" for change in visit.db.changes):
        visit.db.announce("comment", contact.id, id=row.id)
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def retry(visit: Visit) -> Response:
    """``POST /messages/ID/attempts``: send a failed or unconfirmed message once more."""
    contact = await hold_contact_of_message(visit.db, visit.member, visit.path_id())
    await send_again(visit.db, visit.path_id())
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def read(visit: Visit) -> Response:
    """``POST /contacts/ID/read``: what was on the screen is read."""
    form = await parse(visit.request, ReadForm)
    contact = await visible_contact(visit.db, visit.member, visit.path_id())
    newest = min(form.message_id, contact.last_incoming_id or 0)
    if newest:
        await mark_read(visit.db, visit.member.id, contact.id, newest)
    return Response(status_code=204)


routes = [
    Route("/contacts/{id:id}/messages", send, methods=["POST"]),
    Route("/contacts/{id:id}/comments", note, methods=["POST"]),
    Route("/contacts/{id:id}/read", read, methods=["POST"]),
    Route("/messages/{id:id}/attempts", retry, methods=["POST"]),
]
