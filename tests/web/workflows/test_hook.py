"""Incoming webhooks: what gets a 200 begins, and everything else is told what to mend."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.installation import Installation
from ismessenger.jobs.automation import Automation
from ismessenger.kit.ids import new_token
from ismessenger.web.app import create_app_for
from ismessenger.web.ratelimit import Limit
from ismessenger.web.workflows import hook as hook_page
from tests.web.site import Shop, new_browser
from tests.web.workflows.making import publish, save
from tests.web.workflows.test_builder import made

MAPPED = {"identifier": "phone", "path": "$.customer.phone", "mapping": [{"path": "$.order.id", "variable": "order"}]}


def _definition(*, once: bool = False, **params: Any) -> dict[str, Any]:
    trigger = {"kind": "webhook", "params": {**MAPPED, **params}, "once": once}
    step = {"id": "s1", "kind": "add_comment", "params": {"text": "Order $order"}}
    return {"format": 1, "trigger": trigger, "start": "s1", "steps": [step]}


class Called:
    """A published workflow with a webhook, and the outside that calls it."""

    def __init__(self, shop: Shop, browser: httpx.AsyncClient, workflow_id: int, url: str) -> None:
        self.shop, self.browser, self.workflow_id, self.url = shop, browser, workflow_id, url
        self.outside = new_browser(shop.app)
        self.outside.headers.clear()

    async def call(self, body: object, *, url: str = "") -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.outside.post(url or self.url, content=content, headers={"Content-Type": "application/json"})

    async def someone(self, name: str, *, phone: str | None = None, email: str | None = None) -> int:
        contact_id = await self.shop.wrote(name)
        await self.shop.change("UPDATE contact SET phone = :p, email = :e WHERE id = :c", p=phone, e=email, c=contact_id)
        return contact_id

    async def run(self) -> None:
        """Let the workers hear what there is to hear."""
        automation = Automation(self.shop.installation)
        while await automation.work((self.shop.world.workspace_id, 0)):
            pass

    async def comments(self) -> Counter[object]:
        return Counter(text for (text,) in await self.shop.rows("SELECT text FROM comment"))


@pytest.fixture
async def hook(shop: Shop) -> Called:
    browser, workflow_id = await made(shop, "Orders")
    head = await publish(browser, workflow_id, _definition())
    await shop.installation.redis.delete(f"ratelimit:hook/{shop.world.workspace_id}/{workflow_id}")
    return Called(shop, browser, workflow_id, head["hook_url"])


@pytest.fixture
async def elsewhere(installation: Installation) -> AsyncIterator[Starlette]:
    """What another web process serves."""
    application = create_app_for(installation)
    async with application.router.lifespan_context(application):
        yield application


def _order(phone: str, number: int = 1) -> dict[str, Any]:
    return {"customer": {"phone": phone}, "order": {"id": number}}


def _words(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"])


@pytest.mark.behaviour(336)
async def test_a_call_begins_the_workflow_with_whom_it_names_and_its_values(hook: Called) -> None:
    contact_id = await hook.someone("ada", phone="+493012345678")
    answer = await hook.call(_order("+49 30 12345678", 77))
    assert (answer.status_code, answer.json()) == (200, {"contactId": contact_id})
    await hook.run()
    assert await hook.comments() == {"Order 77": 1}


@pytest.mark.behaviour(336)
async def test_of_a_thousand_calls_a_second_each_that_got_200_runs_once_and_the_others_are_told_to_wait(
    hook: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook_page, "HOOK_CALLS", Limit(per_second=5, burst=100))  # however slow the machine is
    phones = [f"+4930{number:08d}" for number in range(200)]
    await hook.shop.change(
        "INSERT INTO contact (first_name, phone, status, created_at, created_source)"
        " SELECT 'N', p, 'closed', now(), 'user' FROM unnest(CAST(:phones AS text[])) AS p",
        phones=phones,
    )
    gate = asyncio.Semaphore(40)

    async def one(number: int) -> tuple[int, httpx.Response]:
        async with gate:
            return number, await hook.call(_order(phones[number % len(phones)], number))

    answers = await asyncio.gather(*(one(number) for number in range(1000)))
    taken = [number for number, answer in answers if answer.status_code == 200]
    told = Counter(answer.status_code for _number, answer in answers)
    assert set(told) <= {200, 409, 429}
    assert taken
    assert told[429]
    assert all(int(answer.headers["retry-after"]) >= 1 for _number, answer in answers if answer.status_code == 429)
    await hook.run()
    assert await hook.comments() == {f"Order {number}": 1 for number in taken}


@pytest.mark.behaviour(337)
@pytest.mark.parametrize("change", ["secret", "workflow", "workspace", "short", "empty", "huge"])
async def test_a_wrong_address_says_nothing_of_what_is_there(hook: Called, change: str) -> None:
    base, _slash, place = hook.url.rpartition("/")
    workspace, workflow, secret = place.split("-", 2)
    wrong = {
        "secret": f"{workspace}-{workflow}-{new_token(18)}",
        "workflow": f"{workspace}-999999-{secret}",
        "workspace": f"999999-{workflow}-{secret}",
        "short": f"{workspace}-{workflow}-x",
        "empty": f"{workspace}-{workflow}-",
        "huge": f"{'9' * 18}-{'9' * 18}-{secret}",
    }
    answer = await hook.call(_order("+493012345678"), url=f"{base}/{wrong[change]}")
    assert (answer.status_code, _words(answer)) == (404, "No workflow has this address.")


@pytest.mark.behaviour(337)
@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "cannot be read"),
        (b"{", 400, "cannot be read"),
        (b"\xff", 400, "UTF-8"),
        (b'{"n": NaN}', 400, "cannot be read"),
        (b"[" * 20_000, 400, "too deeply"),
        ({}, 400, "no phone number at $.customer.phone"),
        ({"customer": {"phone": {}}}, 400, "no phone number"),
        ({"customer": {"phone": "+493099999999"}}, 404, "No contact has the phone number +493099999999"),
        ({"customer": {"phone": "call me"}}, 404, "No contact"),
        ({"pad": "x" * 70_000}, 413, "larger than"),
    ],
)
async def test_what_cannot_begin_it_is_said_to_the_caller(hook: Called, body: object, status: int, words: str) -> None:
    answer = await hook.call(body)
    assert answer.status_code == status
    assert words in _words(answer)


@pytest.mark.behaviour(337)
@pytest.mark.parametrize(("identifier", "path", "right"), [("email", "$.who", "ADA@example.com"), ("contact_id", "$.who", None)])
async def test_a_contact_is_named_by_e_mail_or_id_too(hook: Called, identifier: str, path: str, right: str | None) -> None:
    contact_id = await hook.someone("ada", email="ada@example.com")
    await publish(hook.browser, hook.workflow_id, _definition(identifier=identifier, path=path))
    for wrong in ("nobody@example.com", "9" * 30, -1, "1; DROP TABLE contact"):
        assert (await hook.call({"who": wrong})).status_code == 404
    answer = await hook.call({"who": right or contact_id})
    assert answer.json() == {"contactId": contact_id}


@pytest.mark.behaviour(336)
async def test_who_is_inside_or_about_to_be_is_not_begun_twice(hook: Called) -> None:
    await hook.someone("ada", phone="+493012345678")
    first, second = await asyncio.gather(hook.call(_order("+493012345678", 1)), hook.call(_order("+493012345678", 2)))
    assert sorted([first.status_code, second.status_code]) == [200, 409]
    assert "about to enter" in _words(first if first.status_code == 409 else second)


async def test_once_per_contact_is_told_to_the_caller(hook: Called) -> None:
    await hook.someone("ada", phone="+493012345678")
    await publish(hook.browser, hook.workflow_id, _definition(once=True))
    assert (await hook.call(_order("+493012345678", 1))).status_code == 200
    await hook.run()
    answer = await hook.call(_order("+493012345678", 2))
    assert (answer.status_code, _words(answer)) == (409, "This contact was in the workflow before, and it takes everybody once.")


@pytest.mark.behaviour(337)
async def test_a_workflow_that_was_stopped_says_so(hook: Called) -> None:
    await hook.someone("ada", phone="+493012345678")
    assert (await hook.call(_order("+493012345678"))).status_code == 200
    await hook.run()
    assert (await hook.browser.delete(f"/workflows/{hook.workflow_id}/publication")).status_code == 200
    answer = await hook.call(_order("+493012345678"))
    assert answer.status_code == 409
    assert "not published" in _words(answer)


async def test_a_sample_is_taken_once_while_somebody_listens_also_before_it_is_published(shop: Shop) -> None:
    browser, workflow_id = await made(shop, "Orders")
    await save(browser, workflow_id, _definition())
    place = f"/workflows/{workflow_id}/hook-sample"
    known = (await browser.get(place)).json()
    assert known["url"].startswith("http")
    assert (known["body"], known["listening"]) == (None, False)
    hook = Called(shop, browser, workflow_id, known["url"])
    assert (await hook.call({"a": 1})).status_code == 409
    assert (await browser.post(place)).json()["listening"] is True
    assert (await hook.call({"a": [1, "\x00"]})).json() == {"sample": True}
    assert (await hook.call({"a": 2})).status_code == 409
    known = (await browser.get(place)).json()
    assert (known["body"], known["listening"]) == ({"a": [1, "\N{REPLACEMENT CHARACTER}"]}, False)
    assert (await browser.delete(place)).json()["body"] is None


async def test_agents_get_no_sample(hook: Called) -> None:
    agent = await hook.shop.browser(hook.shop.world.agent)
    place = f"/workflows/{hook.workflow_id}/hook-sample"
    for answer in (await agent.get(place), await agent.post(place), await agent.delete(place)):
        assert answer.status_code == 403


async def test_another_workspace_has_no_such_workflow(hook: Called, other_shop: Shop) -> None:
    stranger = await other_shop.browser(other_shop.world.manager)
    assert (await stranger.get(f"/workflows/{hook.workflow_id}/hook-sample")).status_code == 404


@pytest.mark.behaviour(385)
async def test_another_address_takes_the_place_of_the_old_one_at_once_and_in_every_process(hook: Called, elsewhere: Starlette) -> None:
    contact_id = await hook.someone("ada", phone="+493012345678")
    for app in (hook.shop.app, elsewhere):  # both know the old one
        assert (await new_browser(app).post(hook.url, json={})).status_code == 400
    renewed = (await hook.browser.post(f"/workflows/{hook.workflow_id}/hook-address")).json()["url"]
    assert renewed != hook.url
    for app in (hook.shop.app, elsewhere):
        answer = await new_browser(app).post(hook.url, json=_order("+493012345678"))
        assert (answer.status_code, _words(answer)) == (404, "No workflow has this address.")
    assert await hook.shop.value("SELECT count(*) FROM workflow_signal") == 0
    answer = await new_browser(elsewhere).post(renewed, json=_order("+493012345678"))
    assert (answer.status_code, answer.json()) == (200, {"contactId": contact_id})
    assert (await hook.browser.get(f"/workflows/{hook.workflow_id}/hook-sample")).json()["url"] == renewed


@pytest.mark.behaviour(385)
async def test_what_comes_to_the_old_address_is_no_sample(hook: Called, elsewhere: Starlette) -> None:
    assert (await new_browser(elsewhere).post(hook.url, json={})).status_code == 400
    renewed = (await hook.browser.post(f"/workflows/{hook.workflow_id}/hook-address")).json()["url"]
    assert (await hook.browser.post(f"/workflows/{hook.workflow_id}/hook-sample")).json()["listening"]
    await new_browser(elsewhere).post(hook.url, json={"old": True})
    waiting = (await hook.browser.get(f"/workflows/{hook.workflow_id}/hook-sample")).json()
    assert (waiting["body"], waiting["listening"]) == (None, True)
    await hook.call({"new": True}, url=renewed)
    assert (await hook.browser.get(f"/workflows/{hook.workflow_id}/hook-sample")).json()["body"] == {"new": True}


@pytest.mark.behaviour(385)
async def test_a_workflow_without_an_address_gets_no_other_one(shop: Shop) -> None:
    browser, workflow_id = await made(shop, "Plain")
    refused = await browser.post(f"/workflows/{workflow_id}/hook-address")
    assert refused.status_code == 422
    assert "no address yet" in refused.json()["words"]
