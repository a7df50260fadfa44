"""Settings → Tags: making, changing, merging, deleting, and finding one among many."""

from ismessenger.contacts import tags as tags_module
from ismessenger.contacts.mark import tag_contacts
from ismessenger.contacts.tags import tags_by_name
from tests.web.site import Shop

LIST = "/settings/tags"


async def tagged(shop: Shop, *names: str) -> list[int]:
    """Tags by name; one contact has the first."""
    contact_id = await shop.wrote("ada")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        ids = [tag.id for tag in await tags_by_name(db, names)]
        await tag_contacts(db, [contact_id], add=ids[:1])
    return ids


async def test_without_a_tag_the_page_says_what_tags_are_for(shop: Shop) -> None:
    page = (await (await shop.browser(shop.world.manager)).get(LIST)).text
    assert "No tag yet" in page


async def test_a_tag_is_made_and_changed_by_its_form(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    assert (await browser.get(f"{LIST}/new")).status_code == 200
    typed = {"name": "VIP", "color": "purple", "emoji": "⭐", "description": "Who pays"}
    assert (await browser.post(LIST, data=typed)).headers["location"] == LIST
    tag_id = int(str(await shop.value("SELECT id FROM tag")))
    page = (await browser.get(LIST)).text
    assert "tag-purple" in page
    assert "Who pays" in page
    assert "No contact" in page
    refused = await browser.post(LIST, data={"name": "vip"})
    assert refused.status_code == 422
    assert "There is a tag called vip already." in refused.text
    assert 'value="purple" checked' in (await browser.get(f"{LIST}/{tag_id}")).text
    assert (await browser.post(f"{LIST}/{tag_id}", data={"name": "Very important"})).headers["location"] == LIST
    assert (await browser.post(f"{LIST}/{tag_id}", data={"name": "x", "color": "pink"})).status_code == 422
    assert await shop.rows("SELECT name, color, emoji FROM tag") == [("Very important", "grey", "")]


async def test_tags_are_found_and_paged(shop: Shop) -> None:
    await tagged(shop, *(f"tag {number:02}" for number in range(tags_module.PAGE + 1)))
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(LIST)).text
    assert page.count("settings-row-middle") == tags_module.PAGE
    assert "1 contact" in page
    further = page.split("Next page")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    page = (await browser.get(further)).text
    assert page.count("settings-row-middle") == 1
    assert "First page" in page
    found = (await browser.get(f"{LIST}?words=TAG 07")).text
    assert found.count("settings-row-middle") == 1
    assert "No tag with these words." in (await browser.get(f"{LIST}?words=nothing")).text


async def test_a_tag_is_merged_into_another_by_its_name(shop: Shop) -> None:
    old, new = await tagged(shop, "old", "new")
    browser = await shop.browser(shop.world.manager)
    refused = await browser.post(f"{LIST}/{old}/merging", data={"into": "nobody knows"})
    assert refused.status_code == 422
    assert "There is no tag called nobody knows." in refused.text
    assert (await browser.post(f"{LIST}/{old}/merging", data={"into": "NEW"})).headers["location"] == LIST
    assert await shop.rows("SELECT id FROM tag") == [(new,)]
    assert await shop.value("SELECT tag_ids FROM contact") == [new]


async def test_a_deleted_tag_is_off_its_contacts_and_says_before_how_many(shop: Shop) -> None:
    (tag_id,) = await tagged(shop, "old")
    browser = await shop.browser(shop.world.manager)
    assert "1 contact has it." in (await browser.get(f"{LIST}/{tag_id}")).text
    assert (await browser.post(f"{LIST}/{tag_id}/deletion")).headers["location"] == LIST
    assert await shop.value("SELECT tag_ids FROM contact") == []
    assert (await browser.get(f"{LIST}/{tag_id}")).status_code == 404
