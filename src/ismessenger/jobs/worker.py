"""The worker process: lanes over the to-do tables, and arq for finite jobs and the schedule."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.automation.call import Caller
from ismessenger.channels.drain import drain_channel
from ismessenger.installation import Installation, open_installation
from ismessenger.jobs.assignment import find_queues, work_queue
from ismessenger.jobs.automation import Automation
from ismessenger.jobs.lane import Lane, wait
from ismessenger.jobs.long import find_jobs, work_job
from ismessenger.jobs.notify import find_orders, find_pushes, work_orders, work_push
from ismessenger.jobs.outbox import find_rows, work_row
from ismessenger.jobs.queue import arq_worker
from ismessenger.jobs.wakeups import find_wakeups, work_wakeup
from ismessenger.kit.clock import now
from ismessenger.kit.garbage import look_seldom
from ismessenger.mail.send import find_letters, send_letter
from ismessenger.messages.deliver import Deliverer
from ismessenger.messages.fetch import fetch, find_attachments
from ismessenger.settings import Settings

log = structlog.get_logger()
HOMES_SECONDS = 2.0

# One channel after the other, without reading what lies between: a backlog of a million rows costs as little as one.
_PENDING = text(
    "WITH RECURSIVE c AS ((SELECT workspace_id, channel_id FROM inbound_event WHERE state = 'pending'"
    " ORDER BY workspace_id, channel_id LIMIT 1) UNION ALL SELECT n.workspace_id, n.channel_id FROM c, LATERAL ("
    " SELECT workspace_id, channel_id FROM inbound_event WHERE state = 'pending'"
    " AND (workspace_id, channel_id) > (c.workspace_id, c.channel_id) ORDER BY workspace_id, channel_id LIMIT 1) n)"
    " SELECT workspace_id, channel_id FROM c"
)


class Lanes:
    """The lanes of one worker process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self.replies = Deliverer(installation, "replies")
        self.bulk = Deliverer(installation, "bulk")
        self.automation = Automation(installation)
        self.calls = Caller(installation)
        self.all = [
            Lane("inbound", self._find_inbound, self._work_inbound, width=6),
            Lane("replies", self.replies.find, self.replies.work, width=8),
            Lane("bulk", self.bulk.find, self.bulk.work, width=4),
            Lane("media", lambda: find_attachments(installation), lambda piece: fetch(installation, piece), width=6),
            Lane("outbox", lambda: find_rows(installation), lambda piece: work_row(installation, piece), width=4),
            Lane("letters", lambda: find_letters(installation), lambda piece: send_letter(installation, piece), width=2),
            Lane("wakeups", lambda: find_wakeups(installation), lambda piece: work_wakeup(installation, piece), width=4),
            Lane("automation", self.automation.find, self.automation.work, width=4),
            Lane("notify", lambda: find_orders(installation), lambda piece: work_orders(installation, piece), width=4),
            Lane("push", lambda: find_pushes(installation), lambda piece: work_push(installation, piece), width=8),
            Lane("calls", self.calls.find, self.calls.work, width=4),
            Lane("assignment", lambda: find_queues(installation), lambda piece: work_queue(installation, piece), width=2),
            Lane("jobs", lambda: find_jobs(installation), lambda piece: work_job(installation, piece), width=2),
        ]

    async def _find_inbound(self) -> Sequence[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for home in self._installation.tenancy.homes:
            async with self._installation.tenancy.system(home) as connection:
                found += [(row.workspace_id, row.channel_id) for row in (await connection.execute(_PENDING)).all()]
        return found

    async def _work_inbound(self, piece: tuple[int, int]) -> int:
        workspace_id, channel_id = piece
        return await drain_channel(self._installation, workspace_id, channel_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Run all lanes until ``stop`` is set and what is under way is finished."""
        async with asyncio.TaskGroup() as group:
            for lane in self.all:
                group.create_task(lane.run(self._installation.redis, stop))
        await self.replies.finish()
        await self.bulk.finish()
        await self.calls.finish()


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT. ``settings`` must name a database and a Redis."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with open_installation(settings) as installation:
        look_seldom()
        log.info("worker.started", at=now().isoformat(), channels=list(installation.plugins.channels))
        async with asyncio.TaskGroup() as group:
            group.create_task(Lanes(installation).run(stop))
            group.create_task(arq_worker(installation, stop))
            group.create_task(follow_homes(installation, stop))


async def follow_homes(installation: Installation, stop: asyncio.Event) -> None:
    """Work also for homes that are added meanwhile."""
    while not stop.is_set():
        with suppress(SQLAlchemyError, OSError):
            await installation.tenancy.learn()
        await wait(stop, HOMES_SECONDS)
