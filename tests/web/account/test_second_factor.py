"""Two-step sign-in by the pages: setting it up, signing in with it, what an organization requires."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pyotp
import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.kit import clock
from ismessenger.web.edge import SESSION_COOKIE, TOTP_PAGE
from ismessenger.web.session import STEP_COOKIE, STEP_PAGE
from tests.conftest import PASSWORD
from tests.web.account.post import letters_to
from tests.web.site import Shop, new_browser, sign_in


async def set_up(browser: httpx.AsyncClient) -> tuple[pyotp.TOTP, list[str]]:
    """Switch it on by the pages, some minutes ago; the application and the recovery codes."""
    with clock.shifted(timedelta(minutes=-5)):
        assert (await browser.post(TOTP_PAGE, data={"password": PASSWORD})).status_code == 303
        page = (await browser.get(TOTP_PAGE)).text
        key = re.search(r'<code class="account-secret">([A-Z2-7 ]+)</code>', page)
        assert key, page
        application = pyotp.TOTP(key[1].replace(" ", ""))
        answer = await browser.post(f"{TOTP_PAGE}/confirmation", data={"code": application.at(clock.now())})
    assert answer.status_code == 200, answer.text
    return application, re.findall(r"<code>([a-z2-7-]{19})</code>", answer.text)


async def password(shop: Shop, member: Member, **more: str) -> tuple[httpx.AsyncClient, httpx.Response]:
    browser = new_browser(shop.app)
    return browser, await browser.post("/session", data={"email": member.email, "password": PASSWORD} | more)


async def test_signing_in_takes_the_password_and_a_code(shop: Shop) -> None:
    agent = shop.world.agent
    application, codes = await set_up(await sign_in(shop.app, agent))
    assert len(codes) == 10
    browser, answer = await password(shop, agent, next="/inbox/mine")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{STEP_PAGE}?next=%2Finbox%2Fmine")
    assert SESSION_COOKIE not in browser.cookies
    assert (await browser.get("/inbox")).status_code == 303
    assert 'name="next" value="/inbox/mine"' in (await browser.get(answer.headers["location"])).text
    entered = await browser.post(STEP_PAGE, data={"code": application.at(clock.now()), "next": "/inbox/mine"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/inbox/mine")
    assert (await browser.get("/inbox/mine")).status_code == 200
    assert STEP_COOKIE not in browser.cookies
    assert (await letters_to(shop.installation, agent.email))[0].subject == "Two-step sign-in is on"


@pytest.mark.behaviour(113)
async def test_a_code_lets_one_browser_in(shop: Shop) -> None:
    agent = shop.world.agent
    application, _codes = await set_up(await sign_in(shop.app, agent))
    code = application.at(clock.now())
    first, _answer = await password(shop, agent)
    assert (await first.post(STEP_PAGE, data={"code": code})).status_code == 303
    second, _answer = await password(shop, agent)
    replay = await second.post(STEP_PAGE, data={"code": code})
    assert replay.status_code == 422
    assert "was used already" in replay.text
    assert SESSION_COOKIE not in second.cookies


@pytest.mark.behaviour(113)
async def test_a_recovery_code_lets_in_once_and_is_told(shop: Shop) -> None:
    agent = shop.world.agent
    _application, codes = await set_up(await sign_in(shop.app, agent))
    browser, _answer = await password(shop, agent)
    assert (await browser.post(STEP_PAGE, data={"code": f" {codes[0]} "})).status_code == 303
    assert "9 codes left" in (await browser.get(TOTP_PAGE)).text
    assert "A recovery code was used" in {letter.subject for letter in await letters_to(shop.installation, agent.email)}
    again, _answer = await password(shop, agent)
    assert (await again.post(STEP_PAGE, data={"code": codes[0]})).status_code == 422


async def test_without_the_password_the_second_step_is_closed(shop: Shop) -> None:
    application, _codes = await set_up(await sign_in(shop.app, shop.world.agent))
    browser = new_browser(shop.app)
    assert (await browser.get(STEP_PAGE)).headers["location"] == "/session/new"
    for cookie in ("", "forged", shop.installation.vault.sign(str(shop.world.agent.account_id), "file")):
        browser.cookies.set(STEP_COOKIE, cookie)
        answer = await browser.post(STEP_PAGE, data={"code": application.at(clock.now())})
        assert (answer.status_code, answer.headers["location"]) == (303, "/session/new")
    assert SESSION_COOKIE not in browser.cookies


async def test_the_second_step_waits_ten_minutes(shop: Shop) -> None:
    application, _codes = await set_up(await sign_in(shop.app, shop.world.agent))
    browser, _answer = await password(shop, shop.world.agent)
    with clock.shifted(timedelta(minutes=11)):
        answer = await browser.post(STEP_PAGE, data={"code": application.at(clock.now())})
    assert answer.headers["location"] == "/session/new"


@pytest.mark.behaviour(116)
@pytest.mark.usefixtures("dry_buckets")
async def test_guessing_codes_is_slow_from_whatever_address(shop: Shop) -> None:
    await set_up(await sign_in(shop.app, shop.world.agent))
    browsers = [(await password(shop, shop.world.agent))[0] for _browser in range(6)]
    answers = [await browser.post(STEP_PAGE, data={"code": "000000"}) for browser in browsers]
    # Setting it up counted as one.
    assert [answer.status_code for answer in answers] == [422] * 4 + [429] * 2
    assert "Too many attempts" in answers[-1].text


async def test_it_is_set_up_with_the_password_and_a_code(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    wrong = await browser.post(TOTP_PAGE, data={"password": "not my password"})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.text
    assert "account-secret" not in (await browser.get(TOTP_PAGE)).text
    await browser.post(TOTP_PAGE, data={"password": PASSWORD})
    page = (await browser.get(TOTP_PAGE)).text
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert "style=" not in page
    refused = await browser.post(f"{TOTP_PAGE}/confirmation", data={"code": "000000"})
    assert refused.status_code == 422
    assert "This code does not match." in refused.text
    assert (await browser.get(TOTP_PAGE)).text.count("account-secret") == 1  # the same key can still be confirmed


async def test_recovery_codes_are_shown_once_and_kept_by_no_cache(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    _application, codes = await set_up(browser)
    assert codes[0] not in (await browser.get(TOTP_PAGE)).text
    renewed = await browser.post(f"{TOTP_PAGE}/codes", data={"password": PASSWORD})
    assert renewed.headers["cache-control"] == "no-store"
    assert codes[0] not in renewed.text
    assert (await browser.post(f"{TOTP_PAGE}/codes", data={"password": "x"})).status_code == 422


async def test_it_is_switched_off_with_the_password(shop: Shop) -> None:
    agent = shop.world.agent
    browser = await sign_in(shop.app, agent)
    await set_up(browser)
    assert (await browser.post(f"{TOTP_PAGE}/end", data={"password": "not mine at all"})).status_code == 422
    assert (await password(shop, agent))[1].headers["location"].startswith(STEP_PAGE)
    assert (await browser.post(f"{TOTP_PAGE}/end", data={"password": PASSWORD})).status_code == 303
    assert (await password(shop, agent))[1].headers["location"] == "/inbox"
    assert (await letters_to(shop.installation, agent.email))[-1].subject != ""
    assert "Two-step sign-in is off" in {letter.subject for letter in await letters_to(shop.installation, agent.email)}


async def test_who_lacks_what_the_organization_requires_sets_it_up_first(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    async with shop.installation.tenancy.catalog() as catalog:
        await catalog.execute(
            text(
                "UPDATE catalog.organization SET totp_required_at = now()"
                " WHERE id = (SELECT organization_id FROM catalog.workspace WHERE id = :id)"
            ),
            {"id": shop.world.workspace_id},
        )
    assert (await browser.get("/inbox")).headers["location"] == TOTP_PAGE
    page = await browser.get(TOTP_PAGE)
    assert page.status_code == 200
    assert "Your organization wants everybody to have this." in unescape(page.text)
    assert shop.world.agent.name not in page.text  # nothing of the workspace yet
    await set_up(browser)
    assert (await browser.get("/inbox")).status_code == 200
