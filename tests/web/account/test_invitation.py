"""The page behind the link of an invitation, for whoever opens it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col
from starlette.applications import Starlette

from ismessenger.accounts.accept import masked
from ismessenger.accounts.access import Access
from ismessenger.accounts.invite import cancel, invite, open_invitations, send_again
from ismessenger.accounts.remove import remove_member
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Account, Invitation, Letter, Membership, Organization, OrganizationMember, Workspace
from tests.conftest import PASSWORD
from tests.web.site import Shop, new_browser

Browsers = Callable[[], httpx.AsyncClient]
GOOD = {"name": "Ada Nwosu", "password": "seven green lamps sing"}


@pytest.fixture
async def stranger(app: Starlette) -> AsyncIterator[Browsers]:
    """Browsers that nobody is signed in with."""
    async with AsyncExitStack() as stack:
        opened: list[httpx.AsyncClient] = []

        def open_one() -> httpx.AsyncClient:
            opened.append(new_browser(app))
            stack.push_async_callback(opened[-1].aclose)
            return opened[-1]

        yield open_one


def ada(shop: Shop) -> str:
    return f"ada.{shop.world.workspace_id}@example.com"


async def workspace_of(shop: Shop) -> Workspace:
    async with shop.installation.tenancy.catalog() as catalog:
        return await catalog.get_one(Workspace, shop.world.workspace_id)


async def invited(shop: Shop, email: str = "", access: Access | None = None) -> str:
    """Somebody is invited; the path of the link in the letter."""
    email = email or ada(shop)
    await invite(shop.installation, await workspace_of(shop), email=email, access=access or Access("agent"), by=shop.world.owner)
    return await link_to(shop, email)


async def link_to(shop: Shop, email: str) -> str:
    """The path of the link in the newest letter to somebody."""
    async with shop.installation.tenancy.catalog() as catalog:
        statement = select(col(Letter.text)).where(col(Letter.to) == email).order_by(col(Letter.id).desc()).limit(1)
        words = (await catalog.execute(statement)).scalar_one()
    return next(line for line in words.splitlines() if "/invitations/" in line).removeprefix(shop.installation.settings.address)


async def invitation_id(shop: Shop) -> int:
    async with shop.installation.tenancy.catalog() as catalog:
        return (await open_invitations(catalog, shop.world.workspace_id))[0].id


async def account_of(shop: Shop, email: str) -> Account | None:
    async with shop.installation.tenancy.catalog() as catalog:
        return (await catalog.execute(select(Account).where(col(Account.email) == email))).scalar_one_or_none()


async def newcomers(shop: Shop) -> list[tuple[object, ...]]:
    known = [shop.world.owner.id, shop.world.manager.id, shop.world.agent.id]
    return await shop.rows("SELECT name, email, role, restrictions, removed_at FROM member WHERE id <> ALL(:k)", k=known)


@pytest.mark.behaviour(130)
async def test_a_new_person_sets_a_name_and_a_password_and_is_in(shop: Shop, stranger: Browsers) -> None:
    link, browser = await invited(shop, access=Access("agent", (ONLY_MINE,))), stranger()
    form = await browser.get(link)
    assert form.status_code == 200
    assert ada(shop) in form.text
    assert 'name="password"' in form.text
    answer = await browser.post(link, data=GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    page = await browser.get("/inbox")
    assert page.status_code == 200
    assert "Ada Nwosu" in page.text
    assert await newcomers(shop) == [("Ada Nwosu", ada(shop), "agent", [ONLY_MINE], None)]
    account = await account_of(shop, ada(shop))
    assert account is not None
    assert account.email_verified_at is not None
    async with shop.installation.tenancy.catalog() as catalog:
        statement = select(col(OrganizationMember.role)).where(col(OrganizationMember.account_id) == account.id)
        assert (await catalog.execute(statement)).scalars().all() == ["member"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "", "password": GOOD["password"]}, "needs a name"),
        ({"name": "Ada", "password": "short"}, "at least 12 characters"),
        ({"name": "Ada", "password": "password1234"}, "easy to guess"),
    ],
)
async def test_a_form_that_is_refused_comes_back(shop: Shop, stranger: Browsers, fields: dict[str, str], words: str) -> None:
    link = await invited(shop)
    answer = await stranger().post(link, data=fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert fields["password"] not in answer.text
    assert await account_of(shop, ada(shop)) is None
    assert (await stranger().post(link, data=GOOD)).status_code == 303


async def test_an_account_signs_in_first_and_accepts(shop: Shop, other_shop: Shop, stranger: Browsers) -> None:
    member, browser = other_shop.world.agent, stranger()
    link = await invited(shop, member.email, Access("manager", ("workflows",)))
    page = (await browser.get(link)).text
    assert f'href="/session/new?next={link}"' in page
    assert 'name="password"' not in page
    signed = await browser.post("/session", data={"email": member.email, "password": PASSWORD, "next": link})
    assert signed.headers["location"] == link
    assert ">Accept</button>" in (await browser.get(link)).text
    assert (await browser.post(link)).headers["location"] == "/inbox"
    workspace = await workspace_of(shop)
    assert workspace.name in (await browser.get("/inbox")).text
    assert [row[2:4] for row in await newcomers(shop)] == [("manager", ["workflows"])]


@pytest.mark.behaviour(130)
async def test_another_address_is_refused_and_may_sign_out(shop: Shop, other_shop: Shop) -> None:
    link = await invited(shop)
    browser = await other_shop.browser(other_shop.world.agent)
    for answer in (await browser.get(link), await browser.post(link, data=GOOD)):
        assert answer.status_code == 403
        assert masked(ada(shop)) in answer.text
        assert ada(shop) not in answer.text
        assert other_shop.world.agent.email in answer.text
    assert await newcomers(shop) == []
    left = await browser.post(f"{link}/departure")
    assert left.headers["location"] == link
    assert 'name="password"' in (await browser.get(link)).text


@pytest.mark.behaviour(130)
async def test_a_used_invitation_lets_nobody_else_in(shop: Shop, stranger: Browsers) -> None:
    link = await invited(shop)
    first = stranger()
    await first.post(link, data=GOOD)
    again = await first.get(link)
    assert again.status_code == 410
    assert "You have accepted this invitation already." in again.text
    other = stranger()
    page = await other.get(link)
    assert page.status_code == 410
    assert "accepted already" in page.text
    answer = await other.post(link, data={"name": "Eve", "password": "another long phrase here"})
    assert answer.status_code == 410
    assert (await other.get("/inbox")).status_code == 303
    assert len(await newcomers(shop)) == 1


async def test_a_double_click_of_a_new_person_accepts_once_and_both_are_in(shop: Shop, stranger: Browsers) -> None:
    link, browsers = await invited(shop), [stranger(), stranger()]
    answers = await asyncio.gather(*(browser.post(link, data=GOOD) for browser in browsers))
    assert [answer.status_code for answer in answers] == [303, 303]
    for browser in browsers:
        assert (await browser.get("/inbox")).status_code == 200
    assert len(await newcomers(shop)) == 1


async def test_a_double_click_of_somebody_signed_in_accepts_once(shop: Shop, other_shop: Shop) -> None:
    link = await invited(shop, other_shop.world.agent.email)
    browser = await other_shop.browser(other_shop.world.agent)
    answers = await asyncio.gather(browser.post(link), browser.post(link))
    assert [answer.headers["location"] for answer in answers] == ["/inbox", "/inbox"]
    assert len(await newcomers(shop)) == 1


@pytest.mark.behaviour(130)
async def test_a_cancelled_invitation_says_so(shop: Shop, stranger: Browsers) -> None:
    link = await invited(shop)
    await cancel(shop.installation, shop.world.workspace_id, await invitation_id(shop), by=shop.world.owner)
    for answer in (await stranger().get(link), await stranger().post(link, data=GOOD)):
        assert answer.status_code == 410
        assert "was cancelled" in answer.text
    assert await account_of(shop, ada(shop)) is None


@pytest.mark.behaviour(130)
async def test_an_expired_invitation_says_so(shop: Shop, stranger: Browsers) -> None:
    link = await invited(shop)
    async with shop.installation.tenancy.catalog() as catalog:
        late = update(Invitation).where(col(Invitation.email) == ada(shop)).values(expires_at=now() - timedelta(seconds=1))
        await catalog.execute(late)
    for answer in (await stranger().get(link), await stranger().post(link, data=GOOD)):
        assert answer.status_code == 410
        assert "has expired" in answer.text
    assert await newcomers(shop) == []


async def test_an_invitation_to_a_deleted_workspace_says_so(shop: Shop, stranger: Browsers) -> None:
    link = await invited(shop)
    async with shop.installation.tenancy.catalog() as catalog:
        await catalog.execute(update(Workspace).where(col(Workspace.id) == shop.world.workspace_id).values(deleted_at=now()))
    for answer in (await stranger().get(link), await stranger().post(link, data=GOOD)):
        assert answer.status_code == 410
        assert "does not exist any more" in answer.text


async def test_a_newer_letter_ends_the_link_of_the_older_one(shop: Shop, stranger: Browsers) -> None:
    before = await invited(shop)
    await send_again(shop.installation, await workspace_of(shop), await invitation_id(shop), by=shop.world.owner)
    answer = await stranger().get(before)
    assert answer.status_code == 410
    assert "newer letter" in answer.text
    assert (await stranger().post(await link_to(shop, ada(shop)), data=GOOD)).status_code == 303


async def test_an_unknown_link_leads_nowhere(stranger: Browsers) -> None:
    for answer in (await stranger().get("/invitations/abc"), await stranger().post("/invitations/abc", data=GOOD)):
        assert answer.status_code == 410
        assert "This link does not work." in answer.text


@pytest.mark.behaviour(132)
async def test_somebody_who_was_removed_comes_back_by_a_new_invitation_only(shop: Shop, stranger: Browsers) -> None:
    agent, browser = shop.world.agent, await shop.browser(shop.world.agent)
    await remove_member(shop.installation, shop.world.workspace_id, agent.id, by=shop.world.owner)
    assert (await browser.get("/inbox")).status_code == 303
    link = await invited(shop, agent.email, Access("manager"))
    assert (await browser.post(link)).headers["location"] == "/inbox"
    assert (await browser.get("/inbox")).status_code == 200
    assert await shop.rows("SELECT role, removed_at FROM member WHERE account_id = :a", a=agent.account_id) == [("manager", None)]
    await remove_member(shop.installation, shop.world.workspace_id, agent.id, by=shop.world.owner)
    assert (await browser.post(link)).status_code == 410
    assert (await browser.get("/inbox")).status_code == 303


async def test_who_lacks_the_second_factor_that_is_required_lands_there(shop: Shop, stranger: Browsers) -> None:
    link, browser = await invited(shop), stranger()
    async with shop.installation.tenancy.catalog() as catalog:
        ours = select(col(Workspace.organization_id)).where(col(Workspace.id) == shop.world.workspace_id).scalar_subquery()
        await catalog.execute(update(Organization).where(col(Organization.id) == ours).values(totp_required_at=now()))
    assert (await browser.post(link, data=GOOD)).status_code == 303
    assert (await browser.get("/inbox")).headers["location"] == "/account/second-factor"


async def test_an_invitation_to_an_organization_alone_leads_to_the_choice_of_workspaces(shop: Shop, stranger: Browsers) -> None:
    link, browser = await invited(shop), stranger()
    async with shop.installation.tenancy.catalog() as catalog:
        only = update(Invitation).where(col(Invitation.email) == ada(shop)).values(workspace_id=None, organization_role="user_admin")
        await catalog.execute(only)
    assert (await browser.post(link, data=GOOD)).headers["location"] == "/workspaces"
    account = await account_of(shop, ada(shop))
    assert account is not None
    async with shop.installation.tenancy.catalog() as catalog:
        statement = select(col(OrganizationMember.role)).where(col(OrganizationMember.account_id) == account.id)
        assert (await catalog.execute(statement)).scalars().all() == ["user_admin"]
        assert (await catalog.execute(select(Membership).where(col(Membership.account_id) == account.id))).first() is None


@pytest.mark.usefixtures("dry_buckets")
async def test_links_cannot_be_tried_out_quickly(shop: Shop, stranger: Browsers) -> None:
    browser = stranger()
    answers = [(await browser.post(f"/invitations/guess-{number}")).status_code for number in range(12)]
    assert answers[0] == 410
    assert answers[-1] == 429
