"""Workflows as files, and the gallery."""

import json
from typing import Any

import httpx
import pytest

from ismessenger.automation.gallery import templates
from ismessenger.contacts.tags import tags_by_name
from tests.web.site import Shop
from tests.web.workflows.making import manual, publish, save
from tests.web.workflows.test_builder import data_of, made

FILE = "application/json"


async def taken_in(browser: httpx.AsyncClient, file: dict[str, Any] | bytes) -> httpx.Response:
    body = file if isinstance(file, bytes) else json.dumps(file).encode()
    return await browser.post("/workflows/import", files={"file": ("workflow.json", body, FILE)})


@pytest.mark.behaviour(352)
async def test_a_file_is_read_for_the_builder_and_changes_nothing(shop: Shop, other_shop: Shop) -> None:
    file = await exported(shop)
    browser, id_ = await made(other_shop)
    before = data_of((await browser.get(f"/workflows/{id_}")).text)["definition"]
    answer = await browser.post(f"/workflows/{id_}/file", content=json.dumps(file), headers={"Content-Type": FILE})
    found = answer.json()
    assert found["name"] == file["name"]
    assert "VIP" in found["missing"]
    assert params_of(found["definition"])[1]["channel_id"] == other_shop.channel_id
    assert set(found["looks"]) == {"trigger", "s1", "s2", "s3", "s4"}
    assert "s3" in [problem["step"] for problem in found["problems"]]
    assert data_of((await browser.get(f"/workflows/{id_}")).text)["definition"] == before
    refused = await browser.post(f"/workflows/{id_}/file", content=b"[" * 100, headers={"Content-Type": FILE})
    assert refused.status_code == 422
    assert "no JSON" in refused.json()["words"]


async def tag_called(shop: Shop, name: str) -> int:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        return (await tags_by_name(db, [name]))[0].id


async def exported(shop: Shop) -> dict[str, Any]:
    """A workflow that names a tag, a channel, a member and a field."""
    browser, id_ = await made(shop)
    tag = await tag_called(shop, "VIP")
    steps = [
        {"id": "s1", "kind": "update_tags", "params": {"action": "add", "tag_ids": [tag]}, "exits": {"next": "s2"}},
        {"id": "s2", "kind": "send_message", "params": {"channel_id": shop.channel_id, "message": {"text": "hi"}}, "exits": {"next": "s3"}},
        {"id": "s3", "kind": "assign_to", "params": {"action": "member", "member_id": shop.world.agent.id}, "exits": {"next": "s4"}},
        {"id": "s4", "kind": "update_field", "params": {"field": "email", "value": "a@example.com"}},
    ]
    asks = {"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [tag]}]}
    trigger = {"kind": "conversation_opened", "condition": asks}
    await publish(browser, id_, {"format": 1, "trigger": trigger, "start": "s1", "steps": steps})
    answer = await browser.get(f"/workflows/{id_}/export")
    assert answer.headers["content-disposition"].startswith("attachment;")
    file: dict[str, Any] = answer.json()
    return file


def params_of(definition: dict[str, Any]) -> list[dict[str, Any]]:
    return [step["params"] for step in definition["steps"]]


@pytest.mark.behaviour(323)
async def test_an_imported_workflow_names_what_is_called_the_same_there(shop: Shop, other_shop: Shop) -> None:
    file = await exported(shop)
    assert file["references"]["tag"] == {str(params_of(file["definition"])[0]["tag_ids"][0]): {"name": "VIP"}}
    await tag_called(other_shop, "Something before")
    vip = await tag_called(other_shop, "vip")
    browser = await other_shop.browser(other_shop.world.manager)
    answer = await taken_in(browser, file)
    data = data_of((await browser.get(answer.headers["location"])).text)
    tags, channel, member, field = params_of(data["definition"])
    assert tags["tag_ids"] == [vip]
    assert data["definition"]["trigger"]["condition"]["$and"][0]["value"] == [vip]
    assert channel["channel_id"] == other_shop.channel_id
    assert field["field"] == "email"
    # Nobody there has this address: the step says that somebody else is to be chosen.
    assert member["member_id"] == 0
    assert [each["step"] for each in data["problems"]] == ["s3"]
    assert data["workflow"]["status"] == "draft"


@pytest.mark.behaviour(323)
async def test_an_imported_workflow_never_names_something_by_a_number_of_elsewhere(shop: Shop, other_shop: Shop) -> None:
    file = {**await exported(shop), "references": {}}
    for number in range(30):
        await tag_called(other_shop, f"tag {number}")
    browser = await other_shop.browser(other_shop.world.manager)
    data = data_of((await browser.get((await taken_in(browser, file)).headers["location"])).text)
    assert params_of(data["definition"])[0]["tag_ids"] == [0]
    assert {each["step"] for each in data["problems"]} == {"trigger", "s1", "s2", "s3"}


@pytest.mark.behaviour(324)
@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"\x00\xff nonsense", "This file is no JSON."),
        (b"[" * 3000, "This file is no JSON."),
        ({"hello": 1}, "This file holds no workflow."),
        ({"ismessenger": "workflow", "name": "x"}, "This file is damaged. definition: this is missing."),
        ({"ismessenger": "workflow", "name": "x" * 101, "definition": manual()}, "This file is damaged. name: this is too long."),
        ({"ismessenger": "workflow", "name": "x", "definition": {"format": 2}}, "format: this is not known here."),
        (
            {
                "ismessenger": "workflow",
                "name": "x",
                "definition": {"format": 1, "steps": [{"id": f"s{n}", "kind": "wait"} for n in range(101)]},
            },
            "A workflow has at most 100 steps; this one has 101.",
        ),
        (
            {
                "ismessenger": "workflow",
                "name": "x",
                "definition": {
                    "format": 1,
                    "steps": [
                        {"id": "a", "kind": "wait", "exits": {"next": "b"}},
                        {"id": "b", "kind": "wait", "exits": {"next": "a"}},
                    ],
                },
            },
            "Steps run in a circle.",
        ),
        ({"ismessenger": "workflow", "name": "x", "definition": manual("x" * 600_000)}, "A workflow has at most 512 KiB."),
    ],
)
async def test_a_file_of_another_shape_is_refused_in_words(shop: Shop, file: dict[str, Any] | bytes, words: str) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await taken_in(browser, file)
    assert answer.status_code == 422
    assert words in answer.text
    assert await shop.rows("SELECT id FROM workflow") == []


async def test_wrong_parameters_come_in_as_problems(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    steps = [
        {"id": "a", "kind": "wait", "params": {"duration": "long"}, "exits": {"next": "b"}},
        {"id": "b", "kind": "no_such_step", "params": {"x": [[["y"]]]}},
    ]
    definition = {"format": 1, "trigger": {"kind": "manual"}, "start": "a", "steps": steps}
    answer = await taken_in(browser, {"ismessenger": "workflow", "name": "x", "definition": definition})
    data = data_of((await browser.get(answer.headers["location"])).text)
    assert [each["step"] for each in data["problems"]] == ["a", "b"]


async def test_an_imported_workflow_gets_a_name_that_is_free(shop: Shop) -> None:
    browser, id_ = await made(shop)
    await save(browser, id_, manual())
    file = (await browser.get(f"/workflows/{id_}/export")).json()
    await taken_in(browser, file)
    await taken_in(browser, file)
    assert [row[0] for row in await shop.rows("SELECT name FROM workflow ORDER BY id")] == ["Welcome", "Welcome 2", "Welcome 3"]


MISSING = {
    "new-and-returning": ["Choose a team.", "Choose a team."],
    "route-by-language": ["Choose a team."] * 4,
    "menu": ["Choose a team."] * 3,
    "escalate": ["Choose a team."],
    "csat-to-sheet": ["Choose the Google account.", "Paste the link of the spreadsheet."],
    "sales-call-report": ["Choose the Google account.", "Paste the link of the spreadsheet."],
}
"""What whoever takes a template must still choose; of all others nothing."""


@pytest.mark.behaviour(325)
@pytest.mark.parametrize("slug", [template.slug for template in templates()])
async def test_a_template_is_ready_but_for_what_only_the_workspace_knows(shop: Shop, slug: str) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post("/workflows/new", data={"template": slug})
    data = data_of((await browser.get(answer.headers["location"])).text)
    assert [each["words"] for each in data["problems"]] == MISSING.get(slug, [])
    if slug not in MISSING:
        number = data["workflow"]["number"]
        assert (await browser.post(f"{answer.headers['location']}/publication", json={"number": number})).status_code == 200


async def test_the_gallery_shows_every_template(shop: Shop) -> None:
    page = (await (await shop.browser(shop.world.manager)).get("/workflows/new")).text
    for template in templates():
        assert f'value="{template.slug}"' in page
    assert len(templates()) == 20


async def test_a_template_that_there_is_not_is_not_found(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    assert (await browser.post("/workflows/new", data={"template": "nothing"})).status_code == 404
    assert (await browser.post("/workflows/import", data={})).status_code == 422
