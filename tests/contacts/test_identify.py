"""Who writes is found by every spelling of a telephone number, also somebody whom no channel knew before."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from ismessenger.contacts.model import Contact
from ismessenger.messages.receive import receive
from ismessenger.sdk.channel import Profile
from tests.messages.conftest import Line, line
from tests.messages.test_receive import wrote

__all__ = ["line"]

SPELLINGS = [("+5511987654321", "+551187654321"), ("+5491123456789", "+541123456789"), ("+5215512345678", "+525512345678")]


async def take(line: Line, *who: str) -> None:
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        events = [wrote(one, f"{one}-{number}") for number, one in enumerate(who)]
        await receive(db, line.channel_id, events)


async def rows(line: Line, query: str) -> Sequence[tuple[object, ...]]:
    async with line.world.installation.tenancy.reading(line.world.workspace_id) as db:
        return [tuple(row) for row in (await db.execute(text(query))).all()]


async def add(line: Line, *phones: str) -> None:
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        db.add_all([Contact(first_name=f"Imported {number}", phone=phone) for number, phone in enumerate(phones)])


@pytest.mark.parametrize(("first", "second"), SPELLINGS)
async def test_two_spellings_of_a_number_are_one_person_and_the_first_one_stays(line: Line, first: str, second: str) -> None:
    await take(line, first)
    await take(line, second)
    assert await rows(line, "SELECT identifier FROM contact_channel") == [(first,)]
    assert await rows(line, "SELECT count(*) FROM message") == [(2,)]


async def test_two_spellings_that_come_together_are_one_person(line: Line) -> None:
    await take(line, *SPELLINGS[0], "+493012345678")
    assert await rows(line, "SELECT count(*) FROM contact") == [(2,)]
    assert await rows(line, "SELECT incoming_count FROM conversation ORDER BY contact_id") == [(2,), (1,)]


async def test_somebody_who_was_imported_and_writes_is_the_same_contact(line: Line) -> None:
    await add(line, "+551187654321")
    await take(line, "+5511987654321")
    assert await rows(line, "SELECT first_name, phone, status FROM contact") == [("Imported 0", "+551187654321", "open")]
    assert await rows(line, "SELECT details ->> 'name' FROM event WHERE kind = 'contact_channel.added'") == [("Bot",)]
    await take(line, "+5511987654321")
    assert await rows(line, "SELECT count(*) FROM event WHERE kind = 'contact_channel.added'") == [(1,)]


async def test_nobody_is_guessed_where_two_contacts_have_the_number(line: Line) -> None:
    await add(line, "+493012345678", "+493012345678")
    await take(line, "+493012345678")
    assert await rows(line, "SELECT count(*) FROM contact") == [(3,)]


async def test_whom_the_channel_knows_by_another_number_stays_apart(line: Line) -> None:
    await take(line, "+493011111111")
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(text("UPDATE contact SET phone = '+493022222222'"))
    await take(line, "+493022222222")
    assert await rows(line, "SELECT count(*) FROM contact") == [(2,)]


@pytest.mark.parametrize(
    ("told", "stored"), [("+49 (30) 1234-5678", "+493012345678"), ("0049 30 12345678", "+493012345678"), ("ask Bo", "ask Bo")]
)
async def test_a_number_is_stored_as_e164_where_it_can_be_read(line: Line, told: str, stored: str) -> None:
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await receive(db, line.channel_id, [replace(wrote("ada", "1"), profile=Profile(phone=told))])
    assert await rows(line, "SELECT phone FROM contact") == [(stored,)]
