"""Events of an integration server as neutral events."""

import re
from collections.abc import Iterator
from typing import Any

from channels_adapters.custom_channel import webhook
from ismessenger.sdk.body import moment
from ismessenger.sdk.channel import (
    BodyInvalid,
    ContactChanged,
    InboundEvent,
    MessageEchoed,
    MessageReceived,
    Profile,
    RawRequest,
    StatusChanged,
    Unreadable,
)
from ismessenger.sdk.content import Content, CustomPayload, Location, Media, QuickReplies, QuickReply, Text, Unsupported

_COUNTRY_CODE = re.compile("[A-Za-z]{2}")


def parse(request: RawRequest, id_type: webhook.IdType) -> list[InboundEvent]:
    """All events of a body; one that is wrong does not take its neighbours along. Raises `BodyInvalid`."""
    envelope = webhook.read_envelope(request, id_type)
    profile = _profile(envelope, id_type)
    events = [_event_or_reason(event, where, envelope.contact_id, profile) for where, event in _located(envelope)]
    if envelope.contact is None or any(isinstance(event, MessageReceived) for event in events):
        return events
    return [*events, ContactChanged(envelope.contact_id, request.received_at, profile)]


def validate(request: RawRequest, id_type: webhook.IdType) -> None:
    """Raises `BodyInvalid` if anything at all is wrong, naming the field."""
    envelope = webhook.read_envelope(request, id_type)
    for where, event in _located(envelope):
        _event(event, where, envelope.contact_id, Profile())


def _located(envelope: webhook.Envelope) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((f"events[{number}]", event) for number, event in enumerate(envelope.events))


def _event_or_reason(event: dict[str, Any], where: str, contact_id: str, profile: Profile) -> InboundEvent:
    try:
        return _event(event, where, contact_id, profile)
    except BodyInvalid as error:
        return Unreadable(str(error))


def _event(event: dict[str, Any], where: str, contact_id: str, profile: Profile) -> InboundEvent:
    match event.get("type"):
        case "message":
            received = webhook.read(webhook.MessageEvent, event, where)
            content = _content(received.message, f"{where}.message")
            return MessageReceived(contact_id, received.message_id, content, moment(received.timestamp, per_second=1000), profile)
        case "message_echo":
            echoed = webhook.read(webhook.MessageEvent, event, where)
            content = _content(echoed.message, f"{where}.message")
            return MessageEchoed(contact_id, echoed.message_id, content, moment(echoed.timestamp, per_second=1000))
        case "message_status":
            return _status(webhook.read(webhook.StatusEvent, event, where))
    raise BodyInvalid(f"{where}.type: must be message, message_echo or message_status")


def _status(event: webhook.StatusEvent) -> StatusChanged:
    return StatusChanged(
        status=event.status.value,
        at=moment(event.timestamp, per_second=1000),
        external_id=event.message_id,
        reason=event.status.message,
    )


def _content(message: dict[str, Any], where: str) -> Content:
    match message.get("type"):
        case "text":
            return Text(text=webhook.read(webhook.TextMessage, message, where).text)
        case "attachment":
            file = webhook.read(webhook.AttachmentMessage, message, where).attachment
            return Media(kind=file.type, url=file.url, mime=file.mime, file_name=file.file_name)
        case "location":
            place = webhook.read(webhook.LocationMessage, message, where)
            return Location(latitude=place.latitude, longitude=place.longitude, address=place.address)
        case "quick_reply":
            return _quick_reply(webhook.read(webhook.QuickReplyMessage, message, where))
        case "custom_payload":
            return CustomPayload(payload=webhook.read(webhook.CustomPayloadMessage, message, where).payload)
        case str(other) if other.strip():
            return Unsupported(what=f"a message of the type {other[:50]}")
    raise BodyInvalid(f"{where}.type: must be the name of a message type")


def _quick_reply(message: webhook.QuickReplyMessage) -> Content:
    if not message.replies:
        return Text(text=message.title)
    return QuickReplies(title=message.title, replies=[QuickReply(title=reply) for reply in message.replies])


def _profile(envelope: webhook.Envelope, id_type: webhook.IdType) -> Profile:
    """Where contacts are named by phone number, the name is the number."""
    person = envelope.contact or webhook.Person()
    country = person.country_code if person.country_code and _COUNTRY_CODE.fullmatch(person.country_code) else None
    return Profile(
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone or (envelope.contact_id if id_type == "phone" else None),
        email=person.email,
        language=person.language,
        country_code=country and country.upper(),
        picture_url=person.picture_url,
    )
