"""Agents who see only their own contacts, or only those of their team: in lists, counts, threads, files and everything they can ask for."""

import pytest

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.kit import pagination
from ismessenger.kit.clock import now
from tests.web.site import STREAMS, Shop

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)

# What an Agent can ask for of one contact: the path with its numbers, and the fields of the form.
ASKS = {
    "GET /inbox/all/contacts/{contact}": {},
    "GET /contacts/{contact}/timeline?before={before}": {},
    "GET /attachments/{file}/lamp.png": {},
    "POST /contacts/{contact}/messages": {"text": "hi"},
    "POST /contacts/{contact}/comments": {"text": "a note"},
    "POST /contacts/{contact}/conversation": {},
    "POST /contacts/{contact}/read": {"message_id": "1"},
    "POST /conversations/{conversation}/closure": {},
    "DELETE /conversations/{conversation}/closure": {},
    "POST /messages/{message}/attempts": {},
    # Last: who sees a contact only as its assignee gives it out of sight.
    "POST /contacts/{contact}/assignment": {"assignee_id": ""},
}


async def team_of(shop: Shop, *members: Member) -> None:
    """Put members into a new team."""
    await shop.change("INSERT INTO team (name, description, created_at) VALUES ('Sales', '', now())")
    ids = [member.id for member in members]
    await shop.change("UPDATE member SET team_id = (SELECT max(id) FROM team) WHERE id = ANY(:ids)", ids=ids)


async def contact_of(shop: Shop, who: str, member: Member | None) -> dict[str, object]:
    """Somebody who wrote and got an answer with a file that failed; the numbers of everything that belongs to them."""
    contact = await shop.wrote(who, f"words of {who}")
    owner = await shop.browser(shop.world.owner)
    uploaded = await owner.post("/uploads", files={"file": ("lamp.png", PNG, "image/png")}, headers={"Accept": "application/json"})
    answer = await owner.post(f"/contacts/{contact}/messages", data={"text": "", "files[]": uploaded.json()["id"]}, headers=STREAMS)
    assert answer.status_code == 200, answer.text
    await shop.change("UPDATE message SET status = 'failed' WHERE contact_id = :c AND traffic = 'outgoing'", c=contact)
    await shop.change("DELETE FROM delivery")
    await shop.assign(contact, member)
    message = await shop.value("SELECT max(id) FROM message WHERE contact_id = :c AND traffic = 'outgoing'", c=contact)
    return {
        "contact": contact,
        "message": message,
        "file": await shop.value("SELECT id FROM attachment WHERE message_id = :m", m=message),
        "conversation": await shop.value("SELECT max(id) FROM conversation WHERE contact_id = :c", c=contact),
        "before": pagination.encode(now(), 0, 2**62),
    }


async def statuses(shop: Shop, member: Member, numbers: dict[str, object]) -> dict[str, int]:
    """How everything is answered that can be asked of a contact."""
    browser, answers = await shop.browser(member), {}
    for asked, fields in ASKS.items():
        method, path = asked.split()
        data = fields if method == "POST" else None
        answer = await browser.request(method, path.format(**numbers), data=data, headers=STREAMS if method != "GET" else None)
        answers[asked] = answer.status_code
    return answers


@pytest.mark.behaviour(19)
@pytest.mark.parametrize(("restriction", "seen"), [("", 3), (ONLY_MINE, 1), (ONLY_TEAM, 2)])
async def test_an_agent_reaches_what_they_see_and_nothing_else(shop: Shop, restriction: str, seen: int) -> None:
    agent, mate, boss = shop.world.agent, shop.world.manager, shop.world.owner
    await team_of(shop, agent, mate)
    await shop.restrict(agent, *([restriction] if restriction else []))
    contacts = [await contact_of(shop, "mine", agent), await contact_of(shop, "mates", mate), await contact_of(shop, "others", boss)]
    for index, numbers in enumerate(contacts):
        answers = await statuses(shop, agent, numbers)
        if index < seen:
            assert set(answers.values()) <= {200, 204}, answers
        else:
            assert set(answers.values()) == {404}, answers
            assert (await shop.rows("SELECT assignee_id FROM contact WHERE id = :c", c=numbers["contact"])) != [(None,)]


@pytest.mark.behaviour(135)
async def test_an_agent_limited_to_the_team_sees_its_contacts_in_lists_and_counts(shop: Shop) -> None:
    agent, mate, boss = shop.world.agent, shop.world.manager, shop.world.owner
    await team_of(shop, agent, mate)
    for who, member in (("mine", agent), ("mates", mate), ("others", boss), ("nobodys", None)):
        await shop.assign(await shop.wrote(who, f"words of {who}"), member)
    browser = await shop.browser(agent)
    page = (await browser.get("/inbox")).text
    assert all(f"words of {who}" in page for who in ("mine", "mates", "others", "nobodys"))
    await shop.restrict(agent, ONLY_TEAM)
    inbox = f"team-{await shop.value('SELECT max(id) FROM team')}"
    page = (await browser.get(f"/inbox/{inbox}")).text
    assert [f"words of {who}" in page for who in ("mine", "mates", "others", "nobodys")] == [True, True, False, False]
    # There is no inbox of what is nobody's: its address leads to one that they have.
    page = (await browser.get("/inbox/unassigned")).text
    assert "words of nobodys" not in page
    assert (await browser.get("/inbox/counts")).json()["counts"] == {"mine": "1", inbox: "2"}


@pytest.mark.behaviour(135)
async def test_without_a_team_only_own_contacts_are_left(shop: Shop) -> None:
    agent = shop.world.agent
    await team_of(shop, agent, shop.world.manager)
    await shop.restrict(agent, ONLY_TEAM)
    await shop.assign(await shop.wrote("mine", "words of mine"), agent)
    await shop.assign(await shop.wrote("mates", "words of mates"), shop.world.manager)
    browser = await shop.browser(agent)
    team_id = await shop.value("SELECT max(id) FROM team")
    assert "words of mates" in (await browser.get(f"/inbox/team-{team_id}")).text
    await (await shop.browser(shop.world.owner)).post(f"/settings/teams/{team_id}/deletion")
    assert (await browser.get(f"/inbox/team-{team_id}")).status_code == 404
    page = (await browser.get("/inbox")).text
    assert "words of mine" in page
    assert "words of mates" not in page


@pytest.mark.behaviour(135)
async def test_a_mate_who_was_removed_takes_their_contacts_out_of_sight(shop: Shop) -> None:
    agent, mate = shop.world.agent, shop.world.manager
    await team_of(shop, agent, mate)
    await shop.restrict(agent, ONLY_TEAM)
    await shop.assign(await shop.wrote("mates", "words of mates"), mate)
    browser = await shop.browser(agent)
    inbox = f"/inbox/team-{await shop.value('SELECT max(id) FROM team')}"
    assert "words of mates" in (await browser.get(inbox)).text
    assert (await (await shop.browser(shop.world.owner)).post(f"/settings/users/{mate.id}/removal")).status_code == 303
    assert "words of mates" not in (await browser.get(inbox)).text


@pytest.mark.behaviour(398)
async def test_who_may_not_is_told_who_may_and_is_shown_no_empty_group(shop: Shop) -> None:
    agent, manager = await shop.browser(shop.world.agent), await shop.browser(shop.world.manager)
    refused = await agent.get("/contacts", headers={"Accept": "text/html"})
    assert refused.status_code == 403
    assert "An owner of the workspace can change that." in refused.text
    group = '<p class="settings-group">Workspace</p>'
    assert group in (await manager.get("/account/profile")).text
    own = (await agent.get("/account/profile")).text
    assert group not in own
    assert '<p class="settings-group">Personal</p>' in own
    channel_id = await shop.value("SELECT min(id) FROM channel")
    page = (await manager.get(f"/settings/channels/{channel_id}")).text
    assert "Owners can disconnect channels." in page
    assert "/disconnection" not in page
    assert "/disconnection" in (await (await shop.browser(shop.world.owner)).get(f"/settings/channels/{channel_id}")).text
