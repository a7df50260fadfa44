"""Ask the provider who somebody is."""

from sqlalchemy import text

from ismessenger.channels.route import load_target
from ismessenger.contacts.change import fill_profile
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.channel import SupportsProfile

_FIND = text("SELECT channel_id, contact_id, identifier FROM contact_channel WHERE id = :id")
_DONE = text("UPDATE contact_channel SET profiled_at = :now WHERE id = :id")


async def look_up_profile(installation: Installation, workspace_id: int, contact_channel_id: int) -> None:
    """Fill the contact's gaps with what the provider tells. Raises `SendFailed`."""
    async with installation.tenancy.reading(workspace_id) as db:
        identity = (await db.execute(_FIND, {"id": contact_channel_id})).one_or_none()
    target = await load_target(installation, workspace_id, identity.channel_id) if identity else None
    if identity is None or target is None or not isinstance(target.adapter, SupportsProfile):
        return
    profile = await target.adapter.profile(identity.identifier, target.config, installation.http_of(target.adapter))
    async with installation.tenancy.workspace(workspace_id) as db:
        await fill_profile(db, identity.contact_id, profile)
        await db.execute(_DONE, {"id": contact_channel_id, "now": now()})
        db.announce("contact", identity.contact_id)
