"""What an operator does for somebody who cannot get in."""

import pytest
from sqlalchemy import text

from ismessenger.accounts.change_password import account_with, reset_by_hand, reset_password
from ismessenger.accounts.links import LinkRefused
from ismessenger.accounts.sign_in import check_credentials
from ismessenger.accounts.totp import take_off
from ismessenger.installation import Installation
from tests.conftest import World

NEW = "violet ladder marmalade"


async def test_a_link_made_by_hand_sets_a_password_and_writes_no_letter(installation: Installation, world: World) -> None:
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(text("DELETE FROM catalog.letter"))
    link = await reset_by_hand(installation, world.agent.email)
    async with installation.tenancy.catalog() as catalog:
        assert (await catalog.execute(text("SELECT count(*) FROM catalog.letter"))).scalar_one() == 0
    await reset_password(installation, link.rpartition("/")[2], NEW)
    assert (await check_credentials(installation, email=world.agent.email, password=NEW)).id == world.agent.account_id
    with pytest.raises(LinkRefused):
        await reset_by_hand(installation, "nobody@example.com")


async def test_the_second_factor_is_taken_off_by_hand(installation: Installation, world: World) -> None:
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(text("UPDATE catalog.account SET totp_enabled_at = now() WHERE id = :id"), {"id": world.agent.account_id})
    account = await account_with(installation, world.agent.email)
    assert account is not None
    await take_off(installation, account)
    found = await account_with(installation, world.agent.email)
    assert found is not None
    assert found.totp_enabled_at is None
