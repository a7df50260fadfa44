"""A thread as a text to be saved: streamed stretch by stretch, so that its length costs no memory."""

from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations.presets import zone_named
from ismessenger.installation import Installation
from ismessenger.language import speaking, speaks, time_zone
from ismessenger.messages.mention import MENTION
from ismessenger.messages.timeline import Item, Noted, Position, Said, timeline_after
from ismessenger.sdk.content import ContentAdapter, words_of
from ismessenger.sdk.markdown import to_plain
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import without_transaction
from ismessenger.web.shown_timeline import item_view
from ismessenger.web.templating import fragment
from ismessenger.web.view import CommentView, EventView, MessageView, TimelineItem

AT_ONCE: Final = 200
_BEGINNING: Final[Position] = (datetime(1970, 1, 1, tzinfo=UTC), 0, 0)


@without_transaction(Right.INBOX)
async def save(request: Request, signed_in: SignedIn) -> Response:
    """``GET /contacts/ID/transcript?zone=Europe/Berlin``: the messages; with ``events=1`` what only members see, too."""
    installation: Installation = request.app.state.installation
    zone = zone_named(time_zone(), request.query_params.get("zone", ""), signed_in.workspace.timezone)
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        contact = await visible_contact(db, signed_in.member, request.path_params["id"])
        kept = await kept_from(db, signed_in.member)
    inside = request.query_params.get("events") == "1"
    pieces = _pieces(installation, signed_in, contact, kept, zone, inside=inside, spoken=speaks())
    name = quote(f"{contact.called(kept)}.txt", safe="")
    headers = {"Content-Disposition": f"attachment; filename=\"conversation-{contact.id}.txt\"; filename*=UTF-8''{name}"}
    return StreamingResponse(pieces, media_type="text/plain; charset=utf-8", headers=headers)


async def _pieces(
    installation: Installation,
    signed_in: SignedIn,
    contact: Contact,
    kept: Collection[str],
    zone: ZoneInfo,
    *,
    inside: bool,
    spoken: str,
) -> AsyncIterator[str]:
    """Each stretch is read by itself: nothing is held while the browser takes its time."""
    with speaking(spoken, zone.key):
        yield gettext("Conversation with %(name)s") % {"name": contact.called(kept)} + f"\n{signed_in.workspace.name} · {zone.key}\n"
    after: Position | None = _BEGINNING
    while after is not None:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            await visible_contact(db, signed_in.member, contact.id)
            page = await timeline_after(db, contact.id, after, limit=AT_ONCE)
        with speaking(spoken, zone.key):
            text = "".join(_told(item, item_view(contact, item, kept), zone) for item in page.items if inside or isinstance(item, Said))
        if text:
            yield text
        after = page.newer


def _told(item: Item, view: TimelineItem, zone: ZoneInfo) -> str:
    match view:
        case MessageView():
            words = words_of(ContentAdapter.validate_python(item.message.body)) if isinstance(item, Said) else ""
            file = f"[{view.file.name or view.file.kind}]" if view.file else ""
            who = f"{view.sender.name} ({view.channel_name})"
            return _entry(view.at, zone, who, "\n".join(filter(None, (to_plain(words), file))))
        case CommentView():
            names = item.names if isinstance(item, Noted) else {}
            words = MENTION.sub(lambda found: "@" + names.get(int(found[1]), found[0]), view.text)
            return _entry(view.at, zone, gettext("%(name)s, comment") % {"name": view.author.name}, to_plain(words))
        case EventView():
            html = fragment("conversations/event_words.html", item=replace(view, until=None))
            words = str(Markup(html).striptags())  # noqa: S704 - it becomes text
            moment = f"{view.until.astimezone(zone):%Y-%m-%d %H:%M}" if view.until else ""
            until = " " + gettext("until %(time)s") % {"time": moment} if moment else ""
            by = " " + gettext("by %(name)s") % {"name": view.actor.name} if view.actor else ""
            return _entry(view.at, zone, f"* {words}{until}{by}{' · ' + view.detail if view.detail else ''}", "")


def _entry(at: datetime, zone: ZoneInfo, first: str, words: str) -> str:
    indented = "".join(f"    {line}\n" for line in words.splitlines())
    return f"\n{at.astimezone(zone):%Y-%m-%d %H:%M}  {first}\n{indented}"


routes: list[BaseRoute] = [Route("/contacts/{id:id}/transcript", save)]
