"""Settings → General."""

import pytest

from tests.web.site import STREAMS, Shop

PAGE = "/settings/general"
FORM = {"name": "Lumen Lamps", "timezone": "Europe/Berlin", "inactivity_minutes": "30", "events_open_conversations": "true"}


async def test_what_is_changed_is_saved_and_says_so(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    assert 'value="15"' in (await browser.get(PAGE)).text
    answer = await browser.post(PAGE, data=FORM, headers=STREAMS)
    assert answer.status_code == 200
    assert "Saved" in answer.text
    page = (await browser.get(PAGE)).text
    assert 'value="Lumen Lamps"' in page
    assert '<option value="Europe/Berlin" selected>' in page
    assert 'value="30"' in page
    assert await shop.rows("SELECT inactivity_minutes, events_open_conversations FROM preferences") == [(30, True)]
    off = {name: value for name, value in FORM.items() if name != "events_open_conversations"}
    assert (await browser.post(PAGE, data=off)).headers["location"] == f"{PAGE}?saved=1"
    assert await shop.rows("SELECT events_open_conversations FROM preferences") == [(False,)]


async def test_the_page_shows_the_number_of_the_workspace_to_copy(shop: Shop) -> None:
    page = (await (await shop.browser(shop.world.owner)).get(PAGE)).text
    assert f'data-copy-target="source">{shop.world.workspace_id}</code>' in page


@pytest.mark.parametrize("minutes", ["0", "61", "-5", "", "7.5", "soon", "9" * 19])
async def test_the_timeout_is_a_whole_number_of_minutes_up_to_an_hour(shop: Shop, minutes: str) -> None:
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(PAGE, data={**FORM, "inactivity_minutes": minutes}, headers=STREAMS)
    assert answer.status_code == 422
    assert "from 1 to 60" in answer.text
    assert "Lumen Lamps" not in (await browser.get("/workspaces/menu")).text


@pytest.mark.parametrize("change", [{"name": " "}, {"name": "x" * 101}, {"timezone": "Mars/Base"}, {"timezone": ""}])
async def test_what_is_refused_changes_nothing(shop: Shop, change: dict[str, str]) -> None:
    browser = await shop.browser(shop.world.owner)
    assert (await browser.post(PAGE, data=FORM | change)).status_code == 422
    assert await shop.rows("SELECT count(*) FROM preferences") == [(0,)]


async def test_agents_and_restricted_managers_do_not_open_it(shop: Shop) -> None:
    await shop.restrict(shop.world.manager, "workspace_settings")
    for member in (shop.world.agent, shop.world.manager):
        browser = await shop.browser(member)
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.post(PAGE, data=FORM)).status_code == 403
