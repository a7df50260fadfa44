"""What runs ask outside: when it is asked again, what a crash leaves, what the run hears."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel
from sqlalchemy import text

from ismessenger.automation import attempt
from ismessenger.automation import call as lane
from ismessenger.automation.attempt import DOUBT
from ismessenger.automation.call import LEASE, Caller
from ismessenger.automation.connections import connect
from ismessenger.automation.http_request import DEPTH_HEADER
from ismessenger.automation.model import Connection
from ismessenger.automation.secrets import add_secret
from ismessenger.contacts.erase import erase_contacts
from ismessenger.kit import clock
from ismessenger.sdk.channel import CredentialsInvalid, Throttled
from ismessenger.sdk.integration import Asked
from tests.automation.outside import Outside
from tests.conftest import World, make_world
from tests.standins.anything import AnyServer
from tests.standins.server import Answer


@pytest.fixture
async def server() -> AsyncIterator[AnyServer]:
    async with AnyServer() as running:
        yield running


@pytest.fixture
async def outside(world: World) -> Outside:
    return await Outside(world.installation, world.workspace_id).begin()


@pytest.mark.behaviour(330)
async def test_a_run_hears_once_what_the_server_answered(outside: Outside, server: AnyServer) -> None:
    server.answers["/orders"] = Answer({"id": 7}, 404)
    await outside.call(method="POST", url=f"{server.url}/orders", body="{}")
    await outside.work()
    await outside.work()
    (result,) = await outside.results()
    assert result["ok"] is True
    assert (result["run_id"], result["key"]) == (outside.run_id, "s1/1")
    assert result["details"] == {"status": 404, "json": {"id": 7}, "attempts": 1}
    assert await outside.waiting() == []
    assert len(server.requests) == 1


@pytest.mark.behaviour(330)
async def test_a_server_that_is_busy_is_asked_three_times_under_the_same_key(outside: Outside, server: AnyServer) -> None:
    server.throttle(retry_after=60)
    await outside.call(method="POST", url=server.url, body="{}")
    with clock.stopped() as time:
        await outside.work()
        await outside.work()
        assert len(server.requests) == 1  # it asked for a minute
        for _attempt in range(4):
            time.advance(timedelta(seconds=61))
            await outside.work()
    assert len(server.requests) == 3
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    (result,) = await outside.results()
    assert result["ok"] is True
    assert result["details"]["status"] == 429
    (shown,) = await outside.history()
    assert [attempt["words"] for attempt in shown["attempts"]] == ["Answered 429"] * 3


@pytest.mark.behaviour(356)
async def test_a_request_says_how_many_workflows_led_to_it_whatever_its_step_says(outside: Outside, server: AnyServer) -> None:
    await outside.change("UPDATE workflow_run SET depth = 4")
    await outside.call(method="POST", url=server.url, body="{}")
    await outside.call("s2/2", method="POST", url=server.url, body="{}", headers={DEPTH_HEADER.title(): "0"})
    await outside.work()
    assert [request.headers[DEPTH_HEADER.lower()] for request in server.requests] == ["5"]
    said = {result["key"]: result["reason"] for result in await outside.results()}
    assert said["s2/2"] == "The header X-Workflow-Depth is set by the connection and cannot be chosen."


async def test_what_a_run_wanted_that_has_ended_since_is_not_asked(outside: Outside, server: AnyServer) -> None:
    await outside.call(method="POST", url=server.url, body="{}")
    await outside.change("UPDATE workflow_run SET standing = 'ended', ended_at = now()")
    await outside.work()
    assert server.requests == []
    assert await outside.waiting() == []


@pytest.mark.behaviour(330)
async def test_a_server_that_cannot_be_reached_is_given_up_with_its_reason(outside: Outside) -> None:
    async with AnyServer() as gone:
        address = gone.url
    await outside.call(url=address)
    with clock.stopped() as time:
        for _attempt in range(3):
            await outside.work()
            time.advance(timedelta(minutes=2))
    (result,) = await outside.results()
    assert (result["ok"], result["reason"]) == (False, "The server cannot be reached.")


async def test_a_server_that_breaks_off_is_not_asked_again(outside: Outside, server: AnyServer) -> None:
    server.drop()
    await outside.call(method="POST", url=server.url, body="{}")
    await outside.work()
    (result,) = await outside.results()
    assert result["ok"] is False
    assert len(server.requests) == 1


@pytest.mark.behaviour(331)
async def test_a_worker_that_ends_in_the_middle_of_a_call_loses_no_run(outside: Outside, server: AnyServer) -> None:
    server.hang(taken=True, count=1)
    await outside.call(method="POST", url=server.url, body="{}")
    await _crash(outside, server)
    assert await outside.results() == []
    with clock.shifted(LEASE + timedelta(seconds=1)):
        await outside.work()
    (result,) = await outside.results()
    assert result["ok"] is True
    first, second = server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.behaviour(421)
async def test_calls_of_two_installations_with_the_same_ids_have_different_keys(outside: Outside, server: AnyServer) -> None:
    for _installation in range(2):
        await outside.call("s1/1", method="POST", url=server.url, body="{}")
        await outside.work()
        await outside.change("UPDATE workflow_run SET started_at = started_at - interval '3 days'")
    first, second = (UUID(request.headers["idempotency-key"]) for request in server.requests)
    assert first != second


@pytest.mark.behaviour(331)
async def test_three_crashes_are_told_as_a_failure(outside: Outside, server: AnyServer) -> None:
    server.hang()
    await outside.call(url=server.url)
    for crashes in range(3):
        with clock.shifted((LEASE + timedelta(seconds=1)) * crashes):
            await _crash(outside, server, requests=crashes + 1)
    with clock.shifted((LEASE + timedelta(seconds=1)) * 3):
        await outside.work()
    (result,) = await outside.results()
    assert result["ok"] is False
    assert len(server.requests) == 3


async def _crash(outside: Outside, server: AnyServer, requests: int = 1) -> None:
    caller = Caller(outside.installation)
    await caller.work((outside.workspace_id, 0))
    await server.received(requests)
    tasks = [task for under_way in caller._under_way.values() for task in under_way]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _Config(BaseModel):
    pass


class Ledger:
    """An integration that books, and cannot tell a repeated call."""

    kind: ClassVar[str] = "ledger"
    name: ClassVar[str] = "Ledger"
    base_url: ClassVar[str | None] = None
    Config: ClassVar[type[BaseModel]] = _Config

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.failures: list[Exception] = []
        self.hangs = False
        self.began = asyncio.Event()

    async def call(self, asked: Asked, _config: BaseModel, _http: httpx.AsyncClient) -> Mapping[str, Any]:
        self.asked.append(asked)
        self.began.set()
        if self.hangs:
            await asyncio.Event().wait()
        if self.failures:
            raise self.failures.pop(0)
        return {"booked": asked.request["amount"]}


@pytest.fixture
async def ledger(world: World) -> AsyncIterator[Ledger]:
    integration = Ledger()
    integrations: dict[str, Any] = dict(world.installation.plugins.integrations)
    known = world.installation.plugins.integrations
    object.__setattr__(world.installation.plugins, "integrations", {**integrations, "ledger": integration})
    yield integration
    object.__setattr__(world.installation.plugins, "integrations", known)


async def _connection(outside: Outside, ledger: Ledger) -> int:
    async with outside.installation.tenancy.workspace(outside.workspace_id) as db:
        return (await connect(db, outside.installation.vault, ledger, "Books", _Config(), by_id=None)).id


async def test_an_integration_is_asked_through_its_connection(outside: Outside, ledger: Ledger) -> None:
    connection_id = await _connection(outside, ledger)
    await outside.ask("ledger", "book", {"amount": 5}, connection_id=connection_id)
    await outside.work()
    (result,) = await outside.results()
    assert result["details"] == {"booked": 5, "attempts": 1}


@pytest.mark.behaviour(331)
async def test_what_cannot_be_told_from_a_repetition_is_not_repeated_after_a_crash(outside: Outside, ledger: Ledger) -> None:
    connection_id = await _connection(outside, ledger)
    await outside.ask("ledger", "book", {"amount": 5}, connection_id=connection_id)
    ledger.hangs = True
    caller = Caller(outside.installation)
    await caller.work((outside.workspace_id, 0))
    await ledger.began.wait()
    tasks = [task for under_way in caller._under_way.values() for task in under_way]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    ledger.hangs = False
    with clock.shifted(LEASE + timedelta(seconds=1)):
        await outside.work()
    (result,) = await outside.results()
    assert (result["ok"], result["reason"]) == (False, DOUBT)
    assert len(ledger.asked) == 1


async def test_refused_credentials_show_at_the_connection_until_a_call_succeeds(outside: Outside, ledger: Ledger) -> None:
    connection_id = await _connection(outside, ledger)
    ledger.failures = [CredentialsInvalid("The key is over."), Throttled()]
    for key in ("s1/1", "s1/2"):
        await outside.ask("ledger", "book", {"amount": 5}, key=key, connection_id=connection_id)
        await outside.work()
        assert await _error(outside, connection_id) == "The key is over."
    with clock.shifted(timedelta(minutes=1)):
        await outside.work()
    assert await _error(outside, connection_id) is None
    assert [result["ok"] for result in await outside.results()] == [False, True]
    first, *others = (asked.key for asked in ledger.asked)
    assert len(set(others)) == 1
    assert first not in others


async def test_a_bug_of_an_integration_fails_its_run_and_no_other(outside: Outside, ledger: Ledger, server: AnyServer) -> None:
    connection_id = await _connection(outside, ledger)
    ledger.failures = [KeyError("oops")]
    await outside.ask("ledger", "book", {"amount": 5}, connection_id=connection_id)
    await outside.call(key="s2/2", url=server.url)
    await outside.work()
    assert {result["key"]: result["ok"] for result in await outside.results()} == {"s1/1": False, "s2/2": True}


async def test_a_connection_that_was_deleted_is_said(outside: Outside, ledger: Ledger) -> None:
    await outside.ask("ledger", "book", {"amount": 5}, connection_id=12345)
    await outside.work()
    (result,) = await outside.results()
    assert "was deleted" in result["reason"]


async def _error(outside: Outside, connection_id: int) -> object:
    async with outside.installation.tenancy.reading(outside.workspace_id) as db:
        return (await db.get_one(Connection, (outside.workspace_id, connection_id))).error


@pytest.mark.behaviour(334)
async def test_a_server_that_hangs_holds_up_its_own_workspace_only(outside: Outside, server: AnyServer) -> None:
    server.hang(path="/slow")
    for number in range(lane.AT_ONCE_PER_WORKSPACE + 3):
        await outside.call(key=f"s1/{number}", url=f"{server.url}/slow")
    other = await Outside(outside.installation, (await make_world(outside.installation)).workspace_id).begin()
    await other.call(url=f"{server.url}/quick")
    caller = Caller(outside.installation)
    assert {piece[0] for piece in await caller.find()} >= {outside.workspace_id, other.workspace_id}
    assert await caller.work((outside.workspace_id, 0)) == lane.AT_ONCE_PER_WORKSPACE
    assert await caller.work((outside.workspace_id, 0)) == 0
    assert await caller.work((other.workspace_id, 0)) == 1
    await asyncio.wait(caller._under_way[other.workspace_id])
    assert len(await other.results()) == 1
    tasks = [task for under_way in caller._under_way.values() for task in under_way]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.behaviour(330)
async def test_two_workers_ask_once(outside: Outside, server: AnyServer) -> None:
    for number in range(8):
        await outside.call(key=f"s1/{number}", url=server.url)
    await asyncio.gather(*(outside.work(Caller(outside.installation)) for _worker in range(4)))
    await outside.work()
    assert len(server.requests) == 8
    assert len(await outside.results()) == 8


async def test_a_contact_that_is_erased_in_the_middle_of_a_call_leaves_nothing(outside: Outside, server: AnyServer, world: World) -> None:
    server.late(0.3)
    await outside.call(url=server.url)
    caller = Caller(outside.installation)
    await caller.work((outside.workspace_id, 0))
    await server.received(1)
    async with outside.installation.tenancy.workspace(outside.workspace_id) as db:
        await erase_contacts(db, [outside.contact_id], by=world.owner.id)
    await caller.finish()
    assert await outside.results() == []
    assert await outside.waiting() == []


async def test_a_run_that_moved_to_another_contact_meanwhile_hears_there(outside: Outside, server: AnyServer) -> None:
    other = await outside.another_contact()
    server.late(0.3)
    await outside.call(url=server.url)
    caller = Caller(outside.installation)
    await caller.work((outside.workspace_id, 0))
    await server.received(1)
    await outside.change("UPDATE workflow_run SET contact_id = :other WHERE id = :run", other=other, run=outside.run_id)
    await caller.finish()
    async with outside.installation.tenancy.reading(outside.workspace_id) as db:
        (told,) = (await db.execute(text("SELECT contact_id FROM workflow_signal WHERE kind = 'result'"))).scalars()
    assert told == other


@pytest.mark.behaviour(332)
async def test_a_secret_stands_in_no_row_before_or_after_the_call(outside: Outside, server: AnyServer) -> None:
    secret = "opensesame-42"
    async with outside.installation.tenancy.workspace(outside.workspace_id) as db:
        await add_secret(db, outside.installation.vault, "SHOP", secret, by_id=None)
    server.answers["/"] = Answer({"echo": secret})
    await outside.call(
        method="POST", url=f"{server.url}/?k={{{{secret.shop}}}}", headers={"X": "{{secret.SHOP}}"}, body='"{{secret.SHOP}}"'
    )
    (call,) = await outside.waiting()
    assert secret not in str(call.request)
    await outside.work()
    (sent,) = server.requests
    assert (sent.query["k"], sent.headers["x"], sent.json()) == (secret, secret, secret)
    (result,) = await outside.results()
    assert secret not in str(result)
    assert secret not in str(await outside.history())


@pytest.mark.behaviour(332)
async def test_a_secret_stands_in_no_log_whatever_goes_wrong(
    outside: Outside,
    server: AnyServer,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "opensesame-42"
    async with outside.installation.tenancy.workspace(outside.workspace_id) as db:
        await add_secret(db, outside.installation.vault, "SHOP", secret, by_id=None)
    request = {"method": "POST", "headers": {"X": "{{secret.SHOP}}"}, "body": '"{{secret.SHOP}}"'}
    for number, url in enumerate(
        (server.url, "http://{{secret.SHOP}}.invalid", "http://10.0.0.1", "{{secret.SHOP}}://x", "https://[{{secret.SHOP}}]")
    ):
        await outside.call(key=f"s1/{number}", url=f"{url}/?k={{{{secret.SHOP}}}}", **request)
    await outside.work()
    monkeypatch.setattr(attempt, "ask", _broken)
    await outside.call(key="s1/9", url=server.url, **request)
    await outside.work()
    said = capsys.readouterr()
    assert "call.broken" in said.out + said.err + caplog.text
    assert secret not in said.out + said.err + caplog.text
    assert secret not in str(await outside.results()) + str([call.tries for call in await outside.waiting()])


async def _broken(_http: object, _asked: object, secrets: object, **_more: object) -> None:
    raise RuntimeError(f"a bug near {secrets}")
