"""Installations where anybody may sign up, and one where nobody is yet."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from ismessenger.installation import Installation, open_installation
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.migrate import migrate
from ismessenger.web.app import create_app_for


@pytest.fixture
def everybody_may_sign_up(installation: Installation) -> Iterator[None]:
    installation.settings.sign_up = "open"
    yield
    installation.settings.sign_up = "first"


@pytest.fixture
async def deserted(installation: Installation) -> AsyncIterator[Starlette]:
    """The application of an installation without any account."""
    assert installation.settings.database_url is not None
    url = installation.settings.database_url.get_secret_value()
    alone = make_url(url).set(database="deserted").render_as_string(hide_password=False)
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("CREATE DATABASE deserted"))
    try:
        own = type(installation.settings)(**installation.settings.model_dump() | {"database_url": alone, "homes": {}}, _env_file=None)
        await migrate({DEFAULT_HOME: alone})
        async with open_installation(own) as opened:
            application = create_app_for(opened)
            async with application.router.lifespan_context(application):
                yield application
    finally:
        async with engine.connect() as connection:
            await connection.execute(text("DROP DATABASE deserted WITH (FORCE)"))
        await engine.dispose()
