"""The address of a part of a page, opened in the browser."""

import pytest

from tests.web.site import Shop

OPENED = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
ASKED_BY_A_PAGE = {"Accept": "text/html", "Sec-Fetch-Dest": "empty"}


@pytest.mark.behaviour(389)
@pytest.mark.parametrize("path", ["/contacts/{}/assignment", "/contacts/{}/closure", "/library", "/workspaces/menu"])
async def test_a_part_of_a_page_stands_in_a_layout_where_somebody_opens_it(shop: Shop, path: str) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.owner)
    place = path.format(contact_id)
    part = await browser.get(place, headers=ASKED_BY_A_PAGE | {"Turbo-Frame": "part"})
    assert part.status_code == 200
    assert "<!doctype" not in part.text
    assert (await browser.get(place, headers=ASKED_BY_A_PAGE)).text == part.text
    opened = (await browser.get(place, headers=OPENED)).text
    assert opened.count("<!doctype html>") == opened.count("</html>") == 1
    assert 'rel="stylesheet"' in opened
    assert part.text.strip() in opened


@pytest.mark.behaviour(389)
async def test_a_whole_page_stands_in_no_other_one(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    whole = (await browser.get("/inbox", headers=OPENED)).text
    assert whole.count("<!doctype html>") == whole.count("</html>") == 1
