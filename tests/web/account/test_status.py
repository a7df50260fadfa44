"""Choosing to be online or busy."""

import pytest

from ismessenger.accounts.members import members
from ismessenger.accounts.presence import is_active, statuses
from tests.web.site import STREAMS, Shop


@pytest.mark.behaviour(15)
async def test_online_and_busy_are_chosen_in_the_menu_and_offline_never(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post("/account/status", data={"status": "busy"}, headers=STREAMS)
    assert answer.status_code == 200
    assert 'value="busy" aria-pressed="true"' in answer.text
    for status in ("offline", "away", ""):
        refused = await browser.post("/account/status", data={"status": status}, headers=STREAMS)
        assert refused.status_code == 422
        assert "Offline comes by itself" in refused.text
    page = (await browser.get("/inbox")).text
    assert 'value="busy" aria-pressed="true"' in page
    assert 'value="offline"' not in page
    assert await shop.value("SELECT status FROM member WHERE id = :id", id=shop.world.agent.id) == "busy"


@pytest.mark.behaviour(15)
async def test_signing_out_takes_offline_at_once(shop: Shop) -> None:
    agent, installation = shop.world.agent, shop.installation
    await is_active(installation, shop.world.workspace_id, agent.id, returns=True)
    browser = await shop.browser(agent)

    async def status() -> str:
        async with installation.tenancy.reading(shop.world.workspace_id) as db:
            return (await statuses(db, installation.redis, await members(db)))[agent.id]

    assert await status() == "online"
    assert (await browser.delete("/session")).status_code == 303
    assert await status() == "offline"
