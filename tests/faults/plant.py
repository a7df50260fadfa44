"""Web and worker as processes of their own, against servers that can be killed and restarted under them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from ismessenger.embedded.attach import environment_of
from ismessenger.embedded.postgres import EmbeddedPostgres
from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.installation import Installation
from ismessenger.jobs.drain import drain
from ismessenger.settings import Settings
from tests.children import bound
from tests.conftest import World
from tests.standins.graph import GraphServer
from tests.standins.telegram import TelegramServer

CHECKOUT = Path(__file__).resolve().parents[2]
# So long what must come may be away on a machine that is slow or busy. Nothing is proved by it: whatever must be quick is measured.
PATIENCE_S = 120.0


class Process:
    """A web or worker process. What it writes goes to ``log``."""

    def __init__(self, log: Path, environment: dict[str, str], words: Sequence[str]) -> None:
        self.log = log
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
        with log.open("ab") as output:
            self._start = output.tell()
            self._process = subprocess.Popen(
                bound(sys.executable, "-m", "tests.faults.child", *words),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=CHECKOUT,
                env={**clean, **environment},
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._start)
            return log.read().decode(errors="replace")

    def kill(self) -> None:
        """SIGKILL: nothing of its own runs any more."""
        self._process.kill()
        self._process.wait()

    def end(self, *, within: float = 20.0) -> int:
        """SIGTERM, and the exit code."""
        self._process.terminate()
        return self._process.wait(within)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)


@dataclass
class Plant:
    """Servers, stand-ins and an installation of the test's own to look into the database with."""

    settings: Settings
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    installation: Installation
    telegram: TelegramServer
    graph: GraphServer
    http: httpx.AsyncClient
    web: Process | None = None
    processes: list[Process] = field(default_factory=list)

    def start(self, command: str, **seconds: float) -> Process:
        """Start ``web`` or ``worker``; ``deliver_LEASE=1.5`` changes a constant of ``ismessenger.messages.deliver`` in it."""
        places = {
            "call": "ismessenger.automation.call",
            "deliver": "ismessenger.messages.deliver",
            "outbox": "ismessenger.jobs.outbox",
            "retry": "ismessenger.messages.retry",
        }
        split = [(name.split("_", 1), value) for name, value in seconds.items()]
        changes = [f"{places[module]}:{name}={value}" for (module, name), value in split]
        process = Process(self.settings.data_dir / f"{command}.log", self._environment(), [command, *changes])
        self.processes.append(process)
        return process

    def worker(self, **seconds: float) -> Process:
        return self.start("worker", **seconds)

    async def serve(self) -> Process:
        """A web process that is ready, started if there is none."""
        if self.web is None or not self.web.running():
            self.web = self.start("web")
        web = self.web
        await until(lambda: self._ready_or_gone(web), otherwise=lambda: web.said()[-3000:])
        assert web.running(), web.said()[-3000:]
        return web

    async def _ready_or_gone(self, web: Process) -> bool:
        return not web.running() or await self.answers("/readyz")

    async def answers(self, path: str) -> bool:
        try:
            return (await self.http.get(path)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def working(self, worker: Process) -> None:
        """Wait until a worker has begun."""
        await until(lambda: "worker.started" in worker.said() or not worker.running(), otherwise=lambda: worker.said()[-3000:])
        assert worker.running(), worker.said()[-3000:]

    async def settled(self, *, within: float = PATIENCE_S) -> None:
        left = await drain(self.installation, seconds=within)
        assert left.done, (left, [process.said()[-2000:] for process in self.processes])

    async def rows(self, world: World, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.installation.tenancy.reading(world.workspace_id) as db:
            return [tuple(row) for row in (await db.execute(text(query), values)).all()]

    async def stop_postgres(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is a fast shutdown, SIGQUIT an immediate one, which recovers at the next start."""
        os.kill(self.postgres.pid, number)
        await until(lambda: not self.postgres.running())

    async def kill_redis(self) -> None:
        """All it held is gone."""
        os.kill(self.redis.pid, signal.SIGKILL)
        await until(lambda: not self.redis.running())

    def clear(self) -> None:
        """End the workers and let the providers behave."""
        for process in self.processes:
            if process is not self.web and process.running():
                process.kill()
        self.processes = [process for process in self.processes if process is self.web]
        self.telegram.recover()
        self.graph.recover()

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        told = {
            "SECRET_KEYS": settings.secret_keys[0].get_secret_value(),
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
            "PROVIDER_BASE_URLS": json.dumps(settings.provider_base_urls),
            "META_APP_SECRET": settings.meta_app_secret.get_secret_value() if settings.meta_app_secret else "",
            "META_VERIFY_TOKEN": settings.meta_verify_token.get_secret_value() if settings.meta_verify_token else "",
            "LOG_FORMAT": "json",
        }
        return environment_of(settings) | {f"ISMESSENGER_{name}": value for name, value in told.items()}


@asynccontextmanager
async def owner_of(plant: Plant) -> AsyncIterator[AsyncConnection]:
    """A connection that sees and may do everything."""
    engine = create_async_engine(plant.postgres.url)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def until(
    condition: Callable[[], bool | Awaitable[bool]],
    *,
    within: float = PATIENCE_S,
    otherwise: Callable[[], object] = lambda: "it did not happen",
) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < deadline, otherwise()
        await asyncio.sleep(0.03)


async def waits_for_a_lock(plant: Plant) -> bool:
    """Whether a statement waits for a row that another transaction holds."""
    async with owner_of(plant) as connection:
        question = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool((await connection.execute(question)).scalar_one())
