"""The list of workflows: found by words and status, named, copied, deleted; the limit."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx
import pytest

from ismessenger.automation import listing
from tests.web.site import STREAMS, Shop
from tests.web.workflows.making import manual, publish, save

LIST = "/workflows"


async def made(shop: Shop, *names: str) -> tuple[httpx.AsyncClient, list[int]]:
    browser = await shop.browser(shop.world.manager)
    answers = [await browser.post(LIST, data={"name": name}) for name in names]
    return browser, [int(answer.headers["location"].rpartition("/")[2]) for answer in answers]


async def test_without_a_workflow_the_page_says_what_they_are_for(shop: Shop) -> None:
    page = (await (await shop.browser(shop.world.manager)).get(LIST)).text
    assert "No workflow yet" in page
    assert 'href="/workflows/new"' in page


async def test_agents_have_no_workflows(shop: Shop) -> None:
    assert (await (await shop.browser(shop.world.agent)).get(LIST)).status_code == 403
    await shop.restrict(shop.world.manager, "workflows")
    assert (await (await shop.browser(shop.world.manager)).get(LIST)).status_code == 403


async def test_workflows_are_found_by_words_and_by_status(shop: Shop) -> None:
    browser, (welcome, _away) = await made(shop, "Welcome", "Away")
    await browser.patch(f"{LIST}/{welcome}", json={"description": "Greets whoever is new"})
    await publish(browser, welcome, manual())
    assert "Away" not in (await browser.get(f"{LIST}?words=GREETS")).text.split("workflows-rows")[1]
    published = (await browser.get(f"{LIST}?status=published")).text
    assert f'href="/workflows/{welcome}"' in published
    assert "Away" not in published
    assert f"published by {shop.world.manager.name}" in published
    assert "No workflow is like that." in (await browser.get(f"{LIST}?words=nothing")).text


async def test_a_published_workflow_whose_draft_was_changed_says_so(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    await publish(browser, id_, manual())
    assert "Unpublished changes" not in (await browser.get(LIST)).text
    await save(browser, id_, manual("another text"))
    assert "Unpublished changes" in (await browser.get(LIST)).text


async def test_the_list_is_paged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    browser, _ = await made(shop, "Ada", "Bo", "Cy")
    page = (await browser.get(LIST)).text
    further = page.split("Next page")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert ">Cy<" in (await browser.get(further)).text
    assert ">Bo<" not in (await browser.get(further)).text


async def test_the_list_costs_the_same_however_many_there_are(
    shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    browser, ids = await made(shop, *(f"Workflow {number}" for number in range(5)))
    for id_ in ids:
        await publish(browser, id_, manual())
    with queries(at_most=14):
        assert (await browser.get(LIST)).status_code == 200


async def test_a_workflow_is_renamed_in_the_list(shop: Shop) -> None:
    browser, (id_, _) = await made(shop, "Welcome", "Away")
    assert 'value="Welcome"' in (await browser.get(f"{LIST}/{id_}/edit")).text
    refused = await browser.post(f"{LIST}/{id_}", data={"name": "away"}, headers=STREAMS)
    assert refused.status_code == 422
    assert "There is a workflow called away already." in refused.text
    assert (await browser.post(f"{LIST}/{id_}", data={"name": "Hello"})).headers["location"] == LIST
    assert await shop.value("SELECT name FROM workflow WHERE id = :id", id=id_) == "Hello"


async def test_a_copy_has_the_draft_and_a_name_of_its_own_and_is_not_published(shop: Shop) -> None:
    browser, (id_,) = await made(shop, "Welcome")
    await publish(browser, id_, manual())
    copied = await browser.post(f"{LIST}/{id_}/copy")
    copy_id = int(copied.headers["location"].rpartition("/")[2])
    rows = await shop.rows("SELECT name, status, draft FROM workflow ORDER BY id")
    assert rows[1][0] == "Welcome 2"
    assert rows[1][1] == "draft"
    assert rows[0][2] == rows[1][2]
    assert copy_id != id_


async def test_deleting_says_what_it_touches(shop: Shop) -> None:
    browser, (id_, other) = await made(shop, "Welcome", "Calls it")
    await publish(browser, id_, manual())
    await save(browser, other, manual("x", kind="trigger_workflow", params={"workflow_id": id_}))
    asked = (await browser.get(f"{LIST}/{id_}/deletion")).text
    assert "Delete the workflow Welcome?" in asked
    assert "No contact is inside now." in asked
    assert "Calls it" in asked
    assert (await browser.post(f"{LIST}/{id_}/deletion")).headers["location"] == LIST
    assert (await browser.delete(f"{LIST}/{other}")).status_code == 204
    assert "No workflow yet" in (await browser.get(LIST)).text
    assert (await browser.get(f"{LIST}/{id_}")).status_code == 404
    assert (await browser.post(f"{LIST}/{id_}/deletion")).status_code == 404


async def test_a_workspace_has_at_most_so_many_workflows(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.installation.settings, "max_workflows", 1)
    browser, _ = await made(shop, "Welcome")
    refused = await browser.post(LIST, data={"name": "Away"})
    assert refused.status_code == 422
    assert "A workspace has at most 1 workflows." in refused.text
