"""The contacts table: every order, both ways, page by page, for everybody who sees it."""

from collections.abc import Sequence
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import text, true

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.columns import choose_columns, chosen_columns, columns, usual_columns
from ismessenger.contacts.filtered import Explained
from ismessenger.contacts.listing import _statement, cursor_of, table_page
from ismessenger.contacts.model import Contact, ContactField, LifecycleStage
from ismessenger.contacts.order import order_by, sortable
from ismessenger.kit.clock import now
from ismessenger.kit.pagination import CursorInvalid
from ismessenger.tenancy.doors import ReadSession
from ismessenger.workspaces.model import Preferences
from tests.conftest import World
from tests.tenancy.test_migrations import owner_of


async def filled(world: World) -> None:
    """Nine people: some have a number, a stage, an assignee, a last message; some have neither."""
    at = now()
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(Preferences(lifecycle_enabled=True))
        db.add_all([size := ContactField(slug="size", name="Size", type="number"), ContactField(slug="note", name="Note")])
        db.add_all([lost := LifecycleStage(name="Lost", position=0, kind="lost"), hot := LifecycleStage(name="Hot", position=1)])
        await db.flush()
        for number in range(9):
            contact = Contact(first_name="aBc"[number % 3] * 2 if number else None, last_name="Z" if number % 2 else None)
            contact.status = "open" if number % 2 else "closed"
            contact.last_message_at = at - timedelta(hours=number // 2) if number % 3 else None
            contact.fields = {str(size.id): [9, 10, 1.5][number % 3]} if number % 4 else {}
            contact.lifecycle_id = [None, lost.id, hot.id][number % 3]
            contact.assignee_id = [None, world.agent.id, world.owner.id][number % 3]
            contact.email = f"{'bAc'[number % 3]}@x.example" if number % 4 else None
            db.add(contact)
            await db.flush()


async def walked(db: ReadSession, world: World, key: str, *, descending: bool) -> tuple[list[Contact], list[Contact]]:
    """All pages of two, forwards and then back again."""
    order = order_by(key, await columns(db), descending=descending)
    assert order is not None
    there: list[Contact] = []
    back: list[Contact] = []
    cursor = None
    while True:
        page = await table_page(db, world.owner, true(), order, cursor, limit=2)
        there += page.contacts
        if page.after is None:
            break
        cursor = cursor_of(order, after=page.after, before="")
    while page.before is not None:
        back = [*page.contacts, *back]
        page = await table_page(db, world.owner, true(), order, cursor_of(order, after="", before=page.before), limit=2)
    return there, [*page.contacts, *back]


def names(contacts: Sequence[Contact]) -> list[int]:
    return [contact.id for contact in contacts]


KEYS = ("name", "created", "id", "lastMessage", "status", "assignee", "lifecycle", "firstName", "email", "phone", "countryCode")


@pytest.mark.behaviour(181)
@pytest.mark.parametrize("descending", [False, True])
async def test_every_order_shows_everybody_once_there_and_back(world: World, descending: bool) -> None:
    await filled(world)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        offered = await columns(db)
        assert {key for key, column in offered.items() if not sortable(column)} == {"channels", "tags"}
        for key in [*KEYS, *(key for key in offered if key.isdigit())]:
            there, back = await walked(db, world, key, descending=descending)
            assert len(set(names(there))) == len(there) == 9, key
            assert names(back) == names(there), key


async def test_an_order_is_by_value_and_whoever_has_none_comes_last_either_way(world: World) -> None:
    await filled(world)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        size = next(key for key, column in (await columns(db)).items() if column.field and column.field.slug == "size")
        rising, _ = await walked(db, world, size, descending=False)
        assert [contact.fields.get(size) for contact in rising] == [1.5, 1.5, 9, 9, 10, 10, None, None, None]
        falling, _ = await walked(db, world, size, descending=True)
        assert [contact.fields.get(size) for contact in falling] == [10, 10, 9, 9, 1.5, 1.5, None, None, None]
        newest, _ = await walked(db, world, "lastMessage", descending=True)
        times = [contact.last_message_at for contact in newest]
        assert times[6:] == [None, None, None]
        assert times[:6] == sorted([at for at in times if at], reverse=True)
        named, _ = await walked(db, world, "name", descending=False)
        assert [contact.first_name for contact in named] == ["aa", "aa", "BB", "BB", "BB", "cc", "cc", "cc", None]
        staged, _ = await walked(db, world, "lifecycle", descending=False)
        assert [contact.lifecycle_id is None for contact in staged] == [False] * 6 + [True] * 3
        assert [contact.assignee_id for contact in staged][:3] == [world.owner.id] * 3  # hot before lost


async def test_the_table_shows_a_restricted_agent_only_what_they_see(world: World) -> None:
    await filled(world)
    world.agent.restrictions = [ONLY_MINE]
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        order = order_by("created", await columns(db), descending=True)
        assert order is not None
        page = await table_page(db, world.agent, true(), order)
        assert {contact.assignee_id for contact in page.contacts} == {world.agent.id}


async def test_a_cursor_of_another_order_is_refused(world: World) -> None:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        offered = await columns(db)
        name, created = order_by("name", offered, descending=False), order_by("created", offered, descending=False)
        assert name is not None
        assert created is not None
        assert order_by("channels", offered, descending=False) is None
        assert order_by("nothing", offered, descending=False) is None
    with pytest.raises(CursorInvalid):
        cursor_of(name, after="WzEsMV0", before="")


async def test_columns_are_chosen_by_each_member_and_what_is_gone_is_left_out(world: World) -> None:
    await filled(world)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        offered = await columns(db)
        usual = [column.key for column in await chosen_columns(db, world.owner, offered)]
        assert usual == ["phone", "email", "channels", "tags", "lifecycle", "assignee", "status", "lastMessage"]
        size = next(key for key, column in offered.items() if column.field and column.field.slug == "size")
        for keys in ([size, "created", "nonsense", "created"], [size, "created"]):
            await choose_columns(db, world.owner, keys)
            assert [column.key for column in await chosen_columns(db, world.owner, offered)] == [size, "created"]
        assert [column.key for column in await chosen_columns(db, world.manager, offered)] == usual
        await db.execute(text("DELETE FROM contact_field"))
        assert [column.key for column in await chosen_columns(db, world.owner, await columns(db))] == ["created"]
        await usual_columns(db, world.owner)
        assert len(await chosen_columns(db, world.owner, await columns(db))) == len(usual)


async def test_the_orders_for_any_number_of_contacts_are_read_from_indexes(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(
            text(
                "INSERT INTO contact (first_name, phone, email, status, created_at, created_source, last_message_at)"
                " SELECT 'P' || n, '+6' || n, 'p' || n || '@x.example', CASE n % 3 WHEN 0 THEN 'open' ELSE 'closed' END, now(), 'contact',"
                " now() - n * interval '1 minute' FROM generate_series(1, 4000) AS n"
            )
        )
    url = world.installation.settings.database_url
    assert url is not None
    async with owner_of(url.get_secret_value()) as connection:
        await connection.execute(text("ANALYZE store.contact, store.contact_words"))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        offered = await columns(db)
        for key in ("created", "lastMessage", "phone", "email", "name", "firstName"):
            for descending in (False, True):
                order = order_by(key, offered, descending=descending)
                assert order is not None
                first = _statement(true(), order, None, valued=True, backwards=False).limit(20)
                plan = (await db.execute(Explained(first))).scalar_one()
                assert ('"Sort"' in orjson.dumps(plan).decode()) == (not order.free) == (key == "firstName"), (key, descending, plan)
