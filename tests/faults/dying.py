"""The lane of workflows in processes that die at a point of their transactions: before whatever changes or locks something, before a commit
and after it. What only reads leaves nothing behind.

``python -m tests.faults.dying`` reads lines ``WORKSPACE POINT``. For each it forks a process that works the lane until nothing is due and
kills itself at that point, and says ``died`` or ``done``. Forks need not import everything again.
"""

import asyncio
import os
import re
import signal
import sys
from itertools import count

from sqlalchemy import event

from ismessenger.commands.running import process_settings
from ismessenger.installation import Installation, open_installation
from ismessenger.jobs.automation import Automation
from ismessenger.plugins import load_plugins
from ismessenger.settings import Settings

_CHANGES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")


def kill_at(installation: Installation, point: int) -> None:
    """SIGKILL at the n-th thing that is said to the database by those who change a workspace."""
    points = count(1)

    def reached(*_what: object) -> None:
        if next(points) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = installation.tenancy.homes["default"].app.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def about_to_say(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if _CHANGES.search(statement):
            reached()

    event.listen(engine, "commit", reached)
    event.listen(engine, "checkin", reached)


async def work(settings: Settings, workspace_id: int, point: int) -> None:
    async with open_installation(settings) as installation:
        lane = Automation(installation)
        kill_at(installation, point)
        while await lane.work((workspace_id, 0)):
            pass


def main() -> None:
    settings = process_settings()
    load_plugins()
    for line in sys.stdin:
        workspace_id, point = map(int, line.split())
        if (child := os.fork()) == 0:
            asyncio.run(work(settings, workspace_id, point))
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write("died\n" if os.WIFSIGNALED(status) else "done\n" if status == 0 else "broke\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
