"""One webhook body of Messenger as inbound events.

Source: Meta, Messenger Platform, "Webhook Events Reference".
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from channels_adapters.messenger import happenings, messages
from channels_adapters.messenger.shapes import short
from channels_adapters.messenger.webhook import Entry, Item, Party, Seen
from ismessenger.sdk.body import json_object
from ismessenger.sdk.channel import BodyInvalid, Ignored, InboundEvent, RawRequest, Unreadable


def parse(request: RawRequest, page_id: str) -> list[InboundEvent]:
    """Every item of every entry, in order. Raises `BodyInvalid` if there are no entries to read."""
    body = json_object(request)
    if body.get("object") != "page":
        return [Ignored(f"Events of another product: {short(body.get('object'))}.")]
    return [event for raw in entries_of(body) for event in _entry(raw, page_id, request.received_at)]


def split(request: RawRequest) -> Iterable[tuple[str, bytes]]:
    """Cut a body for several Pages into (Page id, body with one entry), in order. Raises `BodyInvalid`."""
    body = json_object(request)
    entries = entries_of(body) if body.get("object") == "page" else []
    for entry in entries:
        page_id = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(page_id, str | int):
            yield str(page_id), json.dumps({"object": "page", "entry": [entry]}).encode()


def entries_of(body: dict[str, Any]) -> list[Any]:
    """One per Page that something happened to. Raises `BodyInvalid`."""
    entries = body.get("entry")
    if not isinstance(entries, list):
        raise BodyInvalid("The body has no list of entries.")
    return entries


def _entry(raw: object, page_id: str, received_at: datetime) -> Iterable[InboundEvent]:
    try:
        entry = Entry.model_validate(raw)
    except ValidationError as error:
        yield Unreadable(f"An entry cannot be read: {_complaint(error)}.")
        return
    if entry.id not in {page_id, None}:
        yield Ignored("An entry of another Page.")
        return
    for one in entry.messaging:
        yield from _item(one, page_id, entry.time or received_at)
    for _ in entry.standby:
        yield Ignored("Another application answers this person now (standby).")
    for change in entry.changes:
        field = change.get("field") if isinstance(change, dict) else None
        yield Ignored(f"A change of the Page, no message: {short(field)}.")


def _item(raw: object, page_id: str, fallback_at: datetime) -> Iterable[InboundEvent]:
    try:
        item = Item.model_validate(raw)
    except ValidationError as error:
        return [Unreadable(f"An event cannot be read: {_complaint(error)}.")]
    found = [(reader, part) for name, reader in _READERS.items() if (part := getattr(item, name)) is not None]
    if not found:
        return [_unknown(item)]
    person, page = (item.recipient, item.sender) if item.message and item.message.is_echo else (item.sender, item.recipient)
    if (refused := _misdirected(person, page, page_id)) is not None:
        return [refused]
    seen = Seen(item, (person.id if person else None) or "", item.timestamp or fallback_at)
    return [event for reader, part in found for event in reader(seen, part)]


def _misdirected(person: Party | None, page: Party | None, page_id: str) -> Ignored | Unreadable | None:
    if person is None or person.id is None:
        if person is not None and person.user_ref:
            return Ignored("The person is known only to a plugin on a website (user_ref).")
        return Unreadable("An event names no person.")
    if person.id == page_id:
        return Ignored("Written by the Page itself.")
    if page is not None and page.id not in {page_id, None}:
        return Ignored("An event of another Page.")
    return None


def _unknown(item: Item) -> Ignored:
    if item.policy_enforcement is not None:
        return Ignored(f"Facebook's policy enforcement: {item.policy_enforcement.action} {item.policy_enforcement.reason}".strip())
    names = sorted(item.model_extra or {})
    return Ignored(f"An event that is not imported: {short(', '.join(names) or 'empty')}.")


_READERS: dict[str, Callable[[Seen, Any], Iterable[InboundEvent]]] = {
    "message": messages.came,
    "message_edit": messages.edited,
    "reaction": messages.reacted,
    "postback": happenings.pressed,
    "referral": happenings.referred,
    "optin": happenings.opted_in,
    "delivery": happenings.delivered,
    "read": happenings.was_read,
}


def _complaint(error: ValidationError) -> str:
    """Where it is wrong and how, never what somebody wrote."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
