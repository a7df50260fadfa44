"""Settings → Contact fields: what is known about contacts, and who decides it."""

import pytest

from ismessenger.contacts.model import Contact, Segment
from tests.web.site import Shop

LIST = "/settings/fields"


async def added(shop: Shop, name: str = "Plan", **typed: str) -> int:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, data={"name": name, "visible": "true", **typed})
    assert answer.headers["location"] == LIST, answer.text
    return int(str(await shop.value("SELECT id FROM contact_field WHERE name = :n", n=name)))


async def test_a_field_is_made_and_changed_by_its_form(shop: Shop) -> None:
    field_id = await added(shop, type="list", options="Free\nPro\n", agent_access="read", slug="tariff")
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(LIST)).text
    assert "$contact.tariff" in page
    assert "Agents read it" in page
    form = (await browser.get(f"{LIST}/{field_id}")).text
    assert "Free\nPro</textarea>" in form
    typed = {"name": "Tariff", "options": "Pro", "type": "number", "slug": "other", "agent_access": "hidden"}
    assert (await browser.post(f"{LIST}/{field_id}", data=typed)).headers["location"] == LIST
    assert await shop.rows("SELECT name, type, slug, visible, agent_access, options FROM contact_field") == [
        ("Tariff", "list", "tariff", False, "hidden", ["Pro"])
    ]


async def test_what_is_refused_comes_back_with_what_was_typed(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, data={"name": "Plan", "type": "list", "description": "Words"})
    assert answer.status_code == 422
    assert "A list needs at least one value" in answer.text
    assert "Words" in answer.text
    field_id = await added(shop)
    assert (await browser.post(f"{LIST}/{field_id}", data={"name": " "})).status_code == 422


async def test_fields_are_put_in_order_by_buttons_and_by_dragging(shop: Shop) -> None:
    field_id = await added(shop)
    browser = await shop.browser(shop.world.manager)
    keys = ["firstName", "lastName", "phone", "email", "language", "countryCode", str(field_id)]
    await browser.post(f"{LIST}/order", data={"keys[]": keys, "up": str(field_id)})
    page = (await browser.get(LIST)).text
    assert page.index("field_row_language") < page.index(f"field_row_{field_id}") < page.index("field_row_countryCode")
    await browser.post(f"{LIST}/order", data={"keys[]": [str(field_id), *keys[:-1]]})
    page = (await browser.get(LIST)).text
    assert page.index(f"field_row_{field_id}") < page.index("field_row_firstName")
    await browser.post(f"{LIST}/order", data={"keys[]": [str(field_id), *keys[:-1]], "down": str(field_id)})
    page = (await browser.get(LIST)).text
    assert page.index("field_row_firstName") < page.index(f"field_row_{field_id}") < page.index("field_row_lastName")


async def test_a_standard_field_is_folded_away_and_kept_from_agents(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    assert "cannot be renamed" in (await browser.get(f"{LIST}/standard/language")).text
    answer = await browser.post(f"{LIST}/standard/language", data={"agent_access": "hidden"})
    assert answer.headers["location"] == LIST
    page = (await browser.get(LIST)).text
    assert "Folded away" in page
    assert "Hidden from Agents" in page
    assert (await browser.get(f"{LIST}/standard/shoe_size")).status_code == 404


@pytest.mark.behaviour(17)
async def test_owners_delete_fields_and_are_told_what_uses_them(shop: Shop) -> None:
    field_id = await added(shop)
    leaf = {"category": "contactField", "field": str(field_id), "operator": "exists"}
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        db.add_all([Contact(first_name="Ada", fields={str(field_id): "Pro"}), Segment(name="Payers", condition={"$and": [leaf]})])
    manager, owner = await shop.browser(shop.world.manager), await shop.browser(shop.world.owner)
    assert "Owners can delete fields." in (await manager.get(f"{LIST}/{field_id}")).text
    assert (await manager.post(f"{LIST}/{field_id}/deletion")).status_code == 403
    page = (await owner.get(f"{LIST}/{field_id}")).text
    assert "1 contact has a value in it, which is lost." in page
    assert "A segment uses it and matches nobody then: Payers." in page
    assert (await owner.post(f"{LIST}/{field_id}/deletion")).headers["location"] == LIST
    assert (await owner.get(f"{LIST}/{field_id}")).status_code == 404
    assert await shop.value("SELECT count(*) FROM job WHERE kind = 'field_delete'") == 1


async def test_a_field_of_another_workspace_is_not_found(shop: Shop, other_shop: Shop) -> None:
    field_id = await added(shop)
    browser = await other_shop.browser(other_shop.world.owner)
    assert (await browser.get(f"{LIST}/{field_id}")).status_code == 404
    assert (await browser.post(f"{LIST}/{field_id}", data={"name": "Mine"})).status_code == 404
    assert (await browser.post(f"{LIST}/{field_id}/deletion")).status_code == 404
