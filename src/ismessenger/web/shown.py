"""From rows to what the templates take: people, cards, headers, composers."""

import re
from collections.abc import Collection, Sequence
from typing import Any, cast, get_args

from ismessenger.accounts.model import Member
from ismessenger.contacts.model import Contact
from ismessenger.contacts.panel import Panel
from ismessenger.conversations.listing import Listed
from ismessenger.messages.writable import Writable
from ismessenger.sdk.words import gettext
from ismessenger.web.shown_contact import stage_view
from ismessenger.web.view import (
    Card,
    ComposerChannel,
    ComposerView,
    HeaderView,
    MemberView,
    Presence,
)

# What `messages.stored.preview_of` writes where a message has no words.
_BARE = re.compile(r":([a-z_]+):")
_CARD_KINDS = frozenset(get_args(Card.__annotations__["kind"]))


def member_view(member: Member, presence: Presence = "offline") -> MemberView:
    """A member as the others see it. Where no dot is shown, ``presence`` does not matter."""
    return MemberView(
        id=member.id, name=member.name, role=cast("Any", member.role), presence=presence, picture_url=picture_url(member.id, member.picture)
    )


def picture_url(member_id: int, key: str) -> str:
    """Where the picture of a member is; empty without one."""
    return f"/members/{member_id}/picture/{key.rpartition('/')[2]}" if key else ""


def oneself(member: Member) -> MemberView:
    """The member who looks at the page: whoever does is here, as what they chose to be."""
    return member_view(member, cast("Presence", member.status))


def card(listed: Listed, kept: Collection[str], *, reader: bool) -> Card:
    """A card of a list, for whoever the fields ``kept`` are kept from; with ``reader`` it knows how far the member who asked has read."""
    contact = listed.contact
    bare = _BARE.fullmatch(contact.preview)
    kind = bare[1] if bare else "text" if contact.preview else "other"
    return Card(
        contact_id=contact.id,
        name=contact.called(kept),
        channel_kind=listed.channel_kind,
        channel_name=listed.channel_name,
        at=contact.last_message_at or contact.created_at,
        words="" if bare else contact.preview,
        kind=cast("Any", kind if kind in _CARD_KINDS else "other"),
        direction="out" if contact.preview_traffic == "outgoing" else "in",
        assignee=member_view(listed.assignee) if listed.assignee else None,
        status=cast("Any", contact.status),
        last_incoming_id=contact.last_incoming_id or 0,
        read_id=listed.read_id if reader else None,
        failed=listed.last_status == "failed",
        stage=stage_view(listed.stage) if listed.stage else None,
        version=listed.version,
        team_id=listed.assignee.team_id if listed.assignee else None,
        opened_at=contact.opened_at,
        snoozed_until=contact.snoozed_until if contact.status == "snoozed" else None,
        unreplied=contact.preview_traffic == "incoming",
        silent=contact.last_message_at is None,
        blocked=contact.blocked_at is not None,
    )


def header(listed: Listed, panel: Panel, kept: Collection[str]) -> HeaderView:
    """The bar above a thread, for whoever the fields ``kept`` are kept from."""
    contact = listed.contact
    return HeaderView(
        contact_id=contact.id,
        name=contact.called(kept),
        channel_kind=listed.channel_kind,
        channel_name=listed.channel_name,
        status=cast("Any", contact.status),
        conversation_id=_current(panel),
        assignee=member_view(listed.assignee) if listed.assignee else None,
        blocked=contact.blocked_at is not None,
        snoozed_until=contact.snoozed_until if contact.status == "snoozed" else None,
        stage=stage_view(listed.stage) if listed.stage else None,
        version=listed.version,
    )


def _current(panel: Panel) -> int | None:
    """The open conversation, else the newest."""
    conversations = [held.conversation for held in panel.conversations]
    still_open = next((conversation.id for conversation in conversations if conversation.closed_at is None), None)
    return still_open or (conversations[0].id if conversations else None)


def composer(contact: Contact, channels: Sequence[Writable]) -> ComposerView:
    """Where an answer is written."""
    return ComposerView(contact_id=contact.id, channels=[_channel(channel) for channel in channels])


def _channel(channel: Writable) -> ComposerChannel:
    return ComposerChannel(
        id=channel.channel_id,
        kind=channel.kind,
        name=channel.name,
        state=channel.permission.state,
        until=channel.permission.until,
        tags=channel.permission.tags,
        words=channel.permission.words,
        after=_after(channel) if channel.permission.until else "",
        text_length=channel.capabilities.text_length,
        max_bytes={kind: limit.max_bytes for kind, limit in channel.capabilities.media.items()},
        reply_to=channel.capabilities.reply_to,
    )


def _after(channel: Writable) -> str:
    """What may be sent once the window has shut, if the contact does not write before."""
    window = channel.capabilities.window
    if window is not None and window.tags:
        reasons = ", ".join(tag.title for tag in window.tags)
        return gettext("Afterwards a message needs a reason: %(reasons)s.") % {"reasons": reasons}
    if window is not None and window.templates_after:
        return gettext("Afterwards only an approved template can be sent.")
    return gettext("Afterwards this contact must write first.")
