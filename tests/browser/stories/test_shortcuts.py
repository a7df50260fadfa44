"""Shortcuts: an agent begins workflows by hand from a conversation, by its menu, by the tool under the reply, and by the palette."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from ismessenger.automation.publish import publish
from ismessenger.tenancy.doors import WriteSession
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop
from tests.browser.stories.workshop import definition, workflow
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser

FORM: list[dict[str, Any]] = [
    {"label": "Reason", "variable": "reason", "type": "choice", "required": True, "options": ["Angry", "Lost parcel"]},
    {"label": "What the office should know", "variable": "words", "type": "long_text"},
    {"label": "Urgent", "variable": "urgent", "type": "checkbox"},
]


async def offer(shop: Shop, name: str, icon: str, about: str, comment: str, form: list[dict[str, Any]] | None = None) -> None:
    """Publish a shortcut that comments and assigns."""
    steps = definition(
        ("s1", "add_comment", {"text": comment}, {"next": "s2"}),
        ("s2", "assign_to", {"action": "member", "member_id": shop.world.manager.id}, {}),
        trigger="shortcut",
    )
    assert steps.trigger is not None
    params = {"name": name, "icon": icon, "description": about, "form": form or []}
    draft = steps.model_copy(update={"trigger": steps.trigger.model_copy(update={"params": params})})
    workflow_id = await workflow(shop, draft, name)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await _publish(shop, db, workflow_id)


async def _publish(shop: Shop, db: WriteSession, workflow_id: int) -> None:
    await publish(db, workflow_id, 1, (), shop.installation.plugins, by=shop.world.owner.id)


def dialog(desk: Desk) -> Locator:
    return desk.page.get_by_role("dialog", name="Shortcuts")


@pytest.mark.behaviour(308)
@pytest.mark.behaviour(309)
async def test_an_agent_begins_shortcuts_by_mouse_and_by_keyboard(shop: Shop, agent_page: AgentPage) -> None:
    await shop.wrote(await shop.quiet(), "Ada", "Where is my parcel?")
    await offer(shop, "Escalate", "flag", "Hands the conversation to the office.", "$reason: $words", FORM)
    await offer(shop, "Say hello", "star", "", "Hello from $running_user")
    desk = await agent_page(shop.world.agent)
    page = desk.page
    await desk.open()
    await desk.choose("Ada")

    await page.get_by_role("button", name="More actions").click()
    await page.locator("#more_menu").get_by_role("link", name="Shortcuts…").click()
    await expect(dialog(desk).get_by_role("heading", name="Shortcuts for Ada")).to_be_visible()
    await expect(dialog(desk).get_by_role("link", name=re.compile("^Escalate"))).to_be_focused()
    assert await accessibility(page) == []
    await page.keyboard.press("Enter")
    await expect(dialog(desk).get_by_label("Reason")).to_be_focused()
    assert await accessibility(page) == []
    await dialog(desk).get_by_label("Reason").select_option("Lost parcel")
    await dialog(desk).get_by_label("What the office should know (optional)").fill("Sent on Monday")
    await dialog(desk).get_by_role("button", name="Begin").click()
    await expect(dialog(desk)).to_be_hidden()
    await expect(page.locator("#toasts")).to_contain_text("Escalate has begun with Ada")
    await expect(desk.thread).to_contain_text("Lost parcel: Sent on Monday")
    await expect(desk.assignee).to_have_text(shop.world.manager.name)

    await page.get_by_role("link", name="Shortcuts").or_(page.get_by_role("button", name="Shortcuts", exact=True)).first.click()
    await dialog(desk).get_by_role("button", name="Say hello").click()
    await expect(dialog(desk)).to_be_hidden()
    await expect(desk.thread).to_contain_text(f"Hello from {shop.world.agent.name}")

    await page.keyboard.press("Control+k")
    await page.keyboard.type("escal")
    await expect(page.locator("#palette [aria-selected=true]")).to_have_text("Escalate")
    await page.keyboard.press("Enter")
    await expect(dialog(desk).get_by_label("Reason")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog(desk)).to_be_hidden()
