"""Segments at the side of the contacts table: a filter is kept, changed, counted, renamed and deleted."""

from urllib.parse import urlencode

import orjson
import pytest

from ismessenger.contacts.define_fields import FieldDraft, add_field
from tests.web.contacts.test_table import people, shown
from tests.web.site import STREAMS, Shop

LIST = "/contacts"
WITH_PHONE = orjson.dumps({"$and": [{"category": "contactField", "field": "phone", "operator": "exists"}]}).decode()
CALLED_BO = orjson.dumps({"$and": [{"category": "contactField", "field": "firstName", "operator": "isEqualTo", "value": "Bo"}]}).decode()


async def saved(shop: Shop, name: str = "Callable") -> int:
    """A segment of those with a phone number."""
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(f"{LIST}/segments", data={"name": name, "description": "Words", "query": urlencode({"filter": WITH_PHONE})})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("=")[2])


async def test_a_filter_is_kept_as_a_segment_that_counts_its_contacts(shop: Shop) -> None:
    await people(shop)
    segment_id = await saved(shop)
    browser = await shop.browser(shop.world.owner)
    page = (await browser.get(f"{LIST}?segment={segment_id}")).text
    assert shown(page) == ["Cleo"]
    assert '<h1 id="contacts_title">Callable</h1>' in page
    count = await browser.get(f"{LIST}/segments/{segment_id}/count")
    assert ">1<" in count.text
    assert "max-age" in count.headers["cache-control"]
    assert (await browser.get(f"{LIST}?segment=999999")).status_code == 404


@pytest.mark.behaviour(162)
async def test_a_segment_whose_filter_names_something_that_is_gone_says_so(shop: Shop) -> None:
    await people(shop)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        field = await add_field(db, FieldDraft("Shoe size", "number"))
    leaf = {"category": "contactField", "field": str(field.id), "operator": "doesNotExist"}
    condition = orjson.dumps({"$and": [leaf]}).decode()
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(f"{LIST}/segments", data={"name": "Barefoot", "query": urlencode({"filter": condition})})
    segment = answer.headers["location"]
    assert len(shown((await browser.get(segment)).text)) == 3
    await (await shop.browser(shop.world.owner)).post(f"/settings/fields/{field.id}/deletion")
    page = (await browser.get(segment)).text
    assert shown(page) == []
    assert "This segment holds nobody, because something that its filter names is gone:" in page
    assert "The field of this condition was deleted." in page
    page = (await browser.get(f"{LIST}?{urlencode({'filter': condition})}")).text
    assert "Nobody matches, because something that the filter names is gone:" in page
    assert "is gone" not in (await browser.get(f"{LIST}?q=Nobody")).text


async def test_the_ready_made_segments_are_there_without_being_saved(shop: Shop) -> None:
    await people(shop)
    browser = await shop.browser(shop.world.owner)
    assert shown((await browser.get(f"{LIST}?segment=new")).text) == ["Cleo", "Bo", "Ada"]
    for slug in ("new", "inactive", "tagged", "country", "language"):
        assert (await browser.get(f"{LIST}/segments/{slug}/count")).status_code == 200
    assert (await browser.get(f"{LIST}/segments/nothing/count")).status_code == 404


async def test_a_segment_is_filtered_otherwise_and_then_means_that(shop: Shop) -> None:
    await people(shop)
    segment_id = await saved(shop)
    browser = await shop.browser(shop.world.manager)
    query = urlencode({"segment": segment_id, "filter": CALLED_BO})
    assert shown((await browser.get(f"{LIST}?{query}")).text) == ["Bo"]
    editor = (await browser.get(f"{LIST}/filter?{query}")).text
    assert "Update Callable" in editor
    answer = await browser.post(f"{LIST}/segments/{segment_id}/condition", data={"query": query})
    assert answer.headers["location"] == f"{LIST}?segment={segment_id}"
    assert shown((await browser.get(f"{LIST}?segment={segment_id}")).text) == ["Bo"]


async def test_a_segment_is_renamed_and_deleted(shop: Shop) -> None:
    segment_id = await saved(shop)
    browser = await shop.browser(shop.world.manager)
    assert 'value="Callable"' in (await browser.get(f"{LIST}/segments/{segment_id}/edit")).text
    await browser.post(f"{LIST}/segments/{segment_id}", data={"name": "Reachable"})
    assert "Reachable" in (await browser.get(LIST)).text
    assert (await browser.post(f"{LIST}/segments/{segment_id}/deletion")).headers["location"] == LIST
    assert "Reachable" not in (await browser.get(LIST)).text
    assert (await browser.post(f"{LIST}/segments/{segment_id}", data={"name": "Again"})).status_code == 404


async def test_a_name_that_is_taken_comes_back_beside_what_was_typed(shop: Shop) -> None:
    await saved(shop)
    browser = await shop.browser(shop.world.manager)
    values = {"name": "callable", "description": "Mine", "query": urlencode({"filter": WITH_PHONE})}
    answer = await browser.post(f"{LIST}/segments", data=values, headers=STREAMS)
    assert answer.status_code == 422
    assert 'action="replace" target="ask"' in answer.text
    assert "There is a segment called callable already." in answer.text
    assert "Mine" in answer.text


async def test_a_segment_of_another_workspace_is_not_there(shop: Shop, other_shop: Shop) -> None:
    segment_id = await saved(shop)
    browser = await other_shop.browser(other_shop.world.owner)
    for path in (f"{LIST}?segment={segment_id}", f"{LIST}/segments/{segment_id}/count", f"{LIST}/segments/{segment_id}/edit"):
        assert (await browser.get(path)).status_code == 404
    assert (await browser.post(f"{LIST}/segments/{segment_id}/deletion")).status_code == 404
