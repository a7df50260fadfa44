"""Write to a contact: check what the channel allows, store the message and the order to deliver it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import NAMESPACE_OID, uuid4, uuid5

from sqlalchemy import text
from sqlmodel import select

from ismessenger.accounts.model import Member
from ismessenger.channels.config import open_config
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.conversations import auto_close
from ismessenger.conversations.assign import assign
from ismessenger.conversations.model import Conversation
from ismessenger.conversations.open import current_conversations, open_conversations
from ismessenger.files.model import StoredFile
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean_tree
from ismessenger.messages.allow import objection
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.model import Attachment, Delivery, Message, MessageStatus
from ismessenger.messages.recall import UNDO, Typed, hold_back, remember
from ismessenger.messages.stored import preview_of
from ismessenger.messages.variables import content_filled_in
from ismessenger.sdk.channel import Capabilities, capabilities_of, permission
from ismessenger.sdk.compose import CannotCarry, fit
from ismessenger.sdk.content import Content, ContentAdapter, Media, words_of
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import WriteSession

MAX_PARTS = 50
BLOCKED = marked("This contact is blocked. Unblock it to write.")
WORKFLOW = "workflow"

_HAND = text(
    "INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at)"
    " SELECT :contact_id, 'reply', jsonb_build_object('by', CAST(:by AS bigint), 'name', CAST(:name AS text)), :now, :now"
    " WHERE EXISTS (SELECT FROM workflow_run WHERE contact_id = :contact_id AND ended_at IS NULL) RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A content to send, with the uploaded file it carries."""

    content: Content
    file: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to send. ``client_id`` makes a repeated request one message; ``channel_id`` None: the last interacted one."""

    parts: Sequence[Part]
    channel_id: int | None = None
    client_id: str | None = None
    reply_to: int | None = None
    tag: str | None = None


async def reply(
    installation: Installation,
    db: WriteSession,
    contact_id: int,
    draft: Draft,
    *,
    by: Member | None,
    source: str = "user",
    typed: Typed | None = None,
    workflow_id: int | None = None,
) -> list[Message]:
    """Store what is to be sent; one message per call to the provider. With ``typed`` it waits, and can be taken back, for some seconds.

    The sender may be a workflow: what it writes opens no conversation. Raises `ReplyRefused`, `ContactNotFound`.
    """
    source = WORKFLOW if workflow_id is not None else source
    contact = await lock_contact(db, contact_id)
    client_id = draft.client_id or str(uuid4())
    if before := await _sent_before(db, contact_id, client_id):
        return before
    if contact.blocked_at is not None:
        raise ReplyRefused(gettext(BLOCKED), "blocked")
    channel, identity = await _address(db, contact, draft.channel_id)
    capabilities = await _capabilities(installation, channel)
    identity = identity or await _first_address(db, contact, channel, capabilities)
    draft = await _filled_in(installation, db, draft, contact, by)
    parts = _fitting(draft, capabilities, identity.last_incoming_at, by_hand=by is not None)
    memory = await remember(db, contact, typed) if typed else None
    at = now()
    conversation_id = await _conversation(db, contact, source, by)
    quoted = await _external_id(db, contact, draft.reply_to) if capabilities.reply_to else None
    messages = [
        Message(
            contact_id=contact_id,
            channel_id=channel.id,
            contact_channel_id=identity.id,
            conversation_id=conversation_id,
            traffic="outgoing",
            kind=part.content.type,
            body=clean_tree(part.content.model_dump(mode="json", exclude_none=True)),
            words=clean_tree(words_of(part.content)),
            source=source,
            sender_id=by.id if by else workflow_id,
            client_id=client_id if index == 0 else str(uuid5(NAMESPACE_OID, f"{client_id}/{index}")),
            reply_to_external=quoted if index == 0 else None,
            tag=draft.tag,
            status="queued",
            created_at=at,
        )
        for index, part in enumerate(parts)
    ]
    await _store(db, messages, identity, parts, due_at=at + UNDO if typed else at)
    await _touch(db, contact, identity, conversation_id, messages, by)
    if memory is not None:
        await hold_back(db, contact, messages[-1], memory)
    for message in messages:
        db.announce("message", contact_id, id=message.id)
    db.ring("replies")
    if by is not None and source == "user":
        await _take_in_hand(db, contact_id, by)
    return messages


async def channel_of(db: WriteSession, contact: Contact, channel_id: int | None) -> ConnectedChannel:
    """On which channel a message would go out. Raises `ReplyRefused`."""
    channel, _identity = await _address(db, contact, channel_id)
    return channel


async def _take_in_hand(db: WriteSession, contact_id: int, by: Member) -> None:
    """Workflows hear that a person answers those who are inside of them."""
    if (await db.execute(_HAND, {"contact_id": contact_id, "by": by.id, "name": by.name, "now": now()})).scalar_one_or_none() is not None:
        db.ring("automation")


async def check(installation: Installation, db: WriteSession, contact: Contact, draft: Draft, *, by: Member) -> ConnectedChannel:
    """On which channel this would go out, if its rules allow it then. Raises `ReplyRefused` for what could never be sent."""
    if contact.blocked_at is not None:
        raise ReplyRefused(gettext(BLOCKED), "blocked")
    channel, identity = await _address(db, contact, draft.channel_id)
    capabilities = await _capabilities(installation, channel)
    if identity is None and (capabilities.starts == "contact" or not contact.phone):
        raise ReplyRefused(gettext("This contact must write first."), "must_write_first")
    _carried(await _filled_in(installation, db, draft, contact, by), capabilities)
    return channel


async def _sent_before(db: WriteSession, contact_id: int, client_id: str) -> list[Message]:
    statement = select(Message).where(Message.client_id == client_id, Message.contact_id == contact_id)
    return list((await db.execute(statement)).scalars())


async def _address(db: WriteSession, contact: Contact, channel_id: int | None) -> tuple[ConnectedChannel, ContactChannel | None]:
    """The channel to write on and the contact's identity there."""
    wanted = channel_id or contact.last_channel_id
    statement = select(ContactChannel).where(ContactChannel.contact_id == contact.id)
    identities = list((await db.execute(statement.order_by(ContactChannel.last_message_at.desc().nulls_last()))).scalars())  # type: ignore[union-attr]
    if wanted is None and identities:
        wanted = identities[0].channel_id
    channel = await db.get(ConnectedChannel, (db.workspace_id, wanted)) if wanted else None
    if channel is None:
        raise ReplyRefused(gettext("This contact has no channel to write on."), "no_channel")
    if channel.disconnected_at is not None:
        raise ReplyRefused(gettext("The channel %(name)s is not connected any more.") % {"name": channel.name}, "disconnected")
    return channel, next((identity for identity in identities if identity.channel_id == channel.id), None)


async def _capabilities(installation: Installation, channel: ConnectedChannel) -> Capabilities:
    adapter = installation.plugins.channels.get(channel.kind)
    if adapter is None:
        raise ReplyRefused(gettext("The plugin of the channel %(name)s is not installed.") % {"name": channel.name}, "no_plugin")
    config = open_config(installation.vault, adapter.Config, channel.route, channel.config, channel.secrets)
    return capabilities_of(adapter, config)


async def _first_address(db: WriteSession, contact: Contact, channel: ConnectedChannel, capabilities: Capabilities) -> ContactChannel:
    """A channel that may start knows people by their phone number."""
    if capabilities.starts == "contact" or not contact.phone:
        raise ReplyRefused(gettext("This contact must write first."), "must_write_first")
    known = select(ContactChannel).where(ContactChannel.channel_id == channel.id, ContactChannel.identifier == contact.phone)
    if (await db.execute(known)).first() is not None:
        raise ReplyRefused(gettext("This phone number belongs to another contact on this channel."), "address_taken")
    identity = ContactChannel(contact_id=contact.id, channel_id=channel.id, identifier=contact.phone)
    db.add(identity)
    await db.flush()
    return identity


async def _filled_in(installation: Installation, db: WriteSession, draft: Draft, contact: Contact, by: Member | None) -> Draft:
    """What a person writes may hold variables; what a program sends stands as it is."""
    if by is None:
        return draft
    parts = [replace(part, content=await content_filled_in(installation, db, part.content, contact, by=by)) for part in draft.parts]
    return replace(draft, parts=parts)


def _fitting(draft: Draft, capabilities: Capabilities, last_incoming_at: datetime | None, *, by_hand: bool) -> list[Part]:
    allowed = permission(capabilities, last_incoming_at=last_incoming_at, now=now())
    for part in draft.parts:
        if words := objection(allowed, part.content, draft.tag, by_hand=by_hand):
            raise ReplyRefused(words, "window_closed" if last_incoming_at else "must_write_first")
    return _carried(draft, capabilities)


def _carried(draft: Draft, capabilities: Capabilities) -> list[Part]:
    parts = []
    for part in draft.parts:
        try:
            fitting = fit(part.content, capabilities)
        except CannotCarry as error:
            raise ReplyRefused(str(error), "cannot_carry") from error
        parts += [Part(content, part.file if isinstance(content, Media) else None) for content in fitting]
    if not parts:
        raise ReplyRefused(gettext("Write something first."), "empty")
    if len(parts) > MAX_PARTS:
        raise ReplyRefused(gettext("This is too long: it would take more than %(most)s messages.") % {"most": MAX_PARTS}, "too_long")
    return parts


async def _conversation(db: WriteSession, contact: Contact, source: str, by: Member | None) -> int | None:
    if source == WORKFLOW:
        return (await current_conversations(db, [contact.id])).get(contact.id)
    opened = await open_conversations(
        db, [contact.id], sources=[source], at=now(), actor="user" if by else source, by=by.id if by else None
    )
    if opened:
        contact.status = "open"
        db.announce("contact", contact.id)
    if by is not None and contact.assignee_id is None:
        await assign(db, contact, to=by, actor="user", by=by.id)
    return (opened or await current_conversations(db, [contact.id])).get(contact.id)


async def _external_id(db: WriteSession, contact: Contact, message_id: int | None) -> str | None:
    if message_id is None:
        return None
    message = await db.get(Message, (db.workspace_id, message_id))
    return message.external_id if message and message.contact_id == contact.id else None


async def _store(
    db: WriteSession, messages: Sequence[Message], identity: ContactChannel, parts: Sequence[Part], *, due_at: datetime
) -> None:
    db.add_all(messages)
    await db.flush()
    for message, part in zip(messages, parts, strict=True):
        db.add(MessageStatus(message_id=message.id, value="queued"))
        db.add(Delivery(message_id=message.id, channel_id=message.channel_id, contact_channel_id=identity.id, due_at=due_at))
        if isinstance(part.content, Media):
            db.add(_attachment(message, part.content, part.file))
    await db.flush()


def _attachment(message: Message, media: Media, file: StoredFile | None) -> Attachment:
    attachment = Attachment(message_id=message.id, channel_id=message.channel_id, kind=media.kind, source=message.body)
    attachment.file_name, attachment.mime, attachment.size = media.file_name, media.mime, media.size
    if file is not None:
        attachment.path, attachment.file_name, attachment.mime, attachment.size = file.path, file.name, file.mime, file.size
        attachment.state = "stored"
    return attachment


async def _touch(
    db: WriteSession,
    contact: Contact,
    identity: ContactChannel,
    conversation_id: int | None,
    messages: Sequence[Message],
    by: Member | None,
) -> None:
    at = messages[-1].sent_at
    contact.last_message_at = max(filter(None, (contact.last_message_at, at)))
    contact.last_outgoing_at = at
    contact.last_channel_id = identity.channel_id
    contact.preview, contact.preview_traffic = preview_of_message(messages[-1]), "outgoing"
    identity.last_message_at = at
    if conversation_id is not None:
        await _measure(db, conversation_id, len(messages), at, by)


async def _measure(db: WriteSession, conversation_id: int, count: int, at: datetime, by: Member | None) -> None:
    conversation = await db.get_one(Conversation, (db.workspace_id, conversation_id))
    conversation.outgoing_count += count
    if by is None:
        return
    if conversation.first_response_at is None:
        conversation.first_response_at, conversation.first_responder_id = at, by.id
    if conversation.waiting_since is not None:
        conversation.response_count += 1
        conversation.response_seconds_total += max(0, int((at - conversation.waiting_since).total_seconds()))
        conversation.waiting_since = None
    await auto_close.start(db, conversation.contact_id, at)


def preview_of_message(message: Message) -> str:
    """The words for the contact's card."""
    return preview_of(ContentAdapter.validate_python(message.body))


async def send_again(db: WriteSession, message_id: int) -> Message:
    """Try a failed or unconfirmed message once more, because somebody asked for it. Raises `ReplyRefused`."""
    message = await db.get(Message, (db.workspace_id, message_id), with_for_update={"key_share": True})
    if message is None or message.traffic != "outgoing":
        raise ReplyRefused(gettext("There is no such message to send again."), "not_found")
    if message.status != "failed" and message.unconfirmed_at is None:
        raise ReplyRefused(gettext("This message was sent."), "sent")
    contact = await db.get_one(Contact, (db.workspace_id, message.contact_id))
    if contact.blocked_at is not None:
        raise ReplyRefused(gettext(BLOCKED), "blocked")
    message.status, message.status_reason, message.unconfirmed_at = "queued", None, None
    db.add(MessageStatus(message_id=message.id, value="queued"))
    revive = text(
        "UPDATE delivery SET state = 'due', due_at = :now, lease_until = NULL, attempt = 0 WHERE message_id = :id AND state <> 'leased'"
    )
    await db.execute(revive, {"now": now(), "id": message.id})
    db.announce("status", message.contact_id, id=message.id)
    db.ring("replies")
    return message
