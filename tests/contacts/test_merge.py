"""Two contacts become one."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.merge import MergeRefused, merge
from tests.messages.conftest import Line, line  # noqa: F401 - a fixture
from tests.messages.test_receive import NOON, rows, take, wrote


@pytest.mark.behaviour(7)
async def test_merging_closes_the_open_conversation_of_the_secondary_and_keeps_every_message(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("ada-on-phone", "2", at=NOON + timedelta(minutes=1)))
    primary, secondary = [id_ for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await merge(db, primary, secondary, by=line.world.owner.id)
    assert await rows(line, "SELECT id, preview FROM contact") == [(primary, "hello")]
    assert await rows(line, "SELECT count(*), count(DISTINCT contact_id) FROM message") == [(2, 1)]
    assert await rows(line, "SELECT closed_source FROM conversation ORDER BY closed_at NULLS FIRST") == [(None,), ("merge",)]
    await take(line, wrote("ada-on-phone", "3"))
    assert await rows(line, "SELECT count(*) FROM contact") == [(1,)]


async def test_two_merges_of_the_same_pair_at_once_lose_nothing(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("bo", "2"))
    one, other = [id_ for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]

    async def go(primary: int, secondary: int) -> None:
        async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
            await merge(db, primary, secondary, by=None)

    outcomes = await asyncio.gather(go(one, other), go(other, one), return_exceptions=True)
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [ContactNotFound]
    assert await rows(line, "SELECT count(*) FROM message") == [(2,)]


async def test_a_contact_cannot_be_merged_with_itself(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"))
    ((contact,),) = await rows(line, "SELECT id FROM contact")
    with pytest.raises(MergeRefused):
        async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
            await merge(db, contact, contact, by=None)
    assert await rows(line, "SELECT count(*) FROM contact") == [(1,)]


async def test_the_preview_is_that_of_the_newest_message(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1", "old"), wrote("bo", "2", "new", at=NOON + timedelta(hours=1)))
    one, other = await rows(line, "SELECT id FROM contact ORDER BY id")
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await merge(db, one[0], other[0], by=None)
        preview = (await db.execute(text("SELECT preview FROM contact"))).scalar_one()
    assert preview == "new"
