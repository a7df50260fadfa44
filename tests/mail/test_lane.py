"""The worker sends what was written, by itself."""

import asyncio

from ismessenger.installation import Installation
from ismessenger.jobs.lane import Lane
from ismessenger.jobs.worker import Lanes
from ismessenger.mail.write import write_letter
from tests.mail.post_office import PostOffice


def letters_lane(installation: Installation) -> Lane:
    return next(lane for lane in Lanes(installation).all if lane.name == "letters")


async def test_a_running_worker_sends_a_letter_once_it_is_on_disk(installation: Installation, office: PostOffice) -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(letters_lane(installation).run(installation.redis, stop))
    async with installation.tenancy.catalog() as catalog:
        write_letter(catalog, to="ada@example.com", subject="Hello", text="Words\n")
        await catalog.flush()
        assert office.letters == []
    async with asyncio.timeout(60):
        await office.arrived.wait()
    stop.set()
    await working
    assert [letter["To"] for letter in office.letters] == ["ada@example.com"]


async def test_two_workers_share_the_letters(installation: Installation, office: PostOffice) -> None:
    async with installation.tenancy.catalog() as catalog:
        for number in range(20):
            write_letter(catalog, to=f"p{number}@example.com", subject="Hello", text="Words\n")
    await asyncio.gather(*(letters_lane(installation).sweep() for _worker in range(2)))
    assert sorted(str(letter["To"]) for letter in office.letters) == sorted(f"p{number}@example.com" for number in range(20))
