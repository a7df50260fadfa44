"""Signing in and out by the pages."""

import pytest
from starlette.applications import Starlette

from ismessenger.web.app import create_app_for
from ismessenger.web.edge import SESSION_COOKIE, local_path
from tests.conftest import PASSWORD
from tests.web.site import Shop, new_browser, sign_in


async def test_a_stranger_is_led_to_the_sign_in_and_back(shop: Shop) -> None:
    browser = new_browser(shop.app)
    answer = await browser.get("/inbox/mine?status=closed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/session/new?next=%2Finbox%2Fmine%3Fstatus%3Dclosed")
    form = await browser.get(answer.headers["location"])
    assert 'name="next" value="/inbox/mine?status=closed"' in form.text
    signed_in = await browser.post(
        "/session", data={"email": shop.world.agent.email, "password": PASSWORD, "next": "/inbox/mine?status=closed"}
    )
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/inbox/mine?status=closed")
    assert (await browser.get("/inbox/mine")).status_code == 200


@pytest.mark.parametrize("headers", [{"Turbo-Frame": "thread"}, {"Accept": "text/vnd.turbo-stream.html"}, {"Accept": "application/json"}])
async def test_what_is_no_page_is_told_401(shop: Shop, headers: dict[str, str]) -> None:
    assert (await new_browser(shop.app).get("/inbox", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "inbox", ""),
        *("/\tevil", "/ok\nSet-Cookie: a=b", "//[", "/session/new?next=/session/new", "/" + "x" * 600),
    ],
)
async def test_nobody_is_sent_to_another_site_after_signing_in(shop: Shop, target: str) -> None:
    assert local_path(target) == "/inbox"
    browser = new_browser(shop.app)
    answer = await browser.post("/session", data={"email": shop.world.agent.email, "password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/inbox"


async def test_the_cookie_is_kept_from_scripts_and_other_sites(shop: Shop) -> None:
    browser = new_browser(shop.app)
    answer = await browser.post("/session", data={"email": shop.world.agent.email.upper(), "password": PASSWORD})
    cookie = next(value for name, value in answer.headers.multi_items() if name == "set-cookie" and SESSION_COOKIE in value)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # this address is http


async def test_behind_https_the_cookie_goes_over_https_only(shop: Shop) -> None:
    installation = shop.installation
    before = installation.settings.public_url
    installation.settings.public_url = "https://chat.example"
    try:
        secure: Starlette = create_app_for(installation)
        async with secure.router.lifespan_context(secure):
            answer = await new_browser(secure).post("/session", data={"email": shop.world.agent.email, "password": PASSWORD})
    finally:
        installation.settings.public_url = before
    cookie = next(value for name, value in answer.headers.multi_items() if name == "set-cookie" and SESSION_COOKIE in value)
    assert "Secure" in cookie


async def test_a_wrong_password_and_an_unknown_address_read_the_same(shop: Shop) -> None:
    browser = new_browser(shop.app)
    wrong = await browser.post("/session", data={"email": shop.world.agent.email, "password": "wrong password 1"})
    unknown = await browser.post("/session", data={"email": "nobody@example.com", "password": "wrong password 1"})
    assert wrong.status_code == unknown.status_code == 422
    assert "E-mail and password do not match." in wrong.text
    assert wrong.text.replace(shop.world.agent.email, "") == unknown.text.replace("nobody@example.com", "")
    assert f'value="{shop.world.agent.email}"' in wrong.text
    assert "wrong password 1" not in wrong.text
    assert SESSION_COOKIE not in browser.cookies


async def test_every_sign_in_has_a_new_session_and_ends_the_one_before(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    first = browser.cookies[SESSION_COOKIE]
    await browser.post("/session", data={"email": shop.world.owner.email, "password": PASSWORD})
    assert browser.cookies[SESSION_COOKIE] != first
    stale = new_browser(shop.app)
    stale.cookies.set(SESSION_COOKIE, first)
    assert (await stale.get("/inbox")).status_code == 303
    assert shop.world.owner.name in (await browser.get("/inbox")).text


async def test_signing_out_ends_the_session(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    token = browser.cookies[SESSION_COOKIE]
    answer = await browser.post("/session", data={"_method": "delete"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/session/new")
    assert SESSION_COOKIE not in browser.cookies
    stale = new_browser(shop.app)
    stale.cookies.set(SESSION_COOKIE, token)
    assert (await stale.get("/inbox")).status_code == 303


async def test_a_member_who_was_removed_is_out_at_once(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    await shop.change("UPDATE member SET removed_at = now() WHERE id = :id", id=shop.world.agent.id)
    assert (await browser.get("/inbox")).status_code == 303


@pytest.mark.usefixtures("dry_buckets")
async def test_guessing_is_slowed_down_for_an_account_and_for_an_address(shop: Shop, other_shop: Shop) -> None:
    email = shop.world.agent.email
    answers = [await new_browser(shop.app).post("/session", data={"email": email, "password": "x"}) for _time in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Retry-After" in answers[-1].headers
    assert "Too many attempts" in answers[-1].text
    one = new_browser(shop.app)
    answers = [await one.post("/session", data={"email": f"{number}@example.com", "password": "x"}) for number in range(11)]
    assert answers[-1].status_code == 429
    assert (
        await new_browser(shop.app).post("/session", data={"email": other_shop.world.agent.email, "password": PASSWORD})
    ).status_code == 303


async def test_a_page_of_another_site_cannot_sign_anybody_in(shop: Shop) -> None:
    browser = new_browser(shop.app)
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    answer = await browser.post("/session", data={"email": shop.world.agent.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert SESSION_COOKIE not in browser.cookies


async def test_whoever_is_signed_in_does_not_see_the_form(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.get("/session/new?next=/inbox/mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox/mine")


@pytest.mark.parametrize("body", [{"email": "a\x00b@example.com", "password": "\x00"}, {"email": "x" * 300}, {"password": "y" * 2000}, {}])
async def test_strange_words_in_the_form_are_answered_with_the_form(shop: Shop, body: dict[str, str]) -> None:
    answer = await new_browser(shop.app).post("/session", data=body)
    assert answer.status_code == 422
    assert 'name="password"' in answer.text
