"""The seam to arq: finite jobs and the schedule. Nothing else imports arq.

The queue is a doorbell: every job may run twice, late or not at all, and what it does is found again in the tables.
"""

import asyncio
from typing import Any, ClassVar, cast

import structlog
from arq.connections import ArqRedis
from arq.cron import CronJob, cron
from arq.typing import WorkerCoroutine
from arq.worker import Worker
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from ismessenger.installation import REDIS_SECONDS, Installation
from ismessenger.jobs.lane import wait
from ismessenger.jobs.tidy import tidy
from ismessenger.kit.tasks import end

log = structlog.get_logger()

QUEUE = "ismessenger/jobs"
POLL_SECONDS = 0.5
AGAIN_SECONDS = 2.0


async def _tidy(context: dict[Any, Any]) -> None:
    await tidy(context["installation"])


class Schedule:
    """What runs by the clock."""

    nightly: ClassVar[list[CronJob]] = [cron(cast("WorkerCoroutine", _tidy), hour=3, minute=17, run_at_startup=False)]


async def arq_worker(installation: Installation, stop: asyncio.Event) -> None:
    """Run jobs until ``stop`` is set. arq gives up when Redis goes away: it begins anew until Redis is back."""
    while not stop.is_set():
        try:
            await _run(installation, stop)
        except (RedisError, OSError) as error:
            log.warning("schedule.lost_redis", error=str(error))
            await wait(stop, AGAIN_SECONDS)


async def _run(installation: Installation, stop: asyncio.Event) -> None:
    url = installation.settings.redis_url
    pool = ArqRedis(connection_pool=ConnectionPool.from_url(url.get_secret_value() if url else "", socket_timeout=REDIS_SECONDS))
    worker = Worker(
        functions=[],
        cron_jobs=Schedule.nightly,
        redis_pool=pool,
        queue_name=QUEUE,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        handle_signals=False,
        ctx={"installation": installation},
    )
    running = asyncio.create_task(worker.async_run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running  # raises what ended it
        await worker.close()
    finally:
        await end(running, stopping)
        await pool.aclose()
