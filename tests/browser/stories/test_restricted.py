"""An agent who is limited to own contacts sees only Mine, whatever is tried."""

import re

import pytest
from playwright.async_api import expect

from ismessenger.accounts.visibility import ONLY_MINE
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.behaviour(19)]


@pytest.fixture
async def channel_id(shop: Shop) -> int:
    await shop.change("UPDATE member SET restrictions = :r WHERE id = :m", r=[ONLY_MINE], m=shop.world.agent.id)
    return await shop.quiet()


async def test_lists_and_addresses_show_own_contacts_only(shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    mine, others = await shop.wrote(channel_id, "Ada"), await shop.wrote(channel_id, "Bo")
    await shop.change("UPDATE contact SET assignee_id = :m WHERE id = :c", m=shop.world.agent.id, c=mine)
    desk = await agent_page(shop.world.agent)
    desk.watch.expect("404")
    for path in ("/inbox", "/inbox/all", "/inbox/unassigned", "/inbox/mine"):
        await desk.open(path)
        await expect(desk.names).to_have_text(["Ada"])
        await expect(desk.page.locator(".inbox-link[data-inbox-name]")).to_have_text([re.compile(r"^Mine.*1 open$")])
    for path in (f"/inbox/all/contacts/{others}", f"/inbox/mine/contacts/{others}", f"/contacts/{others}/timeline?before=x"):
        answer = await desk.page.goto(desk.address + path)
        assert answer is not None
        assert answer.status == 404
        assert "Bo" not in await answer.text()
    await desk.open(f"/inbox/mine/contacts/{mine}")
    await expect(desk.page.locator("#thread_name")).to_have_text("Ada")


async def test_live_frames_bring_own_contacts_and_take_them_away(shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    contact_id = await shop.wrote(channel_id, "Ada", "First words")
    desk, manager = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    frames: list[str] = []
    desk.page.on("websocket", lambda line: line.on("framereceived", lambda data: frames.append(str(data))))
    await desk.open()
    await manager.open(f"/inbox/all/contacts/{contact_id}")
    await shop.wrote(channel_id, "Bo", "Not for everybody")
    await manager.assigns(shop.world.agent.name)
    await expect(desk.card("Ada")).to_be_visible()
    await desk.choose("Ada")
    await manager.says("I help out")
    await expect(desk.bubble("I help out")).to_have_count(1)
    await manager.assigns("Unassign")
    await expect(desk.card("Ada")).to_have_count(0)
    await shop.wrote(channel_id, "Ada", "Only for the others")
    await expect(manager.bubble("Only for the others")).to_have_count(1)
    # What is not theirs any more cannot be answered either.
    desk.watch.expect("404")
    await desk.reply.fill("Too late")
    await desk.reply.press("Enter")
    await expect(desk.page.locator("#reply_panel [role=alert]:visible").first).to_be_visible()
    assert "Not for everybody" not in "".join(frames)
    assert "Only for the others" not in "".join(frames)
    assert await shop.rows("SELECT count(*) FROM message WHERE words = 'Too late'") == [(0,)]
