"""A worker of workflows that is killed at every point of its work."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ismessenger.jobs.automation import Automation
from tests.automation.flows import OPENED, Flows, step, trigger
from tests.faults.line import Line
from tests.faults.plant import CHECKOUT, PATIENCE_S, Plant

pytestmark = pytest.mark.slow


@asynccontextmanager
async def dying(plant: Plant) -> AsyncIterator[asyncio.subprocess.Process]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.dying",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
        env={**clean, **plant._environment()},
    )
    yield process
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def work(process: asyncio.subprocess.Process, workspace_id: int, point: int) -> str:
    """``died`` at the point, or ``done`` before it was reached."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{workspace_id} {point}\n".encode())
    async with asyncio.timeout(PATIENCE_S):
        return (await process.stdout.readline()).decode().strip()


async def stands(flows: Flows) -> object:
    """Something that changes with every transaction."""
    return await flows.rows(
        "SELECT (SELECT max(id) FROM workflow_step), (SELECT sum(id) FROM workflow_signal), (SELECT count(*) FROM event)"
    )


@pytest.mark.behaviour(290)
async def test_a_worker_killed_at_any_point_does_nothing_twice_and_loses_no_run(plant: Plant, line: Line) -> None:
    flows = Flows(line.world, line.channel.channel_id, Automation(plant.installation))
    inner = await flows.publish("Inner", trigger("manual"), step("s1", "add_comment", {"text": "inner"}))
    await flows.publish("By tag", trigger("tag_updated"), step("s1", "add_comment", {"text": "tagged"}))
    await flows.publish(
        "Outer",
        OPENED,
        step("s1", "update_tags", {"action": "add", "new_tags": ["Seen"]}, next="s2"),
        step("s2", "update_field", {"field": "email", "value": "ada@example.com"}, next="s3"),
        step("s3", "send_message", {"message": {"text": "Hello"}}, next="s4"),
        step("s4", "assign_to", {"action": "workspace"}, next="s5"),
        step("s5", "trigger_workflow", {"workflow_id": inner}, next="s6"),
        step("s6", "ask_question", {"question": {"text": "And?"}, "save_variable": "said"}, success="s7"),
        step("s7", "http_request", {"url": "https://example.com/"}),
    )
    await flows.write("ada")
    deaths = 0
    async with dying(plant) as process:
        for said in ("", "yes"):
            if said:
                await flows.write("ada", said)
            point, before = 1, await stands(flows)
            while (outcome := await work(process, line.world.workspace_id, point)) == "died":
                deaths += 1
                after = await stands(flows)
                # Once something is on disk the next transaction begins, with its own points.
                point, before = (point + 1, before) if after == before else (1, after)
            assert outcome == "done"
    assert deaths > 30
    assert await flows.runs() == [("Outer", "waiting"), ("By tag", "done"), ("Inner", "done")]
    assert Counter(await flows.comments()) == Counter(["inner", "tagged"])
    assert await flows.sent() == ["Hello", "And?"]
    kinds = Counter(kind for (kind,) in await flows.rows("SELECT kind FROM event WHERE actor_kind = 'workflow'"))
    assert kinds == {"tag.added": 1, "contact.updated": 1, "contact.assigned": 1, "workflow.started": 3, "workflow.ended": 2}
    entered = await flows.rows("SELECT run_id, step, entry FROM workflow_step WHERE entered")
    assert len(entered) == len(set(entered)) == 9
    assert await flows.rows("SELECT count(*) FROM workflow_call") == [(1,)]
    assert await flows.rows("SELECT count(*) FROM delivery") == [(2,)]
    assert await flows.rows("SELECT count(*) FROM workflow_signal") == [(0,)]
