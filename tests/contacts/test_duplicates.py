"""Who may be the same person: equal phones in any spelling, equal e-mail addresses, and what somebody said against it."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.duplicates import Page, dismiss, suggest_again, suggestions, suggestions_for
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.model import Contact
from tests.conftest import World


async def add(world: World, **values: Any) -> int:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = Contact(**values)
        db.add(contact)
        await db.flush()
        return int(contact.id)


async def suggested(world: World, contact_id: int) -> list[tuple[int, list[str]]]:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = await lock_contact(db, contact_id)
        return [(each.contact.id, list(each.same)) for each in await suggestions_for(db, world.owner, contact)]


async def page(world: World, after: tuple[str, str] | None = None, limit: int = 20) -> Page:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return await suggestions(db, world.owner, after, limit)


@pytest.mark.behaviour(21)
async def test_equal_phones_in_any_spelling_and_equal_e_mails_are_suggested(world: World) -> None:
    ada = await add(world, first_name="Ada", phone="+5511987654321", email="Ada@Example.com")
    old = await add(world, first_name="Ada", phone="+551187654321")
    mail = await add(world, first_name="A.", email="ada@example.COM")
    both = await add(world, phone="+5511987654321", email="ADA@example.com")
    await add(world, phone="+5511987654322", email="bada@example.com")
    assert await suggested(world, ada) == [(old, ["phone"]), (mail, ["email"]), (both, ["phone", "email"])]


async def test_whoever_has_neither_phone_nor_e_mail_is_like_nobody(world: World) -> None:
    await add(world, first_name="Bo")
    assert await suggested(world, await add(world, first_name="Bo")) == []


async def test_a_dismissed_pair_is_not_suggested_until_that_is_taken_back(world: World) -> None:
    one, other = await add(world, email="a@example.com"), await add(world, email="a@example.com")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await dismiss(db, other, one, by=world.owner.id)
        await dismiss(db, one, other, by=world.owner.id)
    assert await suggested(world, one) == await suggested(world, other) == []
    assert (await page(world)).pairs == []
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await suggest_again(db, other, one)
    assert await suggested(world, other) == [(one, ["email"])]


async def test_a_contact_is_no_duplicate_of_itself(world: World) -> None:
    one = await add(world, email="a@example.com")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(Refused):
            await dismiss(db, one, one, by=None)


async def test_an_agent_is_not_told_of_contacts_that_they_do_not_see(world: World) -> None:
    one = await add(world, email="a@example.com", assignee_id=world.agent.id)
    await add(world, email="a@example.com")
    restricted = world.agent.model_copy(update={"restrictions": [ONLY_MINE]})
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        assert await suggestions_for(db, world.agent, await lock_contact(db, one)) != []
        assert await suggestions_for(db, restricted, await lock_contact(db, one)) == []


async def test_the_list_names_each_pair_once_and_pages_through_all(world: World) -> None:
    wanted = set()
    for number in range(5):
        phone, email = f"+6012345678{number}", f"p{number}@example.com"
        first, second, third = (
            await add(world, phone=phone, email=email),
            await add(world, phone=phone, email=email),
            await add(world, email=email),
        )
        wanted |= {(first, second), (first, third)}
    short, long = await add(world, phone="+551187654321"), await add(world, phone="+5511987654321")
    wanted.add((short, long))
    found, after = [], None
    for _page in range(20):
        shown = await page(world, after, limit=2)
        found += [(pair.first.id, pair.second.id) for pair in shown.pairs]
        if (after := shown.more) is None:
            break
    assert sorted(found) == sorted(wanted)


async def test_duplicates_are_found_by_the_indexes(world: World) -> None:
    statement = text(
        "INSERT INTO contact (phone, email, status, created_at, created_source)"
        " SELECT '+60' || 100000000 + n, 'p' || n || '@example.com', 'closed', now(), 'contact' FROM generate_series(1, 3000) AS n"
    )
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(statement)
    assert world.installation.settings.database_url is not None
    owner = create_async_engine(world.installation.settings.database_url.get_secret_value())
    async with owner.begin() as connection:
        await connection.execute(text("ANALYZE store.contact"))
    await owner.dispose()
    one = await add(world, phone="+60100000007", email="P7@example.com")
    asked: list[tuple[str, Sequence[object]]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Sequence[object], *_rest: object) -> None:
        if "merge_dismissal" in statement:
            asked.append((statement, parameters))

    engine = world.installation.tenancy.homes["default"].app.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    assert len(await suggested(world, one)) == 1
    event.remove(engine, "before_cursor_execute", note)
    ((query, parameters),) = asked
    async with world.installation.tenancy.reading(world.workspace_id) as reading:
        connection = await reading.connection()
        plan = "\n".join(row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {query}", tuple(parameters)))
    assert ("contact_phone_idx" in plan, "contact_email_idx" in plan, "Seq Scan on contact" in plan) == (True, True, False), plan
