"""From a channel's identifiers to contacts, for a whole batch at once. Unknown people become contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ismessenger.contacts.country import country_of
from ismessenger.contacts.phone import e164, variants
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.sdk.channel import Profile
from ismessenger.tenancy.doors import WriteSession

MAX_NAME = 255
MAX_URL = 2000


@dataclass(slots=True)
class Known:
    """A contact as one channel knows it; the row is locked for the rest of the transaction."""

    contact_channel_id: int
    contact_id: int
    assignee_id: int | None
    status: str
    blocked: bool
    last_message_at: datetime | None
    created: bool = False
    profiled: bool = False


_FIND = text(
    "SELECT cc.identifier, cc.id AS contact_channel_id, c.id AS contact_id, c.assignee_id, c.status, c.blocked_at IS NOT NULL AS blocked,"
    " c.last_message_at, cc.profiled_at IS NOT NULL AS profiled FROM contact_channel cc JOIN contact c ON c.id = cc.contact_id"
    " WHERE cc.channel_id = :channel_id AND cc.identifier = ANY(:identifiers) ORDER BY c.id FOR NO KEY UPDATE OF c"
)
# INSERT … SELECT … ORDER BY returns the new ids in the order of the input.
_NEW_CONTACTS = text(
    "WITH created AS (INSERT INTO contact (first_name, last_name, phone, email, language, country_code, picture_url, status, created_at,"
    " created_source, lifecycle_id) SELECT f, l, p, e, g, y, u, 'closed', :now, 'contact',"
    " (SELECT s.id FROM lifecycle_stage s JOIN preferences d ON d.lifecycle_enabled WHERE s.is_default)"
    " FROM unnest(CAST(:first AS text[]), CAST(:last AS text[]),"
    " CAST(:phone AS text[]), CAST(:email AS text[]), CAST(:language AS text[]), CAST(:country AS text[]), CAST(:picture AS text[]))"
    " WITH ORDINALITY AS n(f, l, p, e, g, y, u, o) ORDER BY o RETURNING id),"
    " told AS (INSERT INTO event (contact_id, kind, actor_kind, details, at) SELECT id, 'contact.created', 'channel',"
    " jsonb_build_object('channel_id', CAST(:channel_id AS bigint)), :now FROM created)"
    " SELECT id FROM created"
)
# A contact that was imported or made by hand writes for the first time. Somebody whom the channel knows by another number stays apart.
_ADOPT = text(
    "WITH n AS (SELECT * FROM unnest(CAST(:identifiers AS text[]), CAST(:spellings AS text[])) AS n(identifier, spelling)),"
    " same AS (SELECT min(c.id) AS contact_id, n.identifier FROM n JOIN contact c ON c.phone = n.spelling"
    " WHERE NOT EXISTS (SELECT FROM contact_channel k JOIN n AS o ON o.spelling = k.identifier"
    " WHERE k.channel_id = :channel_id AND o.identifier = n.identifier)"
    " GROUP BY n.identifier HAVING count(DISTINCT c.id) = 1),"
    " added AS (INSERT INTO contact_channel (contact_id, channel_id, identifier, meta, created_at)"
    " SELECT DISTINCT ON (contact_id) contact_id, :channel_id, identifier, CAST('{}' AS jsonb), :now FROM same"
    " WHERE NOT EXISTS (SELECT FROM contact_channel k WHERE k.contact_id = same.contact_id AND k.channel_id = :channel_id)"
    " ON CONFLICT (workspace_id, channel_id, identifier) DO NOTHING RETURNING contact_id, identifier)"
    " INSERT INTO event (contact_id, kind, actor_kind, details, at) SELECT contact_id, 'contact_channel.added', 'channel',"
    " jsonb_build_object('channel_id', k.id, 'name', k.name, 'identifier', identifier), :now"
    " FROM added JOIN channel k ON k.id = :channel_id RETURNING contact_id, id"
)
_NEW_IDENTITIES = text(
    "INSERT INTO contact_channel (contact_id, channel_id, identifier, meta, created_at, profiled_at)"
    " SELECT c, :channel_id, i, '{}', :now, NULL FROM unnest(CAST(:contacts AS bigint[]), CAST(:identifiers AS text[])) AS n(c, i)"
    " RETURNING id, identifier"
)


async def identify(db: WriteSession, channel_id: int, people: Mapping[str, Profile]) -> dict[str, Known]:
    """Find or make a contact for every identifier, and lock them in the order of their ids.

    An identifier that is a telephone number is found by every spelling of it; nobody's stored one is rewritten. Where the channel does
    not know it yet and just one contact has this number, that contact is the person.
    """
    spellings = {identifier: variants(identifier) for identifier in people}
    await _adopt(db, channel_id, spellings)
    known = await find(db, channel_id, [spelling for same in spellings.values() for spelling in same])
    found = {identifier: known[spelling] for identifier, same in spellings.items() for spelling in same if spelling in known}
    missing = {min(same): identifier for identifier, same in spellings.items() if identifier not in found}
    if missing:
        new = list(missing.values())
        created = await _create(db, channel_id, new, [people[identifier] for identifier in new])
        found |= {identifier: created[missing[min(same)]] for identifier, same in spellings.items() if identifier not in found}
    return found


async def _adopt(db: WriteSession, channel_id: int, spellings: Mapping[str, Sequence[str]]) -> None:
    pairs = [(identifier, spelling) for identifier, same in spellings.items() if identifier.startswith("+") for spelling in same]
    if not pairs:
        return
    identifiers, spelt = zip(*pairs, strict=True)
    values = {"channel_id": channel_id, "identifiers": list(identifiers), "spellings": list(spelt), "now": now()}
    for contact_id, event_id in (await db.execute(_ADOPT, values)).all():
        db.announce("event", contact_id, id=event_id)


async def find(db: WriteSession, channel_id: int, identifiers: Sequence[str]) -> dict[str, Known]:
    """The contacts that are known already, locked."""
    rows = (await db.execute(_FIND, {"channel_id": channel_id, "identifiers": list(identifiers)})).mappings()
    return {row["identifier"]: Known(**{key: row[key] for key in row if key != "identifier"}) for row in rows}


async def _create(db: WriteSession, channel_id: int, identifiers: list[str], profiles: list[Profile]) -> dict[str, Known]:
    arguments = {
        "channel_id": channel_id,
        "now": now(),
        "first": [short(profile.first_name) for profile in profiles],
        "last": [short(profile.last_name) for profile in profiles],
        "phone": [phone_of(profile) for profile in profiles],
        "email": [short(profile.email) for profile in profiles],
        "language": [short(profile.language) for profile in profiles],
        "country": [country_of(profile) for profile in profiles],
        "picture": [short(profile.picture_url, MAX_URL) for profile in profiles],
    }
    contacts = list((await db.execute(_NEW_CONTACTS, arguments)).scalars())
    values = {"channel_id": channel_id, "contacts": contacts, "identifiers": identifiers, "now": now()}
    identities = {identifier: id_ for id_, identifier in (await db.execute(_NEW_IDENTITIES, values)).all()}
    return {
        identifier: Known(identities[identifier], contact_id, None, "closed", blocked=False, last_message_at=None, created=True)
        for identifier, contact_id in zip(identifiers, contacts, strict=True)
    }


def phone_of(profile: Profile) -> str | None:
    """A person's number as it is stored: E.164 where it can be read, else as the channel told it."""
    told = short(profile.phone)
    return (e164(told) or told) if told else None


def short(value: str | None, limit: int = MAX_NAME) -> str | None:
    """A value as it is stored: clean, bounded, ``None`` if empty."""
    return (clean(value)[:limit].strip() or None) if value else None
