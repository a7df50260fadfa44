"""The pages of the inbox: lists, threads, and the frames that they are made of."""

from datetime import datetime
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.read import read_up_to
from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.merge import successor
from ismessenger.contacts.model import Contact
from ismessenger.contacts.panel import panels
from ismessenger.conversations.inboxes import ALL, UNASSIGNED, OpenInbox, inbox_named, open_inbox, sidebar, standing_inboxes
from ismessenger.conversations.listing import Position, list_contacts, listed_contacts
from ismessenger.conversations.rules import closing_rules
from ismessenger.kit import pagination
from ismessenger.messages.drafts import drafts
from ismessenger.messages.schedule import scheduled
from ismessenger.messages.writable import writable_channels
from ismessenger.web import shown
from ismessenger.web.edge import Admits, Visit, admits, reads, see_other
from ismessenger.web.inboxes.place import Place, place_at
from ismessenger.web.inboxes.shown import custom_view, sidebar_view
from ismessenger.web.landing import landed, stretch
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_compose import drafts_view, scheduled_list
from ismessenger.web.shown_contact import contact_panel, sees_all
from ismessenger.web.templating import render
from ismessenger.web.view import CardPage, InboxView, ThreadView

NONE_TYPE = type(None)


@admits(Admits.ANYBODY)
async def home(_request: Request) -> Response:
    """``GET /``."""
    return see_other("/inbox")


@reads(Right.INBOX)
async def index(visit: Visit) -> Response:
    """``GET /inbox``, ``/inbox/mine``…: a list; ``?before=CURSOR`` is its next page."""
    opened, place = await _opened(visit)
    if visit.request.query_params.get("before"):
        return render(visit.request, "inbox/page.html", page=await card_page(visit, opened, place))
    return await _answer(visit, opened, place, None)


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /inbox/NAME/contacts/ID``: a list with one thread open. A contact that was merged leads to the one that it is now."""
    opened, place = await _opened(visit)
    try:
        contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    except ContactNotFound:
        if (now := await successor(visit.reading, visit.member, visit.path_id())) is None:
            raise
        return see_other(place.thread_url(now))
    return await _answer(visit, opened, place, contact)


@reads(Right.INBOX)
async def older(visit: Visit) -> Response:
    """``GET /contacts/ID/timeline?before=CURSOR`` or ``?after=CURSOR``: the stretch of a thread beside the one shown."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    return render(visit.request, "messages/timeline.html", page=await stretch(visit, contact))


async def _answer(visit: Visit, opened: OpenInbox, place: Place, contact: Contact | None) -> Response:
    """The whole page, or the one frame of it that was asked for."""
    seq = await live_seq(visit)
    match visit.request.headers.get("turbo-frame"):
        case "conversation_list":
            page = await card_page(visit, opened, place)
            contact_id = contact.id if contact else None
            return render(visit.request, "inbox/list.html", page=page, seq=seq, member_id=visit.member.id, contact_id=contact_id)
        case "thread":
            thread = await _thread(visit, contact, seq) if contact else None
            return render(visit.request, "inbox/thread.html", thread=thread, page=CardPage(place=place, cards=()))
        case _:
            page = await card_page(visit, opened, place)
            thread = await _thread(visit, contact, seq) if contact else None
            inboxes = sidebar_view(visit.member, await sidebar(visit.reading, visit.member))
            closing = (await closing_rules(visit.reading)).mode
            view = InboxView(page=page, sidebar=inboxes, seq=seq, member_id=visit.member.id, thread=thread, closing=closing)
            return render(visit.request, "inbox/show.html", shell=shell_of(visit, seq), inbox=view)


async def card_page(visit: Visit, opened: OpenInbox, place: Place) -> CardPage:
    """The page of a list that the address asks for."""
    cursor = visit.request.query_params.get("before")
    before = cast("Position", pagination.decode(cursor, (datetime, NONE_TYPE), int)) if cursor else None
    page = await list_contacts(visit.reading, visit.member, opened.where, place.narrowing, before=before)
    kept = await visit.kept()
    return CardPage(
        place=place,
        cards=[shown.card(listed, kept, reader=True) for listed in page.contacts],
        before=cursor,
        older=pagination.encode(*page.older) if page.older else None,
        title=opened.title,
        emoji=opened.emoji,
        custom=await custom_view(visit.reading, visit.member, opened) if opened.custom else None,
    )


async def _thread(visit: Visit, contact: Contact, seq: str) -> ThreadView:
    db = visit.reading
    listed = (await listed_contacts(db, [contact.id]))[contact.id]
    panel = (await panels(db, [contact.id]))[contact.id]
    channels = (await writable_channels(visit.installation, db, [contact.id]))[contact.id]
    return ThreadView(
        header=shown.header(listed, panel, await visit.kept()),
        timeline=await landed(visit, contact),
        composer=shown.composer(contact, channels),
        contact=contact_panel(contact, panel, full=sees_all(visit.member)),
        member=shown.oneself(visit.member),
        seq=seq,
        read_id=await read_up_to(db, visit.member.id, contact.id),
        drafts=drafts_view(await drafts(db, visit.member.id, contact.id)),
        scheduled=scheduled_list(contact.id, (await scheduled(db, [contact.id]))[contact.id]),
        shortcuts=may(visit.member, Right.SHORTCUTS),
    )


async def _opened(visit: Visit) -> tuple[OpenInbox, Place]:
    """The inbox of the address; the first that the member has in place of All or Unassigned that they do not have. Raises `NotThere`."""
    inbox, has = inbox_named(visit.request.path_params.get("inbox", "all")), standing_inboxes(visit.member)
    if inbox in {ALL, UNASSIGNED} and inbox not in has:
        inbox = has[0]
    opened = await open_inbox(visit.reading, visit.member, inbox, visit.signed_in.workspace.timezone)
    return opened, place_at(inbox, visit.request.query_params)


routes = [
    Route("/", home),
    Route("/inbox", index),
    Route("/inbox/{inbox}", index),
    Route("/inbox/{inbox}/contacts/{id:id}", show),
    Route("/contacts/{id:id}/timeline", older),
]
