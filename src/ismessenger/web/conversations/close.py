"""Closing with or without a note, taking it back, and opening."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right
from ismessenger.contacts.find import hold_contact, hold_contact_of_conversation, visible_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations.close import MAX_SUMMARY, close, reopen
from ismessenger.conversations.closing_categories import categories
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.conversations.find import open_conversation
from ismessenger.conversations.model import Conversation
from ismessenger.conversations.rules import Mode, closing_rules
from ismessenger.conversations.undo import take_back
from ismessenger.sdk.words import gettext
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, overridable, reads, writes
from ismessenger.web.forms import OptionalId, parse
from ismessenger.web.templating import fragment, render, stream


class ClosureForm(BaseModel):
    """A closing note; both may be empty where the workspace does not ask for them. ``asked``: it was written in the dialog."""

    category_id: OptionalId = None
    summary: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """What the dialog shows: what was typed stays. Without a ``conversation_id`` it is closed already."""

    name: str
    conversation_id: int | None
    mode: Mode
    categories: Sequence[tuple[int, str]]
    category_id: int | None
    summary: str
    error: str
    longest: int = MAX_SUMMARY


@reads(Right.INBOX)
async def ask(visit: Visit) -> Response:
    """``GET /contacts/ID/closure``: the dialog of the closing note, with the categories of now."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    conversation = await open_conversation(visit.reading, contact.id)
    words = "" if conversation else gettext("This conversation is closed already.")
    note = await _note(visit, contact, conversation, ClosureForm(), words)
    return render(visit.request, "conversations/closure.html", note=note)


@writes(Right.INBOX)
async def close_one(visit: Visit) -> Response:
    """``POST /conversations/ID/closure``: close it. One that somebody else closed stays as they closed it, and says so."""
    form = await parse(visit.request, ClosureForm)
    contact = await hold_contact_of_conversation(visit.db, visit.member, visit.path_id())
    conversation = await visit.db.get_one(Conversation, (visit.db.workspace_id, visit.path_id()))
    if conversation.closed_at is not None:
        return await _already(visit, contact, conversation, form)
    try:
        await close(visit.db, contact, by=visit.member.id, category_id=form.category_id, summary=form.summary)
    except ConversationRefused as error:
        if not form.asked or not visit.wants_streams:
            raise
        return await _refused(visit, contact, conversation, form, str(error))
    undo = {"url": f"/conversations/{conversation.id}/closure", "method": "delete", "words": gettext("Undo")}
    words = gettext("Conversation with %(name)s closed") % {"name": await visit.name_of(contact)}
    return await answer_with_changes(visit, contact.id, fragment("components/toast.stream.html", words=words, undo=undo))


@writes(Right.INBOX)
async def open_again(visit: Visit) -> Response:
    """``DELETE /conversations/ID/closure``: the same one goes on if the member has just closed it, else a new one is opened."""
    contact = await hold_contact_of_conversation(visit.db, visit.member, visit.path_id())
    if await take_back(visit.db, [visit.path_id()], by=visit.member.id):
        await visit.db.refresh(contact)
    else:
        await reopen(visit.db, contact, by=visit.member.id)
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def open_one(visit: Visit) -> Response:
    """``POST /contacts/ID/conversation``: open a conversation."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    await reopen(visit.db, contact, by=visit.member.id)
    return await answer_with_changes(visit, contact.id)


async def _already(visit: Visit, contact: Contact, conversation: Conversation, form: ClosureForm) -> Response:
    """The page may not have heard of it yet: it gets the contact as it is. What was typed stays where it can be copied."""
    words = await _closed_words(visit, conversation)
    if form.asked and visit.wants_streams and form.summary:
        return await _refused(visit, contact, conversation, form, words)
    visit.db.announce("contact", contact.id)
    return await answer_with_changes(visit, contact.id, fragment("components/toast.stream.html", words=words, undo=None))


async def _refused(visit: Visit, contact: Contact, conversation: Conversation, form: ClosureForm, words: str) -> Response:
    note = await _note(visit, contact, conversation, form, words)
    return stream("conversations/closure.stream.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, note=note)


async def _closed_words(visit: Visit, conversation: Conversation) -> str:
    member = await visit.db.get(Member, (visit.db.workspace_id, conversation.closed_by_id)) if conversation.closed_by_id else None
    if member is None or member.id == visit.member.id:
        return gettext("This conversation is closed already.")
    return gettext("%(name)s has closed this conversation already.") % {"name": member.name}


async def _note(visit: Visit, contact: Contact, conversation: Conversation | None, form: ClosureForm, error: str) -> NoteView:
    found = await categories(visit.reading)
    return NoteView(
        name=await visit.name_of(contact),
        conversation_id=conversation.id if conversation is not None and conversation.closed_at is None else None,
        mode=(await closing_rules(visit.reading)).mode,
        categories=[(category.id, category.name) for category in found],
        category_id=form.category_id if any(category.id == form.category_id for category in found) else None,
        summary=form.summary,
        error=error,
    )


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/closure", ask),
    Route("/contacts/{id:id}/conversation", open_one, methods=["POST"]),
    Route("/conversations/{id:id}/closure", overridable(post=close_one, delete=open_again), methods=["POST", "DELETE"]),
]
