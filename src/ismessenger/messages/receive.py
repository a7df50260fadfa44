"""Turns what one channel reported into contacts, conversations and messages: a handful of statements for a whole batch.

The caller holds the channel's lock, so that nobody else receives for this channel at the same time. Running a batch again changes
nothing: a message is known by its channel and external id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import text

from ismessenger.contacts.change import change_contacts
from ismessenger.contacts.identify import Known, identify
from ismessenger.conversations.open import current_conversations, open_conversations
from ismessenger.conversations.snooze import wake_contacts
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.messages.amend import edit_messages, react_to_messages
from ismessenger.messages.echo import settle_echoes
from ismessenger.messages.status import apply_statuses
from ismessenger.messages.stored import body_of, preview_of
from ismessenger.notifications.notify import notify_of_messages
from ismessenger.sdk.channel import (
    ContactChanged,
    InboundEvent,
    MessageEchoed,
    MessageEdited,
    MessageReacted,
    MessageReceived,
    Profile,
    StatusChanged,
)
from ismessenger.sdk.content import Media, words_of
from ismessenger.tenancy.doors import WriteSession
from ismessenger.workspaces.preferences import preferences

MAX_ID = 255
MAX_WORDS = 100_000
# A provider's clock may be ahead of ours, but a message from far in the future would stay on top of every list.
FUTURE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that is new to us."""

    known: Known
    event: MessageReceived | MessageEchoed
    sent_at: datetime

    @property
    def incoming(self) -> bool:
        return isinstance(self.event, MessageReceived)


_SEEN = text("SELECT external_id FROM message WHERE channel_id = :channel_id AND external_id = ANY(:ids)")
_INSERT = text(
    "INSERT INTO message (contact_id, channel_id, contact_channel_id, conversation_id, traffic, kind, body, words, source, external_id,"
    " reply_to_external, status, reactions, sent_at, created_at)"
    " SELECT c, :channel_id, cc, v, t, k, CAST(b AS jsonb), w, s, x, r, st, '{}', a, :now"
    " FROM unnest(CAST(:contacts AS bigint[]), CAST(:identities AS bigint[]), CAST(:conversations AS bigint[]), CAST(:traffics AS text[]),"
    " CAST(:kinds AS text[]), CAST(:bodies AS text[]), CAST(:words AS text[]), CAST(:sources AS text[]), CAST(:ids AS text[]),"
    " CAST(:replies AS text[]), CAST(:statuses AS text[]), CAST(:times AS timestamptz[]))"
    " WITH ORDINALITY AS n(c, cc, v, t, k, b, w, s, x, r, st, a, o) ORDER BY o"
    " ON CONFLICT (workspace_id, channel_id, external_id) WHERE external_id IS NOT NULL DO NOTHING RETURNING id, external_id"
)
_ATTACH = text(
    "INSERT INTO attachment (message_id, channel_id, kind, source, file_name, mime, size, state, attempt, due_at)"
    " SELECT m, :channel_id, k, CAST(s AS jsonb), f, i, z, 'pending', 0, :now FROM unnest(CAST(:messages AS bigint[]),"
    " CAST(:kinds AS text[]), CAST(:sources AS text[]), CAST(:names AS text[]), CAST(:mimes AS text[]), CAST(:sizes AS bigint[]))"
    " AS n(m, k, s, f, i, z)"
)
_PROFILES = text(
    "INSERT INTO outbox (kind, payload, due_at) SELECT 'profile', jsonb_build_object('contact_channel_id', i), :now"
    " FROM unnest(CAST(:ids AS bigint[])) AS n(i)"
)

_ACKNOWLEDGE = text(
    "INSERT INTO outbox (kind, payload, due_at) SELECT 'acknowledge', jsonb_build_object('channel_id', CAST(:channel_id AS bigint),"
    " 'awaits', a), :now FROM unnest(CAST(:awaited AS text[])) AS n(a)"
)


async def receive(db: WriteSession, channel_id: int, events: Sequence[InboundEvent], *, looks_up_profiles: bool = False) -> None:
    """Import everything a channel reported, in order. Raises `ComeAgain` if an echo may be our own unfinished send."""
    events = await _as_decided(db, events)
    people = _people(events)
    known = await identify(db, channel_id, people) if people else {}
    await settle_echoes(db, channel_id, [event for event in events if isinstance(event, MessageEchoed)], known)
    arrivals = await _new_arrivals(db, channel_id, events, known)
    if arrivals:
        await _store(db, channel_id, arrivals)
    await change_contacts(db, channel_id, [event for event in events if isinstance(event, ContactChanged)], known)
    await edit_messages(db, channel_id, [event for event in events if isinstance(event, MessageEdited)])
    await react_to_messages(db, channel_id, [event for event in events if isinstance(event, MessageReacted)])
    await apply_statuses(db, channel_id, [event for event in events if isinstance(event, StatusChanged)])
    await _look_up(db, [person for person in known.values() if looks_up_profiles and not person.profiled and person.created])


async def _as_decided(db: WriteSession, events: Sequence[InboundEvent]) -> Sequence[InboundEvent]:
    """A follow, a join or a welcome opens a conversation too, where the workspace wants that; it is asked only if there is one."""
    if not any(_opening(event) for event in events) or not (await preferences(db)).events_open_conversations:
        return events
    return [_opening(event) or event for event in events]


def _opening(event: InboundEvent) -> InboundEvent | None:
    """The same event as one that opens a conversation; ``None`` for one that does anyhow or never can, like leaving."""
    match event:
        case MessageReceived() if not event.opens:
            return replace(event, opens=True)
        case ContactChanged() if not event.opens and event.happened and event.reachable is not False:
            return replace(event, opens=True)
        case _:
            return None


def _people(events: Iterable[InboundEvent]) -> dict[str, Profile]:
    people: dict[str, Profile] = {}
    for event in events:
        if isinstance(event, MessageReceived | ContactChanged):
            people[event.identifier] = event.profile
        elif isinstance(event, MessageEchoed):
            people.setdefault(event.identifier, Profile())
    return people


async def _new_arrivals(db: WriteSession, channel_id: int, events: Sequence[InboundEvent], known: dict[str, Known]) -> list[Arrival]:
    candidates = {event.external_id: event for event in reversed(events) if isinstance(event, MessageReceived | MessageEchoed)}
    if not candidates:
        return []
    seen = set((await db.execute(_SEEN, {"channel_id": channel_id, "ids": list(candidates)})).scalars())
    latest = now() + FUTURE
    return [
        Arrival(known[event.identifier], event, min(event.sent_at, latest))
        for external_id, event in reversed(candidates.items())
        if external_id not in seen
    ]


async def _store(db: WriteSession, channel_id: int, arrivals: list[Arrival]) -> None:
    conversations = await _open(db, channel_id, arrivals)
    ids = await _insert(db, channel_id, arrivals, conversations)
    await _attach(db, channel_id, arrivals, ids)
    stored = [arrival for arrival in arrivals if arrival.event.external_id in ids]
    await _count(db, channel_id, stored, conversations, ids)
    await notify_of_messages(db, _news(stored, ids))
    await _bring_back(db, stored)
    for arrival in stored:
        db.announce(
            "message",
            arrival.known.contact_id,
            id=ids[arrival.event.external_id],
            conversation_opened=arrival.known.status == "closed" and arrival.known.contact_id in conversations,
            contact_created=arrival.known.created,
        )
    awaited = [arrival.event.awaits for arrival in stored if isinstance(arrival.event, MessageReceived) and arrival.event.awaits]
    if awaited:
        await db.execute(_ACKNOWLEDGE, {"channel_id": channel_id, "awaited": awaited, "now": now()})
        db.ring("outbox")
    waiting = [
        StatusChanged(status="sent", at=arrival.sent_at, external_id=arrival.event.external_id)
        for arrival in stored
        if not arrival.incoming
    ]
    await apply_statuses(db, channel_id, waiting, early_only=True)


async def _bring_back(db: WriteSession, arrivals: list[Arrival]) -> None:
    """Who was snoozed and writes is there again."""
    hidden = {arrival.known.contact_id: arrival.known for arrival in arrivals if arrival.incoming}
    written = sorted(id_ for id_, known in hidden.items() if known.status == "snoozed" and not known.blocked)
    if written:
        await wake_contacts(db, written, actor="contact", reason="message")


async def _open(db: WriteSession, channel_id: int, arrivals: list[Arrival]) -> dict[int, int]:
    opening: dict[int, tuple[str, datetime]] = {}
    for arrival in arrivals:
        event = arrival.event
        if isinstance(event, MessageReceived) and event.opens and not arrival.known.blocked and arrival.known.status == "closed":
            opening.setdefault(arrival.known.contact_id, (event.source, arrival.sent_at))
    sources = [source for source, _at in opening.values()]
    opened = await open_conversations(db, list(opening), sources=sources, at=now(), channel_id=channel_id)
    # Who is closed and did not open has none; who did not open although it was tried has one by somebody else.
    known = {arrival.known.contact_id: arrival.known.status for arrival in arrivals}
    others = [id_ for id_, status in known.items() if id_ not in opened and (status != "closed" or id_ in opening)]
    return opened | (await current_conversations(db, others) if others else {})


async def _insert(db: WriteSession, channel_id: int, arrivals: list[Arrival], conversations: dict[int, int]) -> dict[str, int]:
    values = {
        "channel_id": channel_id,
        "now": now(),
        "contacts": [arrival.known.contact_id for arrival in arrivals],
        "identities": [arrival.known.contact_channel_id for arrival in arrivals],
        "conversations": [conversations.get(arrival.known.contact_id) for arrival in arrivals],
        "traffics": ["incoming" if arrival.incoming else "outgoing" for arrival in arrivals],
        "kinds": [arrival.event.content.type for arrival in arrivals],
        "bodies": [body_of(arrival.event.content) for arrival in arrivals],
        "words": [clean(words_of(arrival.event.content))[:MAX_WORDS] for arrival in arrivals],
        "sources": [arrival.event.source if isinstance(arrival.event, MessageReceived) else "echo" for arrival in arrivals],
        "ids": [arrival.event.external_id for arrival in arrivals],
        "replies": [_bounded(arrival.event.reply_to) for arrival in arrivals],
        "statuses": ["received" if arrival.incoming else "sent" for arrival in arrivals],
        "times": [arrival.sent_at for arrival in arrivals],
    }
    return {external_id: id_ for id_, external_id in (await db.execute(_INSERT, values)).all()}


async def _attach(db: WriteSession, channel_id: int, arrivals: list[Arrival], ids: dict[str, int]) -> None:
    files = [
        (ids[arrival.event.external_id], arrival.event.content)
        for arrival in arrivals
        if isinstance(arrival.event.content, Media) and arrival.event.external_id in ids
    ]
    if not files:
        return
    values = {
        "channel_id": channel_id,
        "now": now(),
        "messages": [id_ for id_, _media in files],
        "kinds": [media.kind for _id, media in files],
        "sources": [body_of(media) for _id, media in files],
        "names": [clean(media.file_name)[:MAX_ID] if media.file_name else None for _id, media in files],
        "mimes": [clean(media.mime)[:MAX_ID] if media.mime else None for _id, media in files],
        "sizes": [media.size for _id, media in files],
    }
    await db.execute(_ATTACH, values)
    db.ring("media")


_TOUCH = text(
    "WITH n AS MATERIALIZED (SELECT * FROM unnest(CAST(:contacts AS bigint[]), CAST(:identities AS bigint[]),"
    " CAST(:conversations AS bigint[]), CAST(:lasts AS timestamptz[]), CAST(:incomings AS timestamptz[]),"
    " CAST(:outgoings AS timestamptz[]), CAST(:incoming_ids AS bigint[]), CAST(:previews AS text[]), CAST(:traffics AS text[]),"
    " CAST(:received AS int[]), CAST(:sent AS int[]), CAST(:since AS timestamptz[]), CAST(:first_ids AS bigint[]))"
    " AS n(contact, identity, conversation, last, incoming, outgoing, incoming_id, preview, traffic, received, sent, since, first_id)),"
    " touched AS (UPDATE contact SET last_message_at = GREATEST(last_message_at, n.last),"
    " last_incoming_at = GREATEST(last_incoming_at, n.incoming), last_outgoing_at = GREATEST(last_outgoing_at, n.outgoing),"
    " last_incoming_id = COALESCE(n.incoming_id, last_incoming_id),"
    " last_channel_id = CASE WHEN n.incoming IS NULL THEN COALESCE(last_channel_id, :channel_id) ELSE :channel_id END,"
    " preview = CASE WHEN last_message_at IS NULL OR n.last >= last_message_at THEN n.preview ELSE contact.preview END,"
    " preview_traffic = CASE WHEN last_message_at IS NULL OR n.last >= last_message_at THEN n.traffic ELSE preview_traffic END"
    " FROM n WHERE contact.id = n.contact),"
    " reached AS (UPDATE contact_channel SET last_message_at = GREATEST(last_message_at, n.last),"
    " last_incoming_at = GREATEST(last_incoming_at, n.incoming),"
    " unreachable_at = CASE WHEN n.incoming IS NULL THEN unreachable_at ELSE NULL END"
    " FROM n WHERE contact_channel.id = n.identity),"
    # Whom somebody wrote to wrote back: the conversation does not close by itself.
    " answered AS (DELETE FROM wakeup USING n WHERE wakeup.contact_id = n.contact AND kind = 'auto_close' AND n.received > 0),"
    # What somebody says next is the answer to what a workflow asked them.
    " told AS (INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at)"
    " SELECT n.contact, 'message', jsonb_build_object('message_id', n.first_id), :now, :now FROM n WHERE n.first_id IS NOT NULL"
    " AND EXISTS (SELECT FROM workflow_run r WHERE r.contact_id = n.contact AND r.ended_at IS NULL AND 'answer' = ANY(r.waits_for))"
    " RETURNING id),"
    " counted AS (UPDATE conversation SET incoming_count = incoming_count + n.received, outgoing_count = outgoing_count + n.sent,"
    " waiting_since = COALESCE(waiting_since, n.since) FROM n WHERE conversation.id = n.conversation)"
    " SELECT EXISTS (SELECT FROM told)"
)


@dataclass(slots=True)
class _Tally:
    """What a batch adds to one contact."""

    identity: int
    last: datetime
    preview: str
    traffic: str
    incoming: datetime | None = None
    outgoing: datetime | None = None
    incoming_id: int | None = None
    first_id: int | None = None
    since: datetime | None = None
    incoming_count: int = 0
    outgoing_count: int = 0

    def add(self, arrival: Arrival, id_: int) -> None:
        at = arrival.sent_at
        if at >= self.last:
            self.last, self.preview = at, preview_of(arrival.event.content)
            self.traffic = "incoming" if arrival.incoming else "outgoing"
        if arrival.incoming:
            self.incoming, self.incoming_id = max(self.incoming or at, at), max(self.incoming_id or 0, id_)
            self.first_id = min(self.first_id or id_, id_)
            self.since = min(self.since or at, at)
            self.incoming_count += 1
        else:
            self.outgoing = max(self.outgoing or at, at)
            self.outgoing_count += 1


async def _count(db: WriteSession, channel_id: int, arrivals: list[Arrival], conversations: dict[int, int], ids: dict[str, int]) -> None:
    tallies: dict[int, _Tally] = {}
    for arrival in arrivals:
        known = arrival.known
        start = _Tally(known.contact_channel_id, arrival.sent_at, "", "")
        tallies.setdefault(known.contact_id, start).add(arrival, ids[arrival.event.external_id])
    if not tallies:
        return
    each = list(tallies.values())
    values = {
        "channel_id": channel_id,
        "contacts": list(tallies),
        "identities": [tally.identity for tally in each],
        "conversations": [conversations.get(contact_id) for contact_id in tallies],
        "lasts": [tally.last for tally in each],
        "incomings": [tally.incoming for tally in each],
        "outgoings": [tally.outgoing for tally in each],
        "incoming_ids": [tally.incoming_id for tally in each],
        "previews": [tally.preview for tally in each],
        "traffics": [tally.traffic for tally in each],
        "received": [tally.incoming_count for tally in each],
        "sent": [tally.outgoing_count for tally in each],
        "since": [tally.since for tally in each],
        "first_ids": [tally.first_id for tally in each],
        "now": now(),
    }
    if (await db.execute(_TOUCH, values)).scalar_one():
        db.ring("automation")


async def _look_up(db: WriteSession, people: list[Known]) -> None:
    if people:
        await db.execute(_PROFILES, {"ids": [person.contact_channel_id for person in people], "now": now()})
        db.ring("media")


def _news(stored: Iterable[Arrival], ids: dict[str, int]) -> dict[int, tuple[int, int, int]]:
    """By contact how many messages are new, the first and the last of them. What the blocked write is no news."""
    news: dict[int, tuple[int, int, int]] = {}
    for arrival in stored:
        if arrival.incoming and not arrival.known.blocked:
            id_ = ids[arrival.event.external_id]
            count, first, last = news.get(arrival.known.contact_id, (0, id_, id_))
            news[arrival.known.contact_id] = (count + 1, min(first, id_), max(last, id_))
    return news


def _bounded(value: str | None) -> str | None:
    return clean(value)[:MAX_ID] if value else None
