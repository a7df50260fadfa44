"""What people do that is no message: they press Get started, join, block the bot, change their name."""

from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import text

from ismessenger.contacts.country import country_of
from ismessenger.contacts.identify import MAX_URL, Known, phone_of, short
from ismessenger.conversations.open import open_conversations
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean_tree
from ismessenger.sdk.channel import ContactChanged, Profile
from ismessenger.tenancy.doors import WriteSession

# What a provider tells fills gaps; it never overwrites what is known, since an agent may have corrected it.
_FILL = text(
    "UPDATE contact SET first_name = COALESCE(first_name, :first_name),"
    " last_name = CASE WHEN first_name IS NULL THEN COALESCE(last_name, :last_name) ELSE last_name END,"
    " phone = COALESCE(phone, :phone), email = COALESCE(email, :email), language = COALESCE(language, :language),"
    " country_code = COALESCE(country_code, :country_code), picture_url = COALESCE(:picture_url, picture_url) WHERE id = :id"
)
_REACH = text(
    "UPDATE contact_channel SET unreachable_at = CASE WHEN :reachable THEN NULL ELSE COALESCE(unreachable_at, :at) END WHERE id = :id"
)
_EVENT = text(
    "INSERT INTO event (contact_id, kind, actor_kind, details, at) VALUES (:contact_id, :kind, 'contact', CAST(:details AS jsonb), :at)"
    " RETURNING id"
)


async def change_contacts(db: WriteSession, channel_id: int, events: Sequence[ContactChanged], known: Mapping[str, Known]) -> None:
    """Apply profiles, reachability and welcome events; an advertisement click opens a conversation."""
    for event in events:
        person = known[event.identifier]
        await fill_profile(db, person.contact_id, event.profile)
        if event.reachable is not None:
            await db.execute(_REACH, {"id": person.contact_channel_id, "reachable": event.reachable, "at": event.at})
        if event.happened:
            details = clean_tree({"channel_id": channel_id, "what": event.happened, "referral": dict(event.referral or {})})
            values = {"contact_id": person.contact_id, "kind": "contact.event", "details": orjson.dumps(details).decode(), "at": now()}
            db.announce("event", person.contact_id, id=(await db.execute(_EVENT, values)).scalar_one())
        if event.opens and not person.blocked:
            source = "ctc_ads" if (event.referral or {}).get("source", "").upper() == "ADS" else "contact"
            await open_conversations(db, [person.contact_id], sources=[source], at=now(), channel_id=channel_id)
        db.announce("contact", person.contact_id)


async def fill_profile(db: WriteSession, contact_id: int, profile: Profile) -> None:
    """Add what was unknown about a person."""
    if profile == Profile():
        return
    values = {
        "id": contact_id,
        "first_name": short(profile.first_name),
        "last_name": short(profile.last_name),
        "phone": phone_of(profile),
        "email": short(profile.email),
        "language": short(profile.language),
        "country_code": country_of(profile),
        "picture_url": short(profile.picture_url, MAX_URL),
    }
    await db.execute(_FILL, values)
