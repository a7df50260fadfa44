"""A worker that is killed while a workflow asks the outside."""

import pytest

from ismessenger.jobs.automation import Automation
from tests.automation.flows import OPENED, Flows, step
from tests.faults.line import Line
from tests.faults.plant import Plant, until
from tests.standins.anything import AnyServer
from tests.standins.server import Answer

pytestmark = pytest.mark.slow


@pytest.mark.behaviour(331)
async def test_a_worker_killed_in_the_middle_of_a_call_asks_again_under_the_same_key_and_the_run_hears_once(
    plant: Plant, line: Line
) -> None:
    flows = Flows(line.world, line.channel.channel_id, Automation(plant.installation))
    async with AnyServer() as server:
        server.answers["/orders"] = Answer({"id": 7}, 201)
        server.hang(taken=True, count=1)
        request = {"method": "POST", "url": f"{server.url}/orders", "body": "{}", "mapping": [{"path": "$.id", "variable": "order"}]}
        await flows.publish("Order", OPENED, step("s1", "http_request", request, next="s2"), step("s2", "add_comment", {"text": "$order"}))
        await flows.write("ada")
        worker = plant.worker(call_LEASE=1.5)
        await server.received(1)
        worker.kill()
        assert await flows.comments() == []
        plant.worker(call_LEASE=1.5)
        await server.received(2)
        await until(lambda: _said(flows))
        assert await flows.comments() == ["7"]
        assert await flows.runs() == [("Order", "done")]
        first, second = server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert await flows.rows("SELECT count(*) FROM workflow_call") == [(0,)]


async def _said(flows: Flows) -> bool:
    return bool(await flows.comments())
