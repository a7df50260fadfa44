"""Names and messages of the version before are found by either spelling as soon as a home is migrated."""

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from alembic import command
from ismessenger.installation import Installation
from ismessenger.settings import Settings
from ismessenger.tenancy import refold
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.migrate import SCRIPTS, migrate
from tests.tenancy.test_migrations import new_database, owner_of

FOLDING = "0008"
NAMES = ("Łukasz", "José", "Ada", "Zoë", "李雷", "Ørsted", "Bo")
FOLDED = ["lukasz", "jose", "ada", "zoe", "李雷", "orsted", "bo"]
PEOPLE = (
    "INSERT INTO store.contact (workspace_id, first_name, status, created_at, created_source)"
    " SELECT 1 + at % 2, name, 'closed', now(), 'user' FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS n(name, at)"
)
CHANNEL = (
    "INSERT INTO store.channel (workspace_id, kind, name, route, config, secrets, status, created_at)"
    " VALUES (1, 'custom_channel', 'Shop', 'r', '{}', '', 'ok', now())"
)
MESSAGES = (
    "INSERT INTO store.message (workspace_id, contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at,"
    " created_at) SELECT 1, contact.id, channel.id, 'incoming', 'text', '{}', 'Grüße von ' || first_name, 'contact', 'received', '{}',"
    " now(), now() FROM store.contact, store.channel WHERE contact.workspace_id = 1"
)
KEPT = "SELECT words FROM store.contact_words ORDER BY contact_id"
PIECES = "SELECT count(*) FROM store.contact_words WHERE grams <> store.contact_grams(workspace_id, words)"
FOUND = (
    "SELECT count(*) FROM store.message"
    " WHERE words <> '' AND store.search_lexemes(workspace_id, id, words) @@ CAST('''1:0:grusse''' AS tsquery)"
)
ORDERS = (
    "SELECT obj_description('store.contact_words'::regclass), obj_description('store.message_search_idx'::regclass),"
    " obj_description('store.comment_search_idx'::regclass)"
)


def up_to_before(connection: Connection) -> None:
    """All migrations of a home but the one that folds and those behind it."""
    connection.execute(text("CREATE SCHEMA store"))
    connection.execute(text("SET LOCAL search_path = store"))
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS / "workspace"))
    config.attributes["connection"] = connection
    before = ScriptDirectory.from_config(config).get_revision(FOLDING).down_revision
    assert isinstance(before, str)
    command.upgrade(config, before)


@pytest.fixture
async def old(servers: Settings, installation: Installation) -> str:
    """A home of the version before in which there are people and messages."""
    assert servers.database_url is not None
    url = await new_database(servers.database_url.get_secret_value())
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(up_to_before)
        await connection.execute(text(PEOPLE), {"names": list(NAMES)})
        await connection.execute(text(CHANNEL))
        await connection.execute(text(MESSAGES))
    await engine.dispose()
    return url


async def names(connection: AsyncConnection) -> list[str]:
    return list((await connection.execute(text(KEPT))).scalars())


async def by_the_index(connection: AsyncConnection) -> int:
    await connection.execute(text("SET enable_seqscan = off"))
    plan = "\n".join((await connection.execute(text(f"EXPLAIN {FOUND}"))).scalars())
    assert "message_search_idx" in plan, plan
    return int((await connection.execute(text(FOUND))).scalar_one())


@pytest.mark.behaviour(403)
async def test_what_was_there_before_is_folded_by_migrating(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refold, "SLICE", 2)
    async with owner_of(old) as connection:
        assert await names(connection) == [name.lower() for name in NAMES]
    await migrate({DEFAULT_HOME: old})
    async with owner_of(old) as connection:
        assert await names(connection) == FOLDED
        assert (await connection.execute(text(PIECES))).scalar_one() == 0
        assert await by_the_index(connection) == len(NAMES) // 2
        assert (await connection.execute(text(ORDERS))).one() == (None, None, None)


@pytest.mark.behaviour(403)
async def test_folding_goes_on_where_a_crash_left_it(old: str) -> None:
    await migrate({DEFAULT_HOME: old})
    async with owner_of(old) as connection:
        await connection.execute(text("UPDATE store.contact_words SET words = 'José'"))
        place = (await connection.execute(text("SELECT max(id) FROM store.contact_words WHERE workspace_id = 1"))).scalar_one()
        await connection.execute(text(f"COMMENT ON TABLE store.contact_words IS 'to fold behind 1 {place}'"))
        await connection.execute(text("COMMENT ON INDEX store.message_search_idx IS 'to make again'"))
        await connection.execute(text("CREATE INDEX message_search_idx_ccnew ON store.message (words)"))
    await migrate({DEFAULT_HOME: old})
    async with owner_of(old) as connection:
        rows = (await connection.execute(text("SELECT DISTINCT workspace_id, words FROM store.contact_words ORDER BY 1"))).all()
        assert [tuple(row) for row in rows] == [(1, "José"), (2, "jose")]
        assert (await connection.execute(text("SELECT to_regclass('store.message_search_idx_ccnew')"))).scalar_one() is None
        assert (await connection.execute(text(ORDERS))).one() == (None, None, None)


async def test_a_new_home_has_nothing_to_fold(servers: Settings, installation: Installation) -> None:
    assert servers.database_url is not None
    url = await new_database(servers.database_url.get_secret_value())
    await migrate({DEFAULT_HOME: url})
    async with owner_of(url) as connection:
        assert (await connection.execute(text(ORDERS))).one() == (None, None, None)
