"""Settings → Snippets, and one's own under the personal settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ismessenger.files.library import shelve
from ismessenger.files.model import StoredFile
from ismessenger.messages.snippets import PAGE, SnippetDraft, add_snippet
from tests.web.site import Shop

SHARED = "/settings/snippets"
OWN = "/account/snippets"


async def library_file(shop: Shop, name: str) -> int:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        file = StoredFile(path=f"w/{shop.world.workspace_id}/uploads/{name}", name=name, mime="application/pdf", size=7)
        await shelve(db, file)
    return file.id


async def test_a_snippet_is_made_changed_copied_and_deleted_by_its_forms(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    assert "No snippet yet" in (await browser.get(SHARED)).text
    assert (await browser.get(f"{SHARED}/new")).status_code == 200
    file_id = await library_file(shop, "Prices.pdf")
    typed = {
        "name": "Prices",
        "text": "Hello {{$contact.firstname|there}},\r\nhere they are.",
        "topics": "Sales, shop ,sales",
        "files[]": [file_id],
    }
    assert (await browser.post(SHARED, data=typed)).headers["location"] == SHARED
    ((snippet_id, *stored),) = await shop.rows("SELECT id, slug, text, topics, file_ids, owner_id FROM snippet")
    assert stored == ["prices", "Hello {{$contact.firstname|there}},\nhere they are.", ["Sales", "shop"], [file_id], None]
    page = (await browser.get(SHARED)).text
    assert "/prices" in page
    assert "1 file" in page
    edit = (await browser.get(f"{SHARED}/{snippet_id}")).text
    assert "Prices.pdf" in edit
    assert 'value="Sales, shop"' in edit
    assert (await browser.post(f"{SHARED}/{snippet_id}", data={"name": "Prices 2027", "text": "New"})).headers["location"] == SHARED
    assert await shop.rows("SELECT name, slug, topics, file_ids FROM snippet") == [("Prices 2027", "prices", [], [])]
    copied = (await browser.post(f"{SHARED}/{snippet_id}/copies")).headers["location"]
    assert "prices-2" in (await browser.get(copied)).text
    assert (await browser.post(f"{copied}/deletion")).headers["location"] == SHARED
    assert await shop.rows("SELECT id FROM snippet") == [(snippet_id,)]
    assert (await browser.get(copied)).status_code == 404


async def test_what_is_refused_keeps_what_was_typed(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    file_id = await library_file(shop, "Plan.pdf")
    typed = {"name": "Shoes", "text": "Size {{$contact.shoe}} or {{ $Contact.Shirt|L }}?", "topics": "Fit", "files[]": [file_id]}
    refused = await browser.post(SHARED, data=typed)
    assert refused.status_code == 422
    assert "There is no variable $contact.shoe, $contact.shirt. Choose one by typing $." in refused.text
    assert "Size {{$contact.shoe}}" in refused.text
    assert "Plan.pdf" in refused.text
    assert await shop.rows("SELECT id FROM snippet") == []
    await browser.post(SHARED, data={"name": "Hi", "text": "Hi"})
    refused = await browser.post(SHARED, data={"name": "Other", "slug": "HI", "text": "Hello"})
    assert refused.status_code == 422
    assert "There is a snippet with the shortcut /hi already." in refused.text


async def test_a_snippet_whose_variable_is_gone_says_so_in_the_list(shop: Shop) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await add_snippet(db, SnippetDraft("Old", "{{$contact.shoe}}"), owner_id=None, by=shop.world.owner.id)
    page = (await (await shop.browser(shop.world.manager)).get(SHARED)).text
    assert "There is no variable $contact.shoe: it cannot be sent like this." in page


@pytest.mark.behaviour(227)
async def test_an_agent_has_snippets_of_their_own_and_nobody_else_sees_them(shop: Shop) -> None:
    agent, owner = await shop.browser(shop.world.agent), await shop.browser(shop.world.owner)
    assert (await agent.post(OWN, data={"name": "My secret words", "text": "x"})).headers["location"] == OWN
    snippet_id = await shop.value("SELECT id FROM snippet")
    assert "My secret words" in (await agent.get(OWN)).text
    assert (await agent.get(f"{OWN}/{snippet_id}")).status_code == 200
    assert "My secret words" not in (await owner.get(OWN)).text
    assert "My secret words" not in (await owner.get(SHARED)).text
    for address in (f"{OWN}/{snippet_id}", f"{SHARED}/{snippet_id}"):
        assert (await owner.get(address)).status_code == 404
        assert (await owner.post(f"{address}/deletion")).status_code == 404
        assert (await owner.post(f"{address}/copies")).status_code == 404
        assert (await owner.post(address, data={"name": "Mine", "text": "y"})).status_code == 404
    assert (await agent.get(SHARED)).status_code == 403
    assert await shop.rows("SELECT name FROM snippet") == [("My secret words",)]


async def test_snippets_are_found_and_paged_with_few_statements(
    shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        for number in range(PAGE + 1):
            draft = SnippetDraft(f"Snippet {number:02}", "{{$contact.name}}", topics=["Even"] if number % 2 == 0 else [])
            await add_snippet(db, draft, owner_id=None, by=shop.world.owner.id)
    browser = await shop.browser(shop.world.manager)
    await browser.get(SHARED)
    with queries(at_most=14):
        page = (await browser.get(SHARED)).text
    assert page.count("settings-row-middle") == PAGE
    further = page.split("Next page")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert (await browser.get(further)).text.count("settings-row-middle") == 1
    assert (await browser.get(f"{SHARED}?words=SNIPPET 07")).text.count("settings-row-middle") == 1
    assert (await browser.get(f"{SHARED}?topic=Even&words=3")).text.count("settings-row-middle") == 5
    assert "No snippet like this." in (await browser.get(f"{SHARED}?words=nothing")).text
