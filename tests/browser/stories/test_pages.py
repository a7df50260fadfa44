"""Every page in both widths, light and dark: nothing that axe finds, nothing wider than its window, and a picture to look at.

With ``ISMESSENGER_SCREENSHOTS=var/screenshots`` the pictures are kept there.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.demo.seed import SLUG, _make
from tests.browser.stories.conftest import AgentPage, Opens, Product
from tests.browser.stories.shop import Shop
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("ISMESSENGER_SCREENSHOTS")
WIDER = "Math.max(...[document.documentElement, ...document.querySelectorAll('main')].map(each => each.scrollWidth - each.clientWidth))"
CONTRAST = """
axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})
  .then(({violations}) => violations.flatMap(rule => rule.nodes.map(node => `${node.target} ${node.failureSummary}`)))
"""
# Transitions are brought to their end, and those that begin thereby; what turns while something loads has none.
SETTLED = """
(() => {
  const roots = [document, ...[...document.querySelectorAll('*')].map(each => each.shadowRoot).filter(Boolean)];
  const ends = each => each.playState === 'running' && Number.isFinite(each.effect.getComputedTiming().endTime);
  const running = () => roots.flatMap(root => root.getAnimations()).filter(ends);
  for (let left = running(); left.length; left = running()) left.forEach(each => each.finish());
})()
"""
Step = Callable[[Page], Awaitable[None]]


@pytest.fixture(scope="module")
async def demo(product: Product) -> dict[str, Any]:
    """The demo shop: its owner, and ids of what its pages show."""
    async with product.installation.tenancy.catalog() as catalog:
        find = text("SELECT id FROM catalog.workspace WHERE slug = :slug")
        workspace_id = (await catalog.execute(find, {"slug": SLUG})).scalar()
    if workspace_id is None:
        await _make(product.installation)
        async with product.installation.tenancy.catalog() as catalog:
            workspace_id = (await catalog.execute(find, {"slug": SLUG})).scalar_one()
    newest = text("SELECT max(id) FROM contact WHERE last_channel_id = :id AND status = 'open'")
    async with product.installation.tenancy.reading(workspace_id) as db:
        channels = {row.kind: row.id for row in (await db.execute(text("SELECT kind, id FROM channel"))).all()}
        threads = {kind: (await db.execute(newest, {"id": id_})).scalar_one() for kind, id_ in channels.items()}
        tag_id = (await db.execute(text("SELECT min(id) FROM tag"))).scalar_one()
        owner = (await db.execute(text("SELECT id, account_id, name FROM member WHERE role = 'owner'"))).one()
    member = Member(id=owner.id, account_id=owner.account_id, workspace_id=workspace_id, name=owner.name, email="", role="owner")
    return {"owner": member, "channels": channels, "threads": threads, "tag_id": tag_id}


async def look(page: Page, name: str, width: int) -> list[str]:
    """What is wrong with a page as it stands."""
    await page.evaluate("document.fonts.ready")
    await expect(page.locator("html:not([aria-busy])")).to_be_attached()
    await page.evaluate(SETTLED)
    found = [f"{name} {width} light: {words}" for words in await accessibility(page)]
    if await page.evaluate(WIDER) > 0:
        found.append(f"{name} {width}: wider than its window")
    await shoot(page, f"{name}-{width}-light")
    await page.emulate_media(color_scheme="dark")
    await page.evaluate(SETTLED)
    found += [f"{name} {width} dark: {words}" for words in await page.evaluate(CONTRAST)]
    await shoot(page, f"{name}-{width}-dark")
    await page.emulate_media(color_scheme="light")
    await page.evaluate(SETTLED)
    return found


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", animations="disabled")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_pages_of_members(agent_page: AgentPage, demo: dict[str, Any], phone: bool) -> None:
    desk = await agent_page(demo["owner"], phone=phone)
    desk.watch.expect("404")
    width = 390 if phone else 1440
    found: list[str] = []
    for name, path in member_pages(demo).items():
        await desk.page.goto(desk.address + path)
        await ready(desk.page, name)
        found += await look(desk.page, name, width)
    assert found == []


def member_pages(demo: dict[str, Any]) -> dict[str, str]:
    """Name to path."""
    channels, threads = demo["channels"], demo["threads"]
    return {
        "inbox": "/inbox",
        "inbox-mine": "/inbox/mine",
        "inbox-closed": "/inbox?status=closed",
        "conversation-new": "/conversations/new",
        **{f"thread-{kind}": f"/inbox/all/contacts/{id_}" for kind, id_ in threads.items()},
        "channels": "/settings/channels",
        **{f"connect-{kind}": f"/settings/channels/new/{kind}" for kind in channels},
        **{f"channel-{kind}": f"/settings/channels/{id_}" for kind, id_ in channels.items()},
        "edit": f"/settings/channels/{channels['messenger']}/edit",
        "log": f"/settings/channels/{channels['telegram']}/log",
        "widget": f"/settings/channels/{channels['website_chat']}/widget",
        "fields": "/settings/fields",
        "field-new": "/settings/fields/new",
        "tags": "/settings/tags",
        "tag": f"/settings/tags/{demo['tag_id']}",
        "lifecycle": "/settings/lifecycle",
        "snippets": "/settings/snippets",
        "snippet-new": "/settings/snippets/new",
        "snippets-own": "/account/snippets",
        "files": "/settings/files",
        "error-404": "/inbox/all/contacts/999999",
    }


async def ready(page: Page, name: str) -> None:
    """What comes by itself has come."""
    if name.startswith(("inbox", "thread")):
        await expect(page.locator("#live_note")).to_have_attribute("data-state", "open")
        await expect(page.locator(".inbox-count").first).not_to_be_empty()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_pages_of_everybody(product: Product, opens: Opens, demo: dict[str, Any], phone: bool) -> None:
    context, watch = await opens("stranger", phone=phone)
    watch.expect("404", "422")
    page = await context.new_page()
    width = 390 if phone else 1440
    await page.goto(f"{product.address}/session/new")
    found = await look(page, "sign-in", width)
    await page.get_by_label("E-mail").fill("olivia@pedal.example")
    await page.get_by_label("Password").fill("no")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found += await look(page, "sign-in-wrong", width)
    await page.goto(f"{product.address}/demo/shop")
    launcher = page.locator("#ismessenger .launcher")
    await expect(launcher).to_be_visible()
    found += await look(page, "shop", width)
    await launcher.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found += await look(page, "shop-chat", width)
    await page.goto(f"{product.address}/demo/shop/city-8")
    found += await look(page, "shop-product", width)
    assert found == []


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_open_menus_and_empty_places(shop: Shop, agent_page: AgentPage, demo: dict[str, Any], phone: bool) -> None:
    width = 390 if phone else 1440
    empty = await agent_page(shop.world.owner, phone=phone)
    await empty.open()
    found = await look(empty.page, "inbox-empty", width)
    await empty.page.goto(f"{empty.address}/settings/channels")
    found += await look(empty.page, "channels-empty", width)
    desk = await agent_page(demo["owner"], phone=phone)
    await desk.open(f"/inbox/all/contacts/{demo['threads']['telegram']}")
    steps: dict[str, tuple[str, str]] = {
        "assign": (".thread-assignee", "#assign_menu"),
        # A phone has a keyboard of its own for them.
        **({} if phone else {"emoji": ("[popovertarget=emoji_reply]", "#emoji_reply")}),
    }
    for name, (opener, panel) in steps.items():
        await desk.page.locator(opener).click()
        await expect(desk.page.locator(panel)).to_be_visible()
        if name == "emoji":
            await expect(desk.page.locator(f"{panel} .emoji-grid button").first).to_be_visible()
        found += await look(desk.page, f"menu-{name}", width)
        await desk.page.keyboard.press("Escape")
    await desk.page.get_by_role("tab", name="Comment").click()
    found += await look(desk.page, "comment", width)
    if phone:
        await desk.page.get_by_role("button", name="Contact", exact=True).click()
        found += await look(desk.page, "drawer", width)
    assert found == []
