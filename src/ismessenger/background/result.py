"""The file that a long job leaves for whoever started it."""

from datetime import timedelta
from typing import IO, Final

from sqlalchemy import update
from sqlmodel import col

from ismessenger.background.job import Running
from ismessenger.background.model import Job
from ismessenger.kit.clock import now

KEPT: Final = timedelta(days=7)


async def leave_result(running: Running, file: IO[bytes], key: str, name: str) -> None:
    """Store a file and name it on the job, also on one that was stopped. It goes after a week. Raises `StoreUnavailable`."""
    file.seek(0)
    size = await running.installation.files.put(key, file)
    values = {"result_path": key, "result_name": name, "result_bytes": size, "expires_at": now() + KEPT}
    async with running.installation.tenancy.workspace(running.workspace_id) as db:
        # Nothing happens if another worker has taken the job over: it leaves its own.
        await db.execute(update(Job).where(col(Job.id) == running.job_id, col(Job.attempt) == running.attempt).values(**values))
