"""What arrived in somebody's mailbox."""

import re
from urllib.parse import urlsplit

from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.kit.ids import new_token
from ismessenger.tenancy.catalog import Letter


def somebody() -> str:
    """An address that nobody has yet."""
    return f"{new_token(6).lower()}@example.com"


async def letters_to(installation: Installation, email: str) -> list[Letter]:
    """The letters to an address, in their order."""
    async with installation.tenancy.catalog() as catalog:
        return list((await catalog.execute(select(Letter).where(col(Letter.to) == email).order_by(col(Letter.id)))).scalars())


async def link_to(installation: Installation, email: str) -> str:
    """The path of the link in the newest letter to an address."""
    letter = (await letters_to(installation, email))[-1]
    found = re.search(r"^https?://\S+$", letter.text, re.MULTILINE)
    assert found, letter.text
    assert found[0].startswith(installation.settings.address)
    return urlsplit(found[0]).path
