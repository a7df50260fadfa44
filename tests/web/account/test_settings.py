"""Personal settings: profile and picture, e-mail and password, browsers."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.sign_up import create_account
from ismessenger.files.store import FileMissing
from ismessenger.kit import clock
from ismessenger.kit.crypto import digest
from ismessenger.web.edge import SESSION_COOKIE
from tests.conftest import PASSWORD
from tests.kit.test_pixels import png
from tests.web.account.post import letters_to, link_to, somebody
from tests.web.site import Shop, new_browser, sign_in

NEW = "violet ladder marmalade"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGES = ("/account/profile", "/account/access", "/account/second-factor", "/account/sessions")


async def profile(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    return await browser.post("/account/profile", data={"name": "Ada Nwosu", "language": "", "timezone": ""} | changes)


@pytest.mark.parametrize("path", PAGES)
async def test_everybody_has_an_account_page_also_without_a_workspace(shop: Shop, path: str) -> None:
    assert (await new_browser(shop.app).get(path)).status_code == 303
    agent = await shop.browser(shop.world.agent)
    page = await agent.get(path)
    assert page.status_code == 200
    assert all(f'href="{other}"' in page.text for other in PAGES)
    assert 'href="/settings/channels"' not in page.text
    email = somebody()
    await create_account(shop.installation, email=email, name="Lone Wolf", password=PASSWORD, verified=True)
    lone = new_browser(shop.app)
    assert (await lone.post("/session", data={"email": email, "password": PASSWORD})).status_code == 303
    assert (await lone.get(path)).status_code == 200


@pytest.mark.behaviour(117)
async def test_a_new_name_shows_in_every_workspace(shop: Shop, other_shop: Shop) -> None:
    agent = shop.world.agent
    elsewhere = await join_workspace(
        shop.installation, other_shop.world.workspace_id, email=agent.email, password=PASSWORD, name="Old Name", role="agent"
    )
    browser = await sign_in(shop.app, agent)
    assert (await profile(browser, name="  Ada Nwosu ")).status_code == 303
    assert "Ada Nwosu" in (await browser.get("/inbox")).text
    assert await shop.value("SELECT name FROM member WHERE id = :id", id=agent.id) == "Ada Nwosu"
    assert await other_shop.value("SELECT name FROM member WHERE id = :id", id=elsewhere.id) == "Ada Nwosu"
    assert await shop.value("SELECT name FROM member WHERE id = :id", id=shop.world.owner.id) != "Ada Nwosu"


async def test_language_and_time_zone_are_what_pages_use(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    assert '<meta name="time-zone" content="">' in (await browser.get("/inbox")).text
    assert (await profile(browser, timezone="Asia/Tokyo", language="en")).status_code == 303
    page = (await browser.get("/inbox")).text
    assert '<meta name="time-zone" content="Asia/Tokyo">' in page
    assert '<option value="Asia/Tokyo" selected>' in (await browser.get("/account/profile")).text
    assert '<meta name="time-zone" content="">' in (await (await shop.browser(shop.world.owner)).get("/inbox")).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"name": " "}, "needs a name"), ({"name": "x" * 101}, "needs a name"), ({"timezone": "Mars/Olympus"}, "no such time zone")],
)
async def test_a_profile_that_cannot_be_is_said(shop: Shop, changes: dict[str, str], words: str) -> None:
    answer = await profile(await sign_in(shop.app, shop.world.agent), **changes)
    assert answer.status_code == 422
    assert words in answer.text


async def upload(browser: httpx.AsyncClient, content: bytes, name: str = "me.png", mime: str = "image/png") -> httpx.Response:
    return await browser.post("/account/picture", files={"picture": (name, content, mime)})


async def picture_of(shop: Shop) -> str:
    return str(await shop.value("SELECT picture FROM member WHERE id = :id", id=shop.world.agent.id))


@pytest.mark.behaviour(117)
async def test_a_picture_is_seen_by_colleagues_and_by_nobody_else(shop: Shop, other_shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    assert (await upload(browser, png(64, 64))).status_code == 303
    name = (await picture_of(shop)).rpartition("/")[2]
    path = f"/members/{shop.world.agent.id}/picture/{name}"
    assert f'src="{path}"' in (await browser.get("/inbox")).text
    seen = await (await shop.browser(shop.world.owner)).get(path)
    assert (seen.status_code, seen.headers["content-type"], seen.content) == (200, "image/png", png(64, 64))
    assert (await browser.get(f"/account/picture/{name}")).status_code == 200
    assert (await (await other_shop.browser(other_shop.world.owner)).get(path)).status_code == 404
    assert (await (await shop.browser(shop.world.owner)).get(f"/account/picture/{name}")).status_code == 404
    assert (await new_browser(shop.app).get(path)).status_code == 303


async def test_another_picture_takes_the_place_of_the_first(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    await upload(browser, png(64, 64))
    first = await picture_of(shop)
    await upload(browser, png(32, 32))
    assert await picture_of(shop) not in {first, ""}
    with pytest.raises(FileMissing):
        await shop.installation.files.stat(first)
    await browser.post("/account/picture", data={"_method": "delete"})
    assert await picture_of(shop) == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "PNG, JPEG, GIF or WebP"),
        (b"<html><script>alert(1)</script>", "PNG, JPEG, GIF or WebP"),
        (b"", "PNG, JPEG, GIF or WebP"),
        (png(64, 64)[:20], "PNG, JPEG, GIF or WebP"),
        (png(5000, 1), "4096 pixels"),
        (png(64, 64) + bytes(2 << 20), "at most 2 MiB"),
    ],
)
async def test_what_is_no_small_picture_is_refused(shop: Shop, content: bytes, words: str) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    answer = await upload(browser, content)
    assert answer.status_code == 422
    assert words in answer.text
    assert await picture_of(shop) == ""


async def test_a_picture_far_too_large_is_not_even_read(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    assert (await upload(browser, bytes(4 << 20))).status_code == 413


@pytest.mark.behaviour(117)
async def test_a_new_address_counts_once_its_mailbox_confirms_it(shop: Shop) -> None:
    agent, new = shop.world.agent, somebody()
    browser = await sign_in(shop.app, agent)
    assert (await browser.post("/account/email", data={"email": new.upper(), "password": PASSWORD})).status_code == 303
    assert agent.email in (await browser.get("/account/access")).text
    assert [letter.subject for letter in await letters_to(shop.installation, agent.email)] == ["Your e-mail address is about to change"]
    link = await link_to(shop.installation, new)
    assert new in (await new_browser(shop.app).get(link)).text
    assert await shop.value("SELECT email FROM member WHERE id = :id", id=agent.id) == agent.email
    assert (await new_browser(shop.app).post(link)).status_code == 200
    assert await shop.value("SELECT email FROM member WHERE id = :id", id=agent.id) == new
    assert (await letters_to(shop.installation, agent.email))[-1].subject == "Your e-mail address was changed"
    assert (await new_browser(shop.app).post("/session", data={"email": new, "password": PASSWORD})).status_code == 303
    assert (await new_browser(shop.app).post("/session", data={"email": agent.email, "password": PASSWORD})).status_code == 422
    again = await new_browser(shop.app).post(link)
    assert (again.status_code, "used already" in again.text) == (410, True)


@pytest.mark.behaviour(111)
async def test_an_address_of_another_account_is_told_by_letter_only(shop: Shop) -> None:
    agent, owner, free = shop.world.agent, shop.world.owner, somebody()
    browser = await sign_in(shop.app, agent)
    answers = [await browser.post("/account/email", data={"email": email, "password": PASSWORD}) for email in (owner.email, free)]
    assert len({(answer.status_code, answer.headers["location"]) for answer in answers}) == 1
    assert (await letters_to(shop.installation, owner.email))[-1].subject == "This address has an account already"


async def test_an_address_that_was_taken_meanwhile_is_refused(shop: Shop) -> None:
    new = somebody()
    browser = await sign_in(shop.app, shop.world.agent)
    await browser.post("/account/email", data={"email": new, "password": PASSWORD})
    await create_account(shop.installation, email=new, name="Faster", password=PASSWORD, verified=True)
    answer = await browser.post(await link_to(shop.installation, new))
    assert answer.status_code == 410
    assert "Another account has this e-mail address by now." in answer.text
    assert await shop.value("SELECT email FROM member WHERE id = :id", id=shop.world.agent.id) == shop.world.agent.email


async def test_a_change_of_address_ends_with_a_new_password(shop: Shop) -> None:
    new = somebody()
    browser = await sign_in(shop.app, shop.world.agent)
    await browser.post("/account/email", data={"email": new, "password": PASSWORD})
    await browser.post("/account/password", data={"old": PASSWORD, "new": NEW})
    assert (await browser.post(await link_to(shop.installation, new))).status_code == 410


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "new@example.com", "password": "wrong password 1"}, "This is not your password."),
        ({"email": "nobody", "password": PASSWORD}, "is not an e-mail address"),
        ({"email": "a@example.com\r\nBcc: b@example.com", "password": PASSWORD}, "is not an e-mail address"),
    ],
)
async def test_an_address_needs_the_password_and_a_form(shop: Shop, form: dict[str, str], words: str) -> None:
    answer = await (await sign_in(shop.app, shop.world.agent)).post("/account/email", data=form)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.behaviour(114)
async def test_a_new_password_ends_all_other_sessions(shop: Shop) -> None:
    agent = shop.world.agent
    here, there = await sign_in(shop.app, agent), await sign_in(shop.app, agent)
    wrong = await here.post("/account/password", data={"old": "wrong password 1", "new": NEW})
    assert wrong.status_code == 422
    assert (await there.get("/inbox")).status_code == 200
    assert (await here.post("/account/password", data={"old": PASSWORD, "new": NEW})).status_code == 303
    assert (await here.get("/inbox")).status_code == 200
    assert (await there.get("/inbox")).status_code == 303
    assert (await new_browser(shop.app).post("/session", data={"email": agent.email, "password": NEW})).status_code == 303
    assert "Your password was changed" in {letter.subject for letter in await letters_to(shop.installation, agent.email)}


@pytest.mark.parametrize(
    ("new", "words"), [("short", "at least 12"), (PASSWORD, "that you have already"), ("password12345", "easy to guess")]
)
async def test_a_bad_new_password_is_refused(shop: Shop, new: str, words: str) -> None:
    answer = await (await sign_in(shop.app, shop.world.agent)).post("/account/password", data={"old": PASSWORD, "new": new})
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.behaviour(116)
@pytest.mark.usefixtures("dry_buckets")
async def test_a_stolen_session_cannot_guess_the_password_fast(shop: Shop) -> None:
    browser = await sign_in(shop.app, shop.world.agent)
    forms = [("/account/password", {"old": "guess guess guess", "new": NEW}), ("/account/second-factor", {"password": "guess guess guess"})]
    answers = [await browser.post(path, data=form) for path, form in [*forms * 5, forms[0]]]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


@pytest.mark.behaviour(114)
async def test_a_browser_is_signed_out_from_another_one(shop: Shop) -> None:
    agent = shop.world.agent
    here, there, third = [await sign_in(shop.app, agent) for _browser in range(3)]
    page = (await here.get("/account/sessions")).text
    assert page.count("This browser") == 1
    feed = shop.app.state.feed
    before = await feed.position(shop.world.workspace_id)
    name = digest(there.cookies[SESSION_COOKIE]).hex()
    assert name in page
    assert (await here.post(f"/account/sessions/{name}/end")).status_code == 303
    assert (await there.get("/inbox")).status_code == 303
    assert (await third.get("/inbox")).status_code == 200
    assert await feed.position(shop.world.workspace_id) != before  # sockets are told
    assert (await here.post("/account/sessions/others/end")).status_code == 303
    assert (await third.get("/inbox")).status_code == 303
    assert (await here.get("/inbox")).status_code == 200


@pytest.mark.parametrize("name", ["zz", "00", "00" * 32, "others%2F", "%00"])
async def test_a_session_that_is_not_ones_own_stays(shop: Shop, name: str) -> None:
    browser, owner = await sign_in(shop.app, shop.world.agent), await sign_in(shop.app, shop.world.owner)
    await browser.post(f"/account/sessions/{name}/end")
    await browser.post(f"/account/sessions/{digest(owner.cookies[SESSION_COOKIE]).hex()}/end")
    assert (await owner.get("/inbox")).status_code == 200


async def test_a_session_shows_its_browser_and_address(shop: Shop) -> None:
    browser = new_browser(shop.app)
    browser.headers["User-Agent"] = FIREFOX
    await browser.post("/session", data={"email": shop.world.agent.email, "password": PASSWORD})
    page = (await browser.get("/account/sessions")).text
    assert "Firefox on Linux" in page
    assert "10.0." in page


@pytest.mark.behaviour(115)
async def test_an_unknown_browser_is_told_by_letter(shop: Shop) -> None:
    agent = shop.world.agent
    first = await sign_in(shop.app, agent)
    assert await letters_to(shop.installation, agent.email) == []  # an account's first browser is nothing to tell
    await first.post("/session", data={"_method": "delete"})
    await first.post("/session", data={"email": agent.email, "password": PASSWORD})
    assert await letters_to(shop.installation, agent.email) == []
    other = new_browser(shop.app)
    other.headers["User-Agent"] = FIREFOX
    await other.post("/session", data={"email": agent.email, "password": PASSWORD})
    (letter,) = await letters_to(shop.installation, agent.email)
    assert letter.subject == "New sign-in to your account"
    assert "Firefox on Linux" in letter.text
    assert "10.0." in letter.text
    await other.post("/session", data={"email": agent.email, "password": PASSWORD})
    assert len(await letters_to(shop.installation, agent.email)) == 1


async def test_a_person_is_reminded_until_the_address_is_confirmed(shop: Shop) -> None:
    agent = shop.world.agent
    async with shop.installation.tenancy.catalog() as catalog:
        await catalog.execute(text("UPDATE catalog.account SET email_verified_at = NULL WHERE id = :id"), {"id": agent.account_id})
    browser = await sign_in(shop.app, agent)
    assert "Please confirm your e-mail address" in (await browser.get("/inbox")).text
    assert (await browser.post("/account/verification")).status_code == 303
    link = await link_to(shop.installation, agent.email)
    assert (await browser.get(link)).status_code == 200
    assert "Please confirm your e-mail address" in (await browser.get("/inbox")).text  # looking at it changed nothing
    assert (await browser.post(link)).status_code == 200
    assert "Please confirm your e-mail address" not in (await browser.get("/inbox")).text
    with clock.shifted(timedelta(days=8)):
        assert (await browser.get(link)).status_code == 410
