"""What lies behind a contact, in the panel beside its thread: conversations, files, activities. Each part comes when it is unfolded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.history import OTHER_FILES, PICTURES, Position, events, exchanged_files, past_conversations
from ismessenger.kit import pagination
from ismessenger.web.edge import Visit, reads
from ismessenger.web.shown_history import conversation_view, exchanged_view
from ismessenger.web.shown_timeline import event_view
from ismessenger.web.templating import render


@reads(Right.INBOX)
async def conversations(visit: Visit) -> Response:
    """``GET /contacts/ID/conversations?before=CURSOR``."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    page = await past_conversations(visit.reading, contact.id, _before(visit))
    rows = [conversation_view(past) for past in page.rows]
    return _part(visit, "contacts/conversations.html", contact.id, rows, page.older)


@reads(Right.INBOX)
async def files(visit: Visit) -> Response:
    """``GET /contacts/ID/files``: the frame with both kinds; ``?kind=pictures`` or ``files`` with ``before`` is more of one."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    name = await visit.name_of(contact)
    if kind := visit.request.query_params.get("kind", ""):
        kinds = PICTURES if kind == "pictures" else OTHER_FILES
        page = await exchanged_files(visit.reading, contact.id, kinds, _before(visit))
        rows = [exchanged_view(name, each) for each in page.rows]
        return _part(visit, "contacts/files_more.html", contact.id, rows, page.older, kind="pictures" if kinds is PICTURES else "files")
    pictures = await exchanged_files(visit.reading, contact.id, PICTURES)
    others = await exchanged_files(visit.reading, contact.id, OTHER_FILES)
    return render(
        visit.request,
        "contacts/files.html",
        contact_id=contact.id,
        pictures=[exchanged_view(name, each) for each in pictures.rows],
        more_pictures=_cursor(pictures.older),
        files=[exchanged_view(name, each) for each in others.rows],
        more_files=_cursor(others.older),
    )


@reads(Right.INBOX)
async def activities(visit: Visit) -> Response:
    """``GET /contacts/ID/activities?before=CURSOR``: what happened, the newest first."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    page = await events(visit.reading, contact.id, _before(visit))
    kept, linked = await visit.kept(), may(visit.member, Right.WORKFLOWS)
    rows = [event_view(each, kept) for each in page.rows]
    return _part(visit, "contacts/activities.html", contact.id, rows, page.older, linked=linked)


def _part(visit: Visit, template: str, contact_id: int, rows: Sequence[object], older: Position | None, **more: Any) -> Response:
    before = visit.request.query_params.get("before", "")
    return render(visit.request, template, contact_id=contact_id, rows=rows, before=before, older=_cursor(older), **more)


def _before(visit: Visit) -> Position | None:
    cursor = visit.request.query_params.get("before")
    return cast("Position", pagination.decode(cursor, datetime, int)) if cursor else None


def _cursor(position: Position | None) -> str | None:
    return pagination.encode(*position) if position else None


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/conversations", conversations),
    Route("/contacts/{id:id}/files", files),
    Route("/contacts/{id:id}/activities", activities),
]
