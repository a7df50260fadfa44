"""People come in: a sign-up by letter, two-step sign-in at another browser, and every page of the person."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.async_api import FilePayload, Page, expect
from sqlalchemy import text

from ismessenger.accounts.change_password import reset_by_hand
from ismessenger.kit import clock
from tests.browser.stories.conftest import AgentPage, Opens, Product
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look
from tests.conftest import PASSWORD
from tests.kit.test_pixels import png
from tests.web.account.post import link_to, somebody

pytestmark = pytest.mark.browser


async def fill(page: Page, **fields: str) -> None:
    for label, words in fields.items():
        await page.get_by_label(label.replace("_", " "), exact=True).fill(words)


async def sign_in(page: Page, product: Product, email: str) -> None:
    await page.goto(f"{product.address}/session/new")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def set_up(page: Page, product: Product) -> tuple[pyotp.TOTP, str]:
    """Switch two-step sign-in on, as if it had been some minutes ago; the application and a recovery code."""
    with clock.shifted(timedelta(minutes=-5)):
        await page.goto(f"{product.address}/account/second-factor")
        await page.get_by_label("Your password").fill(PASSWORD)
        await page.get_by_role("button", name="Set it up").click()
        key = await page.locator(".account-secret").inner_text()
        application = pyotp.TOTP(key.replace(" ", ""))
        await page.get_by_role("textbox", name="Code").fill(application.at(clock.now()))
        await page.get_by_role("button", name="Switch two-step sign-in on").click()
        await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    return application, await page.locator(".account-codes code").first.inner_text()


async def test_somebody_signs_up_and_comes_back_on_the_telephone(product: Product, shop: Shop, opens: Opens) -> None:
    assert shop.world.owner  # not the first person here, who needs no letter
    email, (context, watch) = somebody(), await opens("newcomer")
    watch.expect("422", "410")
    page = await context.new_page()
    await page.goto(f"{product.address}/session/new")
    await page.get_by_role("link", name="Create an account").click()
    await fill(page, Your_name="Ada Nwosu", Password="password123456", Organization="Lumen Group", First_workspace="Lumen Lamps")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("alert")).to_contain_text("easy to guess")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    link = product.address + await link_to(product.installation, email)
    await page.goto(link)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Open Lumen Lamps").click()
    await expect(page).to_have_url(re.compile("/inbox"))
    await page.goto(f"{product.address}/account/profile")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Ada Nwosu")
    await page.goto(link)
    await expect(page.get_by_text("This link was used already.")).to_be_visible()
    phone, _watch = await opens("telephone", phone=True)
    on_phone = await phone.new_page()
    await sign_in(on_phone, product, email)
    await expect(on_phone).to_have_url(re.compile("/inbox"))


async def test_a_second_browser_needs_the_code_and_is_signed_out_from_the_first(
    product: Product, shop: Shop, agent_page: AgentPage, opens: Opens
) -> None:
    desk = await agent_page(shop.world.agent)
    application, recovery = await set_up(desk.page, product)
    await desk.page.get_by_role("link", name="I have kept them").click()
    await expect(desk.page.get_by_text("10 codes left")).to_be_visible()
    await desk.page.go_back()
    await expect(desk.page.get_by_role("heading", name="Two-step sign-in")).to_be_visible()
    await expect(desk.page.get_by_text(recovery)).to_have_count(0)
    context, watch = await opens("another browser")
    watch.expect("422", "401")
    page = await context.new_page()
    await sign_in(page, product, shop.world.agent.email)
    await page.get_by_role("textbox", name="Code").fill("000000")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("This code does not match")
    await page.get_by_role("textbox", name="Code").fill(application.at(clock.now()))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(re.compile("/inbox"))
    await desk.page.goto(f"{product.address}/account/sessions")
    await desk.page.get_by_role("button", name="Sign out", exact=True).last.click()
    await expect(desk.page.get_by_text("Signed out there.")).to_be_visible()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_every_page_of_a_person(product: Product, shop: Shop, agent_page: AgentPage, opens: Opens, phone: bool) -> None:
    desk, width, found = await agent_page(shop.world.owner, phone=phone), 390 if phone else 1440, []
    desk.watch.expect("422", "410")
    page, owner = desk.page, shop.world.owner
    async with product.installation.tenancy.catalog() as catalog:
        await catalog.execute(text("UPDATE catalog.account SET email_verified_at = NULL WHERE id = :id"), {"id": owner.account_id})
    await desk.open("/inbox")
    found += await look(page, "unconfirmed", width)
    for name in ("profile", "access", "second-factor", "sessions"):
        await page.goto(f"{product.address}/account/{name}")
        found += await look(page, f"account-{name}", width)
    await page.goto(f"{product.address}/account/profile")
    picture: FilePayload = {"name": "me.png", "mimeType": "image/png", "buffer": png(64, 64)}
    await page.get_by_label("Picture file").set_input_files(picture)
    await page.get_by_role("button", name="Use this picture").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    found += await look(page, "account-picture", width)
    await page.goto(f"{product.address}/account/access")
    await fill(page, Present_password="not my password", New_password="violet ladder marmalade")
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found += await look(page, "account-access-wrong", width)
    await set_up(page, product)
    found += await look(page, "recovery-codes", width)
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.get_by_text("10 codes left")).to_be_visible()
    found += await look(page, "account-second-factor-on", width)
    context, watch = await opens("stranger", phone=phone)
    watch.expect("410", "422")
    page = await context.new_page()
    reset = await reset_by_hand(product.installation, owner.email)
    addresses = {
        "sign-up": "/sign-up",
        "sign-up-sent": "/sign-up/sent",
        "reset-new": "/password-resets/new",
        "reset-sent": "/password-resets/sent",
    }
    for name, path in {**addresses, "reset": reset.removeprefix(product.address), "link-refused": "/password-resets/none"}.items():
        await page.goto(product.address + path)
        found += await look(page, name, width)
    await sign_in(page, product, owner.email)
    await expect(page.get_by_role("textbox", name="Code")).to_be_visible()
    found += await look(page, "second-step", width)
    assert found == [], "\n".join(found)
