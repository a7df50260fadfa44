"""Settings → Users: the list and its file, invitations, changing and removing somebody, and who may do that to whom."""

import csv
import io
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Invitation, Letter, Membership
from tests.web.site import Shop

LIST = "/settings/users"
INVITE = f"{LIST}/invitations"


async def invitations(shop: Shop) -> list[Invitation]:
    async with shop.installation.tenancy.catalog() as catalog:
        statement = select(Invitation).where(col(Invitation.workspace_id) == shop.world.workspace_id).order_by(col(Invitation.id))
        return list((await catalog.execute(statement)).scalars())


async def letters(shop: Shop, to: str) -> list[Letter]:
    async with shop.installation.tenancy.catalog() as catalog:
        return list((await catalog.execute(select(Letter).where(col(Letter.to) == to).order_by(col(Letter.id)))).scalars())


def address(shop: Shop, name: str) -> str:
    """An e-mail address that no other test uses."""
    return f"{name}.{shop.world.workspace_id}@example.com"


async def rows_of(browser: httpx.AsyncClient) -> list[list[str]]:
    answer = await browser.get(f"{LIST}.csv")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_list_shows_everybody_with_role_team_and_presence(shop: Shop) -> None:
    await shop.change("INSERT INTO team (name, description, created_at) VALUES ('Sales', '', now())")
    await shop.change("UPDATE member SET team_id = (SELECT max(id) FROM team) WHERE id = :m", m=shop.world.agent.id)
    await shop.restrict(shop.world.agent, ONLY_TEAM)
    await (await shop.browser(shop.world.agent)).get("/inbox")
    browser = await shop.browser(shop.world.owner)
    page = (await browser.get(LIST)).text
    for member in (shop.world.owner, shop.world.manager, shop.world.agent):
        assert member.email in page
    assert "Sales" in page
    assert "Only contacts assigned to their team" in page
    assert "(you)" in page
    assert f'href="{LIST}/{shop.world.owner.id}"' not in page
    assert f'href="{LIST}/{shop.world.agent.id}"' in page


async def test_the_file_of_the_list_holds_no_formulas(shop: Shop) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", 'Anna, "Ann"']
    browser = await shop.browser(shop.world.owner)
    for name in names:
        await shop.change("UPDATE member SET name = :n WHERE id = :m", n=name, m=shop.world.agent.id)
        row = next(row for row in await rows_of(browser) if row[1] == shop.world.agent.email)
        assert row[0] == (name if name.startswith("Anna") else f"'{name}")
    await browser.post(INVITE, data={"email": address(shop, "new"), "role": "agent"})
    rows = await rows_of(browser)
    assert rows[0][:4] == ["Name", "E-mail", "Role", "Team"]
    assert rows[-1][1:3] + rows[-1][5:6] == [address(shop, "new"), "agent", "invited"]


async def test_an_invitation_is_a_letter_with_a_link(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    email = address(shop, "ada")
    data = {"email": f" {email.upper()} ", "role": "agent", "agent[]": ["shortcuts"], "visibility": ONLY_MINE, "manager[]": ["data_export"]}
    answer = await browser.post(INVITE, data=data)
    assert answer.headers["location"] == f"{LIST}?invited=1"
    (invitation,) = await invitations(shop)
    assert (invitation.email, invitation.role, invitation.invited_by) == (email, "agent", shop.world.owner.name)
    assert invitation.restrictions == sorted(["shortcuts", ONLY_MINE])
    assert timedelta(days=6, hours=23) < invitation.expires_at - now() <= timedelta(days=7)
    (letter,) = await letters(shop, email)
    link = re.search(r"^http\S+/invitations/(\S+)$", letter.text, re.MULTILINE)
    assert link is not None
    assert len(link[1]) > 40
    page = (await browser.get(answer.headers["location"])).text
    assert email in page
    assert "Pending" in page
    assert "No shortcuts" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "no address", "role": "agent"}, "is not an e-mail address"),
        ({"email": "a@example.com", "role": "boss"}, "Choose a role"),
        ({"email": "a@example.com", "role": "agent", "agent[]": "data_export"}, "cannot be restricted in that way"),
        ({"email": "a@example.com", "role": "agent", "visibility": ONLY_TEAM}, "Choose a team"),
        ({"email": "a@example.com", "role": "agent", "visibility": ONLY_MINE, "agent[]": ONLY_TEAM}, "Choose one of the ways"),
        ({"email": "a@example.com", "role": "agent", "team_id": "987654"}, "does not exist any more"),
    ],
)
async def test_a_wrong_invitation_comes_back_with_what_is_wrong(shop: Shop, fields: dict[str, str], words: str) -> None:
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(INVITE, data=fields)
    # A role that does not exist cannot be managed by anybody either.
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{fields["email"]}"' in answer.text
    assert await invitations(shop) == []


async def test_who_is_a_member_or_invited_already_is_not_invited_again(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(INVITE, data={"email": shop.world.agent.email, "role": "agent"})
    assert answer.status_code == 422
    assert "is a member of this workspace already" in answer.text
    new = {"email": address(shop, "ada"), "role": "agent"}
    assert (await browser.post(INVITE, data=new)).status_code == 303
    answer = await browser.post(INVITE, data=new)
    assert answer.status_code == 422
    assert "is invited already" in answer.text
    assert len(await letters(shop, new["email"])) == 1


async def test_an_expired_invitation_is_marked_and_makes_room_for_a_new_one(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    new = {"email": address(shop, "ada"), "role": "agent"}
    await browser.post(INVITE, data=new)
    async with shop.installation.tenancy.catalog() as catalog:
        old = update(Invitation).where(col(Invitation.email) == new["email"])
        await catalog.execute(old.values(expires_at=now() - timedelta(minutes=1)))
    assert "Expired" in (await browser.get(LIST)).text
    assert (await browser.post(INVITE, data=new)).status_code == 303
    first, second = await invitations(shop)
    assert first.cancelled_at is not None
    assert second.cancelled_at is None


async def test_a_letter_sent_again_carries_a_new_link(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    email = address(shop, "ada")
    await browser.post(INVITE, data={"email": email, "role": "agent"})
    (before,) = await invitations(shop)
    answer = await browser.post(f"{INVITE}/{before.id}/letters")
    assert answer.headers["location"] == f"{LIST}?sent=1"
    (after,) = await invitations(shop)
    assert after.token_hash != before.token_hash
    assert after.expires_at > before.expires_at
    one, two = await letters(shop, email)
    assert one.text != two.text


@pytest.mark.usefixtures("dry_buckets")
async def test_nobody_is_flooded_with_letters(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    await browser.post(INVITE, data={"email": address(shop, "ada"), "role": "agent"})
    (invitation,) = await invitations(shop)
    answers = [(await browser.post(f"{INVITE}/{invitation.id}/letters")).status_code for _time in range(4)]
    assert answers == [303, 303, 303, 429]


async def test_a_cancelled_invitation_is_gone_from_the_list(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    email = address(shop, "ada")
    await browser.post(INVITE, data={"email": email, "role": "agent"})
    (invitation,) = await invitations(shop)
    assert (await browser.post(f"{INVITE}/{invitation.id}/cancellation")).status_code == 303
    assert email not in (await browser.get(LIST)).text
    assert (await browser.post(f"{INVITE}/{invitation.id}/cancellation")).status_code == 404
    assert (await browser.post(f"{INVITE}/{invitation.id}/letters")).status_code == 404


async def test_invitations_of_another_workspace_are_out_of_reach(shop: Shop, other_shop: Shop) -> None:
    await (await shop.browser(shop.world.owner)).post(INVITE, data={"email": address(shop, "ada"), "role": "agent"})
    (invitation,) = await invitations(shop)
    browser = await other_shop.browser(other_shop.world.owner)
    for what in ("letters", "cancellation"):
        assert (await browser.post(f"{INVITE}/{invitation.id}/{what}")).status_code == 404
    assert (await invitations(shop))[0].cancelled_at is None


@pytest.mark.behaviour(17)
async def test_a_manager_invites_changes_and_removes_agents_only(shop: Shop) -> None:
    owner, manager = await shop.browser(shop.world.owner), await shop.browser(shop.world.manager)
    form = (await manager.get(f"{INVITE}/new")).text
    assert 'value="agent"' in form
    assert 'name="role" value="manager"' not in form
    for role in ("owner", "manager"):
        assert (await manager.post(INVITE, data={"email": address(shop, role), "role": role})).status_code == 403
        assert (await owner.post(INVITE, data={"email": address(shop, role), "role": role})).status_code == 303
    assert (await manager.post(INVITE, data={"email": address(shop, "agent"), "role": "agent"})).status_code == 303
    for invitation in await invitations(shop):
        expected = 303 if invitation.role == "agent" else 403
        assert (await manager.post(f"{INVITE}/{invitation.id}/letters")).status_code == expected
        assert (await manager.post(f"{INVITE}/{invitation.id}/cancellation")).status_code == expected
    boss = shop.world.owner.id
    assert (await manager.get(f"{LIST}/{boss}")).status_code == 403
    assert (await manager.post(f"{LIST}/{boss}", data={"role": "agent"})).status_code == 403
    assert (await manager.post(f"{LIST}/{boss}/removal")).status_code == 403
    agent = shop.world.agent.id
    assert (await manager.get(f"{LIST}/{agent}")).status_code == 200
    assert (await manager.post(f"{LIST}/{agent}", data={"role": "manager"})).status_code == 403
    assert (await manager.post(f"{LIST}/{agent}", data={"role": "agent", "agent[]": "shortcuts"})).status_code == 303
    assert (await manager.post(f"{LIST}/{agent}/removal")).status_code == 303


@pytest.mark.behaviour(18)
@pytest.mark.parametrize("who", ["owner", "manager", "agent"])
async def test_nobody_changes_or_removes_themselves(shop: Shop, who: str) -> None:
    member: Member = getattr(shop.world, who)
    browser = await shop.browser(member)
    assert (await browser.get(f"{LIST}/{member.id}")).status_code == 403
    assert (await browser.post(f"{LIST}/{member.id}", data={"role": "agent"})).status_code == 403
    answer = await browser.post(f"{LIST}/{member.id}/removal")
    assert answer.status_code == 403
    if who != "agent":
        assert "Nobody changes their own access" in answer.text
    assert await shop.rows("SELECT role, removed_at FROM member WHERE id = :m", m=member.id) == [(who, None)]


async def test_access_is_changed_by_its_form(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    agent = shop.world.agent.id
    data = {"role": "manager", "manager[]": ["workflows", "data_export"], "visibility": ONLY_MINE}
    assert (await browser.post(f"{LIST}/{agent}", data=data)).headers["location"] == f"{LIST}?saved=1"
    assert await shop.rows("SELECT role, restrictions FROM member WHERE id = :m", m=agent) == [("manager", ["data_export", "workflows"])]
    form = (await browser.get(f"{LIST}/{agent}")).text
    assert re.search(r'value="manager" required checked', form)
    assert re.search(r'value="workflows" checked', form)
    refused = await browser.post(f"{LIST}/{agent}", data={"role": "agent", "visibility": ONLY_TEAM})
    assert refused.status_code == 422
    assert "Choose a team" in refused.text


async def test_the_question_before_removing_says_how_many_contacts_it_touches(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    agent = shop.world.agent
    assert "No contact is assigned to them." in (await browser.get(f"{LIST}/{agent.id}")).text
    for who in ("ada", "bo"):
        await shop.assign(await shop.wrote(who), agent)
    assert "2 contacts are assigned to them and become unassigned." in (await browser.get(f"{LIST}/{agent.id}")).text


async def test_a_removed_member_is_out_and_no_other_workspace_is_touched(shop: Shop, other_shop: Shop) -> None:
    agent = shop.world.agent
    theirs = await shop.browser(agent)
    assert (await theirs.get("/inbox")).status_code == 200
    async with shop.installation.tenancy.catalog() as catalog:
        catalog.add(Membership(account_id=agent.account_id, workspace_id=other_shop.world.workspace_id))
    other = "INSERT INTO member (account_id, name, email, role, picture, status, restrictions, created_at)"
    await other_shop.change(f"{other} VALUES (:a, 'Agent', :e, 'agent', '', 'online', '{{}}', now())", a=agent.account_id, e=agent.email)
    browser = await shop.browser(shop.world.owner)
    assert (await browser.post(f"{LIST}/{agent.id}/removal")).headers["location"] == f"{LIST}?removed=1"
    assert agent.email not in (await browser.get(LIST)).text
    page = (await theirs.get("/inbox")).text
    async with shop.installation.tenancy.catalog() as catalog:
        places = select(col(Membership.workspace_id)).where(col(Membership.account_id) == agent.account_id)
        assert (await catalog.execute(places)).scalars().all() == [other_shop.world.workspace_id]
    assert "Shop" in page
    assert (await browser.post(f"{LIST}/{agent.id}/removal")).status_code == 404
