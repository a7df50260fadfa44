"""The sidebar, custom inboxes and what is done with several conversations, over HTTP."""

import re

import orjson
import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.lifecycle import enable_lifecycle
from tests.web.site import STREAMS, Shop
from tests.web.test_inbox import Queries, cards

OPEN = {"$and": [{"category": "conversationStatus", "operator": "hasAnyOf", "value": ["open"]}]}
FORM = {"name": "Open ones", "condition": orjson.dumps(OPEN).decode()}


def links(html: str) -> list[str]:
    """The inboxes of the sidebar, from the top."""
    return re.findall(r'data-inbox-name="([^"]+)"', html)


async def team_of(shop: Shop, name: str, *member_ids: int) -> int:
    await shop.change("INSERT INTO team (name, description, created_at) VALUES (:n, '', now())", n=name)
    team_id = await shop.value("SELECT id FROM team WHERE name = :n", n=name)
    await shop.change("UPDATE member SET team_id = :t WHERE id = ANY(:m)", t=team_id, m=list(member_ids))
    return int(str(team_id))


@pytest.mark.behaviour(204)
async def test_each_role_has_its_inboxes(shop: Shop) -> None:
    world = shop.world
    sales, support = await team_of(shop, "Sales", world.agent.id), await team_of(shop, "Support", world.owner.id)
    blocked = await shop.wrote("ada")
    await shop.change("UPDATE contact SET blocked_at = now() WHERE id = :c", c=blocked)
    manager, agent = await shop.browser(world.manager), await shop.browser(world.agent)
    standing = ["all", "mine", "unassigned"]
    assert links((await manager.get("/inbox")).text) == [*standing, f"team-{sales}", f"team-{support}", "blocked"]
    assert links((await agent.get("/inbox")).text) == [*standing, f"team-{sales}", "blocked"]
    assert (await agent.get(f"/inbox/team-{support}")).status_code == 404
    await shop.restrict(world.agent, "contacts_assigned_to_team")
    assert links((await agent.get("/inbox")).text) == ["mine", f"team-{sales}"]
    await shop.restrict(world.agent, ONLY_MINE)
    assert links((await agent.get("/inbox")).text) == ["mine"]
    for hidden in (f"team-{sales}", "blocked", "stage-1"):
        assert (await agent.get(f"/inbox/{hidden}")).status_code == 404


@pytest.mark.behaviour(204)
async def test_the_inboxes_of_stages_are_there_while_the_lifecycle_is_on(shop: Shop) -> None:
    contact_id, _other = await shop.wrote("ada"), await shop.wrote("bo")
    browser = await shop.browser(shop.world.owner)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
    stage = await shop.value("SELECT min(id) FROM lifecycle_stage")
    await shop.change("UPDATE contact SET lifecycle_id = :s WHERE id = :c", s=stage, c=contact_id)
    assert f"stage-{stage}" in links((await browser.get("/inbox")).text)
    assert cards((await browser.get(f"/inbox/stage-{stage}")).text) == [contact_id]
    assert (await browser.get("/inbox/counts?groups=stages")).json()["counts"][f"stage-{stage}"] == "1"
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await enable_lifecycle(db, on=False)
    assert f"stage-{stage}" not in links((await browser.get("/inbox")).text)
    assert (await browser.get(f"/inbox/stage-{stage}")).status_code == 404


@pytest.mark.behaviour(205)
async def test_a_list_is_narrowed_by_status_and_by_unanswered(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    open_, snoozed, closed, blocked = [await shop.wrote(who) for who in ("ada", "bo", "cy", "di")]
    await shop.change("UPDATE contact SET status = 'snoozed', snoozed_until = now() + interval '1 day' WHERE id = :c", c=snoozed)
    await shop.change("UPDATE contact SET status = 'closed', opened_at = NULL, preview_traffic = 'outgoing' WHERE id = :c", c=closed)
    await shop.change("UPDATE contact SET blocked_at = now() WHERE id = :c", c=blocked)
    expected = {"": [open_], "?status=snoozed": [snoozed], "?status=closed": [closed], "?status=all": [closed, snoozed, open_]}
    assert {query: cards((await browser.get(f"/inbox{query}")).text) for query in expected} == expected
    assert cards((await browser.get("/inbox?status=all&unreplied=1")).text) == [snoozed, open_]
    assert cards((await browser.get("/inbox?status=all&sort=oldest")).text) == [open_, snoozed, closed]
    assert cards((await browser.get("/inbox/blocked")).text) == [blocked]
    assert cards((await browser.get("/inbox?status=nonsense&sort=nonsense")).text) == [open_]


@pytest.mark.behaviour(205)
async def test_the_longest_open_comes_first_where_that_is_asked_for(shop: Shop) -> None:
    ids = [await shop.wrote(who) for who in ("ada", "bo", "cy")]
    await shop.change("UPDATE contact SET opened_at = now() - (id % 7) * interval '1 hour'")
    browser = await shop.browser(shop.world.agent)
    assert cards((await browser.get("/inbox?sort=longest")).text) == sorted(ids, key=lambda id_: (-(id_ % 7), id_))
    assert cards((await browser.get("/inbox?sort=longest&status=all")).text) == list(reversed(ids))


async def test_a_custom_inbox_over_http(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    agent, owner = await shop.browser(shop.world.agent), await shop.browser(shop.world.owner)
    made = await agent.post("/inboxes", data=FORM)
    assert made.status_code == 303
    inbox = made.headers["location"]
    assert cards((await agent.get(inbox)).text) == [contact_id]
    id_ = inbox.rpartition("-")[2]
    assert (await agent.get(f"/inbox/counts?custom={id_},999,x")).json()["counts"][f"custom-{id_}"] == "1"
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/copies"), ("POST", "/deletion")):
        answer = await owner.request(method, f"/inboxes/{id_}{path}", data=FORM if method == "POST" else None)
        assert answer.status_code == 404, path
    assert (await agent.post(f"/inboxes/{id_}", data={**FORM, "sharing": "public"})).status_code == 303
    assert cards((await owner.get(inbox)).text) == [contact_id]
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/copies"), ("POST", "/deletion")):
        answer = await owner.request(method, f"/inboxes/{id_}{path}", data=FORM if method == "POST" else None)
        assert answer.status_code == 403, path
        assert "Only whoever made this inbox can" in answer.text, path
    copy = (await agent.post(f"/inboxes/{id_}/copies")).headers["location"]
    assert "Open ones (copy)" in (await agent.get(copy)).text
    refused = await agent.post("/inboxes", data={**FORM, "name": ""})
    assert refused.status_code == 422
    assert "needs a name" in refused.text
    assert (await agent.post(f"/inboxes/{id_}/deletion")).status_code == 303
    assert (await agent.get(inbox)).status_code == 404
    assert (await agent.post("/inboxes", data={**FORM, "condition": "nonsense"})).status_code == 422


@pytest.mark.behaviour(201)
async def test_a_broken_inbox_says_so_and_lists_nobody(shop: Shop) -> None:
    await shop.wrote("ada")
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('VIP', '', '', 'green', now())")
    tag = await shop.value("SELECT id FROM tag")
    condition = {"$or": [{"category": "contactTag", "operator": "hasNoneOf", "value": [tag]}]}
    agent, manager = await shop.browser(shop.world.agent), await shop.browser(shop.world.manager)
    data = {**FORM, "condition": orjson.dumps(condition).decode(), "sharing": "public"}
    inbox = (await agent.post("/inboxes", data=data)).headers["location"]
    assert len(cards((await agent.get(inbox)).text)) == 1
    await shop.change("DELETE FROM tag")
    page = (await agent.get(inbox)).text
    assert cards(page) == []
    assert "This inbox shows nobody" in page
    assert "Mend the conditions" in page
    page = (await manager.get(inbox)).text
    assert "Mend the conditions" not in page
    assert f"{shop.world.agent.name} can mend it" in page
    assert "/contacts?segment=inbox-" in (await manager.get("/contacts")).text


async def test_ten_thousand_tags_break_neither_the_list_nor_the_editor(shop: Shop, queries: Queries) -> None:
    contact_id = await shop.wrote("ada")
    await shop.change(
        "INSERT INTO tag (name, description, emoji, color, created_at)"
        " SELECT 'Tag ' || n, '', '', 'green', now() FROM generate_series(1, 10000) AS n"
    )
    await shop.change("UPDATE contact SET tag_ids = (SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM tag LIMIT 50) AS t)")
    tag = await shop.value("SELECT min(id) FROM tag")
    condition = {"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [tag]}]}
    browser = await shop.browser(shop.world.agent)
    inbox = (await browser.post("/inboxes", data={**FORM, "condition": orjson.dumps(condition).decode()})).headers["location"]
    with queries(at_most=16):
        page = await browser.get(inbox)
    assert cards(page.text) == [contact_id]
    assert len(page.content) < 200_000
    editor = await browser.get(inbox.replace("/inbox/custom-", "/inboxes/"))
    assert editor.text.count("Tag 9999") == 1


async def test_several_are_changed_and_put_back_over_http(shop: Shop, queries: Queries) -> None:
    ids = [await shop.wrote(who) for who in ("ada", "bo", "cy")]
    browser = await shop.browser(shop.world.agent)
    for action in ("assign", "close", "snooze", "tag", "open", "wake", "unread", "unassign", "untag"):
        assert (await browser.get(f"/inbox/changes/{action}?number=3&zone=Europe/Berlin")).status_code == 200
    assert "about" not in (await browser.get("/inbox/changes/close?all=true")).text
    assert (await browser.get("/inbox/changes/delete")).status_code == 404
    for nonsense in ("number=abc", "status=foo", "all=perhaps", "unreplied=x"):
        assert (await browser.get(f"/inbox/changes/close?{nonsense}")).status_code == 422
    chosen = {"action": "assign", "member_id": shop.world.agent.id, "ids[]": ids}
    answer = await browser.post("/inbox/changes", data=chosen, headers=STREAMS)
    assert "3 conversations assigned to" in answer.text
    assert answer.text.count('action="place"') == 3
    undo = dict(re.findall(r'name="(action|from|to)" value="([^"]*)"', answer.text))
    await browser.post("/inbox/changes/undo", data=undo, headers=STREAMS)
    assert await shop.rows("SELECT DISTINCT assignee_id FROM contact") == [(None,)]
    assert (await browser.post("/inbox/changes", data={"action": "close"}, headers=STREAMS)).status_code == 422
    past = {"action": "snooze", "ids[]": ids, "until": "2020-01-01T09:00"}
    assert (await browser.post("/inbox/changes", data=past, headers=STREAMS)).status_code == 409
    job = await browser.post("/inbox/changes", data={"action": "close", "all": "true"}, headers=STREAMS)
    assert "Changing conversations" in job.text
    with queries(at_most=14):
        assert (await browser.get("/inbox/counts?groups=stages,teams")).status_code == 200
