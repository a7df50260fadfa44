"""People come in, are let in by others, and are held back: from signing up to the first answered message."""

import re
from urllib.parse import urlsplit

import httpx
import pyotp
import pytest
from playwright.async_api import Page, expect
from sqlmodel import col, select

from ismessenger.kit.ids import new_token
from ismessenger.tenancy.catalog import Letter
from tests.browser.stories.conftest import AgentPage, Opens, Product
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop
from tests.browser.stories.visitor import Visitor
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


def somebody() -> str:
    """An address that nobody has yet."""
    return f"{new_token(9).strip('-_').lower()}@people.test"


async def link_in_letter(product: Product, to: str) -> str:
    """The link of the newest letter to an address."""
    statement = select(Letter.text).where(Letter.to == to).order_by(col(Letter.id).desc()).limit(1)
    async with product.installation.tenancy.catalog() as catalog:
        words = (await catalog.execute(statement)).scalar_one()
    found = re.search(r"https?://\S+", words)
    assert found, words
    return found[0]


async def signs_in(page: Page, product: Product, email: str, password: str = PASSWORD) -> None:
    await page.goto(f"{product.address}/session/new")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


@pytest.mark.usefixtures("shop")  # somebody is here already: the first person of an installation would need no letter
async def test_from_signing_up_to_the_first_answered_message(product: Product, opens: Opens, origin: str) -> None:
    context, _watch = await opens("Nora")
    page, email = await context.new_page(), somebody()
    await page.goto(f"{product.address}/sign-up")
    await page.get_by_label("Your name").fill("Nora Holm")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill("seven tall lamps on a pier")
    await page.get_by_label("Organization").fill("Lamp & Light")
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()

    await page.goto(await link_in_letter(product, email))
    await page.get_by_label("Password").fill("seven tall lamps on a pier")
    await page.get_by_role("button", name="Open Lamp & Light").click()
    await expect(page.get_by_role("heading", name="Inbox", level=2)).to_be_visible()

    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("link", name="Channels", exact=True).click()
    await page.get_by_role("link", name=re.compile("Website chat")).first.click()
    await page.get_by_label("Name", exact=True).first.fill("Shop chat")
    await page.get_by_role("button", name="Connect", exact=True).click()
    await expect(page.get_by_text("Connected. Follow the steps below")).to_be_visible()
    found = re.search(r'data-channel="(\w+)"', await page.locator("main").inner_text())
    assert found, "the page shows no script tag"

    outside, _other = await opens("visitor")
    guest = Visitor(None, origin, outside, await outside.new_page())  # type: ignore[arg-type]
    await guest.page.goto(f"{origin}/?channel={found[1]}")
    await guest.launcher.click()
    await guest.says("Do you repair lamps?")

    await page.get_by_role("link", name="Inbox").click()
    desk = Desk(None, context, page, _watch, product.address)  # type: ignore[arg-type]
    await page.locator(".contact-card").get_by_role("link").click()
    await expect(desk.bubble("Do you repair lamps?")).to_have_count(1)
    await desk.says("We do, bring it by.")
    await guest.hears("We do, bring it by.")


async def test_an_invited_person_joins_and_a_restricted_one_sees_own_contacts_only(
    product: Product, opens: Opens, agent_page: AgentPage, shop: Shop
) -> None:
    channel_id = await shop.quiet()
    mine = await shop.wrote(channel_id, "Ada", "For the new one")
    await shop.wrote(channel_id, "Bo", "For the others")
    owner, email = await agent_page(shop.world.owner), somebody()
    await owner.page.goto(f"{owner.address}/settings/users")
    await owner.page.get_by_role("link", name="Invite", exact=True).click()
    await owner.page.get_by_label("E-mail").fill(email)
    await owner.page.get_by_label("Only contacts assigned to them").check()
    await owner.page.get_by_role("button", name="Send invitation").click()
    await expect(owner.page.get_by_text(email).first).to_be_visible()

    context, watch = await opens("Mio")
    page = await context.new_page()
    link = await link_in_letter(product, email)
    await page.goto(link)
    await page.get_by_label("Your name").fill("Mio Lind")
    await page.get_by_label("Password").fill("nine green boats at noon")
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_role("navigation", name="Inboxes").get_by_role("link")).to_have_text([re.compile("^Mine"), "New inbox"])
    await expect(page.locator(".contact-card")).to_have_count(0)
    await expect(page.get_by_role("link", name="Settings")).to_have_count(0)

    await owner.open(f"/inbox/all/contacts/{mine}")
    await owner.assigns("Mio Lind")
    await expect(page.locator(".contact-card-name")).to_have_text(["Ada"])

    # The link works once.
    stranger, other = await opens("stranger")
    other.expect("answer: 4", "console: Failed to load")
    second = await stranger.new_page()
    await second.goto(link)
    await expect(second.get_by_role("heading", name="This invitation is over")).to_be_visible()

    # Whoever is removed is out at once, and the contacts are nobody's.
    watch.expect("answer: 4", "console: Failed to load")
    await owner.page.goto(f"{owner.address}/settings/users")
    await owner.page.locator(".settings-row, li, tr").filter(has_text="Mio Lind").get_by_role("link", name="Edit").click()
    await owner.page.get_by_role("button", name=re.compile("^Remove")).first.click()
    await owner.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Remove")).click()
    await expect(owner.page.get_by_text("Mio Lind")).to_have_count(0)
    await page.goto(f"{product.address}/inbox")
    await expect(page.locator(".contact-card")).to_have_count(0)
    assert await shop.rows("SELECT assignee_id FROM contact WHERE id = :id", id=mine) == [(None,)]


async def test_two_steps_to_sign_in_and_a_recovery_code_in_place_of_the_telephone(product: Product, opens: Opens, shop: Shop) -> None:
    context, _watch = await opens("Agent")
    page, email = await context.new_page(), shop.world.agent.email
    await signs_in(page, product, email)
    await expect(page.get_by_role("heading", name="Inbox", level=2)).to_be_visible()
    await page.goto(f"{product.address}/account/second-factor")
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Set it up").click()
    secret = re.sub(r"\s", "", await page.locator(".account-secret").inner_text())
    await page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Switch two-step sign-in on").click()
    await expect(page.get_by_role("heading", name="Your recovery codes").first).to_be_visible()
    codes = re.findall(r"\b[0-9a-z]{4,}(?:-[0-9a-z]{4,})+\b", await page.locator("main").inner_text())
    assert len(codes) == 10

    elsewhere, watch = await opens("Agent elsewhere")
    watch.expect("answer: 422", "console: Failed to load")
    other = await elsewhere.new_page()
    await signs_in(other, product, email)
    await expect(other.get_by_role("heading", name="Enter your code")).to_be_visible()
    assert urlsplit(other.url).path != "/inbox"
    await other.get_by_role("textbox", name="Code").fill("000000")
    await other.get_by_role("button", name="Sign in").click()
    await expect(other.get_by_role("alert")).to_be_visible()
    await other.get_by_role("textbox", name="Code").fill(codes[0])
    await other.get_by_role("button", name="Sign in").click()
    await expect(other.get_by_role("heading", name="Inbox", level=2)).to_be_visible()

    # The code was for once.
    third, watch = await opens("Somebody with the same code")
    watch.expect("answer: 422", "console: Failed to load")
    again = await third.new_page()
    await signs_in(again, product, email)
    await again.get_by_role("textbox", name="Code").fill(codes[0])
    await again.get_by_role("button", name="Sign in").click()
    await expect(again.get_by_role("alert")).to_be_visible()


async def test_whoever_forgot_the_password_sets_a_new_one_and_other_browsers_are_signed_out(
    product: Product, opens: Opens, shop: Shop, http: httpx.AsyncClient
) -> None:
    email = shop.world.agent.email
    old = await http.post("/session", data={"email": email, "password": PASSWORD}, headers={"Origin": product.address})
    assert old.status_code == 303
    context, _watch = await opens("Agent")
    page = await context.new_page()
    await page.goto(f"{product.address}/session/new")
    await page.get_by_role("link", name="Forgot password").click()
    # The page before has such a field too.
    await expect(page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_role("button").filter(has_text=re.compile("letter|link|Send", re.IGNORECASE)).first.click()
    await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    await page.goto(await link_in_letter(product, email))
    await page.get_by_label(re.compile("password", re.IGNORECASE)).first.fill("twelve quiet owls in march")
    await page.locator("main form button").first.click()
    await expect(page).to_have_url(re.compile(r"/(inbox|session/new)"))
    if "/session/new" in page.url:
        await signs_in(page, product, email, "twelve quiet owls in march")
    await expect(page.get_by_role("heading", name="Inbox", level=2)).to_be_visible()
    assert (await http.get("/inbox", headers={"Accept": "text/html"})).status_code == 303
