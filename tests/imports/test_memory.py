"""Three times the rows take no more memory: to keep a file, to import it, to export what came of it."""

import io
import tracemalloc
from collections.abc import Awaitable, Callable

import pytest

from ismessenger.contacts.select import Selection
from ismessenger.exports.contacts import start_export
from ismessenger.imports.take import write_plain
from tests.imports.conftest import Bench

FEW, MANY = 1500, 4500
GROWTH = 1.25
SLACK_BYTES = 1 << 20


class Nowhere(io.BytesIO):
    """Keeps nothing of what is written."""

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        return len(piece)


def table(rows: int) -> bytes:
    lines = (f"Ada,Person {number},+60{120_000_000 + number},{'x' * 100},broken" for number in range(rows))
    return ("First name,Last name,Phone,Note,Email\n" + "\n".join(lines)).encode()


async def peak(work: Callable[[], Awaitable[object]]) -> int:
    """The most memory at once that the work took, in bytes."""
    tracemalloc.start()
    before, _most = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    await work()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most - before


@pytest.mark.behaviour(174)
async def test_reading_a_file_takes_the_same_memory_however_long_it_is() -> None:
    async def read(rows: int) -> int:
        file = io.BytesIO(table(rows))

        async def work() -> None:
            write_plain(file, "people.csv", Nowhere())

        return await peak(work)

    assert await read(MANY) < await read(FEW) * GROWTH + SLACK_BYTES


@pytest.mark.behaviour(174)
async def test_importing_and_exporting_take_the_same_memory_however_many_rows(bench: Bench) -> None:
    await bench.imported(table(50), purpose="all", targets=["firstName", "lastName", "phone", "", ""])
    sizes: dict[int, tuple[int, int]] = {}
    for rows in (FEW, MANY):
        # Every tenth row fails, so that the file of failed rows grows as well.
        content = table(rows).replace(b"2,xxx", b"2x,xxx")
        import_id = await bench.chosen(content, purpose="all", targets=["firstName", "lastName", "phone", "", ""])
        await bench.shop.change("UPDATE job SET state = 'waiting' WHERE id = :id", id=import_id)
        importing = await peak(lambda: bench.worked(import_id))  # noqa: B023 - awaited at once
        assert (await bench.job(import_id)).state == "done"
        async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
            export = await start_export(db, bench.world.manager, Selection())
        exporting = await peak(lambda: bench.worked(export.id))  # noqa: B023 - awaited at once
        sizes[rows] = importing, exporting
    assert sizes[MANY][0] < sizes[FEW][0] * GROWTH + SLACK_BYTES
    assert sizes[MANY][1] < sizes[FEW][1] * GROWTH + SLACK_BYTES
