"""Folds names and words that an earlier version of the search wrote: beside running processes, in slices, and again after a crash.

Migrations leave the order for it in the comments of a table and of indexes (alembic/workspace/versions/0008_folding.py).
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

SLICE = 5_000
"""So many contacts are folded in one transaction."""

_ORDERS = text(
    "SELECT obj_description(to_regclass('store.contact_words'), 'pg_class'),"
    " ARRAY(SELECT name FROM unnest(ARRAY['message_search_idx', 'comment_search_idx']) AS name"
    " WHERE obj_description(to_regclass('store.' || name), 'pg_class') = 'to make again')"
)
_LAST = text(
    "SELECT workspace_id, id FROM store.contact_words WHERE (workspace_id, id) > (:workspace_id, :id)"
    " ORDER BY workspace_id, id OFFSET :slice - 1 LIMIT 1"
)
_FOLD = (
    "UPDATE store.contact_words SET words = store.search_fold(words),"
    " grams = store.contact_grams(workspace_id, store.search_fold(words))"
    " WHERE (workspace_id, id) > (:workspace_id, :id) AND octet_length(words) <> length(words) AND words <> store.search_fold(words)"
)
_LEFT_OVER = text("SELECT relname FROM pg_class WHERE relnamespace = 'store'::regnamespace AND relname ~ ('^' || :index || '_ccnew')")


async def refold(engine: AsyncEngine) -> None:
    """Do what migrations ordered, if they did. Another process that is at it is left alone."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        marked, indexes = (await connection.execute(_ORDERS)).one()
        if marked is None and not indexes:
            return
        # Not waited for: who waits holds up the making of an index.
        if not (await connection.execute(text("SELECT pg_try_advisory_lock(hashtext('ismessenger refold'))"))).scalar_one():
            return
        for index in indexes:
            await _make_again(connection, index)
        if marked is not None:
            await _fold_names(engine, str(marked))


async def _make_again(connection: AsyncConnection, index: str) -> None:
    for name in (await connection.execute(_LEFT_OVER, {"index": index})).scalars().all():
        await connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS store.{name}"))
    await connection.execute(text(f"REINDEX INDEX CONCURRENTLY store.{index}"))
    await connection.execute(text(f"COMMENT ON INDEX store.{index} IS NULL"))


async def _fold_names(engine: AsyncEngine, marked: str) -> None:
    workspace_id, id_ = map(int, marked.split()[-2:])
    async with engine.begin() as connection:
        # Who began to write before the migration ended wrote as before: their end is waited for.
        await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        await connection.execute(text("LOCK TABLE store.contact_words IN SHARE ROW EXCLUSIVE MODE"))
    while True:
        async with engine.begin() as connection:
            values = {"workspace_id": workspace_id, "id": id_}
            last = (await connection.execute(_LAST, {**values, "slice": SLICE})).one_or_none()
            if last is None:
                await connection.execute(text(_FOLD), values)
                await connection.execute(text("COMMENT ON TABLE store.contact_words IS NULL"))
                return
            upto = {"last_workspace_id": last.workspace_id, "last_id": last.id}
            await connection.execute(text(f"{_FOLD} AND (workspace_id, id) <= (:last_workspace_id, :last_id)"), values | upto)
            workspace_id, id_ = last.workspace_id, last.id
            await connection.execute(text(f"COMMENT ON TABLE store.contact_words IS 'to fold behind {workspace_id} {id_}'"))
