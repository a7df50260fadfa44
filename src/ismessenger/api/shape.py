"""The JSON that the API shows. Times are seconds since 1970."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ismessenger.accounts.model import Member
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.fields import Field
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.messages.model import Attachment, Message, MessageStatus
from ismessenger.sdk.content import Content, ContentAdapter, CustomPayload, Location, Media, QuickReplies, Text

Json = dict[str, Any]


def seconds(moment: datetime | None) -> int | None:
    """Seconds since 1970."""
    return None if moment is None else int(moment.timestamp())


def contact_json(contact: Contact, assignee: Member | None, *, tags: Sequence[str], stage: str | None, fields: Sequence[Field]) -> Json:
    """A contact with the names of its tags and its stage, and all ``fields`` of the workspace. Source: 09-api, 9.3."""
    return {
        "id": contact.id,
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "phone": contact.phone,
        "email": contact.email,
        "language": contact.language,
        "profilePic": contact.picture_url,
        "locale": None,
        "countryCode": contact.country_code,
        "status": contact.status,
        "isBlocked": contact.blocked_at is not None,
        "custom_fields": [{"name": field.name, "value": contact.fields.get(field.key)} for field in fields],
        "tags": list(tags),
        "assignee": member_json(assignee) if assignee else None,
        "lifecycle": stage,
        "created_at": seconds(contact.created_at),
    }


def member_json(member: Member) -> Json:
    """A user as others see it."""
    first, _space, last = member.name.partition(" ")
    return {"id": member.id, "firstName": first, "lastName": last or None, "email": member.email}


def contact_channel_json(identity: ContactChannel, channel: ConnectedChannel, source: str) -> Json:
    """A channel by which a contact can be reached."""
    return {
        "id": channel.id,
        "name": channel.name,
        "source": source,
        "contactChannelId": identity.id,
        "meta": {"identifier": identity.identifier, **identity.meta},
        "lastMessageTime": seconds(identity.last_message_at),
        "lastIncomingMessageTime": seconds(identity.last_incoming_at),
        "created_at": seconds(identity.created_at),
    }


def message_json(message: Message, statuses: Sequence[MessageStatus], attachment: Attachment | None, url: str | None) -> Json:
    """A message with its statuses; ``url`` is the signed link of its stored file."""
    return {
        "messageId": message.id,
        "channelMessageId": message.external_id,
        "contactId": message.contact_id,
        "channelId": message.channel_id,
        "traffic": message.traffic,
        "source": message.source,
        "timestamp": seconds(message.sent_at),
        "message": content_json(ContentAdapter.validate_python(message.body), message, attachment, url),
        "status": [status_json(status) for status in statuses or _only_status(message)],
    }


def _only_status(message: Message) -> Sequence[MessageStatus]:
    """What was sent elsewhere was never queued here, and nothing has been reported of it yet."""
    return [MessageStatus(message_id=message.id, value=message.status, at=message.sent_at)] if message.traffic == "outgoing" else []


def status_json(status: MessageStatus) -> Json:
    """One entry of the list of statuses; what has not left us is ``pending``."""
    value = "pending" if status.value in {"queued", "sending"} else status.value
    return {"value": value, "timestamp": seconds(status.at), "message": status.reason or ""}


def content_json(content: Content, message: Message, attachment: Attachment | None, url: str | None) -> Json:
    """The content by its type on the wire."""
    match content:
        case Text():
            shown: Json = {"type": "text", "text": content.text}
            if content.payload is not None:
                shown["payload"] = content.payload
            return shown | ({"messageTag": message.tag} if message.tag else {})
        case Media():
            return {"type": "attachment", "attachment": _attachment(content, attachment, url)}
        case Location():
            place = {"latitude": content.latitude, "longitude": content.longitude}
            return {"type": "location", **place, "title": content.title, "address": content.address}
        case QuickReplies():
            return {"type": "quick_reply", "title": content.title, "replies": [reply.title for reply in content.replies]}
        case CustomPayload():
            return {"type": "custom_payload", "payload": content.payload}
        case _:
            return content.model_dump(mode="json", exclude_none=True)


def _attachment(media: Media, attachment: Attachment | None, url: str | None) -> Json:
    name = (attachment.file_name if attachment else None) or media.file_name
    shown: Mapping[str, object] = {
        "type": media.kind,
        "url": url or media.url,
        "isPending": attachment is not None and attachment.state == "pending",
        "fileName": name,
        "ext": name.rpartition(".")[2].lower() if name and "." in name else None,
        "size": str(attachment.size) if attachment and attachment.size is not None else None,
        "mime": (attachment.mime if attachment else None) or media.mime,
        "caption": media.caption,
        "error": attachment.reason if attachment and attachment.state == "failed" else None,
    }
    return {key: value for key, value in shown.items() if value is not None}
