"""Write an export: everything as it is at one moment, into a file of this machine and from there into the store."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right
from ismessenger.background.asker import asker
from ismessenger.background.job import Running
from ismessenger.background.result import leave_result
from ismessenger.exports.contacts import contact_sheet
from ismessenger.exports.conversations import conversation_sheet
from ismessenger.exports.messages import message_sheet
from ismessenger.exports.order import Order, What
from ismessenger.exports.sheet import Sheet
from ismessenger.kit.clock import now
from ismessenger.kit.ids import new_uuid
from ismessenger.tenancy.doors import ReadSession, workspace_key

SHEETS: Final[Mapping[What, Callable[[ReadSession, Member, Order], Awaitable[Sheet]]]] = {
    "contacts": contact_sheet,
    "conversations": conversation_sheet,
    "messages": message_sheet,
}


async def run_export(running: Running) -> None:
    """The kind ``export``. After a crash it begins from the beginning: half a file is none."""
    order = Order.model_validate(running.params)
    async with running.slice() as (_db, job):
        job.done, by = 0, job.created_by_id
    with tempfile.TemporaryFile() as file:
        async with running.looking() as db:
            sheet = await SHEETS[order.what](db, await asker(db, by, Right.EXPORT), order)
            file.write(sheet.heading(order.format))
            async with aclosing(sheet.pieces(db, order.format)) as pieces:
                async for piece, rows in pieces:
                    file.write(piece)
                    async with running.slice() as (_db, job):
                        job.done += rows
        async with running.slice() as (_db, job):
            job.total, job.counts = job.done, {"rows": job.done}
        key = workspace_key(running.workspace_id, "exports", f"{new_uuid().hex}.{order.format}")
        await leave_result(running, file, key, f"{order.what}-{now():%Y-%m-%d}.{order.format}")
