"""B7: a thousand agents' WebSockets on one web process, in one workspace: what they cost idle, and how late they hear under load."""

import asyncio
import time

import psutil

from benchmarks.figures import Figure, below
from benchmarks.place import place
from benchmarks.processes import free_port, load, program, wait_for_answer

SOCKETS = 1000
WARM = 50
PER_SECOND = 20.0
CONTACTS = 200
KIB_EACH, IDLE_PERCENT, P99_MS = 40.0, 1.0, 500.0


async def run(*, quick: bool) -> list[Figure]:
    """Memory and processor time as the operating system counts them for the web process."""
    idle, seconds = (4.0, 5.0) if quick else (15.0, 20.0)
    port = free_port()
    async with place() as here:
        (line,) = await here.lines(1, "messenger")
        cookies = await here.agents(line.workspace_id, SOCKETS + WARM)
        path = f"/hooks/messenger/{line.route}"
        environment = here.environment(port)
        with (
            program("ismessenger.cli", "web", environment=environment) as web,
            program("ismessenger.cli", "worker", environment=environment),
            load() as second,
        ):
            wait_for_answer(f"http://127.0.0.1:{port}/healthz")
            process = psutil.Process(web.pid)
            second.order("listen", port=port, cookies=cookies[:WARM])
            second.order("stream", port=port, path=path, per_second=PER_SECOND, seconds=2.0, first=0, contacts=CONTACTS)
            before = process.memory_full_info().uss
            second.order("listen", port=port, cookies=cookies[WARM:])
            await asyncio.sleep(2)
            each = (process.memory_full_info().uss - before) / SOCKETS / 1024
            core = await _core(process, idle)
            loaded = second.order("stream", port=port, path=path, per_second=PER_SECOND, seconds=seconds, first=5000, contacts=CONTACTS)
    assert loaded["arrived"] == 1.0, f"only {loaded['arrived']:.1%} of the messages arrived in time"
    return [
        below("B7", "KiB of memory for each idle socket of 1,000", each, KIB_EACH, unit="KiB"),
        below("B7", "per cent of a core for 1,000 idle sockets", core, IDLE_PERCENT, unit="%"),
        below("B7", "ms to 1,000 sockets at 20 messages a second, p99", loaded["p99"], P99_MS, unit="ms"),
    ]


async def _core(process: psutil.Process, seconds: float) -> float:
    """Per cent of one core that the process takes."""
    began, used = time.perf_counter(), sum(process.cpu_times()[:2])
    await asyncio.sleep(seconds)
    return 100 * (sum(process.cpu_times()[:2]) - used) / (time.perf_counter() - began)
