"""Tell the provider that what a person pressed has arrived."""

from contextlib import suppress

from ismessenger.channels.route import load_target
from ismessenger.installation import Installation
from ismessenger.sdk.channel import Acknowledges, SendFailed


async def acknowledge(installation: Installation, workspace_id: int, channel_id: int, awaits: str) -> None:
    """Once: by the next try the person's application has given up waiting."""
    target = await load_target(installation, workspace_id, channel_id)
    if target is None or not isinstance(target.adapter, Acknowledges):
        return
    with suppress(SendFailed):
        await target.adapter.acknowledge(awaits, target.config, installation.http_of(target.adapter))
