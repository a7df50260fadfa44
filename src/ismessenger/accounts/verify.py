"""Confirm the e-mail address of an account by a link that was sent to it."""

from ismessenger.accounts import letters
from ismessenger.accounts.links import LinkRefused, forget_links, new_link, use_link
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account


async def ask_to_verify(installation: Installation, account_id: int) -> None:
    """Send the link; nothing happens where the address is confirmed."""
    async with installation.tenancy.catalog() as catalog:
        account = await catalog.get_one(Account, account_id)
        if account.email_verified_at is None:
            token = new_link(catalog, account.id, "verify_email", account.email)
            await letters.send(catalog, account.email, letters.VERIFY_EMAIL, link=f"{installation.settings.address}/verification/{token}")


async def verify_email(installation: Installation, token: str) -> None:
    """The link's account has its address confirmed. Raises `LinkRefused`."""
    async with installation.tenancy.catalog() as catalog:
        link = await use_link(catalog, token, "verify_email")
        account = await catalog.get_one(Account, link.account_id)
        if account.email != link.email:
            raise LinkRefused(gettext("Your account has another e-mail address by now."))
        account.email_verified_at = account.email_verified_at or now()
        await forget_links(catalog, account.id, "verify_email")
