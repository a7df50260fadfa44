"""From rows to what the templates take: the items of a thread."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, assert_never, cast, get_args
from urllib.parse import quote

from ismessenger.contacts.model import Contact
from ismessenger.kit import pagination
from ismessenger.kit.clock import now
from ismessenger.messages.model import Attachment, Message
from ismessenger.messages.timeline import Happened, Item, Noted, Page, Quoted, Said
from ismessenger.sdk.content import ContentAdapter
from ismessenger.sdk.words import gettext
from ismessenger.web.shown import member_view
from ismessenger.web.shown_contact import shown_identifier, standard_names
from ismessenger.web.view import (
    CommentView,
    EventView,
    FileView,
    MemberView,
    MessageView,
    Quote,
    Reaction,
    Sender,
    SenderKind,
    TimelineItem,
    TimelinePage,
)

_SENDERS = frozenset(get_args(SenderKind))
_KINDS = {
    "contact.created": "contact_created",
    "conversation.opened": "conversation_opened",
    "conversation.closed": "conversation_closed",
    "conversation.closing_undone": "closing_undone",
    "conversation.snoozed": "snoozed",
    "conversation.unsnoozed": "unsnoozed",
    "contact.assigned": "assigned",
    "contact.unassigned": "unassigned",
    "contact.blocked": "blocked",
    "contact.unblocked": "unblocked",
    "contact.updated": "field_changed",
    "contact.merged": "merged",
    "contact_channel.added": "address_added",
    "contact_channel.removed": "address_removed",
    "lifecycle.updated": "stage_changed",
    "tag.added": "tag_added",
    "tag.removed": "tag_removed",
    "workflow.started": "workflow_started",
}
_LEFT_WORKFLOW = {"done": "workflow_done", "failed": "workflow_failed"}


def timeline_page(
    contact: Contact, page: Page, kept: Collection[str], before: str | None = None, *, after: str | None = None, landing: str = ""
) -> TimelinePage:
    """A stretch of a thread, for whoever the fields ``kept`` are kept from. ``before`` or ``after`` is the cursor that asked for it."""
    return TimelinePage(
        contact_id=contact.id,
        items=[item_view(contact, item, kept) for item in page.items],
        before=before,
        older=pagination.encode(*page.older) if page.older else None,
        after=after,
        newer=pagination.encode(*page.newer) if page.newer else None,
        landing=landing,
    )


def item_view(contact: Contact, item: Item, kept: Collection[str]) -> TimelineItem:
    """One item of the contact's thread, for whoever the fields ``kept`` are kept from."""
    match item:
        case Said():
            return _message(contact.called(kept), item)
        case Noted():
            return _comment(item)
        case Happened():
            return event_view(item, kept)
        case _:
            assert_never(item)


def _message(contact: str, said: Said) -> MessageView:
    message = said.message
    incoming = message.traffic == "incoming"
    return MessageView(
        id=message.id,
        contact_id=message.contact_id,
        direction="in" if incoming else "out",
        at=message.sent_at,
        sender=_sender(contact, said),
        content=ContentAdapter.validate_python(message.body),
        channel_kind=said.channel_kind,
        channel_name=said.channel_name,
        file=file_view(said.attachment) if said.attachment else None,
        status=_status(message),
        status_at=said.reached_at,
        reason=gettext(message.status_reason) if message.status_reason else "",
        retry=_retry(message),
        client_id=None if incoming else message.client_id,
        reply_to=_quote(contact, said.quoted) if said.quoted else None,
        reactions=[Reaction(emoji=emoji, name=contact) for emoji in message.reactions.values()],
        edited_at=message.edited_at,
        undo_ms=_left(said.undo_until),
        version=said.version,
    )


def _left(until: datetime | None) -> int:
    """Milliseconds until then; 0 once it has passed."""
    return max(0, int((until - now()).total_seconds() * 1000)) if until else 0


def _sender(contact: str, said: Said) -> Sender:
    message = said.message
    if message.traffic == "incoming":
        return Sender(kind="contact", name=contact, id=message.contact_id)
    kind = message.source if message.source in _SENDERS else "api"
    return Sender(kind=cast("SenderKind", kind), name=said.sender or name_of_sender(kind), id=message.sender_id)


def name_of_sender(kind: str) -> str:
    """What sends where no person does, in words."""
    words = {
        "api": "API",
        "workflow": gettext("Workflow"),
        "broadcast": gettext("Broadcast"),
        "bot": gettext("Bot"),
        "ai_agent": gettext("AI agent"),
    }
    return words.get(kind, kind.title())


def _status(message: Message) -> Any:
    doubtful = message.unconfirmed_at is not None and message.status in {"queued", "sending"}
    return "unconfirmed" if doubtful else message.status


def _retry(message: Message) -> Any:
    if message.traffic == "incoming" or message.source == "echo":
        return None
    return {"failed": "retry", "unconfirmed": "send_again"}.get(_status(message))


def _quote(contact: str, quoted: Quoted) -> Quote:
    name = contact if quoted.incoming else quoted.sender or gettext("Us")
    return Quote(message_id=quoted.id, name=name, words=quoted.words)


def file_view(attachment: Attachment) -> FileView:
    """The file of a message."""
    states = {"pending": "fetching", "stored": "ready"}
    return FileView(
        kind=cast("Any", attachment.kind),
        state=cast("Any", states.get(attachment.state, "failed")),
        url=attachment_url(attachment) if attachment.state == "stored" else "",
        name=attachment.file_name or "",
        mime=attachment.mime or "",
        size_bytes=attachment.size,
        reason=gettext(attachment.reason) if attachment.reason else "",
    )


def attachment_url(attachment: Attachment) -> str:
    """Where a signed-in member reads the file: always the same address, so that a new rendering does not load it again."""
    return f"/attachments/{attachment.id}/{quote(attachment.file_name or 'file', safe='')}"


def _comment(noted: Noted) -> CommentView:
    comment = noted.comment
    author = member_view(noted.author) if noted.author else MemberView(id=0, name=noted.workflow or name_of_sender(comment.author_kind))
    return CommentView(
        id=comment.id,
        contact_id=comment.contact_id,
        at=comment.created_at,
        author=author,
        text=comment.text,
        names=noted.names,
        client_id=comment.client_id,
        version=noted.version,
    )


def event_view(happened: Happened, kept: Collection[str]) -> EventView:
    """What happened, in the thread or among the activities, for whoever the fields ``kept`` are kept from."""
    event = happened.event
    details = event.details
    subject, detail, kind, until, run_url = "", "", _KINDS.get(event.kind, "happened"), None, ""
    match event.kind:
        case "contact.assigned":
            subject = str(details.get("to_name") or "")
        case "conversation.closed":
            detail = ": ".join(str(details[name]) for name in ("category", "summary") if details.get(name))
            kind = "closed_by_itself" if details.get("source") == "auto_close" else kind
        case "conversation.snoozed":
            until = datetime.fromisoformat(str(details["until"])) if details.get("until") else None
        case "conversation.unsnoozed":
            subject = str(details.get("reason") or "")
        case "contact.event":
            subject = _happening(str(details.get("what") or ""))
        case "contact.updated":
            # The names alone: a field may be hidden from Agents.
            subject = ", ".join(_field_name(changed) for changed in details.get("fields", ()))
        case "lifecycle.updated":
            kind = "stage_changed" if details.get("to_name") else "stage_left"
            subject = str(details.get("to_name") or details.get("from_name") or "")
        case "tag.added" | "tag.removed":
            subject = str(details.get("name") or "")
        case "contact.merged":
            subject = _former_name(details, kept)
        case "workflow.started" | "workflow.ended":
            subject, detail = str(details.get("name") or ""), gettext(str(details.get("reason") or ""))
            run_url = f"/workflows/{details.get('workflow_id')}/runs/{details.get('run_id')}"
            kind = _LEFT_WORKFLOW.get(str(details.get("standing")), "workflow_left") if event.kind == "workflow.ended" else kind
        case "contact_channel.added" | "contact_channel.removed":
            subject, detail = str(details.get("name") or ""), shown_identifier(str(details.get("identifier") or ""), kept)
    return EventView(
        id=event.id,
        contact_id=event.contact_id,
        at=event.at,
        kind=cast("Any", kind),
        actor=_actor(happened),
        subject=subject or event.kind.replace(".", " ").capitalize(),
        detail=detail,
        until=until,
        run_url=run_url,
    )


def _former_name(details: Mapping[str, Any], kept: Collection[str]) -> str:
    """Who was merged into the contact: what they were called then, unless that was something that is ``kept``."""
    name = "" if "firstName" in kept or "lastName" in kept else str(details.get("name") or "")
    return shown_identifier(name, kept) or f"#{details.get('merged')}"


def _field_name(changed: Mapping[str, Any]) -> str:
    key, name = str(changed.get("key") or ""), str(changed.get("name") or "")
    return standard_names().get(key, name)


def _actor(happened: Happened) -> Sender | None:
    kind = happened.event.actor_kind
    if kind == "contact" or happened.event.kind.startswith("workflow."):
        # It is the contact's own thread: saying so on every line would be noise.
        return None
    if kind == "user":
        return Sender(kind="user", name=happened.actor, id=happened.event.actor_id) if happened.actor else None
    return Sender(kind=cast("SenderKind", kind), name=happened.actor or name_of_sender(kind)) if kind in _SENDERS else None


def _happening(what: str) -> str:
    words = {
        "started": gettext("Pressed Start"),
        "get_started": gettext("Pressed Get started"),
        "blocked": gettext("Blocked us"),
        "unblocked": gettext("Unblocked us"),
        "referral": gettext("Came by a link"),
    }
    return words.get(what, what.replace("_", " ").capitalize())
