"""Settings → Teams: adding, changing, and who may delete."""

import pytest

from ismessenger.accounts.visibility import ONLY_TEAM
from tests.web.site import Shop

LIST = "/settings/teams"


async def added(shop: Shop, name: str = "Sales", *members: int) -> int:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, data={"name": name, "description": "Sells lamps", "members[]": [str(each) for each in members]})
    assert answer.headers["location"] == LIST
    return int(str(await shop.value("SELECT id FROM team WHERE name = :n", n=name)))


async def test_without_a_team_the_page_says_what_it_is_for(shop: Shop) -> None:
    page = (await (await shop.browser(shop.world.manager)).get(LIST)).text
    assert "No team yet" in page
    assert f'href="{LIST}/new"' in page


async def test_a_team_is_made_and_changed_by_its_form(shop: Shop) -> None:
    agent, manager = shop.world.agent, shop.world.manager
    browser = await shop.browser(manager)
    form = (await browser.get(f"{LIST}/new")).text
    assert f'value="{agent.id}"' in form
    team_id = await added(shop, "Sales", agent.id)
    page = (await browser.get(LIST)).text
    assert "Sells lamps" in page
    assert agent.name in page
    form = (await browser.get(f"{LIST}/{team_id}")).text
    assert f'value="{agent.id}" checked' in form
    changed = await browser.post(f"{LIST}/{team_id}", data={"name": "Support", "members[]": [str(manager.id)]})
    assert changed.headers["location"] == LIST
    assert await shop.rows("SELECT id FROM member WHERE team_id = :t", t=team_id) == [(manager.id,)]


async def test_the_form_of_another_team_says_whom_it_takes_away(shop: Shop) -> None:
    await added(shop, "Sales", shop.world.agent.id)
    page = (await (await shop.browser(shop.world.owner)).get(f"{LIST}/new")).text
    assert "leaves Sales" in page


async def test_a_name_that_is_taken_comes_back_with_what_was_typed(shop: Shop) -> None:
    await added(shop, "Sales")
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(LIST, data={"name": "sales", "description": "Words", "members[]": [str(shop.world.agent.id)]})
    assert answer.status_code == 422
    assert "There is a team called sales already." in answer.text
    assert "Words" in answer.text
    assert f'value="{shop.world.agent.id}" checked' in answer.text


@pytest.mark.behaviour(17)
async def test_owners_delete_teams_and_managers_do_not(shop: Shop) -> None:
    team_id = await added(shop, "Sales", shop.world.agent.id)
    await shop.restrict(shop.world.agent, ONLY_TEAM)
    manager, owner = await shop.browser(shop.world.manager), await shop.browser(shop.world.owner)
    assert "Delete team" not in (await manager.get(f"{LIST}/{team_id}")).text
    assert (await manager.post(f"{LIST}/{team_id}/deletion")).status_code == 403
    page = (await owner.get(f"{LIST}/{team_id}")).text
    assert "1 member is in no team then." in page
    assert "1 of them sees only the contacts of this team" in page
    assert (await owner.post(f"{LIST}/{team_id}/deletion")).headers["location"] == LIST
    assert (await owner.get(f"{LIST}/{team_id}")).status_code == 404


async def test_a_team_of_another_workspace_is_not_found(shop: Shop, other_shop: Shop) -> None:
    team_id = await added(shop, "Sales")
    browser = await other_shop.browser(other_shop.world.owner)
    for answer in (
        await browser.get(f"{LIST}/{team_id}"),
        await browser.post(f"{LIST}/{team_id}", data={"name": "Mine"}),
        await browser.post(f"{LIST}/{team_id}/deletion"),
    ):
        assert answer.status_code == 404
