"""B3: from a webhook's POST to the message on an agent's WebSocket, at 100 messages a second."""

from benchmarks.figures import Figure, below, percentile
from benchmarks.place import place, plain_url
from benchmarks.processes import free_port, load, program, wait_for_answer

RATE = 100
WARM_UP_S = 3
MEDIAN_MS, SLOWEST_MS = 50, 250


async def run(*, quick: bool) -> list[Figure]:
    """Web, worker and one agent's page, in turns with the reference."""
    rounds, seconds = (2, 4) if quick else (4, 15)
    port = free_port()
    async with place() as here:
        (line,) = await here.lines(1)
        path = f"/hooks/custom_channel/{line.route}"
        cookies = await here.cookies(line.workspace_id, 1)
        assert here.settings.database_url is not None
        assert here.settings.redis_url is not None
        servers = {"url": plain_url(here.settings.database_url.get_secret_value()), "redis_url": here.settings.redis_url.get_secret_value()}
        with (
            program("ismessenger.cli", "web", environment=here.environment(port)),
            program("ismessenger.cli", "worker", environment=here.environment()),
            load() as second,
        ):
            wait_for_answer(f"http://127.0.0.1:{port}/healthz")
            second.order("open_sockets", port=port, cookies=cookies, watch_every=1)
            for rate in (RATE / 10, RATE):
                second.order("post_and_watch", port=port, path=path, rate=rate, seconds=WARM_UP_S)
            ours: list[float] = []
            reference: list[float] = []
            for _round in range(rounds):
                outcome = second.order("post_and_watch", port=port, path=path, rate=RATE, seconds=seconds)
                assert outcome["missed"] == 0, f"{outcome['missed']} messages were not shown to the agent"
                ours += outcome["milliseconds"]
                reference += second.order("commit_and_publish", **servers, rate=RATE, seconds=seconds)["milliseconds"]
    return [
        below(
            "B3",
            f"ms from webhook to agent's page at {RATE}/s, {name}",
            percentile(ours, share),
            limit,
            unit="ms",
            reference=percentile(reference, share),
        )
        for name, share, limit in (("p50", 0.5, MEDIAN_MS), ("p99", 0.99, SLOWEST_MS))
    ]
