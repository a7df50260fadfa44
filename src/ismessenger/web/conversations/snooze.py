"""Snoozing: the menu of times on the member's own clock, the choice, and coming back."""

from zoneinfo import ZoneInfo

from markupsafe import escape
from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.conversations.presets import presets, until, zone_named
from ismessenger.conversations.snooze import LONGEST, snooze, wake
from ismessenger.kit.clock import now
from ismessenger.language import time_zone
from ismessenger.sdk.words import gettext
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, overridable, reads, writes
from ismessenger.web.format import time_tag
from ismessenger.web.forms import parse
from ismessenger.web.templating import fragment, render


class SnoozeForm(BaseModel):
    """``until`` as ISO 8601; without an offset it is on the clock of ``zone``, the browser's."""

    until: str = ""
    zone: str = ""


@reads(Right.INBOX)
async def choices(visit: Visit) -> Response:
    """``GET /contacts/ID/snooze?zone=Europe/Berlin``."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    zone = _zone(visit, visit.request.query_params.get("zone", ""))
    here = now().astimezone(zone)
    found = presets(here, zone)
    return render(
        visit.request,
        "conversations/snoozing.html",
        contact_id=contact.id,
        presets=found,
        snoozed_until=contact.snoozed_until,
        closed=contact.status == "closed",
        zone=zone.key,
        earliest=f"{here:%Y-%m-%dT%H:%M}",
        latest=f"{here + LONGEST:%Y-%m-%dT%H:%M}",
        suggested=f"{found[-2].at:%Y-%m-%dT%H:%M}",
    )


@writes(Right.INBOX)
async def put_off(visit: Visit) -> Response:
    """``POST /contacts/ID/snooze``."""
    form = await parse(visit.request, SnoozeForm)
    zone = _zone(visit, form.zone)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    at = until(form.until, zone)
    await snooze(visit.db, contact, at, by=visit.member.id)
    said = {"name": await visit.name_of(contact), "time": time_tag(at, "when")}
    words = escape(gettext("%(name)s is snoozed until %(time)s")) % said
    undo = {"url": f"/contacts/{contact.id}/snooze", "method": "delete", "words": gettext("Undo")}
    return await answer_with_changes(visit, contact.id, fragment("components/toast.stream.html", words=words, undo=undo))


@writes(Right.INBOX)
async def come_back(visit: Visit) -> Response:
    """``DELETE /contacts/ID/snooze``."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    await wake(visit.db, contact, by=visit.member.id)
    return await answer_with_changes(visit, contact.id)


def _zone(visit: Visit, of_browser: str) -> ZoneInfo:
    """The zone that the member chose, else their browser's, else the workspace's."""
    return zone_named(time_zone(), of_browser, visit.signed_in.workspace.timezone)


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/snooze", choices),
    Route("/contacts/{id:id}/snooze", overridable(post=put_off, delete=come_back), methods=["POST", "DELETE"]),
]
