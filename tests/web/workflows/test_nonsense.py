"""Nonsense of a browser, a file or a caller is answered in words, and what it leaves behind holds no page up."""

import json
from typing import Any

import pytest

from ismessenger.kit import pagination
from tests.web.site import Shop
from tests.web.workflows.making import publish, save
from tests.web.workflows.test_builder import made
from tests.web.workflows.test_hook import Called
from tests.web.workflows.test_rehearsal import draft, phone, step

HUGE = 10**40


def _of(trigger: dict[str, Any], *steps: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "trigger": {"params": {}, **trigger}, "start": steps[0]["id"] if steps else None, "steps": list(steps)}


NONSENSE = [
    _of({"kind": "tag_updated", "params": {"tag_ids": [[1]], "action": []}}, step("a", "update_tags", {"tag_ids": [{}], "action": {}})),
    _of({"kind": "tag_updated", "params": {"tag_ids": 5}}, step("a", "update_tags", {"tag_ids": 5, "action": "remove"})),
    _of({"kind": "lifecycle_updated", "params": {"stage_ids": 5}}, step("a", "update_lifecycle", {"stage_id": 7})),
    _of({"kind": "conversation_opened", "params": {"sources": 5}}, step("a", "close_conversation", {"category_id": [[]]})),
    _of({"kind": "__proto__"[2:-2], "params": {"__proto__": {"a": 1}}}, step("a", "constructor", {"constructor": {}, "__proto__": {}})),
    _of({"kind": "manual", "condition": {"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [[1], {}]}]}}),
    _of(
        {"kind": "shortcut", "params": {"form": [[], {"options": {}}]}},
        step("a", "branch", {"branches": {"a": [[]]}}, proto="b"),
        step("b", "wait", {"duration": []}),
    ),
]


@pytest.mark.behaviour(362)
@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_a_draft_of_nonsense_is_kept_and_shown_with_its_problems(shop: Shop, nonsense: dict[str, Any]) -> None:
    browser, id_ = await made(shop)
    assert (await save(browser, id_, nonsense))["problems"]
    for page in ("", "/draft", "/export", "/edit", "/deletion", "/runs", "/versions", "/counts"):
        assert (await browser.get(f"/workflows/{id_}{page}")).status_code == 200, page
    assert (await browser.post(f"/workflows/{id_}/copy")).status_code == 303
    assert (await browser.post(f"/workflows/{id_}/publication", json={"number": 2})).status_code in {409, 422}


@pytest.mark.behaviour(362)
@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_a_file_of_nonsense_holds_up_no_page(shop: Shop, nonsense: dict[str, Any]) -> None:
    browser, other = await made(shop)
    text = json.dumps({"ismessenger": "workflow", "name": "Odd", "definition": nonsense}).encode()
    taken = await browser.post("/workflows/import", files={"file": ("odd.json", text)})
    assert taken.status_code == 303
    pages = (
        taken.headers["location"],
        "/workflows",
        f"/workflows/{other}/deletion",
        "/workflows/using/tag/1",
        "/settings/connections",
        "/settings/secrets",
    )
    for page in pages:
        assert (await browser.get(page)).status_code == 200, page


@pytest.mark.behaviour(362)
@pytest.mark.parametrize(
    "details",
    [
        {"status": "abc"},
        {"status": None, "json": {}},
        {"status": 200, "json": [HUGE]},
        {"json": "[" * 5, "status": [HUGE]},
        {"status": 200, "json": [json.loads("[" * 300 + "]" * 300)]},
    ],
)
async def test_an_answer_that_no_server_gives_ends_a_test_in_words(shop: Shop, details: dict[str, Any]) -> None:
    asks = {"url": "https://example.com", "mapping": [{"path": "$", "variable": "all"}, {"path": "$[0]", "variable": "one"}]}
    trial = await phone(shop, draft(step("a", "http_request", asks, next="b"), step("b", "add_comment", {"text": "$all $one"})))
    await trial.move(do="begin")
    answer = await trial.ask(do="result", details=details)
    assert answer.status_code in {200, 400, 422}


@pytest.mark.behaviour(362)
@pytest.mark.parametrize("member", [[], {}, "x", 1.5, HUGE, True, None])
async def test_nobody_gets_a_contact_who_is_none(shop: Shop, member: object) -> None:
    trial = await phone(
        shop,
        draft(step("a", "assign_to", {"pool": "workspace"}, next="b"), step("b", "add_comment", {"text": "$assignee.name, $contact.name"})),
    )
    await trial.move(do="begin")
    assert (await trial.ask(do="result", details={"member_id": member})).status_code == 200


@pytest.mark.behaviour(362)
@pytest.mark.parametrize(
    "move",
    [
        {"variables": {"a": HUGE}},
        {"variables": {"a": float("1e308"), "__proto__": "x", "": ""}},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-14:00"},
        {"made_up": {"fields": {"firstName": "x" * 100_000}}},
        {"made_up": {"channel_id": HUGE, "tag_ids": [HUGE, -1]}},
        {"made_up": {"stage_id": -HUGE}},
        {"made_up": {"fields": {"__proto__": "x"}}},
        {"contact_id": 2**62},
        {"said": "a\x00b"},
    ],
)
async def test_a_test_begins_or_says_why_not(shop: Shop, move: dict[str, Any]) -> None:
    trial = await phone(shop, draft(step("a", "send_message", {"message": {"text": "$a {{$a | number}} {{$a | plus(3)}}"}})))
    answer = await trial.ask(do="begin", **move)
    assert answer.status_code in {200, 404, 422}


@pytest.mark.behaviour(362)
async def test_a_loop_of_messages_ends_a_test(shop: Shop) -> None:
    says = [step(f"m{n}", "send_message", {"message": {"text": "hi"}}, next=f"m{n + 1}") for n in range(50)]
    jumps = [step(f"m{n}", "jump_to", {"target": "m0", "most": 10}, **({"next": f"m{n + 1}"} if n < 99 else {})) for n in range(50, 100)]
    begun = await (await phone(shop, draft(*says, *jumps))).move(do="begin")
    assert begun["standing"] == "failed"
    assert "looks like a loop" in begun["trail"][-1]["error"]


@pytest.mark.behaviour(362)
@pytest.mark.parametrize("body", [{"n": HUGE, "m": [HUGE]}, {"n": {"deep": HUGE}}, b'{"n": 1, "n": 2}', "x", 5, [[]], None])
async def test_a_call_of_any_json_begins_it_or_says_why_not(shop: Shop, body: object) -> None:
    browser, id_ = await made(shop)
    mapped = {
        "path": "$.c",
        "mapping": [{"path": "$.n", "variable": "n"}, {"path": "$.m", "variable": "m"}, {"path": "$", "variable": "all"}],
    }
    trigger = {"kind": "webhook", "params": {"identifier": "phone", **mapped}}
    head = await publish(browser, id_, _of(trigger, step("a", "add_comment", {"text": "$n $m $all"})))
    hook = Called(shop, browser, id_, head["hook_url"])
    await hook.someone("ada", phone="+493012345678")
    if isinstance(body, (dict, bytes)):
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        begun = await hook.call(b'{"c": "+493012345678", ' + written[1:])
        assert begun.status_code == 200, begun.text
        await hook.run()
        assert sum((await hook.comments()).values()) == 1
    assert (await browser.post(f"/workflows/{id_}/hook-sample")).status_code == 200
    assert (await hook.call(body)).status_code < 500
    endless = await hook.call(b'{"c": "+493012345678", "n": 1e999, "m": [-1e999]}')
    assert endless.status_code == 400
    assert "larger than a number can be" in endless.text
    assert (await browser.get(f"/workflows/{id_}/hook-sample")).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "counts?from=x",
        "counts?from=1e400",
        "counts?from=-99999999999999999999",
        "counts?from=2020-01-01T00:00:00Z&to=2199-01-01T00:00:00%2B23:59",
        "counts?from=2021-01-01T00:00:00Z&to=2020-06-01T00:00:00Z",
        "runs?state=x",
        "runs?period=%00",
        "runs?step=%00%ff",
        "runs?before=x",
        f"runs?before={pagination.encode(5, 5)}",
        f"runs?before={pagination.encode('x', 2**70)}",
        "runs/999999999999999999",
        "runs/9999999999999999999",
        "versions/0",
        "rehearsal/contacts?words=%00%ff%25%27",
        "deletion?x=%00",
        "hook-sample?%00",
    ],
)
async def test_nonsense_in_an_address_is_answered(shop: Shop, query: str) -> None:
    browser, id_ = await made(shop)
    assert (await browser.get(f"/workflows/{id_}/{query}")).status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/workflows?after=x",
        f"/workflows?after={pagination.encode('x', 2**70)}",
        f"/workflows?after={pagination.encode(chr(0), 5)}",
        "/workflows?words=%00%ff&status=%00",
        "/workflows/using/field/1",
        "/workflows/using/field/999999999999999999",
        "/workflows/using/__proto__/1",
        "/workflows/using/secret/1",
        "/workflows/0",
        "/workflows/00000000000000000001",
        "/settings/connections/new/__proto__",
        "/settings/connections/new/%00",
        "/settings/connections?checked=%00",
        "/palette/shortcuts?contact=99999999999999999999",
        "/palette/shortcuts?contact=",
        "/contacts/1/shortcuts/999999999999999999",
    ],
)
async def test_nonsense_in_other_addresses_is_answered(shop: Shop, path: str) -> None:
    browser = await shop.browser(shop.world.owner)
    assert (await browser.get(path)).status_code < 500


@pytest.mark.parametrize("path", ["draft", "publication", "rehearsal", "request-test"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"{",
        b"\xff",
        b"[" * 5000,
        b'{"number": 1e999}',
        b'{"number": 1' + b"0" * 5000 + b"}",
        b'{"definition": null, "number": 1, "move": {}, "params": {"url": 1e999}}',
    ],
)
async def test_what_is_no_body_is_refused(shop: Shop, path: str, body: bytes) -> None:
    browser, id_ = await made(shop)
    answer = await browser.request("PUT" if path == "draft" else "POST", f"/workflows/{id_}/{path}", content=body)
    assert 400 <= answer.status_code < 500
