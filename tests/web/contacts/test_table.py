"""The contacts page: who sees what, in which order, by which filter."""

import re
from urllib.parse import quote

import orjson
import pytest

from ismessenger.web.contacts import index
from tests.web.site import Shop, counted

LIST = "/contacts"


async def tag(shop: Shop, name: str) -> int:
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES (:n, '', '', 'grey', now())", n=name)
    return int(str(await shop.value("SELECT id FROM tag WHERE name = :n", n=name)))


async def people(shop: Shop) -> dict[str, int]:
    """Ada and Bo wrote; Cleo was added by hand."""
    made = {name: await shop.wrote(name) for name in ("ada", "bo")}
    await shop.change(
        "INSERT INTO contact (first_name, phone, status, created_at, created_source)"
        " VALUES ('Cleo', '+60123456789', 'closed', now(), 'user')"
    )
    return {**made, "cleo": int(str(await shop.value("SELECT max(id) FROM contact")))}


def shown(page: str) -> list[str]:
    """The names in the table, in order."""
    return re.findall(r'aria-label="Choose (?!all)([^"]+)"', page)


def where(condition: object) -> str:
    return quote(orjson.dumps({"$and": [condition]}).decode())


async def test_the_table_shows_contacts_newest_first_and_sorts_by_its_columns(shop: Shop) -> None:
    await people(shop)
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(LIST)).text
    assert shown(page) == ["Cleo", "Bo", "Ada"]
    assert "3 contacts" in page
    assert "Lumen bot" in page
    assert shown((await browser.get(f"{LIST}?sort=name")).text) == ["Ada", "Bo", "Cleo"]
    assert 'aria-sort="descending"' in (await browser.get(f"{LIST}?sort=-name")).text
    assert shown((await browser.get(f"{LIST}?sort=-lastMessage")).text) == ["Bo", "Ada", "Cleo"]


async def test_an_empty_workspace_is_told_where_contacts_come_from(shop: Shop) -> None:
    page = (await (await shop.browser(shop.world.owner)).get(LIST)).text
    assert "No contacts yet" in page
    assert 'href="/contacts/new"' in page


async def test_words_find_names_and_numbers_and_nobody_is_said_so(shop: Shop) -> None:
    await people(shop)
    browser = await shop.browser(shop.world.manager)
    assert shown((await browser.get(f"{LIST}?q=cle")).text) == ["Cleo"]
    assert shown((await browser.get(f"{LIST}?q=%2B60%2012%20345")).text) == ["Cleo"]
    assert "Nobody matches" in (await browser.get(f"{LIST}?q=zeppelin")).text


async def test_a_filter_narrows_the_table_and_one_that_is_none_is_refused(shop: Shop) -> None:
    made = await people(shop)
    vip = await tag(shop, "VIP")
    await shop.change("UPDATE contact SET tag_ids = ARRAY[CAST(:t AS bigint)] WHERE id = :c", t=vip, c=made["bo"])
    browser = await shop.browser(shop.world.manager)
    condition = {"category": "contactTag", "operator": "hasAnyOf", "value": [vip]}
    page = (await browser.get(f"{LIST}?filter={where(condition)}")).text
    assert shown(page) == ["Bo"]
    assert "VIP" in page
    assert (await browser.get(f"{LIST}?filter=nonsense")).status_code == 422
    assert (await browser.get(f"{LIST}?sort=nonsense&q=bo")).status_code == 200
    assert (await browser.get(f"{LIST}?after=nonsense")).status_code == 400


async def test_pages_lead_on_and_back(shop: Shop) -> None:
    await shop.change(
        "INSERT INTO contact (first_name, status, created_at, created_source)"
        " SELECT 'P' || n, 'closed', now(), 'user' FROM generate_series(1, 120) AS n"
    )
    browser = await shop.browser(shop.world.manager)
    first = (await browser.get(LIST)).text
    assert len(shown(first)) == 50
    assert 'rel="prev"' not in first
    following = re.search(r'href="([^"]+)"[^>]*rel="next"', first)
    assert following
    second = (await browser.get(following[1].replace("&amp;", "&"))).text
    assert shown(second)[0] == "P70"
    back = re.search(r'href="([^"]+)"[^>]*rel="prev"', second)
    assert back
    assert shown((await browser.get(back[1].replace("&amp;", "&"))).text) == shown(first)


async def test_too_many_contacts_for_an_order_without_an_index_are_said_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await people(shop)
    browser = await shop.browser(shop.world.manager)
    assert shown((await browser.get(f"{LIST}?sort=firstName")).text) == ["Ada", "Bo", "Cleo"]
    monkeypatch.setattr(index, "SORTED_ROWS", 2)
    page = (await browser.get(f"{LIST}?sort=firstName")).text
    assert "cannot be sorted by this column" in page
    assert shown(page) == ["Cleo", "Bo", "Ada"]
    assert "cannot be sorted" not in (await browser.get(f"{LIST}?sort=name")).text
    assert "cannot be sorted" not in (await browser.get(f"{LIST}?sort=firstName&q=bo")).text


async def test_columns_are_chosen_and_put_back(shop: Shop) -> None:
    await people(shop)
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(f"{LIST}/columns", data={"columns[]": ["id", "phone"], "query": "q=cle"})
    assert answer.headers["location"] == "/contacts?q=cle"
    head = (await browser.get(LIST)).text.split("</thead>")[0]
    assert head.index("Contact ID") < head.index("Phone")
    await browser.post(f"{LIST}/columns", data={"usual": "true", "query": ""})
    assert "Last message" in (await browser.get(LIST)).text.split("<thead>")[1].split("</thead>")[0]


async def test_a_contact_is_shown_beside_the_table_and_by_itself_leads_to_its_thread(shop: Shop) -> None:
    made = await people(shop)
    browser = await shop.browser(shop.world.manager)
    page = await browser.get(f"{LIST}/{made['cleo']}", headers={"Turbo-Frame": "contact_beside"})
    assert '<turbo-frame id="contact_beside">' in page.text
    assert "+60123456789" in page.text
    assert (await browser.get(f"{LIST}/{made['cleo']}")).headers["location"] == f"/inbox/all/contacts/{made['cleo']}"
    assert (await browser.get(f"{LIST}/999999", headers={"Turbo-Frame": "contact_beside"})).status_code == 404


async def test_a_page_of_the_table_costs_few_statements(shop: Shop) -> None:
    await people(shop)
    browser = await shop.browser(shop.world.manager)
    await browser.get(LIST)
    with counted(shop.installation, at_most=24) as seen:
        await browser.get(LIST)
    few = len(seen)
    await shop.change(
        "INSERT INTO contact (first_name, status, created_at, created_source, assignee_id) SELECT 'P' || n, 'closed', now(), 'user', :m"
        " FROM generate_series(1, 60) AS n",
        m=shop.world.agent.id,
    )
    with counted(shop.installation, at_most=few + 2):
        await browser.get(LIST)


async def test_contacts_of_another_workspace_are_not_there(shop: Shop, other_shop: Shop) -> None:
    made = await people(shop)
    browser = await other_shop.browser(other_shop.world.owner)
    assert shown((await browser.get(LIST)).text) == []
    assert (await browser.get(f"{LIST}/{made['ada']}", headers={"Turbo-Frame": "contact_beside"})).status_code == 404
