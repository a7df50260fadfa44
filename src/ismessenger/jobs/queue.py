"""The seam to arq: finite jobs and the schedule. Nothing else imports arq.

The queue is a doorbell: every job may run twice, late or not at all, and what it does is found again in the tables.
"""

import asyncio
from typing import Any, ClassVar

from arq.connections import ArqRedis
from arq.cron import CronJob, cron
from arq.worker import Worker
from redis.asyncio import ConnectionPool

from ismessenger.installation import Installation
from ismessenger.jobs.tidy import tidy

QUEUE = "ismessenger/jobs"
POLL_SECONDS = 0.5


async def _tidy(context: dict[str, Any]) -> None:
    await tidy(context["installation"])


class Schedule:
    """What runs by the clock."""

    nightly: ClassVar[list[CronJob]] = [cron(_tidy, hour=3, minute=17, run_at_startup=False)]


async def arq_worker(installation: Installation, stop: asyncio.Event) -> None:
    """Run jobs until ``stop`` is set."""
    url = installation.settings.redis_url
    pool = ArqRedis(connection_pool=ConnectionPool.from_url(url.get_secret_value() if url else ""))
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
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await worker.close()
    await asyncio.gather(running, return_exceptions=True)
    stopping.cancel()
    await pool.aclose()
