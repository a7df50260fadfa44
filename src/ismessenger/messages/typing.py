"""Tell the person that somebody is writing to them, where the provider can show it."""

from contextlib import suppress

from sqlalchemy import text

from ismessenger.channels.route import load_target
from ismessenger.installation import Installation
from ismessenger.sdk.channel import SendFailed, SupportsTyping

_FIND = text(
    "SELECT cc.channel_id, cc.identifier FROM contact c"
    " JOIN contact_channel cc ON cc.contact_id = c.id AND cc.channel_id = c.last_channel_id"
    " WHERE c.id = :id AND c.blocked_at IS NULL AND cc.unreachable_at IS NULL LIMIT 1"
)


async def show_typing(installation: Installation, workspace_id: int, contact_id: int) -> None:
    """Show it on the channel last used. A provider that refuses changes nothing: it is a courtesy."""
    async with installation.tenancy.reading(workspace_id) as db:
        identity = (await db.execute(_FIND, {"id": contact_id})).one_or_none()
    target = await load_target(installation, workspace_id, identity.channel_id) if identity else None
    if identity is None or target is None or not isinstance(target.adapter, SupportsTyping):
        return
    with suppress(SendFailed):
        await target.adapter.typing(identity.identifier, target.config, installation.http_of(target.adapter))
