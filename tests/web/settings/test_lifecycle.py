"""Settings → Lifecycle: the switch, and the stages in their order."""

import pytest

from tests.web.site import Shop

LIST = "/settings/lifecycle"


async def stage_id(shop: Shop, name: str) -> int:
    return int(str(await shop.value("SELECT id FROM lifecycle_stage WHERE name = :n", n=name)))


async def test_it_is_switched_on_and_off(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(LIST)).text
    assert "Add stage" not in page
    assert (await browser.post(LIST, data={"enabled": "true"})).headers["location"] == LIST
    page = (await browser.get(LIST)).text
    for words in ("New Lead", "New contacts begin here", "Won", "Lost", "Add stage"):
        assert words in page
    await browser.post(LIST, data={})
    assert "New Lead" not in (await browser.get(LIST)).text


async def test_a_stage_is_made_changed_and_put_in_its_place(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, data={"enabled": "true"})
    assert (await browser.get(f"{LIST}/stages/new")).status_code == 200
    assert (await browser.post(f"{LIST}/stages", data={"name": "Trial", "emoji": "🧪"})).headers["location"] == LIST
    assert (await browser.post(f"{LIST}/stages", data={"name": "trial"})).status_code == 422
    trial, customer = await stage_id(shop, "Trial"), await stage_id(shop, "Customer")
    assert "🧪" in (await browser.get(f"{LIST}/stages/{trial}")).text
    assert (await browser.post(f"{LIST}/stages/{trial}", data={"name": "Trial", "kind": "won"})).headers["location"] == LIST
    assert await shop.rows("SELECT name FROM lifecycle_stage WHERE kind = 'won'") == [("Trial",)]
    assert (await browser.post(f"{LIST}/stages/{trial}", data={"name": "Payment"})).status_code == 422
    keys = [str(each[0]) for each in await shop.rows("SELECT id FROM lifecycle_stage ORDER BY position")]
    await browser.post(f"{LIST}/order", data={"keys[]": keys, "up": str(trial)})
    page = (await browser.get(LIST)).text
    assert page.index(f"stage_row_{customer}") < page.index(f"stage_row_{trial}") < page.index("Cold Lead")


@pytest.mark.behaviour(25)
async def test_another_stage_becomes_the_first_and_the_old_one_is_deleted(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, data={"enabled": "true"})
    contact_id = await shop.wrote("ada")
    first, hot = await stage_id(shop, "New Lead"), await stage_id(shop, "Hot Lead")
    assert await shop.value("SELECT lifecycle_id FROM contact WHERE id = :c", c=contact_id) == first
    assert "have them begin in another one first" in (await browser.get(f"{LIST}/stages/{first}")).text
    assert (await browser.post(f"{LIST}/stages/{first}/deletion")).status_code == 422
    assert (await browser.post(f"{LIST}/stages/{hot}/default")).headers["location"] == LIST
    assert "1 contact leaves it." in (await browser.get(f"{LIST}/stages/{first}")).text
    assert (await browser.post(f"{LIST}/stages/{first}/deletion")).headers["location"] == LIST
    assert await shop.value("SELECT lifecycle_id FROM contact WHERE id = :c", c=contact_id) is None
    assert (await browser.get(f"{LIST}/stages/{first}")).status_code == 404
