import asyncio

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.routing import Route

from ismessenger.web import health


async def _works() -> None:
    await asyncio.sleep(0)


async def _fails() -> None:
    raise ConnectionRefusedError("database at 10.0.0.3")


async def _hangs() -> None:
    await asyncio.Event().wait()


def _client(**checks: health.Check) -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/healthz", health.healthz), Route("/readyz", health.readyz(checks))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


async def test_a_living_process_is_healthy() -> None:
    async with _client(database=_fails) as client:
        assert (await client.get("/healthz")).text == "ok"


async def test_it_is_ready_when_every_part_works() -> None:
    async with _client(database=_works, redis=_works) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"database": "ok", "redis": "ok"}})


async def test_the_part_that_fails_is_named_and_its_reason_kept_to_the_log() -> None:
    with structlog.testing.capture_logs() as lines:
        async with _client(database=_fails, redis=_works) as client:
            answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "checks": {"database": "failed", "redis": "ok"}}
    assert "10.0.0.3" not in answer.text
    assert lines[0]["check"] == "database"
    assert "10.0.0.3" in lines[0]["reason"]


async def test_a_part_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.2)
    async with _client(database=_hangs, redis=_hangs) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"database": "failed", "redis": "failed"})


async def test_the_parts_are_asked_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    async def waits_for_the_other() -> None:
        await both.wait()

    async with _client(database=waits_for_the_other, redis=waits_for_the_other) as client:
        assert (await client.get("/readyz")).status_code == 200
