"""People are found by what is known of them, and by the index."""

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.contacts.model import Contact, ContactField
from ismessenger.contacts.search import named
from tests.conftest import World, make_world
from tests.tenancy.test_migrations import owner_of

PEOPLE = {
    "ada": Contact(first_name="Ada", last_name="Müller-Lovelace", phone="+493012345678", email="Ada@Example.com"),
    "bo": Contact(first_name="Bo", last_name="Łukasz", email="bo@example.com"),
    "li": Contact(first_name="李", last_name="雷", phone="+8613800138000"),
    "silent": Contact(email="silent_100%@example.com"),
}


@pytest.fixture
async def people(world: World) -> dict[int, str]:
    """Four contacts by their ids."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        field = ContactField(slug="order", name="Order")
        db.add(field)
        await db.flush()
        made = {
            name: Contact(**contact.model_dump(exclude={"id", "workspace_id", "tag_ids", "fields"})) for name, contact in PEOPLE.items()
        }
        made["bo"].fields = {str(field.id): "A-17"}
        db.add_all(made.values())
        await db.flush()
        return {contact.id: name for name, contact in made.items()}


async def find(world: World, people: dict[int, str], words: str) -> set[str]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        ids = (await db.execute(select(col(Contact.id)).where(await named(db, words)))).scalars()
        return {people[id_] for id_ in ids}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ad", {"ada"}),
        ("LOVE", {"ada"}),
        ("da mü", {"ada"}),
        ("müller", {"ada"}),
        ("łuk", {"bo"}),
        ("+4930123", {"ada"}),
        ("030 123 456", {"ada"}),
        ("138001", {"li"}),
        ("李", {"li"}),
        ("李 雷", {"li"}),
        ("aü", set()),
        ("mü", {"ada"}),
        ("ül", {"ada"}),
        ("ada@example.com", {"ada"}),
        ("example.com", set()),
        ("A-17", {"bo"}),
        ("A-1", set()),
        ("%", set()),
        ("d_", set()),
        ("nobody", set()),
    ],
)
async def test_people_are_found_by(world: World, people: dict[int, str], words: str, found: set[str]) -> None:
    assert await find(world, people, words) == found


async def test_a_contact_is_found_by_its_new_name_and_no_longer_by_the_old_one(world: World, people: dict[int, str]) -> None:
    assert await find(world, people, "lovelace") == {"ada"}
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE contact SET last_name = 'Byron' WHERE first_name = 'Ada'"))
    assert await find(world, people, "lovelace") == set()
    assert await find(world, people, "byron") == {"ada"}


async def test_nobody_of_another_workspace_is_found(world: World, people: dict[int, str]) -> None:
    assert await find(await make_world(world.installation), people, "lovelace") == set()


async def test_the_index_answers_and_not_a_look_at_every_name(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(
            text(
                "INSERT INTO contact (first_name, last_name, created_at, status, created_source)"
                " SELECT 'Person ' || md5(n::text), md5((n * 7)::text), now(), 'closed', 'user' FROM generate_series(1, 3000) AS n"
            )
        )
    url = world.installation.settings.database_url
    assert url is not None
    async with owner_of(url.get_secret_value()) as connection:
        await connection.execute(text("ANALYZE store.contact, store.contact_words"))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        statement = select(col(Contact.id)).where(await named(db, "c4ca4238"))
        assert len((await db.execute(statement)).all()) == 1
        written = str(statement.compile(dialect=(await db.connection()).dialect, compile_kwargs={"literal_binds": True}))
        plan = "\n".join((await db.execute(text("EXPLAIN " + written.replace(":", "\\:")))).scalars())
    assert "contact_words_grams_idx" in plan, plan
