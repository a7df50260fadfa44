"""The forms of steps, the trigger and the settings, as somebody fills them in."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, cast

import httpx
import pytest
from playwright.async_api import FilePayload, Locator, Page, expect
from pydantic import Field

from ismessenger.automation.connections import connect
from ismessenger.contacts.model import Tag
from ismessenger.files.library import shelve
from ismessenger.files.model import StoredFile
from ismessenger.messages.snippets import SnippetDraft, add_snippet
from ismessenger.sdk.step import NEXT, Duration, Exit, Next, Outcome, Part, Scene, widget
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.pictures import png
from tests.browser.stories.shop import Shop
from tests.browser.stories.workshop import Step, Workshop, definition, workflow
from tests.standins.google_sheets import SPREADSHEET, GoogleSheetsServer
from tests.web.chromium import accessibility
from workflows.definition import Definition

pytestmark = pytest.mark.browser
# Opens a panel and types at once; what stands there after the page was told that the panel is open.
TYPES_AT_ONCE = """(button, words) => {
    const panel = document.getElementById(button.getAttribute("popovertarget"));
    const search = panel.querySelector("input");
    const told = new Promise((done) => panel.addEventListener("toggle", done, { once: true }));
    button.click();
    search.value = words;
    search.dispatchEvent(new InputEvent("input", { bubbles: true }));
    return told.then(() => new Promise(requestAnimationFrame)).then(() => search.value);
}"""

ASK: Step = (
    "ask",
    "ask_question",
    {"question": {"text": "How old are you?"}, "type": "number", "save_variable": "age"},
    {"success": "next"},
)
END: Step = ("end", "wait", {}, {})


async def opened(shop: Shop, agent_page: AgentPage, draft: Definition, spot: str, **looks: Any) -> Workshop:
    """The builder with the panel of one step open."""
    workshop = Workshop(await agent_page(shop.world.owner, **looks), await workflow(shop, draft))
    await workshop.open()
    await show(workshop, spot)
    return workshop


async def show(workshop: Workshop, spot: str) -> None:
    """Open the panel of a step: with the keyboard, as the canvas may be far away."""
    await workshop.card(spot).evaluate("card => card.click()")
    await expect(workshop.panel.locator(".form, .form-kinds")).to_be_visible()


async def params_of(workshop: Workshop, shop: Shop, id_: str) -> dict[str, Any]:
    step = (await workshop.draft(shop)).step(id_)
    assert step is not None
    return step.params


async def shelved(shop: Shop, name: str) -> int:
    """A file of the library."""
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        file = StoredFile(path=f"w/{shop.world.workspace_id}/uploads/{name}", name=name, mime="application/pdf", size=15)
        await shelve(db, file)
    return file.id


def row(within: Locator, number: int) -> Locator:
    """One of a list."""
    return within.locator(".form-item").nth(number)


async def choose(page: Page, button: Locator, *words: str, several: bool = False) -> None:
    """Pick from a panel by typing; where several can be chosen it stays open."""
    await button.click()
    search = page.locator(".form-panel:popover-open").get_by_role("combobox")
    for each in words:
        await search.fill(each)
        await page.keyboard.press("Enter")
    if several:
        await page.keyboard.press("Escape")
    await expect(search).to_be_hidden()


@pytest.mark.behaviour(315)
async def test_every_step_and_trigger_has_a_form_made_from_its_parameters(shop: Shop, agent_page: AgentPage) -> None:
    plugins = shop.installation.plugins
    steps: list[Step] = [(f"s{number}", kind, {}, {}) for number, kind in enumerate(plugins.steps)]
    workshop = Workshop(await agent_page(shop.world.owner), await workflow(shop, _all_ways(steps)))
    await workshop.open()
    for id_, kind, *_ in steps:
        await show(workshop, id_)
        wanted = len([field for field in plugins.steps[kind].Params.model_fields.values() if not field.json_schema_extra])
        rows = workshop.panel.locator(".form .field")
        assert await rows.count() >= min(wanted, 1), kind
        # Nothing is left that could only be written as JSON.
        await expect(workshop.panel.get_by_placeholder("{ }")).to_have_count(0)
    await show(workshop, "trigger")
    for kind, trigger in plugins.triggers.items():
        await workshop.panel.get_by_role("button", name="Change").click()
        await workshop.panel.locator(".form-card").filter(has_text=trigger.name).first.click()
        await expect(workshop.panel.locator(".form")).to_be_visible()
        await expect(workshop.panel.get_by_placeholder("{ }")).to_have_count(0)
        placed = (await workshop.draft(shop)).trigger
        assert placed is not None
        assert placed.kind == kind


def _all_ways(steps: list[Step]) -> Definition:
    """One below the other, where a step has a way on."""
    ways = {"ask_question": "success", "branch": "else", "date_time": "success"}
    chained: list[Step] = []
    for number, (id_, kind, params, _exits) in enumerate(steps):
        following = steps[number + 1][0] if number + 1 < len(steps) else None
        chained.append((id_, kind, params, {ways.get(kind, "next"): following} if following else {}))
    return definition(*chained)


async def test_forms_please_axe(shop: Shop, agent_page: AgentPage) -> None:
    branch: Step = ("branch", "branch", {"branches": [{"id": "b1", "name": "One"}, {"id": "b2", "name": ""}]}, {"else": "http"})
    request: Step = (
        "http",
        "http_request",
        {"headers": [{"name": "", "value": ""}], "mapping": [{"path": "$.a", "variable": "a"}]},
        {"next": "hours"},
    )
    draft = definition(
        ASK, ("next", "update_tags", {"tag_ids": [10**9]}, {"next": "branch"}), branch, request, ("hours", "date_time", {}, {})
    )
    workshop = await opened(shop, agent_page, draft, "ask")
    for spot in ("ask", "next", "branch", "http", "hours", "trigger"):
        await show(workshop, spot)
        await workshop.panel.locator(".form-folded").evaluate_all("all => all.forEach(each => { each.open = true })")
        await is_accessible(workshop)
    await show(workshop, "next")
    await workshop.panel.get_by_role("button", name="Add a tag").click()
    await workshop.page.keyboard.type("New")
    await is_accessible(workshop)
    await workshop.press("Escape")
    await show(workshop, "ask")
    await workshop.panel.get_by_role("button", name=re.compile("^Insert a variable")).first.click()
    await expect(workshop.panel.get_by_role("listbox", name="What to put in")).to_be_visible()
    await is_accessible(workshop)


async def is_accessible(workshop: Workshop) -> None:
    """Axe finds nothing in the form."""
    found = [each for each in await accessibility(workshop.page) if ".form" in each or "form_" in each or ".complete" in each]
    # The list of variables is scrolled by the arrow keys, while the focus stays in the text.
    assert [each for each in found if not re.match(r"scrollable-region-focusable: \['#form_\w+_list'\]", each)] == []


@pytest.mark.behaviour(350)
async def test_a_message_takes_snippets_and_emoji_with_the_keys_of_the_composer(shop: Shop, agent_page: AgentPage) -> None:
    file_id = await shelved(shop, "Prices.pdf")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        draft = SnippetDraft("Prices", "{{$contact.firstname|there}}, here they are.", topics=["Sales"], file_ids=[file_id])
        await add_snippet(db, draft, owner_id=None, by=shop.world.owner.id)
    workshop = await opened(shop, agent_page, definition(ASK, ("next", "send_message", {}, {})), "next")
    message = workshop.panel.get_by_role("textbox", name="Message", exact=True)
    offers = workshop.panel.get_by_role("listbox", name="What to put in")
    await message.press_sequentially("Hi /pri")
    await expect(offers.get_by_role("option", name=re.compile("Prices"))).to_have_attribute("aria-selected", "true")
    await expect(workshop.panel.locator(".complete-preview-words").locator("visible=true")).to_have_text(
        "{{$contact.firstname|there}}, here they are."
    )
    await workshop.press("Enter")
    await expect(message).to_have_value("Hi {{$contact.firstname|there}}, here they are.")
    await message.press_sequentially(" ::waving ha")
    await expect(offers.get_by_role("option").first).to_have_text(re.compile("👋"))
    await workshop.press("Tab")
    await expect(message).to_have_value("Hi {{$contact.firstname|there}}, here they are. 👋")
    await message.press_sequentially(" and/or 1 / 2")
    await expect(offers).to_be_hidden()
    await expect(workshop.panel.locator(".form-file-name")).to_have_text("Prices.pdf")
    sent = (await params_of(workshop, shop, "next"))["message"]
    assert sent["text"] == "Hi {{$contact.firstname|there}}, here they are. 👋 and/or 1 / 2"
    assert sent["file_ids"] == [file_id]


@pytest.mark.behaviour(317)
async def test_a_message_is_written_with_the_variables_in_reach(shop: Shop, agent_page: AgentPage) -> None:
    draft = definition(ASK, ("next", "send_message", {}, {}))
    workshop = await opened(shop, agent_page, draft, "next")
    message = workshop.panel.get_by_role("textbox", name="Message", exact=True)
    await message.press_sequentially("Hi $firstn")
    offers = workshop.panel.get_by_role("listbox", name="What to put in")
    await expect(offers.get_by_role("option")).to_have_count(2)  # the contact's and the assignee's
    await workshop.press("Enter")
    await expect(message).to_have_value("Hi $contact.firstname")
    await message.press_sequentially(", so you are $ag")
    await expect(offers.get_by_role("option", name=re.compile("How old"))).to_be_visible()
    await workshop.press("Enter")
    await message.press_sequentially(" and $")
    await workshop.press("Escape")
    await expect(offers).to_be_hidden()
    await expect(workshop.panel.locator(".form-preview")).to_contain_text("Hi Contact's first name, so you are How old are you?")
    assert (await params_of(workshop, shop, "next"))["message"]["text"] == "Hi $contact.firstname, so you are $age and $"
    # The step that asks cannot name its own answer.
    await show(workshop, "ask")
    question = workshop.panel.get_by_role("textbox", name="Question", exact=True)
    await question.fill("")
    await question.press_sequentially("$")
    await expect(offers.get_by_role("option").first).to_be_visible()
    await expect(offers.get_by_text("$age", exact=True)).to_have_count(0)


@pytest.mark.behaviour(316)
async def test_what_is_wrong_stands_beside_its_field(shop: Shop, agent_page: AgentPage) -> None:
    branches = {"branches": [{"id": "b1", "name": "VIP"}, {"id": "b2", "name": "Rest"}]}
    workshop = await opened(shop, agent_page, definition(("fork", "branch", branches, {"else": "end"}), END), "fork")
    for number, name in enumerate(("VIP", "Rest")):
        await expect(row(workshop.panel, number).locator(".field-error")).to_have_text(f"The branch “{name}” has no condition.")
    await expect(workshop.panel.locator(".form-faults .field-error")).to_have_count(2)
    fold = row(workshop.panel, 0).get_by_role("button", name="VIP", exact=True)
    await fold.click()
    await expect(row(workshop.panel, 0).locator(".form-item-wrong")).to_have_text("Incomplete")


async def test_branches_are_added_cloned_moved_and_removed(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await opened(shop, agent_page, definition(("fork", "branch", {"branches": [{"id": "b1", "name": "VIP"}]}, {})), "fork")
    await workshop.panel.get_by_role("button", name="Add branch").click()
    name = row(workshop.panel, 1).get_by_role("textbox", name="Name")
    await expect(name).to_be_focused()
    await name.fill("Rest")
    await workshop.panel.get_by_role("button", name="Clone: Branch 1").click()
    await expect(workshop.panel.locator(".form-item")).to_have_count(3)
    await workshop.panel.get_by_role("button", name="Move up: Branch 3").press("Enter")
    await expect(workshop.panel.get_by_role("button", name="Move up: Branch 2")).to_be_focused()
    await workshop.panel.get_by_role("button", name="Remove: Branch 3").click()
    stored = (await params_of(workshop, shop, "fork"))["branches"]
    assert [branch["name"] for branch in stored] == ["VIP", "Rest"]
    assert stored[0]["id"] == "b1"
    assert len({branch["id"] for branch in stored}) == 2
    # Each is a way on at once.
    await expect(workshop.page.locator(".wf-label-words", has_text="Rest")).to_be_visible()


async def test_a_branch_asks_for_a_variable_of_a_step_before(shop: Shop, agent_page: AgentPage) -> None:
    fork: Step = ("next", "branch", {"branches": [{"id": "b1", "name": "Of age"}]}, {"else": "end"})
    workshop = await opened(shop, agent_page, definition(ASK, fork, END), "next")
    await workshop.panel.get_by_role("button", name="Add condition").click()
    subject = workshop.panel.get_by_role("combobox", name="What the condition is about")
    await subject.select_option(label="How old are you? ($age)")
    await workshop.panel.get_by_role("combobox", name="How it compares").select_option(label="is more than")
    await workshop.panel.get_by_role("spinbutton", name="Value").fill("17")
    await expect(workshop.panel.locator(".form-faults .field-error")).to_have_count(0)
    condition = {"$and": [{"category": "variable", "field": "age", "operator": "isGreaterThan", "value": 17}]}
    assert (await params_of(workshop, shop, "next"))["branches"][0]["condition"] == condition
    # What is undone goes out of the editor too.
    await workshop.page.get_by_role("button", name="Undo").click()
    await expect(subject).to_have_count(0)


@pytest.mark.behaviour(318)
async def test_what_was_deleted_says_so_until_another_is_chosen(shop: Shop, agent_page: AgentPage) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        db.add(Tag(name="Gold", color="yellow", emoji="", description=""))
    tags: Step = ("tags", "update_tags", {"tag_ids": [10**9]}, {"next": "send"})
    send: Step = ("send", "send_message", {"channel_id": 10**9, "message": {"text": "Hi"}}, {})
    workshop = await opened(shop, agent_page, definition(tags, send), "tags")
    panel = workshop.panel
    await expect(panel.locator(".form-chip-broken")).to_contain_text("Deleted")
    await panel.get_by_role("button", name="Remove: Deleted").click()
    await choose(workshop.page, panel.get_by_role("button", name="Add a tag"), "gol", "Silver", several=True)
    await expect(panel.locator(".form-chip")).to_contain_text(["Gold", "SilverNew"])
    await expect(panel.locator(".field-error")).to_have_count(0)
    stored = await params_of(workshop, shop, "tags")
    assert len(stored["tag_ids"]) == 1
    assert stored["new_tags"] == ["Silver"]
    await show(workshop, "send")
    channel = panel.get_by_role("combobox", name="Channel")
    await expect(channel.locator("option:checked")).to_have_text("Deleted, choose another")
    await channel.select_option(label="Channel used last")
    assert (await params_of(workshop, shop, "send"))["channel_id"] is None


@pytest.mark.behaviour(319)
async def test_a_request_is_tried_and_keys_of_its_answer_become_variables(shop: Shop, agent_page: AgentPage) -> None:
    url = f"{shop.providers.telegram.url}/bot1:story/getMe"
    draft = definition(("http", "http_request", {"url": f"{url}?who=$contact.id"}, {"next": "send"}), ("send", "send_message", {}, {}))
    workshop = await opened(shop, agent_page, draft, "http")
    panel = workshop.panel
    await panel.get_by_label("$contact.id").fill("7")
    await panel.get_by_role("button", name="Send now").click()
    await expect(panel.locator(".form-answer")).to_contain_text("Status 200")
    key = panel.get_by_role("button", name=re.compile(r"^\$\.result\.first_name "))
    await key.click()
    await expect(key).to_have_attribute("aria-pressed", "true")
    assert (await params_of(workshop, shop, "http"))["mapping"] == [{"path": "$.result.first_name", "variable": "first_name"}]
    await show(workshop, "send")
    message = panel.get_by_role("textbox", name="Message", exact=True)
    await message.press_sequentially("$first_")
    await expect(panel.get_by_role("listbox", name="What to put in").get_by_text("$first_name")).to_be_visible()


@pytest.mark.behaviour(319)
async def test_a_webhook_learns_its_keys_from_a_sample(shop: Shop, agent_page: AgentPage, http: httpx.AsyncClient) -> None:
    workshop = await opened(shop, agent_page, definition(("wait", "wait", {}, {}), trigger=None), "trigger")
    panel = workshop.panel
    await panel.get_by_role("button", name="Incoming webhook").click()
    await workshop.is_saved()
    await panel.get_by_role("button", name="Wait for a sample").click()
    address = panel.get_by_role("textbox", name="Address of the webhook")
    await expect(address).to_have_value(re.compile("/hooks/workflows/"))
    await expect(panel.get_by_text("Post JSON to the address now.")).to_be_visible()
    answer = await http.post(await address.input_value(), json={"customer": {"phone": "+4930123456"}, "order": 7})
    assert answer.status_code == 200, answer.text
    await panel.get_by_role("button", name=re.compile(r"^\$\.customer\.phone ")).click()
    await panel.get_by_role("button", name=re.compile(r"^\$\.order ")).click()
    placed = (await workshop.draft(shop)).trigger
    assert placed is not None
    assert placed.params["path"] == "$.customer.phone"
    assert placed.params["mapping"] == [{"path": "$.order", "variable": "order"}]


@pytest.mark.behaviour(385)
async def test_a_webhook_is_given_another_address_after_a_question(shop: Shop, agent_page: AgentPage, http: httpx.AsyncClient) -> None:
    workshop = await opened(shop, agent_page, definition(("wait", "wait", {}, {}), trigger="webhook"), "trigger")
    panel, page = workshop.panel, workshop.page
    address = panel.get_by_role("textbox", name="Address of the webhook")
    await expect(address).to_have_value(re.compile("/hooks/workflows/"))
    before = await address.input_value()
    await panel.get_by_role("button", name="New address").click()
    question = page.get_by_role("dialog", name="Give this webhook a new address?")
    await question.get_by_role("button", name="Cancel").click()
    await expect(address).to_have_value(before)
    await panel.get_by_role("button", name="New address").click()
    await question.get_by_role("button", name="New address").click()
    await expect(question).to_have_count(0)
    await expect(address).not_to_have_value(before)
    assert (await http.post(before, json={})).status_code == 404


async def test_the_trigger_is_chosen_with_its_condition_and_the_settings_are_kept(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await opened(shop, agent_page, definition(("wait", "wait", {}, {}), trigger=None), "trigger")
    panel = workshop.panel
    await panel.get_by_role("button", name=re.compile("^Conversation opened")).click()
    await panel.get_by_role("checkbox", name="API").check()
    await panel.get_by_role("button", name="Add condition").click()
    await panel.get_by_role("combobox", name="What the condition is about").select_option(label="First message ($first_message)")
    await panel.get_by_role("combobox", name="How it compares").select_option(label="contains")
    await panel.get_by_role("textbox", name="Value").fill("lamp")
    await panel.get_by_role("checkbox", name="Once per contact").check()
    draft = await _settled(workshop, shop)
    assert draft.trigger is not None
    assert draft.trigger.params["sources"] == ["api"]
    assert draft.trigger.condition == {
        "$and": [{"category": "variable", "field": "first_message", "operator": "contains", "value": "lamp"}]
    }
    assert draft.trigger.once is True
    await workshop.page.get_by_role("button", name="More", exact=True).click()
    await workshop.page.get_by_role("menuitem", name="Settings").click()
    await panel.get_by_role("combobox", name="When a member replies").select_option(label="The workflow goes on")
    assert (await _settled(workshop, shop)).hands.reply == "go_on"


@pytest.mark.behaviour(373)
async def test_what_is_typed_as_soon_as_a_panel_opens_is_looked_for(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await opened(
        shop, agent_page, definition(("hours", "date_time", {}, {"success": "wait"}), ("wait", "wait", {}, {})), "hours"
    )
    zone = workshop.panel.get_by_label("Time zone")
    assert await zone.evaluate(TYPES_AT_ONCE, "lisbon") == "lisbon"
    await workshop.press("Enter")
    await expect(zone).to_contain_text("Lisbon")


async def test_business_hours_and_durations_are_set(shop: Shop, agent_page: AgentPage) -> None:
    draft = definition(("hours", "date_time", {}, {"success": "wait"}), ("wait", "wait", {}, {}))
    workshop = await opened(shop, agent_page, draft, "hours")
    panel = workshop.panel
    monday = panel.get_by_role("group", name="Monday")
    await monday.get_by_label("Monday: To").fill("02:00")
    await expect(monday).to_contain_text("next day")
    await panel.get_by_role("button", name="Same hours from Monday to Friday").click()
    await panel.get_by_role("group", name="Saturday").get_by_role("checkbox").check()
    await choose(workshop.page, panel.get_by_label("Time zone"), "lisbon")
    stored = await params_of(workshop, shop, "hours")
    assert [stored["hours"][day]["closes"] for day in ("monday", "friday", "saturday")] == ["02:00", "02:00", "18:00"]
    assert stored["hours"]["saturday"]["on"] is True
    assert stored["timezone"] == "Europe/Lisbon"
    await show(workshop, "wait")
    amount = panel.get_by_label("How long: Number")
    await amount.fill("8")
    await panel.get_by_label("How long: Unit").select_option(label="days")
    await expect(panel.locator(".field-error")).to_be_visible()
    await amount.fill("7")
    await expect(panel.locator(".field-error")).to_have_count(0)
    assert (await params_of(workshop, shop, "wait"))["duration"] == {"value": 7, "unit": "days"}


async def _settled(workshop: Workshop, shop: Shop) -> Definition:
    """The draft once everything that was typed is on the server."""
    await expect(workshop.saving).not_to_have_text("Saved")
    return await workshop.draft(shop)


async def test_files_of_the_library_go_along_and_members_are_named(shop: Shop, agent_page: AgentPage) -> None:
    draft = definition(("send", "send_message", {}, {"next": "note"}), ("note", "add_comment", {}, {}))
    workshop = Workshop(await agent_page(shop.world.owner), await workflow(shop, draft))
    await workshop.desk.open("/settings/files")
    file: FilePayload = {"name": "Price list.png", "mimeType": "image/png", "buffer": png()}
    await workshop.page.locator("input[type=file]").set_input_files(file)
    await workshop.page.get_by_role("button", name="Add to the library").click()
    await expect(workshop.page.get_by_text("Price list.png").first).to_be_visible()
    await workshop.open()
    await show(workshop, "send")
    await choose(workshop.page, workshop.panel.get_by_role("button", name="Add a file of the library"), "price", several=True)
    await expect(workshop.panel.locator(".form-file")).to_have_text("Price list.png")
    assert len((await params_of(workshop, shop, "send"))["message"]["file_ids"]) == 1
    await show(workshop, "note")
    comment = workshop.panel.get_by_role("textbox", name="Comment", exact=True)
    await comment.press_sequentially("Look, @" + shop.world.owner.name[:2])
    await workshop.press("Enter")
    await expect(comment).to_have_value(f"Look, @{shop.world.owner.name}")


class ByPost(Part):
    """One of two ways."""

    way: Literal["post"] = "post"
    street: Annotated[str, Field(title="Street", max_length=80)] = ""


class ByDrone(Part):
    """The other one."""

    way: Annotated[Literal["drone"], Field(title="By drone")] = "drone"
    height: Annotated[int | None, Field(title="Height", ge=1, le=120)] = None


class Ship:
    """A step that somebody else wrote."""

    kind: ClassVar = "ship"
    name: ClassVar = "Ship it"
    description: ClassVar = "Hand the goods over."
    icon: ClassVar = "truck"
    group: ClassVar = "Connections"

    class Params(Part):
        delivery: Annotated[ByPost | ByDrone, Field(title="Delivery", discriminator="way")] = ByPost()
        within: Annotated[Duration | None, Field(title="Within")] = None
        days: Annotated[
            list[Literal["mon", "tue"]], Field(title="Days", default_factory=list), widget(labels={"mon": "Monday", "tue": "Tuesday"})
        ]
        marks: Annotated[dict[str, str], Field(title="Marks", default_factory=dict)]
        weight: Annotated[float, Field(title="Weight")] = 1.5

    def exits(self, _params: Params) -> Sequence[Exit]:
        return (NEXT,)

    def summary(self, params: Params, _name_of: object) -> str:
        return params.delivery.way

    def run(self, _params: Params, _scene: Scene) -> Outcome:
        return Next()


@pytest.mark.behaviour(315)
async def test_a_step_of_a_third_party_gets_its_form_for_nothing(
    shop: Shop, agent_page: AgentPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("dict[str, Any]", shop.installation.plugins.steps), "ship", Ship())
    workshop = await opened(shop, agent_page, definition(("ship", "ship", {}, {})), "ship")
    panel = workshop.panel
    await panel.get_by_role("combobox", name="Delivery").select_option(label="By drone")
    await panel.get_by_label("Height").fill("80")
    await panel.get_by_role("checkbox", name="Within").check()
    await panel.get_by_label("Within: Number").fill("3")
    await panel.get_by_role("checkbox", name="Tuesday").check()
    await panel.get_by_role("textbox", name="Name", exact=True).last.fill("colour")
    await workshop.press("Enter")
    await panel.get_by_label("colour", exact=True).fill("red")
    weight = panel.get_by_label("Weight")
    await weight.fill("much")
    await expect(panel.locator(".field-error")).to_have_text("Write a number.")
    await weight.fill("2,5")
    await expect(panel.locator(".field-error")).to_have_count(0)
    assert await params_of(workshop, shop, "ship") == {
        "delivery": {"way": "drone", "height": 80},
        "within": {"value": 3, "unit": "hours"},
        "days": ["tue"],
        "marks": {"colour": "red"},
        "weight": 2.5,
    }


async def test_a_service_outside_says_what_there_is_to_choose_from(
    shop: Shop, agent_page: AgentPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with GoogleSheetsServer() as google:
        installation = shop.installation
        monkeypatch.setitem(installation.settings.provider_base_urls, "google_sheets", google.url)
        integration = installation.plugins.integrations["google_sheets"]
        config = integration.Config.model_validate({"service_account": google.key_file})
        async with installation.tenancy.workspace(shop.world.workspace_id) as db:
            await connect(db, installation.vault, integration, "Books", config, by_id=None)
        workshop = await opened(shop, agent_page, definition(("row", "google_sheets_row", {}, {})), "row")
        panel = workshop.panel
        await panel.get_by_label("Google account").select_option(label="Books")
        await panel.get_by_label("Spreadsheet").fill(SPREADSHEET)
        await expect(panel.locator("#form_row_sheet_found option")).to_have_text(["Sheet1", "Bo's"])
        google.shared.clear()
        workshop.desk.watch.expect("422")
        await panel.get_by_label("Spreadsheet").fill(SPREADSHEET[::-1])
        await expect(panel.locator(".field-error").first).to_contain_text(re.compile("Google|sheet", re.IGNORECASE))
    await installation._clients.pop("integration/google_sheets").aclose()
