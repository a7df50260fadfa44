"""Signing up by the pages: at once for the first person, by a letter for everybody else."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from ismessenger.installation import Installation
from ismessenger.kit import clock
from ismessenger.web.edge import SESSION_COOKIE
from tests.conftest import PASSWORD
from tests.web.account.post import letters_to, link_to, somebody
from tests.web.site import Shop, new_browser

FORM = {"name": "Ada Nwosu", "password": PASSWORD, "organization": "Lumen", "workspace": "Lumen shop"}


async def sign_up(app: Starlette, email: str, **changes: str) -> tuple[httpx.AsyncClient, httpx.Response]:
    browser = new_browser(app)
    return browser, await browser.post("/sign-up", data=FORM | {"email": email} | changes)


def without(html: str, email: str) -> str:
    """A page as another browser and another person would get it."""
    return re.sub(r'(nonce"? ?(content)?=")[^"]*', "", html).replace(email, "")


async def count(installation: Installation, table: str, **values: object) -> int:
    where = " AND ".join(f"{name} = :{name}" for name in values)
    async with installation.tenancy.catalog() as catalog:
        return int((await catalog.execute(text(f"SELECT count(*) FROM catalog.{table} WHERE {where}"), values)).scalar_one())


async def test_the_first_person_comes_in_at_once_and_owns_what_they_named(deserted: Starlette) -> None:
    installation: Installation = deserted.state.installation
    assert 'href="/sign-up"' in (await new_browser(deserted).get("/session/new")).text
    email = somebody()
    browser, answer = await sign_up(deserted, email.upper())
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    page = (await browser.get("/inbox")).text
    assert "Lumen shop" in page
    assert f"open the link in the letter to {email}" in page
    async with installation.tenancy.catalog() as catalog:
        row = (
            await catalog.execute(
                text(
                    "SELECT o.name, p.role, w.name AS workspace FROM catalog.organization o JOIN catalog.workspace w"
                    " ON w.organization_id = o.id JOIN catalog.organization_member p ON p.organization_id = o.id"
                )
            )
        ).one()
    assert tuple(row) == ("Lumen", "admin", "Lumen shop")
    assert (await browser.get("/settings/channels")).status_code == 200
    link = await link_to(installation, email)
    assert (await browser.post(link)).status_code == 200
    assert "open the link in the letter" not in (await browser.get("/inbox")).text


async def test_after_the_first_person_the_door_is_closed(deserted: Starlette) -> None:
    answers = await asyncio.gather(*(sign_up(deserted, somebody()) for _person in range(3)))
    assert sorted(answer.status_code for _browser, answer in answers) == [303, 403, 403]
    late = new_browser(deserted)
    assert "Sign-up is closed" in (await late.get("/sign-up")).text
    assert 'href="/sign-up"' not in (await late.get("/session/new")).text


async def test_the_people_of_the_demo_shop_are_nobody(deserted: Starlette) -> None:
    async with deserted.state.installation.tenancy.catalog() as catalog:
        await catalog.execute(
            text(
                "INSERT INTO catalog.account (email, name, password_hash, totp_step, picture, language, timezone, created_at)"
                " VALUES ('olivia@pedal.example', 'Olivia', '', 0, '', '', '', now())"
            )
        )
    assert (await new_browser(deserted).get("/sign-up")).status_code == 200
    _browser, answer = await sign_up(deserted, somebody())
    assert answer.status_code == 303


async def test_an_installation_can_be_closed_from_the_begin(deserted: Starlette) -> None:
    deserted.state.installation.settings.sign_up = "closed"
    _browser, answer = await sign_up(deserted, somebody())
    assert answer.status_code == 403


@pytest.mark.usefixtures("everybody_may_sign_up")
async def test_everybody_else_comes_in_by_a_letter(shop: Shop) -> None:
    email = somebody()
    browser, answer = await sign_up(shop.app, email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-up/sent")
    assert "Look into your mailbox" in (await browser.get("/sign-up/sent")).text
    assert SESSION_COOKIE not in browser.cookies
    assert await count(shop.installation, "account", email=email) == 0
    link = await link_to(shop.installation, email)
    elsewhere = new_browser(shop.app)  # on the telephone
    assert "Ada Nwosu" in (await elsewhere.get(link)).text
    entered = await elsewhere.post(link, data={"password": PASSWORD})
    assert (entered.status_code, entered.headers["location"]) == (303, "/inbox")
    page = (await elsewhere.get("/inbox")).text
    assert "Lumen shop" in page
    assert "open the link in the letter" not in page  # it was


@pytest.mark.behaviour(111)
@pytest.mark.usefixtures("everybody_may_sign_up")
async def test_an_address_with_an_account_is_answered_the_same_and_gets_a_letter(shop: Shop) -> None:
    known, unknown = shop.world.agent.email, somebody()
    answers = [(await sign_up(shop.app, email))[1] for email in (known, unknown)]
    assert [(answer.status_code, answer.headers["location"], answer.text) for answer in answers] == [(303, "/sign-up/sent", "")] * 2
    assert {name for answer in answers for name in answer.cookies} == set()
    assert (await letters_to(shop.installation, known))[-1].subject == "You have an account already"
    assert (await letters_to(shop.installation, unknown))[-1].subject == "Confirm your sign-up"
    # Neither does signing in with what was just chosen tell them apart.
    texts = [
        without((await new_browser(shop.app).post("/session", data={"email": email, "password": "another fine password"})).text, email)
        for email in (known, unknown)
    ]
    assert texts[0] == texts[1]


@pytest.mark.usefixtures("everybody_may_sign_up")
async def test_whoever_opens_the_letter_needs_the_password_too(shop: Shop) -> None:
    email = somebody()
    await sign_up(shop.app, email)
    link, owner = await link_to(shop.installation, email), new_browser(shop.app)
    answer = await owner.post(link, data={"password": "a guess of the owner"})
    assert answer.status_code == 422
    assert "This is not the password that you signed up with." in answer.text
    assert await count(shop.installation, "account", email=email) == 0


@pytest.mark.behaviour(112)
@pytest.mark.usefixtures("everybody_may_sign_up")
async def test_a_link_of_a_sign_up_works_once_and_for_a_day(shop: Shop) -> None:
    email, late = somebody(), somebody()
    await sign_up(shop.app, email)
    await sign_up(shop.app, late)
    link = await link_to(shop.installation, email)
    for _time in range(3):  # programs that look for viruses open links
        assert (await new_browser(shop.app).get(link)).status_code == 200
    assert (await new_browser(shop.app).post(link, data={"password": PASSWORD})).status_code == 303
    again = await new_browser(shop.app).post(link, data={"password": PASSWORD})
    assert again.status_code == 410
    assert "This link was used already." in again.text
    assert 'href="/session/new"' in again.text
    with clock.shifted(timedelta(hours=25)):
        old = await new_browser(shop.app).get(await link_to(shop.installation, late))
    assert old.status_code == 410
    assert "This link has expired." in old.text
    assert (await new_browser(shop.app).get("/sign-up/" + "x" * 43)).status_code == 410


@pytest.mark.usefixtures("everybody_may_sign_up")
async def test_a_confirmation_that_was_cut_off_goes_on(shop: Shop) -> None:
    email = somebody()
    await sign_up(shop.app, email)
    link = await link_to(shop.installation, email)
    await new_browser(shop.app).post(link, data={"password": PASSWORD})
    async with shop.installation.tenancy.catalog() as catalog:  # as if the process had ended after the account was there
        await catalog.execute(text("UPDATE catalog.sign_up SET used_at = NULL WHERE email = :email"), {"email": email})
        await catalog.execute(
            text("DELETE FROM catalog.membership USING catalog.account a WHERE a.id = account_id AND a.email = :email"), {"email": email}
        )
    browser = new_browser(shop.app)
    assert (await browser.post(link, data={"password": PASSWORD})).status_code == 303
    assert "Lumen shop" in (await browser.get("/inbox")).text


@pytest.mark.usefixtures("everybody_may_sign_up")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "A person needs a name"),
        ({"organization": " "}, "An organization needs a name"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "password12345"}, "easy to guess"),
        ({"organization": ""}, "An organization needs a name"),
        ({"workspace": "x" * 101}, "A workspace needs a name"),
        ({"name": "x" * 400}, "name"),
    ],
)
async def test_what_cannot_be_is_said_and_the_rest_stays_typed(shop: Shop, changes: dict[str, str], words: str) -> None:
    _browser, answer = await sign_up(shop.app, "ada@example.com", **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert PASSWORD not in answer.text
    if len(changes.get("name", "")) < 300:
        assert 'value="Lumen' in answer.text or "organization" in changes


@pytest.mark.usefixtures("everybody_may_sign_up")
async def test_what_is_no_address_is_said(shop: Shop) -> None:
    _browser, answer = await sign_up(shop.app, "nobody")
    assert (answer.status_code, "is not an e-mail address" in answer.text) == (422, True)


@pytest.mark.usefixtures("everybody_may_sign_up")
async def test_without_a_workspaces_name_it_is_called_like_the_organization(shop: Shop) -> None:
    email = somebody()
    await sign_up(shop.app, email, workspace="")
    browser = new_browser(shop.app)
    await browser.post(await link_to(shop.installation, email), data={"password": PASSWORD})
    assert await count(shop.installation, "workspace", name="Lumen") >= 1


@pytest.mark.behaviour(116)
@pytest.mark.usefixtures("everybody_may_sign_up", "dry_buckets")
async def test_nobodys_mailbox_is_filled_by_sign_ups(shop: Shop) -> None:
    email = somebody()
    answers = [(await sign_up(shop.app, email))[1].status_code for _time in range(7)]
    assert answers == [303] * 5 + [429] * 2
    assert len(await letters_to(shop.installation, email)) == 5
