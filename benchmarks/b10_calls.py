"""B10: a thousand calls a second of incoming webhooks of workflows on one web process: all are answered, and nobody else waits."""

import json
from typing import Any

import psutil

from benchmarks.figures import Figure, below, percentile
from benchmarks.place import Place, place
from benchmarks.processes import Load, free_port, load, program, wait_for_answer
from ismessenger.web.ratelimit import HOOK_CALLS

RATE = 1_000
CONNECTIONS = 200
SECRET = "the-secret-of-the-benchmarks"
SLOWEST_MS = 250
MEMORY_MB = 64


async def run(*, quick: bool) -> list[Figure]:
    """One workflow that is called too often; then as many as may be called so often in all."""
    seconds = 3.0 if quick else 10.0
    many = RATE // int(HOOK_CALLS.per_second) + 1
    port = free_port()
    async with place() as here:
        (line,) = await here.lines(1)
        contacts = await _contacts(here, line.workspace_id, int(RATE * seconds * 2) + RATE)
        paths = [await _hook(here, line.workspace_id, number) for number in range(many + 1)]
        await here.owner.execute("ANALYZE")
        with program("ismessenger.cli", "web", environment=here.environment(port)) as web, load() as second:
            wait_for_answer(f"http://127.0.0.1:{port}/healthz")
            warm = _called(second, port, paths[:1], contacts[-RATE:], 1.0)
            process = psutil.Process(web.pid)
            before = process.memory_info().rss
            one = _called(second, port, paths[:1], contacts, seconds)
            all_ = _called(second, port, paths[1:], contacts, seconds)
            grown = (process.memory_info().rss - before) / (1 << 20)
        stored = await here.owner.fetchval("SELECT count(*) FROM store.workflow_signal")
        taken = sum(outcome["answers"].get("200", 0) for outcome in (warm, one, all_))
        assert stored == taken, f"{taken} calls were answered with 200, and {stored} are on disk"
    return [
        below(
            "B10", f"seconds for a second's calls of one workflow, {RATE}/s ({_share(one)} taken)", one["seconds"] / seconds, 1.1, unit="s"
        ),
        below("B10", "ms that somebody else waits meanwhile, p99", percentile(one["waits"], 0.99), SLOWEST_MS, unit="ms"),
        below("B10", f"the same of {many} workflows ({_share(all_)} taken)", all_["seconds"] / seconds, 1.1, unit="s"),
        below("B10", "ms that somebody else waits meanwhile, p99", percentile(all_["waits"], 0.99), SLOWEST_MS, unit="ms"),
        below("B10", "MB that the web process has grown by", grown, MEMORY_MB, unit="MB"),
    ]


def _called(second: Load, port: int, paths: list[str], contacts: list[int], seconds: float) -> dict[str, Any]:
    outcome: dict[str, Any] = second.order(
        "call_hooks", port=port, paths=paths, contacts=contacts, rate=RATE, seconds=seconds, connections=CONNECTIONS
    )
    return outcome


def _share(outcome: dict[str, Any]) -> str:
    answers = outcome["answers"]
    return f"{answers.get('200', 0) / sum(answers.values()):.0%}"


async def _contacts(here: Place, workspace_id: int, count: int) -> list[int]:
    statement = (
        "INSERT INTO store.contact (workspace_id, first_name, status, created_at, created_source)"
        " SELECT $1, 'Ada', 'closed', now(), 'user' FROM generate_series(1, $2) RETURNING id"
    )
    return [row["id"] for row in await here.owner.fetch(statement, workspace_id, count)]


async def _hook(here: Place, workspace_id: int, number: int) -> str:
    """A published workflow; returns where it is called."""
    params = {"identifier": "contact_id", "path": "$.customer.id", "mapping": [{"path": "$.order.id", "variable": "order"}]}
    step = {"id": "s1", "kind": "add_comment", "name": "", "params": {"text": "Order $order"}, "exits": {}}
    definition = {"format": 1, "trigger": {"kind": "webhook", "params": params, "once": False}, "start": "s1", "steps": [step]}
    workflow = await here.owner.fetchval(
        "INSERT INTO store.workflow (workspace_id, name, description, status, draft, draft_number, trigger, listens, hook_secret,"
        " created_at, updated_at) VALUES ($1, $2, '', 'published', $3, 0, 'webhook', '{}', $4, now(), now()) RETURNING id",
        workspace_id,
        f"Orders {number}",
        json.dumps(definition),
        SECRET,
    )
    version = await here.owner.fetchval(
        "INSERT INTO store.workflow_version (workspace_id, workflow_id, number, definition, published_at)"
        " VALUES ($1, $2, 1, $3, now()) RETURNING id",
        workspace_id,
        workflow,
        json.dumps(definition),
    )
    await here.owner.execute("UPDATE store.workflow SET published_id = $1 WHERE id = $2", version, workflow)
    return f"/hooks/workflows/{workspace_id}-{workflow}-{SECRET}"
