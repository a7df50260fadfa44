"""The demo shop: a workspace that looks as if it had been used for some weeks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.model import Member, ReadMark
from ismessenger.channels.connect import connect
from ismessenger.contacts.country import country_of_phone
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.conversations.model import Conversation, TimelineEvent
from ismessenger.demo.furnish import furnish
from ismessenger.demo.labels import Labels, lay_out, stage_of, tags_of, values_of
from ismessenger.demo.script import CLOSINGS, COMMENTS, DIALOGUES, PEOPLE
from ismessenger.demo.workflows import automate
from ismessenger.installation import Installation, open_installation
from ismessenger.kit.clock import now
from ismessenger.messages.model import Comment, Message, MessageStatus
from ismessenger.settings import Settings
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import WriteSession
from ismessenger.workspaces.create import DEMO_SLUG, create_workspace

NAME, SLUG = "Pedal & Pine", DEMO_SLUG
PASSWORD = "pedal-and-pine-demo"  # noqa: S105 - printed at the start, for a made-up shop on this machine
PEOPLE_OF_SHOP = (
    ("owner", "olivia@pedal.example", "Olivia Pine"),
    ("manager", "milan@pedal.example", "Milan Weber"),
    ("agent", "aisha@pedal.example", "Aisha Karim"),
)
CHANNELS = (
    ("website_chat", "Shop website", {"title": "Pedal & Pine", "greeting": "Hello! How can we help?"}),
    (
        "messenger",
        "Facebook page",
        {"page_id": "104200000000001", "page_access_token": "demo", "app_secret": "demo", "verify_token": "demo"},
    ),
    ("telegram", "Telegram bot", {"bot_token": "1000000001:demo"}),
    ("custom_channel", "Order system", {"id_type": "phone", "api_base_url": "https://orders.pedal.example"}),
)
RETURNING = 20
UNTOUCHED_EVERY = 4
CLOSED_EVERY = 3


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in the demo."""

    members: Sequence[Member]
    channels: Sequence[int]
    labels: Labels


async def seed_demo(settings: Settings, say: Callable[[str], None] | None = None) -> list[str]:
    """Make the demo shop if there is none, and ``say`` so before; returns lines to print: sign-ins and the shop's page."""
    async with open_installation(settings, pool_size=2) as installation:
        async with installation.tenancy.catalog() as catalog:
            known = (await catalog.execute(select(Workspace).where(Workspace.slug == SLUG))).scalar_one_or_none()  # type: ignore[arg-type]
            anything = (await catalog.execute(select(Workspace.id).limit(1))).first()  # type: ignore[call-overload]
        if known is None and anything is not None:
            return []
        if known is None:
            if say is not None:
                say("Preparing the demo shop")
            await _make(installation)
        width = max(len(email) for _role, email, _name in PEOPLE_OF_SHOP)
        lines = [f"{role:8} {email:{width}}  {PASSWORD}" for role, email, _name in PEOPLE_OF_SHOP]
        return [
            "Demo sign-ins:",
            *(f"  {line}" for line in lines),
            f"Demo shop page with the chat: {installation.settings.address}/demo/shop",
        ]


async def _make(installation: Installation) -> None:
    (_role, email, name), *others = PEOPLE_OF_SHOP
    made = await create_workspace(installation, name=NAME, owner_email=email, owner_password=PASSWORD, owner_name=name)
    for role, address, called in others:
        await join_workspace(installation, made.workspace_id, email=address, password=PASSWORD, name=called, role=role)
    channels = []
    for kind, title, values in CHANNELS:
        if kind in installation.plugins.channels:
            channels.append((await connect(installation, made.workspace_id, kind, name=title, values=values, check=False)).channel_id)
    async with installation.tenancy.workspace(made.workspace_id) as db:
        members = list((await db.execute(select(Member).order_by(Member.id))).scalars())  # type: ignore[arg-type]
        cast = Cast(members, channels, await lay_out(db))
        for index, person in enumerate(PEOPLE):
            await _live_through(db, cast, index, person)
        await furnish(db, members, cast.labels)
        await automate(db, members, cast.labels, installation.plugins, website=channels[0])


async def _live_through(db: WriteSession, cast: Cast, index: int, person: str) -> None:
    """One contact with one or two conversations; the newest contacts come first in the list."""
    last = now() - timedelta(minutes=7 * index + 3 * (index % 5), hours=5 * (index // 12))
    contact, identity = await _contact(db, cast, index, person, last - timedelta(days=30))
    if index % 3 == 0 and index < RETURNING * 3:
        await _talk(db, cast, contact, identity, index + 5, last - timedelta(days=9, hours=index), closed=True)
    untouched = index % UNTOUCHED_EVERY == 0
    await _talk(db, cast, contact, identity, index, last, closed=not untouched and index % CLOSED_EVERY == 1, untouched=untouched)


async def _contact(db: WriteSession, cast: Cast, index: int, person: str, at: datetime) -> tuple[Contact, ContactChannel]:
    first, _space, last = person.partition(" ")
    channel_id = cast.channels[index % len(cast.channels)]
    by_phone = index % len(CHANNELS) == len(CHANNELS) - 1
    phone = f"+4930{90182000 + index}" if by_phone or index % 5 == 0 else None
    email = f"{first.lower().encode('ascii', 'ignore').decode()}.{index}@example.com" if index % 3 else None
    contact = Contact(first_name=first, last_name=last, phone=phone, email=email, created_at=at, last_channel_id=channel_id)
    contact.country_code = country_of_phone(phone) if phone else None
    contact.language = ("en", "de", "es", "fr")[index % 4]
    contact.lifecycle_id, contact.tag_ids = stage_of(cast.labels, index), tags_of(cast.labels, index)
    contact.fields = dict(values_of(cast.labels, index))
    db.add(contact)
    await db.flush()
    identifier = phone if by_phone and phone else f"demo-{index}"
    identity = ContactChannel(contact_id=contact.id, channel_id=channel_id, identifier=identifier, created_at=at)
    db.add(identity)
    db.add(TimelineEvent(contact_id=contact.id, kind="contact.created", actor_kind="channel", details={"channel_id": channel_id}, at=at))
    await db.flush()
    return contact, identity


async def _talk(
    db: WriteSession,
    cast: Cast,
    contact: Contact,
    identity: ContactChannel,
    index: int,
    last: datetime,
    *,
    closed: bool,
    untouched: bool = False,
) -> None:
    lines = DIALOGUES[index % len(DIALOGUES)]
    lines = lines[:1] if untouched else lines
    times = [last - timedelta(minutes=4 * (len(lines) - 1 - turn)) for turn in range(len(lines))]
    member = cast.members[index % len(cast.members)]
    answered = any(who == "u" for who, _words in lines)
    conversation = Conversation(
        contact_id=contact.id,
        opened_at=times[0],
        opened_channel_id=identity.channel_id,
        contact_type="new" if not contact.last_message_at else "returning",
    )
    db.add(conversation)
    await db.flush()
    _event(db, contact, conversation, "conversation.opened", "contact", None, times[0], {"source": "contact"})
    if answered:
        contact.assignee_id = member.id
        conversation.first_assignee_id = conversation.last_assignee_id = member.id
        conversation.first_assigned_at = conversation.last_assigned_at = times[1]
        conversation.assignment_count = 1
        details = {"from": None, "to": member.id, "to_name": member.name}
        _event(db, contact, conversation, "contact.assigned", "user", member.id, times[1], details)
    messages = [_message(contact, identity, conversation, member, who, words, at) for (who, words), at in zip(lines, times, strict=True)]
    db.add_all(messages)
    await db.flush()
    _statuses(db, messages, failed=index % 17 == 7)
    _measure(contact, identity, conversation, messages)
    if index % 7 == 3:
        text = COMMENTS[index % len(COMMENTS)]
        db.add(Comment(contact_id=contact.id, author_id=member.id, text=text, created_at=last + timedelta(minutes=1)))
    if closed or lines[-1][0] == "u" or index % 5 == 2:
        await _read(db, cast, contact)
    contact.status, contact.opened_at = ("closed", None) if closed else ("open", times[0])
    if closed:
        category, summary = CLOSINGS[index % len(CLOSINGS)]
        conversation.closed_at, conversation.closed_source, conversation.closed_by_id = last + timedelta(minutes=6), "user", member.id
        conversation.category, conversation.summary, conversation.waiting_since = category, summary, None
        details = {"source": "user", "category": category, "summary": summary}
        _event(db, contact, conversation, "conversation.closed", "user", member.id, conversation.closed_at, details)


async def _read(db: WriteSession, cast: Cast, contact: Contact) -> None:
    for member in cast.members:
        values = {"workspace_id": db.workspace_id, "member_id": member.id, "contact_id": contact.id, "message_id": contact.last_incoming_id}
        mark = insert(ReadMark).values(**values)
        await db.execute(mark.on_conflict_do_update(index_elements=["workspace_id", "member_id", "contact_id"], set_=values))


def _event(
    db: WriteSession,
    contact: Contact,
    conversation: Conversation,
    kind: str,
    actor: str,
    actor_id: int | None,
    at: datetime,
    details: Mapping[str, object],
) -> None:
    db.add(
        TimelineEvent(
            contact_id=contact.id,
            conversation_id=conversation.id,
            kind=kind,
            actor_kind=actor,
            actor_id=actor_id,
            at=at,
            details=dict(details),
        )
    )


def _message(
    contact: Contact, identity: ContactChannel, conversation: Conversation, member: Member, who: str, words: str, at: datetime
) -> Message:
    ours = who == "u"
    return Message(
        contact_id=contact.id,
        channel_id=identity.channel_id,
        contact_channel_id=identity.id,
        conversation_id=conversation.id,
        traffic="outgoing" if ours else "incoming",
        kind="text",
        body={"type": "text", "text": words},
        words=words,
        source="user" if ours else "contact",
        sender_id=member.id if ours else None,
        external_id=f"demo/{conversation.id}/{at.isoformat()}",
        status="read" if ours else "received",
        sent_at=at,
        created_at=at,
    )


def _statuses(db: WriteSession, messages: Sequence[Message], *, failed: bool) -> None:
    ours = [message for message in messages if message.traffic == "outgoing"]
    for message in ours:
        for seconds, value in enumerate(("queued", "sent", "delivered", "read")):
            db.add(MessageStatus(message_id=message.id, value=value, at=message.sent_at + timedelta(seconds=seconds)))
    if ours and failed:
        ours[-1].status, ours[-1].status_reason = "failed", "The provider refused this message: the page is not allowed to write now."


def _measure(contact: Contact, identity: ContactChannel, conversation: Conversation, messages: Sequence[Message]) -> None:
    incoming = [message for message in messages if message.traffic == "incoming"]
    outgoing = [message for message in messages if message.traffic == "outgoing"]
    conversation.incoming_count, conversation.outgoing_count = len(incoming), len(outgoing)
    contact.last_message_at = identity.last_message_at = messages[-1].sent_at
    contact.last_incoming_at = identity.last_incoming_at = incoming[-1].sent_at
    contact.last_incoming_id = incoming[-1].id
    contact.preview, contact.preview_traffic = messages[-1].words[:200], messages[-1].traffic
    if outgoing:
        contact.last_outgoing_at = outgoing[-1].sent_at
        conversation.first_response_at, conversation.first_responder_id = outgoing[0].sent_at, outgoing[0].sender_id
        answers = [
            (before, after) for before, after in pairwise(messages) if before.traffic != after.traffic and after.traffic == "outgoing"
        ]
        conversation.response_count = len(answers)
        conversation.response_seconds_total = sum(int((after.sent_at - before.sent_at).total_seconds()) for before, after in answers)
    conversation.waiting_since = messages[-1].sent_at if messages[-1].traffic == "incoming" else None
