"""The builder: what its page holds, drafts that two people change, names."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.web.site import Shop
from tests.web.workflows.making import manual, publish

EMPTY: dict[str, Any] = {"format": 1, "steps": []}


async def made(shop: Shop, name: str = "Welcome") -> tuple[httpx.AsyncClient, int]:
    """A browser of the manager, and a new workflow."""
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post("/workflows", data={"name": name})
    assert answer.status_code == 303, answer.text
    return browser, int(answer.headers["location"].rpartition("/")[2])


def data_of(page: str) -> dict[str, Any]:
    """What the builder starts with."""
    found = re.search(r'<script type="application/json" id="builder-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


async def test_the_page_holds_all_that_the_builder_starts_with(shop: Shop) -> None:
    browser, id_ = await made(shop)
    data = data_of((await browser.get(f"/workflows/{id_}")).text)
    assert data["workflow"]["name"] == "Welcome"
    assert data["workflow"]["status"] == "draft"
    assert data["definition"]["steps"] == []
    assert {each["step"] for each in data["problems"]} == {"trigger"}
    assert [each["name"] for each in data["things"]["channel"]] == ["Lumen bot"]
    assert "contact.firstname" in {each["name"] for each in data["variables"]}
    assert data["member"]["name"] == shop.world.manager.name


@pytest.mark.behaviour(329)
async def test_a_draft_is_saved_on_the_one_that_it_was_made_from(shop: Shop) -> None:
    browser, id_ = await made(shop)
    address = f"/workflows/{id_}/draft"
    theirs = {**EMPTY, "trigger": {"kind": "manual"}}
    saved = await browser.put(address, json={"number": 1, "definition": theirs})
    assert saved.json()["number"] == 2
    again = await browser.put(address, json={"number": 1, "definition": theirs})
    assert again.json()["number"] == 2
    clash = await browser.put(address, json={"number": 1, "definition": EMPTY})
    assert clash.status_code == 409
    assert clash.json()["number"] == 2
    assert clash.json()["by"] == shop.world.manager.name
    assert clash.json()["definition"]["trigger"]["kind"] == "manual"


async def test_what_is_no_workflow_is_refused_in_words(shop: Shop) -> None:
    browser, id_ = await made(shop)
    steps = [{"id": f"s{number}", "kind": "wait"} for number in range(101)]
    refused = await browser.put(f"/workflows/{id_}/draft", json={"number": 1, "definition": {**EMPTY, "steps": steps}})
    assert refused.status_code == 422
    assert refused.json()["words"] == "A workflow has at most 100 steps; this one has 101."
    assert (await browser.put(f"/workflows/{id_}/draft", content=b"nonsense")).status_code == 400


async def test_names_are_there_once(shop: Shop) -> None:
    browser, id_ = await made(shop)
    _, other = await made(shop, "Bye")
    refused = await browser.patch(f"/workflows/{other}", json={"name": "WELCOME"})
    assert refused.status_code == 422
    assert refused.json()["words"] == "There is a workflow called WELCOME already."
    renamed = await browser.patch(f"/workflows/{id_}", json={"name": "Hello", "description": "Says hello"})
    assert renamed.json()["name"] == "Hello"
    assert renamed.json()["description"] == "Says hello"


@pytest.mark.parametrize("depth", [38, 250, 500, 1000])
async def test_what_is_nested_without_end_is_refused(shop: Shop, depth: int) -> None:
    browser, id_ = await made(shop)
    nested = '{"a":' * depth + "1" + "}" * depth
    step = f'{{"id":"s1","kind":"wait","params":{nested}}}'
    body = f'{{"number":1,"definition":{{"format":1,"trigger":{{"kind":"manual"}},"start":"s1","steps":[{step}]}}}}'
    refused = await browser.put(f"/workflows/{id_}/draft", content=body.encode())
    assert refused.status_code in {400, 422}
    file = f'{{"ismessenger":"workflow","name":"x","definition":{{"format":1,"steps":[{step}]}}}}'
    assert (await browser.post("/workflows/import", files={"file": ("x.json", file.encode(), "application/json")})).status_code == 422


async def test_a_character_that_no_database_takes_is_replaced(shop: Shop) -> None:
    browser, id_ = await made(shop)
    saved = await browser.put(f"/workflows/{id_}/draft", json={"number": 1, "definition": manual("a\x00b")})
    assert saved.status_code == 200
    assert await shop.value("SELECT draft #>> '{steps,0,params,text}' FROM workflow") == "a\ufffdb"


async def test_the_page_costs_the_same_however_long_the_workflow_is(
    shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    browser, id_ = await made(shop)
    await publish(browser, id_, manual())
    with queries(at_most=16):
        assert (await browser.get(f"/workflows/{id_}")).status_code == 200
