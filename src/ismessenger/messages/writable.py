"""On which channels a contact can be written to now, and what may be sent there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ismessenger.channels.config import open_config
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.channel import AdjustsCapabilities, Capabilities, Permission, capabilities_of, permission
from ismessenger.tenancy.doors import ReadSession

# A channel that may start knows people by their phone number: it can be written on before there is an identity.
_FIND = text(
    "SELECT contact.id AS contact_id, channel.id, channel.kind, channel.name, channel.route, channel.config, channel.secrets,"
    " known.last_incoming_at, known.id IS NOT NULL AS known FROM contact CROSS JOIN channel LEFT JOIN LATERAL ("
    " SELECT cc.id, cc.last_incoming_at, cc.last_message_at FROM contact_channel cc WHERE cc.contact_id = contact.id"
    " AND cc.channel_id = channel.id ORDER BY cc.last_message_at DESC NULLS LAST LIMIT 1) AS known ON true"
    " WHERE contact.id = ANY(:contacts) AND channel.disconnected_at IS NULL AND (known.id IS NOT NULL OR contact.phone IS NOT NULL)"
    " ORDER BY channel.id = contact.last_channel_id DESC NULLS LAST, known.last_message_at DESC NULLS LAST, channel.id"
)


@dataclass(frozen=True, slots=True)
class Writable:
    """A channel with what it takes and what may be sent there now."""

    channel_id: int
    kind: str
    name: str
    capabilities: Capabilities
    permission: Permission


async def writable_channels(installation: Installation, db: ReadSession, contact_ids: Sequence[int]) -> Mapping[int, list[Writable]]:
    """For each contact the channels to write on, the last used one first."""
    found: dict[int, list[Writable]] = {contact_id: [] for contact_id in contact_ids}
    capabilities: dict[int, Capabilities | None] = {}
    for row in (await db.execute(_FIND, {"contacts": list(contact_ids)})).all():
        if row.id not in capabilities:
            capabilities[row.id] = capabilities_known(installation, row.kind, row.route, row.config, row.secrets)
        takes = capabilities[row.id]
        if takes is not None and (row.known or takes.starts == "either"):
            found[row.contact_id].append(Writable(row.id, row.kind, row.name, takes, _permission(takes, row.last_incoming_at)))
    return found


def _permission(takes: Capabilities, last_incoming_at: datetime | None) -> Permission:
    return permission(takes, last_incoming_at=last_incoming_at, now=now())


def capabilities_known(
    installation: Installation, kind: str, route: str, config: Mapping[str, object], secrets: bytes
) -> Capabilities | None:
    """What a channel takes; ``None`` if its plugin is gone. Secrets are opened only where settings change what it takes."""
    adapter = installation.plugins.channels.get(kind)
    if adapter is None or not isinstance(adapter, AdjustsCapabilities):
        return adapter.capabilities if adapter else None
    return capabilities_of(adapter, open_config(installation.vault, adapter.Config, route, config, secrets))
