"""B1: signed Messenger webhooks per second that are on disk before their 200, through one web process."""

from benchmarks.figures import Figure, at_least, paired
from benchmarks.place import place
from benchmarks.processes import Load, free_port, load, program, wait_for_answer

CONNECTIONS = 64
WARM_UP_S = 1.0


async def run(*, quick: bool) -> list[Figure]:
    """The figure and its reference in turns."""
    rounds, seconds = (3, 2.0) if quick else (7, 5.0)
    ours, bare = free_port(), free_port()
    async with place() as here:
        (line,) = await here.lines(1, "messenger")
        path = f"/hooks/messenger/{line.route}"
        with (
            program("ismessenger.cli", "web", environment=here.environment(ours)),
            program("benchmarks.bare", str(bare), environment={}),
            load() as second,
        ):
            wait_for_answer(f"http://127.0.0.1:{ours}/healthz")
            _rate(second, bare, path, WARM_UP_S)
            accepted = _rate(second, ours, path, WARM_UP_S)[1]
            rates: list[float] = []
            references: list[float] = []
            for _round in range(rounds):
                references.append(_rate(second, bare, path, seconds)[0])
                rate, count = _rate(second, ours, path, seconds)
                rates.append(rate)
                accepted += count
        stored = await here.owner.fetchval("SELECT count(*) FROM store.inbound_event")
        assert stored == accepted, f"{accepted} webhooks were answered with 200, and {stored} are on disk"
    figure, reference = paired(rates, references)
    return [at_least("B1", "signed webhooks per second, durable before the 200", figure, reference, 0.5)]


def _rate(second: Load, port: int, path: str, seconds: float) -> tuple[float, int]:
    """Requests per second, and how many there were. All must be answered with 200."""
    outcome = second.order("blast", port=port, path=path, seconds=seconds, connections=CONNECTIONS)
    answers = outcome["answers"]
    assert set(answers) == {"200"}, f"not every webhook was taken: {answers}"
    return answers["200"] / outcome["seconds"], answers["200"]
