"""Who may do what: the product's table of rights, and every address of the product asked by everybody.

An endpoint says by itself whom it serves (`edge.admits`); what it answers must agree with that. A new one is asked by itself, and one
that says nothing fails here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import RESTRICTIONS, RIGHTS, OrganizationRight, Right, may, may_manage
from ismessenger.accounts.sign_in import start_session
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Account, Membership, Organization, OrganizationMember, Workspace
from ismessenger.web.app import _routes
from ismessenger.web.edge import SESSION_COOKIE, TOTP_PAGE, WORKSPACES_PAGE, Admits, Decision
from tests.conftest import World, make_world
from tests.web.site import ADDRESS

# 01-organization, 1.3, line by line: Owner, Manager, Agent.
ROLES = ("owner", "manager", "agent")
TABLE = {
    Right.INBOX: "yes yes yes",  # Dashboard, Inbox
    Right.CONTACTS: "yes yes no",  # Contacts module
    Right.BROADCASTS: "yes yes no",  # Broadcasts module
    Right.WORKFLOWS: "yes yes no",  # Workflows module
    Right.SHORTCUTS: "yes yes yes",  # "may start Shortcuts"
    Right.REPORTS: "yes yes no",  # Reports module
    Right.SETTINGS: "yes yes no",  # Workspace settings
    Right.USERS: "yes yes no",  # Invite, edit or remove users; whom: see below
    Right.TEAMS: "yes yes no",
    Right.FIELDS: "yes yes no",
    Right.INTEGRATIONS: "yes yes no",
    Right.CHANNELS: "yes yes no",  # Add channels
    Right.DELETE_CHANNELS: "yes no no",  # Delete channels, integrations, teams, custom fields
    Right.DELETE_INTEGRATIONS: "yes no no",
    Right.DELETE_TEAMS: "yes no no",
    Right.DELETE_FIELDS: "yes no no",
    Right.SNIPPETS: "yes yes no",  # Manage snippets, files
    Right.DELETE_CONTACTS: "yes yes yes",  # 1.4 takes it away
    Right.EXPORT: "yes yes no",  # 1.4 takes it away
}
MANAGES = {"owner": ("owner", "manager", "agent"), "manager": ("agent",), "agent": ()}
# 01-organization, 1.4: what each restriction takes away. Which contacts are seen is tested where they are shown.
TAKEN = {
    ("manager", "workspace_settings"): {
        *(Right.SETTINGS, Right.USERS, Right.TEAMS, Right.CHANNELS, Right.FIELDS, Right.SNIPPETS, Right.INTEGRATIONS)
    },
    ("manager", "contact_deletion"): {Right.DELETE_CONTACTS},
    ("manager", "data_export"): {Right.EXPORT},
    ("manager", "integrations"): {Right.INTEGRATIONS},
    ("manager", "workflows"): {Right.WORKFLOWS},
    ("agent", "contacts_assigned_to_me"): set(),
    ("agent", "contacts_assigned_to_team"): set(),
    ("agent", "shortcuts"): {Right.SHORTCUTS},
    ("agent", "contact_deletion"): {Right.DELETE_CONTACTS},
}
# 01-organization, 1.1; there is no billing yet.
ORGANIZATION = {
    "admin": set(OrganizationRight),
    "user_admin": {OrganizationRight.USERS},
    "member": set[OrganizationRight](),
}
SUBJECTS = [*((role, "") for role in ROLES), *TAKEN]
NOTHING = "999999999"
PARTS = {"inbox": "all", "kind": "telegram", "identifier": "id:1"}


def has(role: str, restriction: str, right: Right) -> bool:
    """Whether somebody has a right by the tables above."""
    return TABLE[right].split()[ROLES.index(role)] == "yes" and right not in TAKEN.get((role, restriction), set())


def test_the_table_names_every_right_and_every_restriction() -> None:
    assert set(TABLE) == set(Right)
    assert set(RIGHTS) == set(ROLES)
    assert set(TAKEN) == {(role, each) for role, restrictions in RESTRICTIONS.items() for each in restrictions}


@pytest.mark.parametrize(("role", "restriction"), SUBJECTS)
def test_rights_are_those_of_the_product(role: str, restriction: str) -> None:
    member = Member(account_id=1, name="", email="", role=role, restrictions=[restriction] if restriction else [])
    assert {right for right in Right if may(member, right)} == {right for right in Right if has(role, restriction, right)}


@pytest.mark.behaviour(17)
@pytest.mark.behaviour(18)
@pytest.mark.parametrize("role", ROLES)
def test_who_manages_whom(role: str) -> None:
    member = Member(id=1, account_id=1, name="", email="", role=role)
    assert tuple(other for other in ROLES if may_manage(member, other, member_id=2)) == MANAGES[role]
    assert not any(may_manage(member, other, member_id=1) for other in ROLES)


def test_who_was_removed_has_no_right() -> None:
    member = Member(account_id=1, name="", email="", role="owner", removed_at=now())
    assert not any(may(member, right) for right in Right)


@dataclass(frozen=True)
class Address:
    """A method and a path of the route table, and whom its endpoint says that it serves."""

    method: str
    template: str
    name: str
    decision: Decision | None

    def path(self, organization_id: int) -> str:
        """The path with numbers of nothing, but for the organization."""
        parts = PARTS | {"organization": str(organization_id)}
        return re.sub(r"{(\w+)(?::\w+)?}", lambda part: parts.get(part[1], NOTHING), self.template)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def walk(routes: Sequence[BaseRoute]) -> Iterator[Address]:
    """Every address below these routes."""
    for route in routes:
        if isinstance(route, Mount):
            decision = getattr(route.app, "admits", None)
            if decision is None:
                yield from walk(route.routes)
            yield Address("GET", f"{route.path}/{NOTHING}", f"{type(route.app).__name__}", decision)
        elif isinstance(route, Route | WebSocketRoute):
            methods = sorted(route.methods or {"GET"}) if isinstance(route, Route) else ["WEBSOCKET"]
            name = f"{route.endpoint.__module__}.{getattr(route.endpoint, '__qualname__', route.endpoint)}"
            yield from (Address(method, route.path, name, getattr(route.endpoint, "admits", None)) for method in methods)


ADDRESSES = list(walk(_routes()))
ASKED = [address for address in ADDRESSES if address.method != "WEBSOCKET"]
OF_MEMBERS = [address for address in ASKED if isinstance(address.decision, Right)]
OF_ORGANIZATIONS = [address for address in ASKED if isinstance(address.decision, OrganizationRight)]
OF_ACCOUNTS = [address for address in ASKED if address.decision is Admits.ACCOUNT]
OPEN = [address for address in ASKED if address.decision in {Admits.ANYBODY, Admits.PROOF}]


def test_every_endpoint_says_whom_it_serves() -> None:
    assert [f"{address} ({address.name})" for address in ADDRESSES if address.decision is None] == []


def test_every_address_is_asked() -> None:
    assert len(OF_MEMBERS) + len(OF_ORGANIZATIONS) + len(OF_ACCOUNTS) + len(OPEN) == len(ASKED)
    assert len(OF_MEMBERS) > 50
    assert len(OF_ORGANIZATIONS) > 5


def test_an_endpoint_without_a_decision_is_found_by_its_name() -> None:
    async def undecided() -> None: ...

    (found,) = [address for address in walk([*_routes(), Route("/new-page", undecided, methods=["POST"])]) if address.decision is None]
    assert str(found) == "POST /new-page"
    assert "undecided" in found.name


@dataclass
class Crowd:
    """One workspace with somebody of every role and restriction, and an organization of its own for its roles."""

    world: World
    app: Starlette
    organization_id: int
    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    async def ask(self, address: Address, account_id: int | None, workspace_id: int | None = None) -> httpx.Response:
        """Ask as this account, in a session of its own: what is asked may end it."""
        cookies = {}
        if account_id is not None:
            token, _end = await start_session(self.world.installation, account_id, workspace_id=workspace_id)
            cookies[SESSION_COOKIE] = token
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ADDRESS, headers=headers, cookies=cookies
        ) as browser:
            return await browser.request(address.method, address.path(self.organization_id))


async def _account(installation: Installation, name: str) -> int:
    async with installation.tenancy.catalog() as catalog:
        new = insert(Account).values(email=f"{name}@crowd.example.com", name=name, password_hash="x", created_at=now())
        return int((await catalog.execute(new.returning(Account.id))).scalar_one())  # type: ignore[call-overload]


async def _member(world: World, name: str, role: str, restriction: str) -> Member:
    account_id = await _account(world.installation, f"{name}{world.workspace_id}")
    async with world.installation.tenancy.catalog() as catalog:
        catalog.add(Membership(account_id=account_id, workspace_id=world.workspace_id))
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        member = Member(account_id=account_id, name=name, email="", role=role, restrictions=[restriction] if restriction else [])
        db.add(member)
    return member


@pytest.fixture(scope="module")
async def crowd(app: Starlette, installation: Installation) -> Crowd:
    """Everybody. The module shares them: all that is asked is about nothing that exists."""
    world = await make_world(installation)
    async with installation.tenancy.catalog() as catalog:
        organization = Organization(name="Crowd")
        catalog.add(organization)
        await catalog.flush()
        organization_id = organization.id
    opened = Crowd(world, app, organization_id)
    for role, restriction in SUBJECTS:
        opened.members[role, restriction] = await _member(world, f"{role}-{restriction}", role, restriction)
    for role in ORGANIZATION:
        opened.people[role] = await _account(installation, f"{role}-of-{organization_id}")
        async with installation.tenancy.catalog() as catalog:
            catalog.add(OrganizationMember(organization_id=organization_id, account_id=opened.people[role], role=role))
    opened.people["stranger"] = await _account(installation, f"stranger-of-{organization_id}")
    return opened


def is_sent_to_sign_in(address: Address, answer: httpx.Response) -> bool:
    """A page leads to the sign-in, everything else is 401."""
    if address.method in {"GET", "HEAD"}:
        return answer.status_code == 303 and answer.headers["location"].startswith("/session/new")
    return answer.status_code == 401


@pytest.mark.behaviour(134)
@pytest.mark.parametrize("address", OF_MEMBERS, ids=str)
async def test_members_get_what_their_role_and_restrictions_allow(crowd: Crowd, address: Address) -> None:
    assert isinstance(address.decision, Right)
    assert is_sent_to_sign_in(address, await crowd.ask(address, None))
    for (role, restriction), member in crowd.members.items():
        status = (await crowd.ask(address, member.account_id, crowd.world.workspace_id)).status_code
        if has(role, restriction, address.decision):
            assert status not in {401, 403}, (role, restriction, status)
            assert status < 500, (role, restriction, status)
        else:
            assert status == 403, (role, restriction, status)


@pytest.mark.behaviour(134)
@pytest.mark.parametrize("address", OF_ORGANIZATIONS, ids=str)
async def test_people_of_an_organization_get_what_their_role_allows(crowd: Crowd, address: Address) -> None:
    assert is_sent_to_sign_in(address, await crowd.ask(address, None))
    assert (await crowd.ask(address, crowd.people["stranger"])).status_code == 404
    for role, rights in ORGANIZATION.items():
        status = (await crowd.ask(address, crowd.people[role])).status_code
        if address.decision in rights:
            assert status not in {401, 403}, (role, status)
            assert status < 500, (role, status)
        else:
            assert status == 403, (role, status)


@pytest.mark.behaviour(134)
@pytest.mark.parametrize("address", OF_ACCOUNTS, ids=str)
async def test_what_belongs_to_a_person_is_for_whoever_is_signed_in(crowd: Crowd, address: Address) -> None:
    assert is_sent_to_sign_in(address, await crowd.ask(address, None))
    status = (await crowd.ask(address, crowd.members["agent", ""].account_id, crowd.world.workspace_id)).status_code
    assert status not in {401, 403}
    assert status < 500


@pytest.mark.parametrize("address", OPEN, ids=str)
async def test_what_is_open_asks_nobody_to_sign_in(crowd: Crowd, address: Address) -> None:
    answer = await crowd.ask(address, None)
    assert answer.status_code < 500
    if address.decision is Admits.ANYBODY:
        # Signing up may be closed here: that is 403, and no matter of who asks.
        assert answer.status_code != 401


@pytest.mark.behaviour(134)
async def test_who_lacks_a_required_second_factor_gets_nothing_else(crowd: Crowd) -> None:
    world = await make_world(crowd.world.installation)
    async with world.installation.tenancy.catalog() as catalog:
        workspace = await catalog.get_one(Workspace, world.workspace_id)
        organization = await catalog.get_one(Organization, workspace.organization_id)
        organization.totp_required_at = now()
    for address in OF_MEMBERS:
        answer = await crowd.ask(address, world.owner.account_id, world.workspace_id)
        assert (answer.status_code, answer.headers.get("location")) == (303, TOTP_PAGE), str(address)


async def test_who_has_no_workspace_is_asked_to_choose_one(crowd: Crowd) -> None:
    for address in OF_MEMBERS:
        answer = await crowd.ask(address, crowd.people["stranger"])
        if address.method in {"GET", "HEAD"}:
            assert (answer.status_code, answer.headers["location"]) == (303, WORKSPACES_PAGE), str(address)
        else:
            assert answer.status_code == 401, str(address)
