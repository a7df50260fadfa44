"""The owner's connection to a home, past the views: for what concerns a whole database and no single workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

PATIENCE_S = 10


@asynccontextmanager
async def owner(url: str) -> AsyncIterator[AsyncConnection]:
    """One transaction of the role that owns the tables; it commits when the block ends well."""
    engine = create_async_engine(url, connect_args={"timeout": PATIENCE_S})
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()
