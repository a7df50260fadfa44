"""Addresses that there are not: what they cost, and that a new one works at once in every process."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.channels.connect import connect
from ismessenger.channels.route import Routes
from ismessenger.web import strangers
from ismessenger.web.ratelimit import Limit
from ismessenger.web.strangers import Strangers
from tests.conftest import World

Queries = Callable[..., AbstractContextManager[list[str]]]
FEW = 5


@pytest.fixture
async def caller(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody whom this process has not heard of, and who has a few looks."""
    monkeypatch.setattr(strangers, "LOOKS", Limit(per_second=0.001, burst=FEW))
    before, app.state.strangers = app.state.strangers, Strangers()
    async with _from(app, "198.51.100.7") as client:
        yield client
    app.state.strangers = before


def _from(app: Starlette, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1000)), base_url="http://127.0.0.1:8080")


async def _connected(world: World) -> tuple[str, str]:
    """A Facebook page: the path of its webhook, and the page's id."""
    page = f"9{world.workspace_id}"
    values = {"page_id": page, "page_access_token": "t", "app_secret": "s", "verify_token": "v"}
    made = await connect(world.installation, world.workspace_id, "messenger", name="Page", values=values, check=False)
    return httpx.URL(made.webhook_url).path, page


@pytest.mark.behaviour(387)
async def test_an_unknown_address_is_looked_up_once_however_often_it_is_called(caller: httpx.AsyncClient, queries: Queries) -> None:
    with queries(at_most=1) as sent:
        for _ in range(20):
            assert (await caller.post("/hooks/messenger/called-again-and-again", content=b"{}")).status_code == 404
    assert len(sent) == 1


@pytest.mark.behaviour(387)
@pytest.mark.parametrize("path", ["/hooks/messenger/guess-{}", "/hooks/workflows/1-{}-0123456789", "/widget/guess-{}/config"])
async def test_whoever_guesses_addresses_is_told_to_wait_and_nobody_else_is(
    app: Starlette, world: World, caller: httpx.AsyncClient, queries: Queries, path: str
) -> None:
    known, _page = await _connected(world)
    assert (await caller.post(known, content=b"{}")).status_code == 401
    method = "GET" if path.startswith("/widget") else "POST"
    with queries(at_most=3 * FEW):
        answers = [await caller.request(method, path.format(number)) for number in range(10 * FEW)]
    assert [answer.status_code for answer in answers] == [404] * FEW + [429] * 9 * FEW
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await caller.post(known, content=b"{}")).status_code == 401
    async with _from(app, "198.51.100.8") as other:
        assert (await other.request(method, path.format("other" if path.startswith("/widget") else 7777))).status_code == 404


@pytest.mark.behaviour(387)
async def test_a_channel_that_is_connected_works_at_once_in_every_process(world: World) -> None:
    processes = Routes(world.installation), Routes(world.installation)
    page = f"9{world.workspace_id}"
    for routes in processes:
        assert await routes.of_account("messenger", page) == []
        assert routes.remembers("messenger", "account", page)
    path, page = await _connected(world)
    for routes in processes:
        assert [target.workspace_id for target in await routes.of_account("messenger", page)] == [world.workspace_id]
        assert await routes.find("messenger", path.rpartition("/")[2]) is not None


@pytest.mark.behaviour(387)
async def test_guesses_drive_no_known_channel_out_of_memory(world: World, monkeypatch: pytest.MonkeyPatch, queries: Queries) -> None:
    monkeypatch.setattr("ismessenger.channels.route.UNKNOWN_SIZE", FEW)
    path, _page = await _connected(world)
    routes, route = Routes(world.installation), path.rpartition("/")[2]
    assert await routes.find("messenger", route) is not None
    for number in range(3 * FEW):
        assert await routes.find("messenger", f"guess-{number}") is None
    assert sum(routes.remembers("messenger", "route", f"guess-{number}") for number in range(3 * FEW)) == FEW
    assert routes.remembers("messenger", "route", route)
