"""What `up` says about the demo shop."""

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.migrate import migrate
from ismessenger.up import demo_lines
from tests.conftest import _create_database, urls_of

PREPARING = "Preparing the demo shop\n"


@pytest.fixture
async def empty(servers: Settings) -> Settings:
    """Settings that name a migrated database without any workspace."""
    url = urls_of(servers)[DEFAULT_HOME]
    await _create_database(url, "demo_said")
    own = make_url(url).set(database="demo_said").render_as_string(hide_password=False)
    await migrate({DEFAULT_HOME: own})
    return servers.model_copy(update={"database_url": SecretStr(own), "homes": {}})


async def test_up_says_that_it_makes_the_demo_shop_only_when_it_makes_it(empty: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    made = await demo_lines(empty)
    assert capsys.readouterr().out == PREPARING
    assert await demo_lines(empty) == made
    assert capsys.readouterr().out == ""
