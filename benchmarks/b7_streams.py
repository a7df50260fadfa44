"""B7: a thousand agents' WebSockets on one web process: memory, idle processor time, and delivery under load."""

import subprocess
import time

import psutil

from benchmarks.figures import Figure, below, percentile
from benchmarks.place import place
from benchmarks.processes import Load, free_port, load, program, wait_for_answer

SOCKETS = 1_000
WATCH_EVERY = 10
RATE = 20
WARM_UP_SOCKETS = 20
WARM_UP_S = 2
QUIET_PERCENT, LONGEST_SETTLING_S = 3, 90
MEMORY_KB, IDLE_PERCENT, SLOWEST_MS = 40, 1, 500


async def run(*, quick: bool) -> list[Figure]:
    """One process, first without sockets, then with all of them idle, then under load."""
    idle_s, seconds = (6.0, 6) if quick else (20.0, 30)
    port = free_port()
    async with place() as here:
        (line,) = await here.lines(1)
        path = f"/hooks/custom_channel/{line.route}"
        cookies = await here.cookies(line.workspace_id, SOCKETS + WARM_UP_SOCKETS)
        with (
            program("ismessenger.cli", "web", environment=here.environment(port)) as web,
            program("ismessenger.cli", "worker", environment=here.environment()),
            load() as second,
        ):
            wait_for_answer(f"http://127.0.0.1:{port}/healthz")
            # Templates, plans and pools are there before anything is measured; they belong to nobody's socket.
            second.order("open_sockets", port=port, cookies=cookies[:WARM_UP_SOCKETS], watch_every=WARM_UP_SOCKETS)
            second.order("post_and_watch", port=port, path=path, rate=RATE, seconds=WARM_UP_S)
            _wait_until_quiet(web)
            alone, before = _percent(web, idle_s), _kilobytes(web)
            count = second.order("open_sockets", port=port, cookies=cookies[WARM_UP_SOCKETS:], watch_every=WATCH_EVERY)
            assert count == SOCKETS + WARM_UP_SOCKETS, f"only {count} sockets are open"
            _wait_until_quiet(web)
            memory, idle = (_kilobytes(web) - before) / SOCKETS, _percent(web, idle_s)
            delays, busy = _under_load(second, web, port, path, seconds)
    return [
        below("B7", f"KB per socket, {SOCKETS} sockets", memory, MEMORY_KB, unit="KB"),
        below("B7", "% of a core for all of them idle (reference: without them)", idle, IDLE_PERCENT, unit="%", reference=alone),
        below("B7", f"ms from webhook to page at {RATE}/s for all, p50", percentile(delays, 0.5), SLOWEST_MS, unit="ms"),
        below("B7", f"the same, p99 ({busy:.0f} % of a core)", percentile(delays, 0.99), SLOWEST_MS, unit="ms"),
    ]


def _under_load(second: Load, web: "subprocess.Popen[bytes]", port: int, path: str, seconds: float) -> tuple[list[float], float]:
    """Every delay that was seen, and the web process's share of a core."""
    process = psutil.Process(web.pid)
    before, began = process.cpu_times(), time.monotonic()
    outcome = second.order("post_and_watch", port=port, path=path, rate=RATE, seconds=seconds)
    after, took = process.cpu_times(), time.monotonic() - began
    assert outcome["missed"] == 0, f"{outcome['missed']} messages were not shown"
    assert outcome["open"] == SOCKETS + WARM_UP_SOCKETS, "sockets were closed"
    return outcome["milliseconds"], (after.user + after.system - before.user - before.system) / took * 100


def _wait_until_quiet(web: "subprocess.Popen[bytes]") -> None:
    """A handshake is answered before its member is looked up and told what was missed."""
    deadline = time.monotonic() + LONGEST_SETTLING_S
    while _percent(web, 1.0) > QUIET_PERCENT and time.monotonic() < deadline:
        pass


def _kilobytes(web: "subprocess.Popen[bytes]") -> float:
    rss: int = psutil.Process(web.pid).memory_info().rss
    return rss / 1024


def _percent(web: "subprocess.Popen[bytes]", seconds: float) -> float:
    """How much of a core the process uses while nothing happens."""
    process = psutil.Process(web.pid)
    before = process.cpu_times()
    time.sleep(seconds)
    after = process.cpu_times()
    return float(after.user + after.system - before.user - before.system) / seconds * 100
