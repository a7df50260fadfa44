"""Try an import out: say what would become of every row, and change nothing."""

from contextlib import aclosing
from typing import Final

from ismessenger.background.job import Running
from ismessenger.imports.look_up import look_up, names_in
from ismessenger.imports.order import Order
from ismessenger.imports.plan import key_of, planned
from ismessenger.imports.read_rows import Reader
from ismessenger.imports.run import advance, rejects_of, see_targets
from ismessenger.imports.stretches import stretches_of
from ismessenger.imports.targets import TAGS, targets

NOBODY_YET: Final = 0
"""Stands for a contact whom an earlier row of the same file would add."""


async def run_check(running: Running) -> None:
    """The kind ``contacts_import_check``: the same without changing a contact. It begins from the beginning after a crash."""
    order = Order.model_validate(running.params)
    rejects = rejects_of(running, order)
    async with running.slice() as (db, job):
        job.done, job.failed, job.counts = 0, 0, {}
        await see_targets(db, order)
        reader = Reader(order, await targets(db))
    added: set[int] = set()
    async with aclosing(stretches_of(running, order, reader, 0)) as stretches:
        async for rows, end in stretches:
            async with running.looking() as reading:
                await see_targets(reading, order)
                known = await look_up(reading, order, rows, lock=False)
                names = await names_in(reading, order, rows, create=False)
            for key in {key_of(row, order.identifier) for row in rows} - known.keys():
                if hash(key) in added:
                    known[key] = [(NOBODY_YET, {TAGS: []})]
            outcome = planned(order, rows, known, names)
            added.update(hash(key) for key in outcome.keys)
            async with running.slice() as (_db, job):
                advance(job, outcome, len(rows))
            await rejects.keep(end, outcome.failed)
    await rejects.leave()
