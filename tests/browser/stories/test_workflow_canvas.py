"""The canvas of the workflow builder: everything by mouse, everything by keyboard, nothing lost."""

import asyncio
import json
import re

import pytest
from playwright.async_api import FilePayload, Route, expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop
from tests.browser.stories.workshop import Step, Workshop, definition, workflow
from tests.web.chromium import accessibility
from workflows.definition import Definition

pytestmark = pytest.mark.browser

SAY: Step = ("say", "send_message", {"message": {"text": "Welcome to the lamp shop."}}, {"next": "hours"})
HOURS: Step = ("hours", "date_time", {}, {"success": "take", "failure": "again"})
TAKE: Step = ("take", "assign_to", {}, {})
AGAIN: Step = ("again", "jump_to", {"target": "say"}, {})
WELCOME = definition(SAY, HOURS, TAKE, AGAIN)
EMPTY = definition(trigger=None)


async def open_workshop(shop: Shop, agent_page: AgentPage, draft: Definition = WELCOME, **looks: bool) -> Workshop:
    """The owner's builder page of a new workflow."""
    workshop = Workshop(await agent_page(shop.world.owner, **looks), await workflow(shop, draft))
    await workshop.open()
    return workshop


def kinds(draft: Definition) -> dict[str, dict[str, str]]:
    """By kind of step, the kinds behind its exits."""
    by_id = {step.id: step.kind for step in draft.steps}
    return {step.kind: {exit_: by_id[child] for exit_, child in step.exits.items()} for step in draft.steps}


BUILT = {
    "send_message": {"next": "ask_question"},
    "ask_question": {"success": "date_time"},
    "date_time": {"success": "assign_to"},
    "assign_to": {},
}


def is_welcome(draft: Definition) -> None:
    """Welcome, ask for an e-mail address, branch by hours, assign in turn."""
    assert kinds(draft) == BUILT
    params = {step.kind: step.params for step in draft.steps}
    assert params["send_message"]["message"]["text"] == "Welcome!"
    assert params["ask_question"]["question"]["text"] == "Your e-mail?"
    assert params["ask_question"]["type"] == "email"
    assert params["assign_to"]["logic"] == "round_robin"
    assert draft.trigger
    assert draft.trigger.kind == "conversation_opened"


@pytest.mark.behaviour(352)
async def test_a_file_takes_the_place_of_the_draft_and_undo_brings_it_back(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    names = {"name": "From elsewhere", "definition": definition(("alone", "add_comment", {"text": "Hello"}, {})).as_json()}
    file: FilePayload = {
        "name": "elsewhere.json",
        "mimeType": "application/json",
        "buffer": json.dumps({"ismessenger": "workflow", **names}).encode(),
    }
    await workshop.page.get_by_role("button", name="More").click()
    await workshop.page.get_by_role("menuitem", name="Import from a file").click()
    replace = workshop.page.get_by_role("button", name="Replace the draft")
    chosen = workshop.page.get_by_label("File of an exported workflow")
    workshop.desk.watch.expect(r"422")
    await chosen.set_input_files({**file, "buffer": b"no workflow"})
    await expect(workshop.page.get_by_role("alert").filter(has_text="no JSON")).to_be_visible()
    await expect(replace).to_be_disabled()
    await chosen.set_input_files(file)
    await expect(workshop.page.get_by_text("It takes the place of the 4 steps")).to_be_visible()
    await replace.click()
    await expect(workshop.cards).to_have_count(1)
    assert [step.id for step in (await workshop.draft(shop)).steps] == ["alone"]
    await workshop.press("Control+z")
    await expect(workshop.cards).to_have_count(4)
    assert (await workshop.draft(shop)).steps == WELCOME.steps


@pytest.mark.behaviour(311)
async def test_a_workflow_is_built_by_mouse(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page, EMPTY)
    page, panel = workshop.page, workshop.panel

    async def add(kind: str, *, after: str) -> None:
        await page.get_by_role("button", name=f"Add a step at the end of {after}").first.click()
        await page.get_by_role("option", name=kind).first.click()
        await expect(panel.get_by_role("textbox", name="Name", exact=True)).to_have_attribute("placeholder", kind)

    await workshop.card("trigger").click()
    await panel.get_by_text("Conversation opened").click()
    await add("Send a message", after="Conversation opened")
    await panel.get_by_role("textbox", name="Message").fill("Welcome!")
    await add("Ask a question", after="Send a message")
    await panel.get_by_role("textbox", name="Question").fill("Your e-mail?")
    await panel.get_by_role("combobox", name="Kind of answer").select_option("E-mail address")
    await expect(workshop.named("Ask a question")).to_contain_text("Your e-mail?")
    await add("Date & time", after="Ask a question")
    await add("Assign to", after="Date & time")
    await panel.get_by_role("combobox", name="Who of them").select_option("Round robin: each in turn")
    is_welcome(await workshop.draft(shop))
    await expect(page.locator(".wf-corner")).to_have_count(0)
    # What grew on one side did not push the other under the panel.
    await expect(page.get_by_role("button", name="Add a step at the end of Ask a question, Invalid answer")).to_be_in_viewport(ratio=1)


@pytest.mark.behaviour(311)
async def test_the_same_workflow_is_built_by_keyboard_alone(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page, definition())
    page, panel = workshop.page, workshop.panel
    await workshop.card("trigger").focus()
    await workshop.press("a")
    await workshop.pick("send a message")
    await expect(workshop.named("Send a message")).to_be_focused()
    await workshop.press("Enter")
    await workshop.tab_to(panel.get_by_role("textbox", name="Message"))
    await page.keyboard.type("Welcome!")
    await workshop.press("Escape", "a")
    await workshop.pick("ask a question")
    await expect(workshop.named("Ask a question")).to_be_focused()
    await workshop.press("Enter")
    await workshop.tab_to(panel.get_by_role("textbox", name="Question"))
    await page.keyboard.type("Your e-mail?")
    await workshop.tab_to(panel.get_by_role("combobox", name="Kind of answer"))
    await page.keyboard.type("E-mail")
    await workshop.press("Escape")
    await expect(workshop.named("Ask a question")).to_be_focused()
    await expect(page.get_by_role("button", name="Add a step at the end of Ask a question").first).to_be_visible()
    await workshop.press("a")
    await workshop.pick("date & time")
    await expect(page.get_by_text("Within", exact=True)).to_be_visible()
    await workshop.press("ArrowDown", "Enter")
    await workshop.pick("assign to")
    await expect(workshop.named("Assign to")).to_be_focused()
    is_welcome(await workshop.draft(shop))


@pytest.mark.behaviour(311)
async def test_whoever_chooses_a_trigger_by_keyboard_goes_on_where_it_is_shown(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page, EMPTY)
    change = workshop.panel.get_by_role("button", name="Change")
    await workshop.card("trigger").focus()
    await workshop.press("Enter")
    await workshop.tab_to(workshop.panel.get_by_role("button", name="Conversation opened"))
    await workshop.press("Enter")
    await expect(change).to_be_focused()
    await workshop.press("Enter")
    await expect(workshop.panel.get_by_role("button", name="Conversation opened")).to_be_focused()
    await workshop.tab_to(workshop.panel.get_by_role("button", name="Keep"))
    await workshop.press("Enter")
    await expect(change).to_be_focused()


async def test_a_step_is_put_between_and_renamed_by_keyboard(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    await workshop.card("hours").focus()
    await workshop.press("Shift+A")
    await workshop.pick("wait")
    await expect(workshop.named("Wait")).to_be_focused()
    await workshop.press("F2")
    await expect(workshop.page.locator(".wf-canvas").get_by_role("textbox", name="Name")).to_be_focused()
    await workshop.page.keyboard.type("A breath")
    await workshop.press("Enter")
    await expect(workshop.named("A breath")).to_be_focused()
    draft = await _changed(workshop, shop)
    assert kinds(draft)["send_message"] == {"next": "wait"}
    assert kinds(draft)["wait"] == {"next": "date_time"}
    assert next(step.name for step in draft.steps if step.kind == "wait") == "A breath"


async def test_a_step_is_dragged_with_all_below_it(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    page = workshop.page
    step, target = await workshop.card("hours").bounding_box(), await workshop.card("say").bounding_box()
    assert step
    assert target
    await page.mouse.move(step["x"] + 40, step["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(step["x"] + 60, step["y"], steps=3)
    await page.mouse.move(target["x"] + 40, target["y"] + 10, steps=8)
    await expect(page.locator(".wf-plus.wf-target")).to_be_visible()
    await page.mouse.up()
    draft = await _changed(workshop, shop)
    assert kinds(draft)["date_time"] == {"success": "assign_to", "failure": "jump_to"}
    assert draft.start == "hours"
    assert kinds(draft)["assign_to"] == {"next": "send_message"}


async def test_a_step_is_moved_by_keyboard(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    await workshop.card("hours").focus()
    await workshop.press("m", "ArrowUp")
    await expect(workshop.page.get_by_text("Choose where the step goes")).to_be_visible()
    # Neither into itself, nor to where it is.
    await expect(workshop.page.get_by_role("button", name="Move here")).to_have_count(1)
    await workshop.press("Shift+A")
    assert (await _changed(workshop, shop)).start == "hours"


@pytest.mark.behaviour(312)
async def test_deleting_says_how_many_go_along_and_undo_brings_all_back(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    before = await workshop.draft(shop)
    await workshop.card("hours").focus()
    await workshop.press("Delete")
    dialog = workshop.page.get_by_role("dialog", name="Delete the step Date & time?")
    await expect(dialog).to_contain_text("2 steps stand below it.")
    await dialog.get_by_role("button", name="Delete 3 steps").click()
    await expect(workshop.cards).to_have_text(["Send a message"])
    assert len((await _changed(workshop, shop)).steps) == 1
    await workshop.press("Control+z")
    await expect(workshop.cards).to_have_count(4)
    assert await _changed(workshop, shop) == before
    await workshop.press("Control+y")
    await expect(workshop.cards).to_have_count(1)


async def test_only_one_step_is_deleted_where_one_way_goes_on(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    await workshop.card("say").click(button="right")
    await workshop.page.get_by_role("menuitem", name="Delete…").click()
    await workshop.page.get_by_role("button", name="Delete only this step").click()
    await expect(workshop.cards).to_have_text(["Date & time", "Assign to", "Jump to"])
    assert (await _changed(workshop, shop)).start == "hours"


@pytest.mark.behaviour(313)
async def test_steps_are_copied_to_another_workflow_in_another_tab(shop: Shop, agent_page: AgentPage) -> None:
    source = await open_workshop(shop, agent_page)
    await source.desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await source.card("say").focus()
    await source.press("Control+c")
    await expect(source.page.get_by_text("4 steps copied")).to_be_visible()
    desk = source.desk
    other = Workshop(
        type(desk)(desk.member, desk.context, await desk.context.new_page(), desk.watch, desk.address),
        await workflow(shop, EMPTY, "Evening"),
    )
    await other.open()
    await other.card("trigger").focus()
    await other.press("Control+v")
    await expect(other.cards).to_have_count(4)
    draft = await _changed(other, shop)
    first = next(step for step in draft.steps if step.kind == "send_message")
    jump = next(step for step in draft.steps if step.kind == "jump_to")
    assert first.id != "say"
    assert jump.params["target"] == first.id
    assert kinds(draft) == kinds(WELCOME)


async def test_steps_are_cut_duplicated_and_folded_by_keyboard(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    await workshop.card("take").focus()
    await workshop.press("Control+d")
    await expect(workshop.cards).to_have_count(5)
    await workshop.press("Control+x")
    await expect(workshop.cards).to_have_count(4)
    await workshop.card("again").focus()
    await workshop.press("Control+v")
    await expect(workshop.cards).to_have_count(5)
    draft = await _changed(workshop, shop)
    assert kinds(draft)["jump_to"] == {"next": "assign_to"}
    await workshop.card("hours").focus()
    await workshop.press("f")
    await expect(workshop.page.get_by_role("button", name="3 steps below")).to_be_visible()
    await workshop.page.reload()
    await expect(workshop.cards).to_have_text(["Send a message", "Date & time"])
    await workshop.page.get_by_role("button", name="3 steps below").click()
    await expect(workshop.cards).to_have_count(5)


@pytest.mark.behaviour(314)
async def test_problems_lead_to_their_steps_also_to_folded_ones(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page, definition(SAY, HOURS, TAKE, ("again", "jump_to", {}, {})))
    await workshop.card("hours").focus()
    await workshop.press("f")
    await expect(workshop.card("again")).to_be_hidden()
    await workshop.page.get_by_role("button", name="1 problem").click()
    await workshop.panel.get_by_role("button", name="Jump to").click()
    await expect(workshop.card("again")).to_be_visible()
    await expect(workshop.panel.get_by_role("textbox", name="Name")).to_have_attribute("placeholder", "Jump to")
    await expect(workshop.page.locator(".wf-corner")).to_have_count(1)


@pytest.mark.behaviour(314)
async def test_a_workflow_with_problems_is_not_published_but_shown_what_is_missing(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page, definition(SAY, ("hours", "jump_to", {}, {})))
    await workshop.page.get_by_role("button", name="Publish").click()
    await expect(workshop.panel.get_by_role("heading", name="Problems")).to_be_visible()


async def test_it_is_published_changed_and_stopped(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    page = workshop.page
    await page.get_by_role("button", name="Publish").click()
    await page.get_by_role("dialog", name="Publish this workflow?").get_by_role("button", name="Publish workflow").click()
    await expect(page.locator(".wf-head .badge").first).to_have_text("Published")
    await expect(page.get_by_role("button", name="Publish", exact=True)).to_be_hidden()
    await workshop.card("take").focus()
    await workshop.press("Delete")
    await workshop.card("say").focus()
    await workshop.press("a")
    await workshop.pick("wait")
    await workshop.is_saved()
    await expect(page.get_by_text("Changes not published")).to_be_visible()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Versions").click()
    await workshop.panel.get_by_role("button", name="Version 1").click()
    differences = workshop.panel.get_by_role("region", name="Since version 1")
    await expect(differences.get_by_role("listitem")).to_have_text(["AddedWait", "RemovedAssign to"])
    await expect(page.locator(".wf-added .wf-card-name")).to_have_text("Wait")
    await differences.get_by_role("button", name="Take version 1 back").click()
    await expect(workshop.cards).to_have_count(4)
    await workshop.is_saved()
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_role("dialog", name="Stop this workflow?").get_by_role("button", name="Stop workflow").click()
    await expect(page.locator(".wf-head .badge").first).to_have_text("Stopped")


@pytest.mark.behaviour(314)
async def test_two_published_versions_are_compared_on_the_canvas(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    page = workshop.page

    async def publish(title: str) -> None:
        await page.get_by_role("button", name="Publish", exact=True).click()
        await page.get_by_role("dialog", name=title).get_by_role("button", name="Publish workflow").click()
        await expect(page.get_by_role("dialog")).to_be_hidden()

    await publish("Publish this workflow?")
    await workshop.card("take").focus()
    await workshop.press("Delete")
    await workshop.is_saved()
    await publish("Publish your changes?")
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Versions").click()
    await workshop.panel.get_by_role("button", name="Version 2").click()
    await workshop.panel.get_by_role("combobox", name="Compared with").select_option("Version 1")
    await expect(page.get_by_text("This is version 1. It cannot be changed.")).to_be_visible()
    await expect(page.locator(".wf-added .wf-card-name")).to_have_text("Assign to")
    await workshop.card("say").focus()
    await workshop.press("Delete", "a")
    await expect(workshop.cards).to_have_count(4)
    await page.get_by_role("button", name="Back to the draft").click()
    await expect(workshop.cards).to_have_count(3)


async def test_name_and_description_are_changed_in_place(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    await workshop.page.get_by_role("heading", name="Welcome").get_by_role("button").click()
    dialog = workshop.page.get_by_role("dialog", name="Name and description")
    await dialog.get_by_label("Name").fill("Good morning")
    await dialog.get_by_label("Description").fill("Greets whoever writes first")
    await dialog.get_by_role("button", name="Save").click()
    await expect(workshop.page.get_by_role("heading", name="Good morning")).to_be_visible()


# --- The draft saves itself -----------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour(310)
async def test_what_cannot_be_saved_now_is_saved_later(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    workshop.desk.watch.expect(r"/draft", r"ERR_FAILED")
    await workshop.page.route("**/draft", lambda route: route.abort())
    await workshop.card("take").focus()
    await workshop.press("Delete")
    await expect(workshop.saving).to_have_text("Not saved yet")
    await expect(workshop.page.get_by_text("The server cannot be reached. What you change is saved")).to_be_visible()
    await workshop.page.unroute("**/draft")
    assert len((await _changed(workshop, shop)).steps) == 3


@pytest.mark.behaviour(310)
async def test_what_is_changed_while_it_is_being_saved_is_saved_too(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    reached, go = asyncio.Event(), asyncio.Event()

    async def slow(route: Route) -> None:
        reached.set()
        await go.wait()
        await route.continue_()

    await workshop.page.route("**/draft", slow)
    await workshop.card("take").focus()
    await workshop.press("Delete")
    async with asyncio.timeout(20):
        await reached.wait()
    await workshop.card("again").focus()
    await workshop.press("Delete")
    go.set()
    assert [step.id for step in (await _changed(workshop, shop)).steps] == ["say", "hours"]


@pytest.mark.behaviour(310)
@pytest.mark.parametrize("choice", ["Take theirs", "Keep mine"])
async def test_two_who_edit_never_overwrite_each_other_unasked(shop: Shop, agent_page: AgentPage, choice: str) -> None:
    ada = await open_workshop(shop, agent_page)
    ada.desk.watch.expect(r"409")
    bo = Workshop(await agent_page(shop.world.owner), ada.workflow_id)
    bo.desk.watch.expect(r"409")
    await bo.open()
    await ada.card("take").focus()
    await ada.press("Delete")
    await ada.is_saved()
    bar = bo.page.get_by_role("alert").filter(has_text="changed this workflow a moment ago")
    await expect(bar).to_be_visible()
    await bo.card("again").focus()
    await bo.press("Delete")
    await bar.get_by_role("button", name=choice).click()
    await expect(bar).to_be_hidden()
    left = {"Take theirs": ["say", "hours", "again"], "Keep mine": ["say", "hours", "take"]}[choice]
    assert [step.id for step in (await bo.draft(shop)).steps] == left
    await expect(bo.cards).to_have_count(3)


# --- Looking at it --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
async def test_the_canvas_is_accessible(shop: Shop, agent_page: AgentPage, *, dark: bool) -> None:
    workshop = await open_workshop(shop, agent_page, dark=dark)
    assert await accessibility(workshop.page) == []
    await workshop.card("say").click()
    await expect(workshop.panel).to_be_visible()
    assert await accessibility(workshop.page) == []
    await workshop.press("Escape", "a")
    await expect(workshop.page.get_by_role("combobox", name="Find a step")).to_be_focused()
    assert await accessibility(workshop.page) == []


@pytest.mark.behaviour(311)
async def test_the_workflow_can_be_read_as_a_list(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    await workshop.page.get_by_role("button", name="More").click()
    await workshop.page.get_by_role("menuitem", name="Outline").click()
    steps = workshop.panel.get_by_role("listitem").get_by_role("button")
    await expect(steps).to_have_text(
        [
            re.compile("^Conversation opened"),
            re.compile("^Send a message"),
            re.compile("^Date & time"),
            re.compile("^Assign to"),
            re.compile("^Jump to"),
        ]
    )


async def test_a_phone_shows_the_canvas_and_the_panel_over_it(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page, phone=True)
    await workshop.card("say").tap()
    box = await workshop.panel.bounding_box()
    assert box
    assert box["width"] == 390
    assert await workshop.page.evaluate("document.documentElement.scrollWidth") == 390
    await workshop.panel.get_by_role("button", name="Close panel").tap()
    await expect(workshop.panel).to_be_hidden()


async def test_leaving_the_page_and_coming_back_shows_what_was_saved(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page)
    await workshop.card("take").focus()
    await workshop.press("Delete")
    await workshop.page.get_by_role("link", name="All workflows").click()
    await expect(workshop.page.get_by_role("heading", name="Workflows")).to_be_visible()
    await workshop.page.go_back()
    await expect(workshop.cards).to_have_text(["Send a message", "Date & time", "Jump to"])
    assert len((await workshop.draft(shop)).steps) == 3


async def test_the_hundred_and_first_step_is_refused_in_words(shop: Shop, agent_page: AgentPage) -> None:
    row: list[Step] = [(f"w{number}", "wait", {}, {"next": f"w{number + 1}"} if number < 99 else {}) for number in range(100)]
    workshop = await open_workshop(shop, agent_page, definition(*row))
    await workshop.card("w0").focus()
    await workshop.press("Control+d")
    await expect(workshop.page.get_by_text("A workflow has at most 100 steps.")).to_be_visible()
    await expect(workshop.page.locator(".wf-map")).to_be_visible()


async def _changed(workshop: Workshop, shop: Shop) -> Definition:
    """What the server has once the page has saved what was done just now."""
    await expect(workshop.saving).not_to_have_text("Not saved yet", timeout=15_000)
    return await workshop.draft(shop)


@pytest.mark.behaviour(422)
async def test_settings_that_are_not_known_here_can_be_removed(shop: Shop, agent_page: AgentPage) -> None:
    strange = definition(("note", "add_comment", {"text": "Hello", "colour": "red"}, {}))
    workshop = await open_workshop(shop, agent_page, strange)
    await workshop.card("note").click()
    await expect(workshop.panel.get_by_text("There is no such setting here.")).to_be_visible()
    await workshop.panel.get_by_role("button", name="Remove the settings that are not known here").click()
    await expect(workshop.panel.get_by_text("There is no such setting here.")).to_have_count(0)
    assert [step.params for step in (await workshop.draft(shop)).steps] == [{"text": "Hello"}]
    await workshop.press("Control+z")
    await expect(workshop.panel.get_by_role("button", name="Remove the settings that are not known here")).to_be_visible()
