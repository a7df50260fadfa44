"""A contact that is added by hand."""

import re

import pytest

from tests.web.contacts.test_table import tag
from tests.web.site import Shop

LIST = "/contacts"


async def test_a_contact_is_added_with_fields_tags_and_assignee(shop: Shop) -> None:
    vip = await tag(shop, "VIP")
    await shop.change(
        "INSERT INTO contact_field (slug, name, description, type, options, position, visible, agent_access, standard, created_at)"
        " VALUES ('size', 'Size', '', 'number', '[]', 1, true, 'edit', false, now())"
    )
    size = await shop.value("SELECT id FROM contact_field")
    browser = await shop.browser(shop.world.manager)
    form = (await browser.get(f"{LIST}/new")).text
    assert "Size" in form
    values = {
        "value_firstName": "Dee",
        "value_phone": "012-345 6789",
        "value_countryCode": "Malaysia",
        "value_language": "French",
        f"value_{size}": "42",
        "tags[]": str(vip),
        "new_tags": "fresh, vip",
        "member_id": str(shop.world.agent.id),
    }
    location = (await browser.post(LIST, data=values)).headers["location"]
    assert "Dee</a> was added." in (await browser.get(location)).text
    (row,) = await shop.rows("SELECT first_name, phone, country_code, language, fields, cardinality(tag_ids), assignee_id FROM contact")
    assert row == ("Dee", "+60123456789", "MY", "fr", {str(size): 42}, 2, shop.world.agent.id)


async def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, data={"value_firstName": "Dee", "value_email": "nonsense", "value_phone": "12"})
    assert answer.status_code == 422
    assert "nonsense is no e-mail address." in answer.text
    assert "12 is no phone number" in answer.text
    assert 'value="Dee"' in answer.text
    nameless = await browser.post(LIST, data={"value_phone": "+60123456789"})
    assert nameless.status_code == 422
    assert "A contact needs a first name." in nameless.text
    assert await shop.rows("SELECT id FROM contact") == []


@pytest.mark.behaviour(21)
async def test_the_same_number_or_address_is_no_obstacle_but_leads_to_merging(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, data={"value_firstName": "Dee", "value_phone": "+60123456789", "value_email": "dee@x.example"})
    again = await browser.post(LIST, data={"value_firstName": "Deirdre", "value_phone": "+60 12-345 6789", "value_email": "DEE@x.example"})
    assert again.status_code == 303
    page = (await browser.get(again.headers["location"])).text
    link = re.search(r'href="(/contacts/\d+/merge/\d+)"', page)
    assert link
    assert "The same phone number and e-mail address as" in page
    assert (await browser.get(link[1])).status_code == 200
