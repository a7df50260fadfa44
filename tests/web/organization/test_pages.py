"""The settings of an organization: who may open which, and what can be done there."""

import httpx
import pytest

from ismessenger.accounts.sign_in import check_credentials
from ismessenger.kit.ids import new_uuid
from tests.conftest import PASSWORD
from tests.web.organization.conftest import Company
from tests.web.site import Shop

PAGES = ("general", "users", "workspaces", "security")
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


async def admin_of(company: Company) -> httpx.AsyncClient:
    return await company.shop.browser(company.shop.world.owner)


@pytest.mark.parametrize(("role", "allowed"), [("admin", set(PAGES)), ("user_admin", {"users"}), ("member", set())])
async def test_who_may_open_which_page(company: Company, role: str, allowed: set[str]) -> None:
    await company.make(company.shop.world.manager, role)
    browser = await company.shop.browser(company.shop.world.manager)
    for page in PAGES:
        answer = await browser.get(f"{company.path}/{page}")
        assert answer.status_code == (200 if page in allowed else 403)
    inbox = (await browser.get("/workspaces/menu")).text
    assert (f'href="{company.path}"' in inbox) == bool(allowed)


async def test_a_stranger_does_not_learn_that_the_organization_exists(company: Company, other_shop: Shop) -> None:
    browser = await other_shop.browser(other_shop.world.owner)
    for path in ("", *(f"/{page}" for page in PAGES)):
        assert (await browser.get(company.path + path)).status_code == 404
    assert (await browser.post(f"{company.path}/general", data={"name": "Mine"})).status_code == 404


async def test_the_name_and_the_logo_are_changed_and_shown(company: Company) -> None:
    browser = await admin_of(company)
    assert (await browser.post(f"{company.path}/general", data={"name": " Lumen Group "})).status_code == 303
    assert "Lumen Group" in (await browser.get("/workspaces")).text
    answer = await browser.post(f"{company.path}/logo", files={"logo": ("logo.svg", PNG, "image/svg+xml")})
    assert answer.status_code == 303
    page = (await browser.get(f"{company.path}/general")).text
    address = page.split(f'src="{company.path}/logo/')[1].split('"')[0]
    shown = await (await company.shop.browser(company.shop.world.agent)).get(f"{company.path}/logo/{address}")
    assert shown.headers["content-type"] == "image/png"
    assert (await browser.delete(f"{company.path}/logo")).status_code == 303
    assert (await browser.get(f"{company.path}/logo/{address}")).status_code == 404


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n", PNG + b"x" * (2 << 20)])
async def test_what_is_no_small_picture_is_no_logo(company: Company, content: bytes) -> None:
    browser = await admin_of(company)
    answer = await browser.post(f"{company.path}/logo", files={"logo": ("logo.png", content, "image/png")})
    assert answer.status_code == 422
    assert "icture" in answer.text


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_an_organization_has_a_name(company: Company, name: str) -> None:
    answer = await (await admin_of(company)).post(f"{company.path}/general", data={"name": name})
    assert answer.status_code == 422
    assert "at most 100 characters" in answer.text


async def test_a_workspace_is_made_and_entered_renamed_deleted_and_restored(company: Company) -> None:
    browser, name = await admin_of(company), f"Repairs {new_uuid().hex[:8]}"
    at = f"{company.path}/workspaces"
    made = await browser.post(at, data={"name": name, "timezone": "Europe/Berlin", "home": "eu"})
    assert made.status_code == 303, made.text
    assert name in (await browser.get("/inbox")).text
    workspace = await company.workspace_named(name)
    assert workspace.home == "eu"
    assert (await browser.post(f"{at}/{workspace.id}", data={"name": f"{name} II", "timezone": "UTC"})).status_code == 303
    page = (await browser.get(f"{at}/{workspace.id}")).text
    assert "1 member" in page
    assert (await browser.post(f"{at}/{workspace.id}/deletion")).status_code == 303
    assert (await browser.get("/inbox")).headers["location"] == "/workspaces"
    words = (await browser.get("/workspaces")).text
    assert f"{name} II was deleted" in words
    assert (await browser.post(f"/workspaces/{workspace.id}/visit")).status_code == 404
    assert (await browser.post(f"{at}/{workspace.id}/restoration")).status_code == 303
    assert (await browser.get("/inbox")).status_code == 200


async def test_a_workspace_of_another_organization_is_not_there(company: Company, other_shop: Shop) -> None:
    browser, theirs = await admin_of(company), f"{company.path}/workspaces/{other_shop.world.workspace_id}"
    assert (await browser.get(theirs)).status_code == 404
    for what in ("", "/deletion", "/restoration"):
        assert (await browser.post(theirs + what, data={"name": "Ours", "timezone": "UTC"})).status_code == 404
    assert (await (await other_shop.browser(other_shop.world.owner)).get("/inbox")).status_code == 200


@pytest.mark.parametrize("data", [{"name": ""}, {"name": "Shop", "timezone": "Mars/Base"}, {"name": "Shop", "home": "moon"}])
async def test_what_is_no_workspace_is_refused_with_the_form(company: Company, data: dict[str, str]) -> None:
    answer = await (await admin_of(company)).post(f"{company.path}/workspaces", data=data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


async def test_a_second_factor_is_required_only_by_somebody_who_has_one(company: Company) -> None:
    owner, agent = company.shop.world.owner, company.shop.world.agent
    browser, address = await admin_of(company), f"{company.path}/security"
    assert "Set up two-step sign-in" in (await browser.get(address)).text
    assert (await browser.post(address, data={"required": "true"})).status_code == 422
    await company.has_totp(owner)
    page = (await browser.get(address)).text
    assert agent.email in page
    assert owner.email not in page
    agents = await company.shop.browser(agent)
    assert (await browser.post(address, data={"required": "true"})).status_code == 303
    assert (await browser.get("/inbox")).status_code == 200
    assert (await agents.get("/inbox")).headers["location"] == "/account/second-factor"
    assert (await agents.post("/account/status", data={"status": "busy"})).headers["location"] == "/account/second-factor"
    assert (await browser.post(address)).status_code == 303
    assert (await agents.get("/inbox")).status_code == 200


async def test_whoever_has_no_workspace_still_manages_the_organization(company: Company) -> None:
    browser = await admin_of(company)
    at = f"{company.path}/workspaces/{company.shop.world.workspace_id}"
    await browser.post(f"{at}/deletion")
    for page in PAGES:
        assert (await browser.get(f"{company.path}/{page}")).status_code == 200
    assert "Make a workspace" in (await browser.get("/workspaces")).text
    account = await check_credentials(company.shop.installation, email=company.shop.world.owner.email, password=PASSWORD)
    assert account.id == company.shop.world.owner.account_id
    assert (await browser.post(f"{at}/restoration")).status_code == 303
