"""The editor of conditions in a real browser: what is clicked and typed is what the hidden input holds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.conditions.stand import address_of, stand
from tests.serving import served
from tests.web.chromium import accessibility, complaints_of, launched

pytestmark = pytest.mark.browser


@dataclass
class Editor:
    """The page with the editor."""

    page: Page
    origin: str

    async def open(self, *items: dict[str, Any], inside: str = "") -> None:
        await self.page.goto(self.origin + address_of({"$and": list(items)}) + inside)
        await expect(self.page.get_by_role("button", name="Add condition").first).to_be_visible()

    async def held(self) -> Any:
        return orjson.loads(await self.page.locator("[name=condition]").input_value())

    def leaf(self, number: int) -> Locator:
        return self.page.locator(".condition-leaf").nth(number)

    async def ask(self, number: int, subject: str, operator: str) -> Locator:
        leaf = self.leaf(number)
        await leaf.get_by_label("What the condition is about").select_option(subject)
        await leaf.get_by_label("How it compares").select_option(operator)
        return leaf

    async def add(self) -> None:
        await self.page.get_by_role("button", name="Add condition").last.click()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as chromium:
        yield chromium


@pytest.fixture
async def editor(browser: Browser) -> AsyncIterator[Editor]:
    context = await browser.new_context(viewport={"width": 900, "height": 900})
    page = await context.new_page()
    complaints = complaints_of(page)
    async with served(stand()) as port:
        yield Editor(page, f"http://127.0.0.1:{port}")
        await context.close()
    assert complaints == []


async def test_conditions_of_every_kind_are_put_together(editor: Editor) -> None:
    await editor.open()
    for _each in range(6):
        await editor.add()
    leaf = await editor.ask(0, "First name", "contains")
    await leaf.get_by_label("Value").fill("Ada")
    leaf = await editor.ask(1, "Orders", "is between")
    await leaf.get_by_label("From").fill("1.5")
    await leaf.get_by_label("To").fill("20")
    leaf = await editor.ask(2, "Time since last incoming message", "is more than")
    await leaf.get_by_label("Value: How long").fill("3")
    await leaf.get_by_label("Value: Unit").select_option("hours")
    leaf = await editor.ask(3, "Consent", "is")
    await leaf.get_by_label("Value").select_option("ticked")
    leaf = await editor.ask(4, "Plan", "is")
    await leaf.get_by_label("Value").select_option("Pro")
    await editor.ask(5, "Assignee", "is not set")
    assert await editor.held() == {
        "$and": [
            {"category": "contactField", "field": "firstName", "operator": "contains", "value": "Ada"},
            {"category": "contactField", "field": "1", "operator": "isBetween", "value": [1.5, 20]},
            {"category": "timeSinceLastIncomingMessage", "operator": "isGreaterThan", "value": {"value": 3, "unit": "hours"}},
            {"category": "contactField", "field": "3", "operator": "isEqualTo", "value": True},
            {"category": "contactField", "field": "2", "operator": "isEqualTo", "value": "Pro"},
            {"category": "assignee", "operator": "doesNotExist"},
        ]
    }
    assert await accessibility(editor.page) == []


async def test_values_are_searched_and_chosen_by_keyboard(editor: Editor) -> None:
    await editor.open({"category": "contactTag", "operator": "hasAnyOf", "value": [1]})
    await editor.page.get_by_role("button", name="VIP").press("Enter")
    await expect(editor.page.get_by_label("Search the values")).to_be_focused()
    await editor.page.keyboard.type("re")
    await expect(editor.page.locator(".condition-options label:visible")).to_have_text(["Press", "Returns", "Refund"])
    await editor.page.keyboard.press("Enter")
    await editor.page.keyboard.press("ArrowDown")
    await editor.page.keyboard.press("ArrowDown")
    await editor.page.keyboard.press("Space")
    assert await accessibility(editor.page) == []
    await editor.page.keyboard.press("Escape")
    await expect(editor.page.get_by_role("button", name="VIP, Press, Returns")).to_be_focused()
    assert (await editor.held())["$and"][0]["value"] == [1, 4, 7]


async def test_groups_nest_and_say_whether_all_or_one_must_hold(editor: Editor) -> None:
    await editor.open({"category": "contactTag", "operator": "exists"})
    await editor.page.get_by_role("button", name="Add group").click()
    await expect(editor.leaf(1).get_by_label("What the condition is about")).to_be_focused()
    await editor.ask(1, "Tags", "are not set")
    await editor.page.get_by_role("button", name="Add condition").first.click()
    await editor.ask(2, "Assignee", "is set")
    with_tags, without_tags, assigned = (
        {"category": category, "operator": operator}
        for category, operator in (("contactTag", "exists"), ("contactTag", "doesNotExist"), ("assignee", "exists"))
    )
    assert await editor.held() == {"$and": [with_tags, {"$or": [without_tags, assigned]}]}
    await editor.page.get_by_label("Which of the conditions must hold").first.select_option("At least one of these holds")
    await editor.page.get_by_role("button", name="Remove condition").nth(1).click()
    assert await editor.held() == {"$or": [with_tags, {"$or": [assigned]}]}
    await editor.page.get_by_role("button", name="Remove group").click()
    assert await editor.held() == {"$or": [with_tags]}


async def test_what_is_broken_says_so_until_it_is_changed_or_removed(editor: Editor) -> None:
    await editor.open(
        {"category": "contactField", "field": "99", "operator": "isEqualTo", "value": "x"},
        {"category": "lifecycle", "operator": "isEqualTo", "value": 99},
    )
    await expect(editor.leaf(0)).to_contain_text("The field of this condition was deleted.")
    await expect(editor.leaf(1)).to_contain_text("A lifecycle stage of this condition was deleted.")
    assert await accessibility(editor.page) == []
    await editor.leaf(1).get_by_label("Value").select_option("Hot Lead")
    await expect(editor.leaf(1)).not_to_contain_text("deleted")
    await editor.leaf(0).get_by_role("button", name="Remove condition").click()
    assert await editor.held() == {"$and": [{"category": "lifecycle", "operator": "isEqualTo", "value": 2}]}


async def test_a_form_with_an_unfinished_condition_is_not_sent(editor: Editor) -> None:
    await editor.open({"category": "contactTag", "operator": "exists"})
    await editor.leaf(0).get_by_label("How it compares").select_option("have any of")
    before = editor.page.url
    await editor.page.get_by_role("button", name="Apply").click()
    await expect(editor.leaf(0).get_by_role("alert")).to_contain_text("Choose at least one value")
    assert editor.page.url == before
    await editor.page.get_by_role("button", name="Choose values").click()
    await editor.page.get_by_label("Trial").check()
    await editor.page.keyboard.press("Escape")
    await editor.page.get_by_role("button", name="Apply").click()
    await editor.page.wait_for_url(lambda url: url != before)
    assert await editor.held() == {"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [2]}]}


async def test_only_finished_changes_are_told_and_once_per_pause(editor: Editor) -> None:
    await editor.open()
    await editor.page.evaluate(
        "document.addEventListener('change', ({target}) => document.querySelector('output').append(`${target.name}:${target.value};`))"
    )
    await editor.add()
    leaf = await editor.ask(0, "First name", "is")
    await leaf.get_by_label("Value").press_sequentially("Ada")
    told = 'condition:{"$and":[{"category":"contactField","field":"firstName","operator":"isEqualTo","value":"Ada"}]};'
    await expect(editor.page.locator("output")).to_have_text(told)


@pytest.mark.behaviour(300)
async def test_a_workflow_is_asked_for_its_variables_in_the_same_editor(editor: Editor) -> None:
    gone = {"category": "variable", "field": "gone", "operator": "exists"}
    await editor.open(gone, {"category": "contactTag", "operator": "exists"}, inside="&workflow=1")
    await expect(editor.leaf(0)).to_contain_text("The variable gone of this condition is given by nothing that comes before.")
    groups = editor.leaf(1).get_by_label("What the condition is about").locator("optgroup")
    assert [await group.get_attribute("label") for group in await groups.all()] == ["Contact", "Contact fields", "Variables"]
    leaf = await editor.ask(0, "Size", "is any of")
    await leaf.get_by_role("button", name="Choose values").click()
    await editor.page.get_by_label("Large").check()
    await editor.page.keyboard.press("Escape")
    leaf = await editor.ask(1, "Assignee’s status", "is")
    await leaf.get_by_label("Value").select_option("Nobody assigned")
    await editor.add()
    leaf = await editor.ask(2, "Last incoming message", "contains")
    await leaf.get_by_label("Value").fill("refund")
    assert await editor.held() == {
        "$and": [
            {"category": "variable", "field": "size", "operator": "hasAnyOf", "value": ["l"]},
            {"category": "assigneeStatus", "operator": "isEqualTo", "value": "none"},
            {"category": "lastIncomingMessage", "operator": "contains", "value": "refund"},
        ]
    }
    assert await accessibility(editor.page) == []
    await editor.open({"category": "contactTag", "operator": "exists"})
    assert await editor.leaf(0).locator("optgroup").count() == 2
