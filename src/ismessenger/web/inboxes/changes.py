"""What is done with the chosen conversations of a list, or with one at a click: the question before it, the change, the way back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.members import members, present_member
from ismessenger.accounts.presence import statuses
from ismessenger.accounts.rights import Right
from ismessenger.contacts.bulk import MAX_TAGS, Change
from ismessenger.contacts.filtered import Count
from ismessenger.contacts.tags import tags
from ismessenger.conversations.bulk import (
    AT_ONCE,
    OFFERED,
    Done,
    Everything,
    change_at_once,
    count_everything,
    start_inbox_bulk,
    take_it_back,
)
from ismessenger.conversations.close import MAX_SUMMARY
from ismessenger.conversations.closing_categories import categories
from ismessenger.conversations.listing import Status
from ismessenger.conversations.presets import presets, until, zone_named
from ismessenger.conversations.rules import closing_rules
from ismessenger.conversations.snooze import LONGEST
from ismessenger.kit.clock import now
from ismessenger.language import time_zone
from ismessenger.sdk.words import gettext, ngettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web import shown
from ismessenger.web.changes import shown_changes
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.errors import NotFound, Unprocessable
from ismessenger.web.forms import Id, OptionalId, asked, parse
from ismessenger.web.inboxes.place import Place
from ismessenger.web.jobs import job_view
from ismessenger.web.shown_contact import tag_view
from ismessenger.web.templating import STREAM_TYPE, fragment, render

PATH: Final = "/inbox/changes"


class ListForm(BaseModel):
    """Which list somebody looks at."""

    inbox: str = "all"
    status: Status = "open"
    unreplied: bool = False
    all: bool = False
    number: int = Field(0, ge=0, le=10**9)
    zone: str = ""

    def everything(self, timezone: str) -> Everything:
        """All that it shows."""
        return Everything(self.inbox, self.status, self.unreplied, timezone)


class ChangeForm(ListForm):
    """``ids`` are the chosen contacts; with ``all`` everybody whom the list shows. The rest is what the action needs."""

    action: str = ""
    ids: list[Id] = Field([], max_length=AT_ONCE)
    member_id: OptionalId = None
    tags: list[Id] = Field([], max_length=MAX_TAGS)
    category_id: OptionalId = None
    summary: str = ""
    until: str = ""


class UndoForm(BaseModel):
    """What `Done.undo` holds; ``from`` is no name that Python allows."""

    action: str = ""
    ids: str = Field("", max_length=4000)
    from_: str = Field("", alias="from", max_length=20)
    to: str = Field("", max_length=8000)


@reads(Right.INBOX)
async def ask(visit: Visit) -> Response:
    """``GET /inbox/changes/ACTION?number=…``: the frame that asks what exactly, and whether really."""
    action, db = visit.request.path_params["action"], visit.reading
    if action not in OFFERED:
        raise NotFound
    form = asked(visit.request, ListForm)
    timezone = visit.signed_in.workspace.timezone
    number = await count_everything(db, visit.member, form.everything(timezone)) if form.all else Count(form.number, exact=True)
    return render(visit.request, "inbox/changes.html", action=action, total=number, choices=await _choices(visit, action, form.zone))


@writes(Right.INBOX)
async def change(visit: Visit) -> Response:
    """``POST /inbox/changes``: a few at once, all that the list shows by a worker."""
    form = await parse(visit.request, ChangeForm)
    if not (form.all or form.ids):
        raise Unprocessable(gettext("Choose at least one conversation."))
    zone = zone_named(time_zone(), form.zone, visit.signed_in.workspace.timezone)
    end = until(form.until, zone).isoformat() if form.action == "snooze" else ""
    wanted = Change(form.action, form.member_id, tuple(form.tags), category_id=form.category_id, summary=form.summary, until=end)
    if form.all:
        job = await start_inbox_bulk(visit.db, visit.member, wanted, form.everything(visit.signed_in.workspace.timezone))
        return await _answer(visit, form, fragment("inbox/job.stream.html", job=job_view(job, visit.member)))
    done = await change_at_once(visit.db, visit.member, wanted, form.ids)
    undo = {"url": f"{PATH}/undo", "method": "post", "words": gettext("Undo"), "fields": done.undo} if _can_go_back(done) else None
    words = await _words(visit, wanted, len(done.contact_ids))
    return await _answer(visit, form, fragment("components/toast.stream.html", words=words, undo=undo))


@writes(Right.INBOX)
async def undo(visit: Visit) -> Response:
    """``POST /inbox/changes/undo``: as it was before, where nothing has happened since."""
    form = await parse(visit.request, UndoForm)
    back = await take_it_back(visit.db, visit.member, form.model_dump(by_alias=True))
    words = gettext("Nothing could be undone: something has happened since.")
    return await _answer(visit, ListForm(), "" if back else fragment("components/toast.stream.html", words=words, undo=None))


async def _answer(visit: Visit, form: ListForm, more: str) -> Response:
    if not visit.wants_streams:
        return see_other(Place(form.inbox, form.status, form.unreplied).url())
    await visit.db.flush()
    return Response(await shown_changes(visit) + more, media_type=STREAM_TYPE)


def _can_go_back(done: Done) -> bool:
    return bool(done.contact_ids and (done.undo.get("ids") or done.undo.get("to")))


async def _choices(visit: Visit, action: str, zone_of_browser: str) -> Mapping[str, object]:
    """What can be chosen for an action."""
    db = visit.reading
    match action:
        case "assign":
            everybody = await members(db)
            presence = await statuses(db, visit.installation.redis, everybody)
            return {"members": [shown.member_view(member, presence[member.id]) for member in everybody], "me": visit.member.id}
        case "tag" | "untag":
            return {"tags": [tag_view(tag) for tag in await tags(db)]}
        case "close":
            return await note_choices(db)
        case "snooze":
            zone = zone_named(time_zone(), zone_of_browser, visit.signed_in.workspace.timezone)
            here = now().astimezone(zone)
            found = presets(here, zone)
            return {
                "presets": found,
                "suggested": f"{found[-2].at:%Y-%m-%dT%H:%M}",
                "earliest": f"{here:%Y-%m-%dT%H:%M}",
                "latest": f"{here + LONGEST:%Y-%m-%dT%H:%M}",
            }
    return {}


async def note_choices(db: ReadSession) -> Mapping[str, object]:
    """What a closing note can say, and what it must."""
    mode = (await closing_rules(db)).mode
    return {"mode": mode, "categories": [(each.id, each.name) for each in await categories(db)], "longest": MAX_SUMMARY}


async def _words(visit: Visit, asked: Change, number: int) -> str:
    if number == 0:
        return gettext("There was nothing to change.")
    if asked.action == "assign":
        to = await present_member(visit.db, asked.member_id or 0)
        words = ngettext("%(num)s conversation assigned to %(name)s", "%(num)s conversations assigned to %(name)s", number)
        return words % {"num": number, "name": to.name}
    return _SAID[asked.action](number) % {"num": number}


_SAID: Final[Mapping[str, Callable[[int], str]]] = {
    "unassign": lambda number: ngettext("%(num)s conversation unassigned", "%(num)s conversations unassigned", number),
    "close": lambda number: ngettext("%(num)s conversation closed", "%(num)s conversations closed", number),
    "open": lambda number: ngettext("%(num)s conversation opened", "%(num)s conversations opened", number),
    "snooze": lambda number: ngettext("%(num)s conversation snoozed", "%(num)s conversations snoozed", number),
    "wake": lambda number: ngettext("%(num)s conversation brought back", "%(num)s conversations brought back", number),
    "unread": lambda number: ngettext("%(num)s conversation is unread", "%(num)s conversations are unread", number),
    "tag": lambda number: ngettext("%(num)s contact tagged", "%(num)s contacts tagged", number),
    "untag": lambda number: ngettext("Tags taken from %(num)s contact", "Tags taken from %(num)s contacts", number),
}

routes: Sequence[BaseRoute] = [
    Route(PATH, change, methods=["POST"]),
    Route(f"{PATH}/undo", undo, methods=["POST"]),
    Route(f"{PATH}/{{action}}", ask),
]
