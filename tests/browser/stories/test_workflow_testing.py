"""Test mode and run history, as a person sees them beside the canvas."""

import re

import pytest
from playwright.async_api import expect

from tests.automation.flows import OPENED, Flows, open_flows, step
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_workflow_canvas import open_workshop
from tests.browser.stories.workshop import Step, Workshop, definition
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser

HI: Step = ("hi", "send_message", {"message": {"text": "Hello {{$contact.firstname}}."}}, {"next": "ask"})
ASK: Step = (
    "ask",
    "ask_question",
    {"question": {"text": "What is it about?"}, "type": "choice", "options": ["Lamps", "Repairs"], "save_variable": "topic"},
    {"success": "ways", "invalid": "bye"},
)
ABOUT_LAMPS = {"$and": [{"category": "variable", "field": "topic", "operator": "isEqualTo", "value": "Lamps"}]}
WAYS: Step = (
    "ways",
    "branch",
    {"branches": [{"id": "b1", "name": "About lamps", "condition": ABOUT_LAMPS}]},
    {"b1": "pause", "else": "bye2"},
)
PAUSE: Step = ("pause", "wait", {"duration": {"value": 2, "unit": "days"}}, {"next": "later"})
LATER: Step = ("later", "send_message", {"message": {"text": "Still there?"}}, {})
BYE: Step = ("bye", "close_conversation", {}, {})
BYE2: Step = ("bye2", "close_conversation", {}, {})
DRAFT = definition(HI, ASK, WAYS, PAUSE, LATER, BYE, BYE2)


@pytest.mark.behaviour(340)
async def test_a_draft_is_tried_in_a_chat_while_its_steps_light_up(shop: Shop, agent_page: AgentPage) -> None:
    workshop = await open_workshop(shop, agent_page, DRAFT)
    page = workshop.page
    await page.get_by_role("button", name="Test", exact=True).click()
    await page.get_by_label("First name").fill("Ada")
    await page.get_by_label("First message").fill("Good morning")
    await page.get_by_role("button", name="Start the test").click()
    chat = page.get_by_role("log", name="Chat")
    await expect(chat).to_contain_text("Good morning")
    await expect(chat).to_contain_text("Hello Ada.")
    await expect(workshop.card("hi")).to_have_accessible_name(re.compile("Done$"))
    await expect(workshop.card("ask")).to_have_accessible_name(re.compile("Waiting$"))
    await chat.get_by_role("button", name="Lamps").click()
    await expect(page.get_by_role("button", name="Skip the time")).to_be_visible()
    assert await accessibility(page) == []
    await page.get_by_role("button", name="Skip the time").click()
    await expect(chat).to_contain_text("Still there?")
    await expect(page.get_by_text("The workflow is done.")).to_be_visible()
    await page.get_by_role("tab", name="5 steps").click()
    await expect(page.get_by_role("tabpanel")).to_contain_text("About lamps holds")
    await expect(page.get_by_role("tabpanel")).to_contain_text("is Lamps")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tabpanel")).to_contain_text("$topic")
    await page.get_by_role("button", name="Start again").click()
    await expect(page.get_by_role("button", name="Start the test")).to_be_visible()
    await expect(page.locator(".wf-light")).to_have_count(0)


@pytest.mark.behaviour(342)
async def test_a_contact_is_found_and_the_draft_tried_with_it(shop: Shop, agent_page: AgentPage) -> None:
    flows = await flows_of(shop)
    await flows.write("grace", "hello")
    workshop = await open_workshop(shop, agent_page, DRAFT)
    page = workshop.page
    await page.get_by_role("button", name="Test", exact=True).click()
    await page.get_by_label("A contact", exact=True).check()
    await expect(page.get_by_role("button", name="Start the test")).to_be_disabled()
    await page.get_by_role("searchbox", name="Find a contact").fill("gra")
    await page.get_by_role("button", name="Grace").click()
    await page.get_by_role("button", name="Start the test").click()
    await expect(page.get_by_role("log", name="Chat")).to_contain_text("Hello Grace.")
    assert await flows.sent() == []


@pytest.mark.behaviour(348)
async def test_numbers_lead_from_the_canvas_to_a_run_and_back_to_its_step(shop: Shop, agent_page: AgentPage) -> None:
    flows = await flows_of(shop)
    id_ = await flows.publish(
        "Topics",
        OPENED,
        *(step(id_, kind, params, **exits) for id_, kind, params, exits in (HI, ASK)),
        step("ways", "wait"),
        step("bye", "wait"),
    )
    await flows.write("ada", "hello")
    await flows.run()
    workshop = Workshop(await agent_page(shop.world.owner), id_)
    await workshop.open()
    page = workshop.page
    await page.get_by_label("Numbers of").select_option("7 days")
    await expect(page.locator(".wf-step", has=workshop.card("ask"))).to_contain_text("1 here")
    await page.get_by_role("link", name="1 inside").click()
    await page.get_by_role("link", name="Ada", exact=True).click()
    await expect(page.get_by_role("main")).to_contain_text("Waits for an answer")
    assert await accessibility(page) == []
    await page.get_by_role("link", name="Ask a question").click()
    await expect(workshop.panel.get_by_label("Name")).to_have_attribute("placeholder", "Ask a question")


async def flows_of(shop: Shop) -> Flows:
    """Published workflows of this workspace; the lane is the product's own."""
    return await open_flows(shop.world)
