"""A forgotten password: a letter, a link that works once and for an hour, a new password."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ismessenger.kit import clock
from ismessenger.web.edge import SESSION_COOKIE
from tests.conftest import PASSWORD
from tests.web.account.post import letters_to, link_to, somebody
from tests.web.site import Shop, new_browser, sign_in

NEW = "violet ladder marmalade"


async def ask(shop: Shop, email: str) -> int:
    return (await new_browser(shop.app).post("/password-resets", data={"email": email})).status_code


async def test_a_link_sets_a_new_password_and_ends_every_session(shop: Shop) -> None:
    agent = shop.world.agent
    before = await sign_in(shop.app, agent)
    await ask(shop, agent.email)
    link, browser = await link_to(shop.installation, agent.email), new_browser(shop.app)
    assert agent.email in (await browser.get(link)).text
    answer = await browser.post(link, data={"password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/session/new?password")
    assert "Your password is changed. Sign in with it." in (await browser.get("/session/new?password")).text
    assert SESSION_COOKIE not in browser.cookies
    assert (await before.get("/inbox")).status_code == 303
    assert (await browser.post("/session", data={"email": agent.email, "password": PASSWORD})).status_code == 422
    assert (await browser.post("/session", data={"email": agent.email, "password": NEW})).status_code == 303
    assert "Your password was changed" in {letter.subject for letter in await letters_to(shop.installation, agent.email)}


@pytest.mark.behaviour(112)
async def test_a_reset_link_works_once(shop: Shop) -> None:
    email = shop.world.agent.email
    await ask(shop, email)
    link = await link_to(shop.installation, email)
    for _time in range(3):
        assert (await new_browser(shop.app).get(link)).status_code == 200
    assert (await new_browser(shop.app).post(link, data={"password": NEW})).status_code == 303
    for answer in (await new_browser(shop.app).get(link), await new_browser(shop.app).post(link, data={"password": PASSWORD})):
        assert answer.status_code == 410
        assert "This link was used already." in answer.text
        assert 'href="/password-resets/new"' in answer.text
    assert (await new_browser(shop.app).post("/session", data={"email": email, "password": NEW})).status_code == 303


@pytest.mark.behaviour(112)
async def test_a_reset_link_works_for_an_hour(shop: Shop) -> None:
    email = shop.world.agent.email
    await ask(shop, email)
    link = await link_to(shop.installation, email)
    with clock.shifted(timedelta(minutes=59)):
        assert (await new_browser(shop.app).get(link)).status_code == 200
    with clock.shifted(timedelta(minutes=61)):
        answer = await new_browser(shop.app).post(link, data={"password": NEW})
    assert answer.status_code == 410
    assert "This link has expired." in answer.text
    assert (await new_browser(shop.app).post("/session", data={"email": email, "password": PASSWORD})).status_code == 303


async def test_one_reset_makes_the_other_links_useless(shop: Shop) -> None:
    email = shop.world.agent.email
    await ask(shop, email)
    first = await link_to(shop.installation, email)
    await ask(shop, email)
    second = await link_to(shop.installation, email)
    assert first != second
    assert (await new_browser(shop.app).post(first, data={"password": NEW})).status_code == 303
    assert (await new_browser(shop.app).post(second, data={"password": PASSWORD})).status_code == 410


@pytest.mark.behaviour(111)
async def test_an_unknown_address_is_answered_the_same(shop: Shop) -> None:
    known, unknown = shop.world.agent.email, somebody()
    answers = [await new_browser(shop.app).post("/password-resets", data={"email": email}) for email in (known, unknown)]
    assert len({(answer.status_code, answer.headers["location"], answer.text) for answer in answers}) == 1
    assert len(await letters_to(shop.installation, known)) == 1
    assert await letters_to(shop.installation, unknown) == []


async def test_a_password_that_is_easy_to_guess_is_refused_and_the_link_still_works(shop: Shop) -> None:
    await ask(shop, shop.world.agent.email)
    link = await link_to(shop.installation, shop.world.agent.email)
    for password, words in (("short", "at least 12 characters"), ("password123456", "easy to guess")):
        answer = await new_browser(shop.app).post(link, data={"password": password})
        assert answer.status_code == 422
        assert words in answer.text
    assert (await new_browser(shop.app).post(link, data={"password": NEW})).status_code == 303


async def test_a_link_to_an_address_that_the_account_left_is_refused(shop: Shop) -> None:
    agent = shop.world.agent
    await ask(shop, agent.email)
    link = await link_to(shop.installation, agent.email)
    async with shop.installation.tenancy.catalog() as catalog:
        await catalog.execute(text("UPDATE catalog.account SET email = :e WHERE id = :id"), {"e": somebody(), "id": agent.account_id})
    assert (await new_browser(shop.app).post(link, data={"password": NEW})).status_code == 410


async def test_a_reset_does_not_go_around_the_second_factor(shop: Shop) -> None:
    agent = shop.world.agent
    async with shop.installation.tenancy.catalog() as catalog:
        await catalog.execute(text("UPDATE catalog.account SET totp_enabled_at = now() WHERE id = :id"), {"id": agent.account_id})
    await ask(shop, agent.email)
    browser = new_browser(shop.app)
    await browser.post(await link_to(shop.installation, agent.email), data={"password": NEW})
    answer = await browser.post("/session", data={"email": agent.email, "password": NEW})
    assert answer.headers["location"].startswith("/session/second-factor")
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.behaviour(116)
@pytest.mark.usefixtures("dry_buckets")
async def test_letters_to_one_address_are_few_and_one_browser_asks_slowly(shop: Shop) -> None:
    assert [await ask(shop, shop.world.agent.email) for _time in range(6)] == [303] * 5 + [429]
    one = new_browser(shop.app)
    answers = [(await one.post("/password-resets", data={"email": somebody()})).status_code for _time in range(11)]
    assert answers == [303] * 10 + [429]


@pytest.mark.parametrize("email", ["", "nobody", "a@b\r\nBcc: c@d", "x" * 400, "\x00@\x00"])
async def test_what_is_no_address_is_said(shop: Shop, email: str) -> None:
    answer = await new_browser(shop.app).post("/password-resets", data={"email": email})
    assert answer.status_code == 422
    assert 'name="email"' in answer.text


@pytest.mark.parametrize("token", ["x", "x" * 43, "%F0%9F%98%80", "..%2F.."])
async def test_a_link_that_nobody_made_is_refused(shop: Shop, token: str) -> None:
    assert (await new_browser(shop.app).get(f"/password-resets/{token}")).status_code in {404, 410}
    assert (await new_browser(shop.app).post(f"/password-resets/{token}", data={"password": NEW})).status_code in {404, 410}
