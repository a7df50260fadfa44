"""Settings → Files: the library."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ismessenger.messages.snippets import SnippetDraft, add_snippet
from tests.web.site import Shop, new_browser

LIST = "/settings/files"
PDF = ("Prices.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")


async def test_files_are_added_found_renamed_and_read_by_everybody(
    shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    browser = await shop.browser(shop.world.manager)
    assert "No file yet" in (await browser.get(LIST)).text
    added = await browser.post(LIST, files=[("files", PDF), ("files", ("Plan.txt", b"Left, then right.", "text/plain"))])
    assert added.headers["location"] == LIST
    with queries(at_most=10):
        page = (await browser.get(LIST)).text
    assert page.index("Plan.txt") < page.index("Prices.pdf")
    assert "application/pdf" in page
    assert f"by {shop.world.manager.name}" in page
    assert "Plan.txt" not in (await browser.get(f"{LIST}?words=PRICE")).text
    assert "No file with these words." in (await browser.get(f"{LIST}?words=nothing")).text
    file_id = await shop.value("SELECT id FROM file WHERE name = 'Prices.pdf'")
    assert (await browser.post(f"{LIST}/{file_id}", data={"name": "Prices 2027.pdf"})).headers["location"] == LIST
    refused = await browser.post(f"{LIST}/{file_id}", data={"name": " "})
    assert refused.status_code == 422
    assert "A file needs a name of at most 150 characters." in refused.text
    # What is in the library is everybody's, what is not is its uploader's.
    agent = await shop.browser(shop.world.agent)
    assert "Prices 2027.pdf" in (await agent.get("/library?words=2027")).text
    assert (await agent.get(f"/uploads/{file_id}/x")).content == PDF[1]
    await shop.change("UPDATE file SET library_at = NULL WHERE id = :id", id=file_id)
    assert (await agent.get(f"/uploads/{file_id}/x")).status_code == 404
    assert (await agent.get(LIST)).status_code == 403


async def test_no_file_an_empty_one_and_one_too_many_are_refused_in_words(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    for files, words in ((None, "Choose a file."), ([("files", ("a.txt", b"", "text/plain"))], "This file is empty.")):
        refused = await browser.post(LIST, files=files)
        assert refused.status_code == 422
        assert words in refused.text
    assert (await browser.post(LIST, files=[("files", ("a.txt", b"a", "text/plain"))] * 11)).status_code == 400
    assert await shop.value("SELECT count(*) FROM file") == 0


async def test_a_link_opens_the_file_without_signing_in(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, files=[("files", PDF)])
    page = (await browser.get(f"{LIST}/{await shop.value('SELECT id FROM file')}")).text
    link = re.search(r"http://[^<]*/files/[^<]*", page)
    assert link is not None
    async with new_browser(shop.app) as stranger:
        answer = await stranger.get("/files/" + link[0].partition("/files/")[2])
    assert answer.content == PDF[1]


@pytest.mark.behaviour(226)
async def test_deleting_says_before_where_the_file_is_used(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    await browser.post(LIST, files=[("files", PDF)])
    file_id = int(str(await shop.value("SELECT id FROM file")))
    assert "No snippet uses it." in (await browser.get(f"{LIST}/{file_id}")).text
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await add_snippet(db, SnippetDraft("Price list", "Here", file_ids=[file_id]), owner_id=None, by=shop.world.owner.id)
        await add_snippet(
            db, SnippetDraft("Hidden words", "Here", file_ids=[file_id]), owner_id=shop.world.agent.id, by=shop.world.agent.id
        )
    page = (await browser.get(f"{LIST}/{file_id}")).text
    assert "Price list" in page
    assert "1 personal snippet" in page
    assert "2 snippets use it and are sent without it then." in page
    assert "Hidden words" not in page
    listed = (await browser.get(LIST)).text
    assert "Used in: a personal snippet, Price list" in listed
    assert (await browser.post(f"{LIST}/{file_id}/deletion")).headers["location"] == LIST
    assert await shop.rows("SELECT file_ids FROM snippet") == [([],), ([],)]
    assert "Prices.pdf" not in (await browser.get(LIST)).text
    assert (await browser.get(f"{LIST}/{file_id}")).status_code == 404
