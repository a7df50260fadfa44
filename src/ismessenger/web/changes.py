"""What changed, as Turbo streams: rendered once for everybody who may see the contact, with the partials of the page itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

from ismessenger.accounts.members import mates
from ismessenger.accounts.visibility import sees
from ismessenger.contacts.fields import kept_from_agents
from ismessenger.contacts.model import Contact
from ismessenger.contacts.panel import Panel, panels
from ismessenger.conversations.listing import Listed, listed_contacts
from ismessenger.installation import Installation
from ismessenger.messages.schedule import Planned, scheduled
from ismessenger.messages.timeline import Item, comments_by_id, events_by_id, messages_by_id
from ismessenger.messages.writable import Writable, writable_channels
from ismessenger.tenancy.doors import Change, ReadSession
from ismessenger.web import shown
from ismessenger.web.edge import Visit, see_other
from ismessenger.web.shown_compose import scheduled_list
from ismessenger.web.shown_contact import contact_panel, sees_all
from ismessenger.web.shown_timeline import item_view
from ismessenger.web.templating import STREAM_TYPE, fragment

_SHOWN = frozenset({"message", "status", "contact", "comment", "event", "scheduled", "withdrawn"})
# What moves a card or changes what stands on it.
_ON_CARD = frozenset({"message", "status", "contact"})
_SHOWN_AS_NAMES = frozenset({"firstName", "lastName", "phone", "email"})
"""The keys of the fields that stand outside of the drawer, too: contacts are called by them, and known by them on channels."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One contact's changes. ``html`` is for whoever may see the contact now, ``gone_html`` for whoever could before.

    ``agents_html`` is the same for Agents, from whom some fields may be kept.
    """

    contact_id: int
    assignee_id: int | None
    was_assignees: frozenset[int | None]
    html: str
    agents_html: str
    gone_html: str

    def html_for(self, *, full: bool) -> str:
        """What is shown to members who see every field, or to Agents."""
        return self.html if full else self.agents_html


@dataclass(slots=True)
class _Touched:
    """What the changes say of one contact. ``withdrawn`` are ids of elements that are gone from its thread.

    ``created``: only what made the contact, so that no page shows it and misses this.

    ``joined``: another contact's history has come into it.
    """

    kinds: set[str] = field(default_factory=set)
    was_assignees: set[int | None] = field(default_factory=set)
    opened: bool = False
    created: bool = True
    joined: bool = False
    withdrawn: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """Everything that a batch of changes shows."""

    contacts: Mapping[int, Listed]
    panels: Mapping[int, Panel]
    channels: Mapping[int, Sequence[Writable]]
    items: Mapping[int, Sequence[Item]]
    scheduled: Mapping[int, Sequence[Planned]]
    kept: frozenset[str]


async def render_changes(installation: Installation, workspace_id: int, changes: Sequence[Change]) -> list[Rendered]:
    """Render a batch of changes of one workspace. Contacts that are gone are left out."""
    if not changes:
        return []
    async with installation.tenancy.reading(workspace_id) as db:
        return await render_in(installation, db, changes)


async def render_in(installation: Installation, db: ReadSession, changes: Sequence[Change]) -> list[Rendered]:
    """The same inside a transaction, which may be the one that makes the changes."""
    touched, gone = _touched(changes), _gone(changes)
    if not touched:
        return gone
    loaded = await _load(installation, db, changes, touched)
    return [*gone, *(_rendered(loaded, contact_id, seen) for contact_id, seen in touched.items() if contact_id in loaded.contacts)]


async def shown_changes(visit: Visit) -> str:
    """What this request has changed so far, for the member who asked."""
    rendered = await render_in(visit.installation, visit.db, visit.db.changes)
    team, full = await mates(visit.db, visit.member), sees_all(visit.member)
    return "".join(
        each.html_for(full=full) if sees(visit.member, assignee_id=each.assignee_id, mates=team) else each.gone_html for each in rendered
    )


async def answer_with_changes(visit: Visit, contact_id: int, more: str = "") -> Response:
    """What this request changed, as streams; without Turbo the way to the thread."""
    if not visit.wants_streams:
        return see_other(f"/inbox/all/contacts/{contact_id}")
    await visit.db.flush()
    return Response(await shown_changes(visit) + more, media_type=STREAM_TYPE)


def _touched(changes: Iterable[Change]) -> dict[int, _Touched]:
    touched: dict[int, _Touched] = defaultdict(_Touched)
    for change in changes:
        kind, contact_id = change["kind"], change["contact_id"]
        if kind not in _SHOWN or not isinstance(contact_id, int):
            continue
        seen = touched[contact_id]
        seen.kinds.add(str(kind))
        if kind == "withdrawn":
            seen.withdrawn.append(f"{change['what']}_{change['id']}")
        seen.opened |= bool(change.get("conversation_opened"))
        seen.joined |= bool(change.get("joined"))
        seen.created &= kind == "event" or bool(change.get("contact_created"))
        if "was_assignee" in change:
            was = change["was_assignee"]
            seen.was_assignees.add(was if isinstance(was, int) else None)
    return touched


def _gone(changes: Iterable[Change]) -> list[Rendered]:
    """Contacts that were erased or merged into another one: whoever could see them is told so."""
    rendered = []
    for change in changes:
        contact_id, assignee, into = change["contact_id"], change.get("assignee"), change.get("into")
        if change["kind"] == "gone" and isinstance(contact_id, int):
            html = fragment("contacts/gone.stream.html", contact_id=contact_id, into=into)
            rendered.append(Rendered(contact_id, assignee if isinstance(assignee, int) else None, frozenset(), html, html, html))
    return rendered


async def _load(installation: Installation, db: ReadSession, changes: Sequence[Change], touched: Mapping[int, _Touched]) -> _Loaded:
    renewed = [contact_id for contact_id, seen in touched.items() if _renews(seen)]
    written = [contact_id for contact_id, seen in touched.items() if _renews(seen) or ("message" in seen.kinds and not seen.created)]
    planned = [contact_id for contact_id, seen in touched.items() if "scheduled" in seen.kinds or seen.joined]
    return _Loaded(
        contacts=await listed_contacts(db, list(touched)),
        panels=await panels(db, renewed) if renewed else {},
        channels=await writable_channels(installation, db, written) if written else {},
        items=await _items(db, changes),
        scheduled=await scheduled(db, planned) if planned else {},
        kept=await kept_from_agents(db) & _SHOWN_AS_NAMES,
    )


def _renews(seen: _Touched) -> bool:
    """Whether the header and the panel of the contact may look different now on a page that shows them."""
    return "contact" in seen.kinds or (seen.opened and not seen.created)


async def _items(db: ReadSession, changes: Sequence[Change]) -> dict[int, list[Item]]:
    items: list[Item] = []
    if ids := _ids(changes, "message", "status"):
        items += await messages_by_id(db, ids)
    if ids := _ids(changes, "comment"):
        items += await comments_by_id(db, ids)
    if ids := _ids(changes, "event"):
        items += await events_by_id(db, ids)
    by_contact: dict[int, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda each: each.position):
        by_contact[item.contact_id].append(item)
    return by_contact


def _ids(changes: Iterable[Change], *kinds: str) -> set[int]:
    return {change["id"] for change in changes if change["kind"] in kinds and isinstance(change.get("id"), int)}  # type: ignore[misc]


def _shows_channels(channels: Sequence[Writable], seen: _Touched) -> bool:
    """Whether the composer may look different now: a message opens a window again, or comes on another channel."""
    return _renews(seen) or len(channels) > 1 or any(channel.capabilities.window for channel in channels)


def _rendered(loaded: _Loaded, contact_id: int, seen: _Touched) -> Rendered:
    contact: Contact = loaded.contacts[contact_id].contact
    full = _common(loaded, contact_id, seen, ())
    agents = _common(loaded, contact_id, seen, loaded.kept) if loaded.kept else full
    if _renews(seen):
        panel = loaded.panels[contact_id]
        full, agents = _drawer(contact, panel, full=True) + full, _drawer(contact, panel, full=False) + agents
    return Rendered(contact_id, contact.assignee_id, frozenset(seen.was_assignees), full, agents, _without_card(contact_id))


def _common(loaded: _Loaded, contact_id: int, seen: _Touched, kept: Collection[str]) -> str:
    """All but the drawer, for whoever the fields ``kept`` are kept from."""
    listed = loaded.contacts[contact_id]
    contact: Contact = listed.contact
    html = [fragment("messages/withdrawn.stream.html", contact_id=contact_id, ids=seen.withdrawn)] if seen.withdrawn else []
    html += [fragment("messages/item.stream.html", item=item_view(contact, item, kept)) for item in loaded.items.get(contact_id, ())]
    if seen.kinds & _ON_CARD:
        html.append(fragment("inbox/card.stream.html", card=shown.card(listed, kept, reader=False)))
    if _renews(seen):
        header = shown.header(listed, loaded.panels[contact_id], kept)
        html.append(fragment("conversations/header.stream.html", header=header))
        html.append(fragment("contacts/frames.stream.html", contact_id=contact_id, joined=seen.joined))
    if contact_id in loaded.channels and _shows_channels(loaded.channels[contact_id], seen):
        html.append(fragment("conversations/channels.stream.html", composer=shown.composer(contact, loaded.channels[contact_id])))
    if contact_id in loaded.scheduled:
        planned = scheduled_list(contact_id, loaded.scheduled[contact_id])
        html.append(fragment("conversations/scheduled.stream.html", scheduled=planned))
    return "".join(html)


def _drawer(contact: Contact, panel: Panel, *, full: bool) -> str:
    return fragment("contacts/drawer.stream.html", contact=contact_panel(contact, panel, full=full))


def _without_card(contact_id: int) -> str:
    return f'<turbo-stream action="remove" target="card_{contact_id}"></turbo-stream>'
