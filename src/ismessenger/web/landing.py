"""Which stretch of a thread a page shows: its end, or the place of a message or a comment that the address names."""

from datetime import datetime
from typing import cast

from ismessenger.contacts.model import Contact
from ismessenger.kit import pagination
from ismessenger.messages.timeline import Position, position_of_comment, position_of_message, timeline, timeline_after, timeline_around
from ismessenger.web.edge import Visit
from ismessenger.web.shown_timeline import timeline_page
from ismessenger.web.view import TimelinePage

_DIGITS = 18


async def landed(visit: Visit, contact: Contact) -> TimelinePage:
    """What a thread opens with: around the ``?message=ID`` or ``?comment=ID`` of its address if this contact has it, else the end."""
    db = visit.reading
    for kind, position_of in (("message", position_of_message), ("comment", position_of_comment)):
        id_ = visit.request.query_params.get(kind, "")
        if id_.isascii() and id_.isdigit() and len(id_) <= _DIGITS:
            at = await position_of(db, contact.id, int(id_))
            if at is not None:
                return timeline_page(contact, await timeline_around(db, contact.id, at), await visit.kept(), landing=f"{kind}_{int(id_)}")
    return timeline_page(contact, await timeline(db, contact.id), await visit.kept())


async def stretch(visit: Visit, contact: Contact) -> TimelinePage:
    """The stretch before or after a cursor. Raises `CursorInvalid`."""
    db, asked = visit.reading, visit.request.query_params
    if after := asked.get("after"):
        return timeline_page(contact, await timeline_after(db, contact.id, _position(after)), await visit.kept(), after=after)
    before = asked.get("before", "")
    return timeline_page(contact, await timeline(db, contact.id, before=_position(before)), await visit.kept(), before)


def _position(cursor: str) -> Position:
    return cast("Position", pagination.decode(cursor, datetime, int, int))
