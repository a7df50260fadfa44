"""The builder of a workflow, as a person sees it: cards, ways, palette, panel."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Locator, Page, expect

from ismessenger.automation.define import Naming, add_workflow, workflow_named
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop
from workflows.definition import Definition, parse

Step = tuple[str, str, dict[str, Any], dict[str, str]]
"""Id, kind, parameters, exits."""


def definition(*steps: Step, trigger: str | None = "conversation_opened", **names: str) -> Definition:
    """A workflow whose first step is the first one."""
    placed = [{"id": id_, "kind": kind, "name": names.get(id_, ""), "params": params, "exits": exits} for id_, kind, params, exits in steps]
    begun = {"kind": trigger, "params": {}} if trigger else None
    return parse({"format": 1, "trigger": begun, "start": placed[0]["id"] if placed else None, "steps": placed})


async def workflow(shop: Shop, draft: Definition, name: str = "Welcome") -> int:
    """A draft in the workspace; returns its id."""
    world = shop.world
    async with shop.installation.tenancy.workspace(world.workspace_id) as db:
        return (await add_workflow(db, Naming(name), draft, most=100, by=world.owner.id)).id


@dataclass
class Workshop:
    """One builder page."""

    desk: Desk
    workflow_id: int

    @property
    def page(self) -> Page:
        return self.desk.page

    async def open(self) -> None:
        """Load the page and wait for its canvas."""
        await self.desk.open(f"/workflows/{self.workflow_id}")
        await expect(self.card("trigger")).to_be_visible()

    def card(self, spot: str) -> Locator:
        """What stands on the canvas, by the id of its step."""
        return self.page.locator(f'[data-spot="{spot}"]')

    def named(self, name: str) -> Locator:
        """A step by the name on its card."""
        return self.page.locator(".wf-card").filter(has=self.page.locator(".wf-card-name", has_text=name))

    @property
    def cards(self) -> Locator:
        """The names of the steps, as they were drawn."""
        return self.page.locator(".wf-step:not(.wf-step-trigger) .wf-card-name")

    @property
    def panel(self) -> Locator:
        return self.page.locator(".wf-panel")

    @property
    def saving(self) -> Locator:
        return self.page.locator(".wf-saving")

    async def is_saved(self) -> None:
        """The draft is on the server."""
        await expect(self.saving).to_have_text("Saved")

    async def pick(self, kind: str) -> None:
        """Choose a kind of step in the open palette, by writing."""
        await self.page.get_by_role("combobox", name="Find a step").fill(kind)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_role("combobox", name="Find a step")).to_be_hidden()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def tab_to(self, field: Locator) -> None:
        """Press the tabulator until a field has the focus."""
        for _press in range(20):
            if await field.evaluate("field => field === document.activeElement"):
                return
            await self.press("Tab")
        await expect(field).to_be_focused()

    async def draft(self, shop: Shop) -> Definition:
        """What the server has."""
        await self.is_saved()
        async with shop.installation.tenancy.reading(shop.world.workspace_id) as db:
            return parse((await workflow_named(db, self.workflow_id)).draft)
