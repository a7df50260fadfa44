import asyncio
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.standins.custom_channel import CustomChannelServer
from tests.standins.server import StandIn

MESSAGE = {"contactId": "ann", "message": {"type": "text", "text": "Hello"}}
TOKEN = {"Authorization": "Bearer any"}


async def post(http: httpx.AsyncClient, path: str = "/message") -> httpx.Response:
    return await http.post(path, json=MESSAGE, headers=TOKEN)


async def test_it_answers_and_remembers() -> None:
    async with CustomChannelServer() as server, httpx.AsyncClient(base_url=server.url) as http:
        assert [(await post(http)).json() for _ in range(2)] == [{"mId": "out-1"}, {"mId": "out-2"}]
        assert [request.json() for request in server.requests] == [MESSAGE, MESSAGE]
        assert server.messages == [MESSAGE, MESSAGE]


async def test_a_behaviour_ends_after_its_count() -> None:
    async with CustomChannelServer() as server, httpx.AsyncClient(base_url=server.url) as http:
        server.throttle(7, count=2)
        answers = [await post(http) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert [request.outcome for request in server.requests] == ["throttle", "throttle", "ok"]
    assert len(server.messages) == 1


async def test_a_behaviour_may_hold_for_one_path_only() -> None:
    async with StandIn() as server, httpx.AsyncClient(base_url=server.url) as http:
        server.fail(503, path="/media")
        assert (await post(http, "/media/1")).status_code == 503
        assert (await post(http)).status_code == 200
        server.recover()
        assert (await post(http, "/media/1")).status_code == 200


async def test_dropping_takes_the_message_and_hanging_does_not() -> None:
    timeout = httpx.Timeout(60, read=0.3)
    async with CustomChannelServer() as server, httpx.AsyncClient(base_url=server.url) as patient:
        server.drop(count=1)
        with pytest.raises(httpx.RemoteProtocolError):
            await post(patient)
        assert len(server.messages) == 1
    async with CustomChannelServer() as server, httpx.AsyncClient(base_url=server.url, timeout=timeout) as http:
        server.hang(count=1)
        with pytest.raises(httpx.ReadTimeout):
            await post(http)
        await server.received(1)
        assert len(server.messages) == 0
        server.hang(count=1, taken=True)
        with pytest.raises(httpx.ReadTimeout):
            await post(http)
        await server.received(2)
        assert len(server.messages) == 1


async def test_a_late_answer_comes() -> None:
    async with CustomChannelServer() as server, httpx.AsyncClient(base_url=server.url, timeout=10) as http:
        server.late(0.2, count=1)
        before = asyncio.get_running_loop().time()
        assert (await post(http)).json() == {"mId": "out-1"}
        assert asyncio.get_running_loop().time() - before >= 0.2


async def test_it_can_be_waited_for() -> None:
    async with CustomChannelServer() as server, httpx.AsyncClient(base_url=server.url) as http:
        waiting = asyncio.create_task(server.received(1))
        await post(http)
        assert len(await waiting) == 1
        with pytest.raises(TimeoutError):
            await server.received(2, within=0.05)


async def test_a_large_body_arrives_whole() -> None:
    async with StandIn() as server, httpx.AsyncClient(base_url=server.url) as http:
        await http.post("/file", content=b"x" * 3_000_000)
        assert len(server.requests[0].body) == 3_000_000


async def test_it_refuses_what_is_not_of_the_protocol() -> None:
    async with CustomChannelServer(token="right") as server, httpx.AsyncClient(base_url=server.url) as http:
        assert (await post(http)).status_code == 401
        right = {"Authorization": "Bearer right"}
        assert (await http.get("/message", headers=right)).status_code == 404
        for body in (
            {},
            {"contactId": "ann"},
            {"contactId": "ann", "message": {"type": "poll"}},
            {"contactId": "ann", "message": {"type": "text"}},
        ):
            answer = await http.post("/message", json=body, headers=right)
            assert (answer.status_code, bool(answer.json()["error"]["message"])) == (400, True)


async def test_it_runs_as_a_program_and_is_controlled_over_http() -> None:
    root = Path(__file__).parents[2]
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.standins.custom_channel", "--port", "0", cwd=root, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    url = (await program.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url) as http:
        await http.post("/_control", json={"mode": "throttle", "count": 1, "retry_after": 9})
        throttled = await post(http)
        assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "9")
        assert (await post(http)).status_code == 200
        recorded = (await http.get("/_requests")).json()
        assert [(request["outcome"], request["body"]) for request in recorded] == [("throttle", MESSAGE), ("ok", MESSAGE)]
        await http.delete("/_requests")
        assert (await http.get("/_requests")).json() == []
        assert (await http.post("/_control", json={"mode": "sleep"})).status_code == 400
        assert (await http.post("/_control", content=b"{")).status_code == 400
    program.send_signal(signal.SIGTERM)
    assert await program.wait() == 0
