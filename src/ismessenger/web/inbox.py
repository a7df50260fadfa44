"""The pages of the inbox: lists, threads, and the frames that they are made of."""

from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.members import members
from ismessenger.accounts.presence import statuses
from ismessenger.accounts.read import read_up_to
from ismessenger.accounts.rights import Right
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.merge import successor
from ismessenger.contacts.model import Contact
from ismessenger.contacts.panel import panels
from ismessenger.conversations.listing import Inbox, Position, Status, count_open, inboxes_of, list_contacts, listed_contacts
from ismessenger.conversations.news import inbox_with_news
from ismessenger.kit import pagination
from ismessenger.messages.timeline import timeline
from ismessenger.messages.writable import writable_channels
from ismessenger.web import shown
from ismessenger.web.edge import Admits, Visit, admits, reads, see_other
from ismessenger.web.errors import NotFound
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_contact import contact_panel, sees_all
from ismessenger.web.shown_timeline import timeline_page
from ismessenger.web.templating import render
from ismessenger.web.view import CardPage, InboxCounts, InboxView, ThreadView

NONE_TYPE = type(None)


@admits(Admits.ANYBODY)
async def home(_request: Request) -> Response:
    """``GET /``."""
    return see_other("/inbox")


@reads(Right.INBOX)
async def index(visit: Visit) -> Response:
    """``GET /inbox``, ``/inbox/mine``…: a list; ``?before=CURSOR`` is its next page."""
    inbox, status = _inbox(visit), _status(visit)
    if visit.request.query_params.get("before"):
        return render(visit.request, "inbox/page.html", page=await _card_page(visit, inbox, status))
    return await _answer(visit, inbox, status, None)


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /inbox/NAME/contacts/ID``: a list with one thread open. A contact that was merged leads to the one that it is now."""
    try:
        contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    except ContactNotFound:
        if (now := await successor(visit.reading, visit.member, visit.path_id())) is None:
            raise
        return see_other(inbox_path(_inbox(visit), _status(visit), now))
    return await _answer(visit, _inbox(visit), _status(visit), contact)


@reads(Right.INBOX)
async def older(visit: Visit) -> Response:
    """``GET /contacts/ID/timeline?before=CURSOR``: the stretch of a thread before the one shown."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    before = visit.request.query_params.get("before", "")
    position = cast("tuple[datetime, int, int]", pagination.decode(before, datetime, int, int))
    page = await timeline(visit.reading, contact.id, before=position)
    return render(visit.request, "messages/timeline.html", page=timeline_page(contact, page, before))


@reads(Right.INBOX)
async def counts(visit: Visit) -> Response:
    """``GET /inbox/counts?inbox=NAME``: how many conversations are open in each inbox, and which one shows that something is new."""
    counted = await count_open(visit.reading, visit.member)
    news = await inbox_with_news(visit.reading, visit.member)
    has = inboxes_of(visit.member)
    asked = visit.request.query_params.get("inbox", "")
    return render(
        visit.request,
        "inbox/counts.html",
        inbox=asked if asked in has else has[0],
        counts=InboxCounts(all=counted.all, mine=counted.mine, unassigned=counted.unassigned, news=news),
    )


async def _answer(visit: Visit, inbox: Inbox, status: Status, contact: Contact | None) -> Response:
    """The whole page, or the one frame of it that was asked for."""
    seq = await live_seq(visit)
    match visit.request.headers.get("turbo-frame"):
        case "conversation_list":
            page = await _card_page(visit, inbox, status)
            contact_id = contact.id if contact else None
            return render(visit.request, "inbox/list.html", page=page, seq=seq, member_id=visit.member.id, contact_id=contact_id)
        case "thread":
            thread = await _thread(visit, contact, seq) if contact else None
            return render(visit.request, "inbox/thread.html", thread=thread, page=CardPage(inbox=inbox, status=status, cards=()))
        case _:
            page = await _card_page(visit, inbox, status)
            thread = await _thread(visit, contact, seq) if contact else None
            view = InboxView(page=page, seq=seq, member_id=visit.member.id, thread=thread)
            return render(visit.request, "inbox/show.html", shell=shell_of(visit, seq), inbox=view)


async def _card_page(visit: Visit, inbox: Inbox, status: Status) -> CardPage:
    cursor = visit.request.query_params.get("before")
    before = cast("Position", pagination.decode(cursor, (datetime, NONE_TYPE), int)) if cursor else None
    page = await list_contacts(visit.reading, visit.member, inbox=inbox, status=status, before=before)
    return CardPage(
        inbox=inbox,
        status=status,
        cards=[shown.card(listed, reader=True) for listed in page.contacts],
        before=cursor,
        older=pagination.encode(*page.older) if page.older else None,
        inboxes=inboxes_of(visit.member),
    )


async def _thread(visit: Visit, contact: Contact, seq: str) -> ThreadView:
    db = visit.reading
    listed = (await listed_contacts(db, [contact.id]))[contact.id]
    panel = (await panels(db, [contact.id]))[contact.id]
    channels = (await writable_channels(visit.installation, db, [contact.id]))[contact.id]
    everybody = await members(db)
    presence = await statuses(db, visit.installation.redis, everybody)
    return ThreadView(
        header=shown.header(listed, panel),
        timeline=timeline_page(contact, await timeline(db, contact.id)),
        composer=shown.composer(contact, channels),
        contact=contact_panel(contact, panel, full=sees_all(visit.member)),
        member=shown.oneself(visit.member),
        members=[shown.member_view(member, presence[member.id]) for member in everybody],
        seq=seq,
        read_id=await read_up_to(db, visit.member.id, contact.id),
    )


def _inbox(visit: Visit) -> Inbox:
    """The inbox of the address; the first that the member has in place of one that is not theirs. Raises `NotFound`."""
    asked, has = visit.request.path_params.get("inbox", "all"), inboxes_of(visit.member)
    if asked not in {"all", "mine", "unassigned"}:
        raise NotFound
    return cast("Inbox", asked) if asked in has else has[0]


def _status(visit: Visit) -> Status:
    return "closed" if visit.request.query_params.get("status") == "closed" else "open"


def inbox_path(inbox: Inbox, status: Status, contact_id: int) -> str:
    """Where a thread is."""
    return f"/inbox/{inbox}/contacts/{contact_id}" + (f"?{urlencode({'status': status})}" if status != "open" else "")


routes = [
    Route("/", home),
    Route("/inbox", index),
    Route("/inbox/counts", counts),
    Route("/inbox/{inbox}", index),
    Route("/inbox/{inbox}/contacts/{id:id}", show),
    Route("/contacts/{id:id}/timeline", older),
]
