"""Connecting, changing and disconnecting channels."""

import hashlib

import pytest
from sqlalchemy import text

from ismessenger.channels.connect import ChannelRefused, connect, disconnect, reconfigure
from ismessenger.channels.route import Routes
from tests.channels.conftest import Shop
from tests.channels.test_custom_channel_flow import message, settled
from tests.conftest import World

TOKEN = "a-new-token-of-the-owner-0001"


async def test_secrets_are_sealed_in_the_row_and_open_values_are_not(world: World) -> None:
    values = {"id_type": "custom", "api_base_url": "https://integration.example"}
    channel = await connect(world.installation, world.workspace_id, "custom_channel", name="c", values=values)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        config, secrets = (await db.execute(text("SELECT config, secrets FROM channel"))).one()
    assert config["api_base_url"] == "https://integration.example"
    assert channel.values["api_token"] not in str(config)
    assert channel.values["api_token"].encode() not in secrets


@pytest.mark.usefixtures("lanes")
async def test_a_changed_token_is_found_by_the_shared_address(shop: Shop) -> None:
    await reconfigure(shop.world.installation, shop.world.workspace_id, shop.channel.channel_id, name="", values={"api_token": TOKEN})
    routes = Routes(shop.world.installation)
    (target,) = await routes.of_account("custom_channel", _fingerprint(TOKEN))
    assert target.channel_id == shop.channel.channel_id
    assert await routes.of_account("custom_channel", _fingerprint(shop.channel.values["api_token"])) == []


@pytest.mark.usefixtures("lanes")
async def test_history_stays_when_a_channel_is_disconnected_and_its_address_is_gone(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    await disconnect(shop.world.installation, shop.world.workspace_id, shop.channel.channel_id)
    assert await Routes(shop.world.installation).find("custom_channel", shop.channel.webhook_url.rpartition("/")[2]) is None
    async with shop.world.installation.tenancy.reading(shop.world.workspace_id) as db:
        assert (await db.execute(text("SELECT count(*) FROM message"))).scalar_one() == 1


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("nonsense", {}, "Known kinds"),
        ("custom_channel", {}, "id_type"),
        ("custom_channel", {"id_type": "phone", "api_base_url": "ftp://x"}, "api_base_url"),
        ("messenger", {"page_id": "x"}, "page_id"),
    ],
)
async def test_what_is_wrong_is_said_in_words(world: World, kind: str, values: dict[str, str], words: str) -> None:
    with pytest.raises(ChannelRefused, match=words):
        await connect(world.installation, world.workspace_id, kind, name="x", values=values, check=False)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
