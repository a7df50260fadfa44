"""A member who writes is shown as writing where the provider can show it."""

from ismessenger.channels.connect import connect
from ismessenger.messages.receive import receive
from ismessenger.messages.typing import show_typing
from tests.conftest import World
from tests.messages.test_receive import wrote
from tests.standins.telegram import TelegramServer


async def test_the_person_on_telegram_sees_that_somebody_writes(world: World) -> None:
    async with TelegramServer() as server:
        world.installation.settings.provider_base_urls["telegram"] = server.url
        if (made_before := world.installation._clients.pop("telegram", None)) is not None:
            await made_before.aclose()  # another test's, which leads elsewhere
        try:
            values = {"bot_token": "123456:made-up-token-of-the-tests"}
            channel = await connect(world.installation, world.workspace_id, "telegram", name="Bot", values=values, check=False)
            async with world.installation.tenancy.workspace(world.workspace_id) as db:
                await receive(db, channel.channel_id, [wrote("77", "77:1")])
                contact_id = db.changes[0]["contact_id"]
            await show_typing(world.installation, world.workspace_id, int(str(contact_id)))
            (request,) = await server.received(1)
            assert request.path.endswith("/sendChatAction")
        finally:
            del world.installation.settings.provider_base_urls["telegram"]
            client = world.installation._clients.pop("telegram", None)
            if client is not None:
                await client.aclose()
