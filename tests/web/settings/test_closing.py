"""Settings → Closing notes."""

from tests.web.site import Shop

LIST = "/settings/closing"


async def test_categories_are_added_changed_ordered_and_deleted(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    for name in ("Delivery", "Broken", "Other"):
        assert (await browser.post(f"{LIST}/categories", data={"name": name, "description": f"about {name}"})).status_code == 303
    taken = await browser.post(f"{LIST}/categories", data={"name": " delivery "})
    assert taken.status_code == 422
    assert "There is a category called delivery already" in taken.text
    for name in ("", "x" * 129):
        assert (await browser.post(f"{LIST}/categories", data={"name": name})).status_code == 422
    ids = [int(str(row[0])) for row in await shop.rows("SELECT id FROM closing_category ORDER BY position")]
    await browser.post(f"{LIST}/order", data={"keys[]": [str(id_) for id_ in ids], "up": str(ids[2])})
    assert [row[0] for row in await shop.rows("SELECT name FROM closing_category ORDER BY position")] == ["Delivery", "Other", "Broken"]
    await browser.post(f"{LIST}/categories/{ids[0]}", data={"name": "Shipping"})
    await browser.post(f"{LIST}/categories/{ids[1]}/deletion")
    page = (await browser.get(LIST)).text
    assert page.index("Shipping") < page.index("Other")
    assert "Broken" not in page
    assert (await browser.post(f"{LIST}/categories/{ids[1]}", data={"name": "x"})).status_code == 404


async def test_a_category_is_wanted_only_where_there_is_one(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    refused = await browser.post(f"{LIST}/mode", data={"mode": "both"})
    assert refused.status_code == 422
    assert "There is no category to choose yet" in refused.text
    await browser.post(f"{LIST}/categories", data={"name": "Delivery"})
    assert (await browser.post(f"{LIST}/mode", data={"mode": "both"})).status_code == 303
    last = await shop.value("SELECT id FROM closing_category")
    kept = await browser.post(f"{LIST}/categories/{last}/deletion")
    assert kept.status_code == 422
    assert "this is the last one" in kept.text
    assert (await browser.post(f"{LIST}/mode", data={"mode": "sometimes"})).status_code == 422
    assert await shop.value("SELECT closing_notes FROM preferences") == "both"


async def test_closing_by_itself_is_switched_on_and_off(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    for number, unit in (("29", "minutes"), ("15", "days"), ("", "hours"), ("1.5", "hours"), ("1", "years"), ("9" * 30, "days")):
        wrong = await browser.post(f"{LIST}/auto-close", data={"enabled": "true", "number": number, "unit": unit})
        assert wrong.status_code == 422
        assert f'value="{number}"' in wrong.text
    assert (await browser.post(f"{LIST}/auto-close", data={"enabled": "true", "number": "2", "unit": "days"})).status_code == 303
    assert await shop.rows("SELECT auto_close_minutes, auto_close_since IS NOT NULL FROM preferences") == [(2880, True)]
    page = (await browser.get(LIST)).text
    assert '<option value="days" selected>' in page
    await browser.post(f"{LIST}/auto-close", data={"number": "2", "unit": "days"})
    assert await shop.value("SELECT auto_close_since FROM preferences") is None
