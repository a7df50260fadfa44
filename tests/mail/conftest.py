"""Letters of the tests: the mail server, the worker's lane, and what the catalog knows of them."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from ismessenger.installation import Installation
from tests.mail.post_office import PostOffice, post_office


@pytest.fixture
async def office(installation: Installation) -> AsyncIterator[PostOffice]:
    """A mail server that the installation sends by."""
    async with post_office() as office:
        installation.settings.smtp_url = SecretStr(f"smtp://127.0.0.1:{office.port}")
        yield office
        installation.settings.smtp_url = None


@pytest.fixture(autouse=True)
async def no_letters(installation: Installation) -> None:
    """Take away what earlier tests wrote."""
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(text("DELETE FROM catalog.letter"))


@pytest.fixture
def no_mail_server(installation: Installation) -> None:
    assert installation.settings.smtp_url is None
