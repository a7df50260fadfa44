"""Many calls of incoming webhooks at once: they share transactions, one holds up none of another, and nobody else waits for them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.automation import admit
from ismessenger.automation.advance import MAX_DEPTH
from ismessenger.automation.http_request import DEPTH_HEADER
from ismessenger.contacts.lock import lock_contact
from ismessenger.web.ratelimit import Limit
from ismessenger.web.workflows import hook as hook_page
from tests.web.site import Shop, counted
from tests.web.workflows.making import publish
from tests.web.workflows.test_builder import made
from tests.web.workflows.test_hook import Called, _definition, _order, _words

ENOUGH = Limit(per_second=10_000, burst=10_000)


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_page, "HOOK_CALLS", ENOUGH)


@pytest.fixture
async def hook(shop: Shop) -> Called:
    browser, workflow_id = await made(shop, "Orders")
    head = await publish(browser, workflow_id, _definition())
    return Called(shop, browser, workflow_id, head["hook_url"])


async def _people(shop: Shop, count: int) -> Sequence[str]:
    phones = [f"+4930{number:08d}" for number in range(count)]
    await shop.change(
        "INSERT INTO contact (first_name, phone, status, created_at, created_source)"
        " SELECT 'N', p, 'closed', now(), 'user' FROM unnest(CAST(:phones AS text[])) AS p",
        phones=phones,
    )
    return phones


async def _waiting(hook: Called, count: int) -> None:
    """Until so many calls wait, or are on their way."""
    admission: admit.Admission = hook.shop.app.state.admission
    async with asyncio.timeout(30):
        while admission.waiting < count:  # noqa: ASYNC110 - the condition is the application's
            await asyncio.sleep(0.01)


async def _crowd(hook: Called, calls: asyncio.TaskGroup, phones: Sequence[str]) -> list[asyncio.Task[httpx.Response]]:
    """Call for all of them; the first one's contact is held by somebody else."""
    tasks = [calls.create_task(hook.call(_order(phones[0], 0)))]
    await _waiting(hook, 1)
    tasks += [calls.create_task(hook.call(_order(phone, number))) for number, phone in enumerate(phones[1:], start=1)]
    await _waiting(hook, len(phones))
    return tasks


@pytest.mark.behaviour(355)
async def test_calls_that_come_together_share_their_transactions_and_each_begins_once(hook: Called) -> None:
    phones = await _people(hook.shop, 300)
    assert (await hook.call(_order("+499"))).status_code == 404
    with counted(hook.shop.installation, at_most=100):
        answers = await asyncio.gather(*(hook.call(_order(phone, number)) for number, phone in enumerate(phones)))
    assert Counter(answer.status_code for answer in answers) == {200: 300}
    await hook.run()
    assert await hook.comments() == {f"Order {number}": 1 for number in range(300)}


@pytest.mark.behaviour(355)
async def test_while_hundreds_of_calls_wait_for_one_contact_pages_are_served(hook: Called) -> None:
    phones = await _people(hook.shop, 200)
    held = await hook.shop.value("SELECT id FROM contact WHERE phone = :p", p=phones[0])
    async with asyncio.TaskGroup() as calls, hook.shop.installation.tenancy.workspace(hook.shop.world.workspace_id) as db:
        await lock_contact(db, held)
        tasks = await _crowd(hook, calls, phones)
        assert (await hook.browser.get("/workflows")).status_code == 200
        assert not any(task.done() for task in tasks)
    assert Counter(task.result().status_code for task in tasks) == {200: 200}


@pytest.mark.behaviour(355)
async def test_more_than_can_wait_are_told_to_come_again(hook: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admit, "MOST_WAITING", 10)
    phones = await _people(hook.shop, 12)
    held = await hook.shop.value("SELECT id FROM contact WHERE phone = :p", p=phones[0])
    async with asyncio.TaskGroup() as calls, hook.shop.installation.tenancy.workspace(hook.shop.world.workspace_id) as db:
        await lock_contact(db, held)
        tasks = await _crowd(hook, calls, phones[:10])
        refused = await hook.call(_order(phones[10]))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "Send it again" in _words(refused)
    assert Counter(task.result().status_code for task in tasks) == {200: 10}
    assert (await hook.call(_order(phones[10]))).status_code == 200


@pytest.mark.behaviour(355)
async def test_a_workspace_whose_calls_wait_leaves_room_for_those_of_others(
    hook: Called, other_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admit, "MOST_WAITING", 10)
    monkeypatch.setattr(admit, "MOST_OF_ONE", 4)
    browser, workflow_id = await made(other_shop, "Orders")
    other = Called(other_shop, browser, workflow_id, (await publish(browser, workflow_id, _definition()))["hook_url"])
    await other.someone("ada", phone="+493012345678")
    phones = await _people(hook.shop, 20)
    held = await hook.shop.value("SELECT id FROM contact WHERE phone = :p", p=phones[0])
    async with asyncio.TaskGroup() as calls, hook.shop.installation.tenancy.workspace(hook.shop.world.workspace_id) as db:
        await lock_contact(db, held)
        await _crowd(hook, calls, phones[:5])
        assert [(await hook.call(_order(phone))).status_code for phone in phones[5:]] == [503] * 15
        assert (await other.call(_order("+493012345678"))).status_code == 200


async def test_a_caller_that_hangs_up_takes_no_other_along(hook: Called) -> None:
    phones = await _people(hook.shop, 5)
    held = await hook.shop.value("SELECT id FROM contact WHERE phone = :p", p=phones[0])
    async with asyncio.TaskGroup() as calls, hook.shop.installation.tenancy.workspace(hook.shop.world.workspace_id) as db:
        await lock_contact(db, held)
        tasks = await _crowd(hook, calls, phones)
        tasks[0].cancel()
    assert [task.result().status_code for task in tasks[1:]] == [200] * 4
    await hook.run()
    assert set(await hook.comments()) >= {f"Order {number}" for number in range(1, 5)}


async def test_one_that_the_database_refuses_fails_alone(hook: Called) -> None:
    phones = await _people(hook.shop, 5)
    await hook.call(_order("+499"))
    refused = await hook.shop.value("SELECT id FROM contact WHERE phone = :p", p=phones[3])
    url = hook.shop.installation.settings.database_url
    assert url is not None
    engine = create_async_engine(url.get_secret_value())
    name = f"not_begun_{refused}"
    try:
        async with engine.begin() as owner:
            check = f"CHECK (contact_id <> {refused} OR workspace_id <> {hook.shop.world.workspace_id}) NOT VALID"
            await owner.execute(text(f"ALTER TABLE store.workflow_signal ADD CONSTRAINT {name} {check}"))
        answers = await asyncio.gather(*(hook.call(_order(phone, number)) for number, phone in enumerate(phones)))
    finally:
        async with engine.begin() as owner:
            await owner.execute(text(f"ALTER TABLE store.workflow_signal DROP CONSTRAINT IF EXISTS {name}"))
        await engine.dispose()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503, 200]


@pytest.mark.behaviour(356)
async def test_a_call_says_how_many_workflows_led_to_it_and_ten_are_enough(hook: Called) -> None:
    phones = await _people(hook.shop, 2)
    contact_id = await hook.shop.value("SELECT id FROM contact WHERE phone = :p", p=phones[0])

    async def call(phone: str, depth: int) -> httpx.Response:
        return await hook.outside.post(hook.url, json=_order(phone), headers={DEPTH_HEADER: str(depth)})

    for _way in ("long", "short"):
        refused = await call(phones[1], MAX_DEPTH + 1)
        assert (refused.status_code, "circle" in _words(refused)) == (409, True)
    assert (await call(phones[0], MAX_DEPTH)).status_code == 200
    await hook.run()
    assert await hook.shop.rows("SELECT contact_id, depth, standing FROM workflow_run") == [(contact_id, MAX_DEPTH, "done")]


@pytest.mark.parametrize("said", ["", "-1", "1e3", "٣", "9" * 5000, "three"])
async def test_what_is_no_depth_is_none(hook: Called, said: str) -> None:
    (phone,) = await _people(hook.shop, 1)
    answer = await hook.outside.post(hook.url, json=_order(phone), headers=[(DEPTH_HEADER.encode(), said.encode())])
    assert answer.status_code == 200


async def test_both_ways_answer_alike(hook: Called) -> None:
    """The first call of a workflow goes the long way, the next ones the short one."""
    phones = await _people(hook.shop, 2)
    bodies: list[Any] = [_order(phones[0]), _order(phones[0]), _order("+493099999999"), b"{", b"", [], {"pad": "x" * 70_000}]

    async def answers(*, known: bool) -> list[tuple[int, bytes, dict[str, str]]]:
        found = []
        for body in bodies:
            if not known:
                hook.shop.app.state.workflow_hooks._known.clear()
            answer = await hook.call(body)
            found.append((answer.status_code, answer.content, _shown(answer)))
        return found

    short = await answers(known=True)
    await hook.run()
    assert await answers(known=False) == short
    assert [status for status, _content, _headers in short] == [200, 409, 404, 400, 400, 400, 413]


def _shown(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"date", "content-security-policy", "x-request-id"}}
