"""Set a new password: with the old one, or by a link to the account's address."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from ismessenger.accounts import letters
from ismessenger.accounts.links import LinkRefused, find_link, forget_links, new_link, use_link
from ismessenger.accounts.passwords import PasswordRefused, check_password, hash_password, verify_password
from ismessenger.accounts.sign_in import sign_out_everywhere
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account

RESET_PAGE = "/password-resets/new"


class PasswordWrong(ValueError):
    """The password that was typed is not the account's."""


async def confirm_password(account: Account, password: str) -> None:
    """See that it is its owner who asks. Raises `PasswordWrong`."""
    if not await verify_password(account.password_hash, password):
        raise PasswordWrong(gettext("This is not your password."))


async def change_password(installation: Installation, account: Account, *, old: str, new: str, session: bytes) -> None:
    """Set a new one; all other sessions than ``session`` end. Raises `PasswordWrong`, `PasswordRefused`."""
    await confirm_password(account, old)
    check_password(new, account.name, account.email)
    if new == old:
        raise PasswordRefused(gettext("This is the password that you have already."))
    hashed = await hash_password(new)
    async with installation.tenancy.catalog() as catalog:
        row = await catalog.get_one(Account, account.id)
        row.password_hash = hashed
        await forget_links(catalog, row.id, "reset_password", "change_email")
        await letters.send(catalog, row.email, letters.PASSWORD_CHANGED, reset=installation.settings.address + RESET_PAGE)
    await sign_out_everywhere(installation, account.id, but=session)


async def account_with(installation: Installation, email: str) -> Account | None:
    """The account with this address. Whoever asks for it must not learn whether there is one."""
    async with installation.tenancy.catalog() as catalog:
        return (await catalog.execute(select(Account).where(Account.email == email.strip().lower()))).scalar_one_or_none()


async def ask_to_reset(installation: Installation, account: Account) -> None:
    """Send the link to the account's address."""
    async with installation.tenancy.catalog() as catalog:
        await letters.send(catalog, account.email, letters.RESET_PASSWORD, link=_reset_link(installation, catalog, account))


async def reset_by_hand(installation: Installation, email: str) -> str:
    """A link for the operator to hand over to somebody who gets no letters. Raises `LinkRefused`."""
    account = await account_with(installation, email)
    if account is None:
        raise LinkRefused(gettext("There is no account with the address %(email)s.") % {"email": repr(email)})
    async with installation.tenancy.catalog() as catalog:
        return _reset_link(installation, catalog, account)


def _reset_link(installation: Installation, catalog: AsyncSession, account: Account) -> str:
    return f"{installation.settings.address}/password-resets/{new_link(catalog, account.id, 'reset_password', account.email)}"


async def reset_password(installation: Installation, token: str, new: str) -> None:
    """Set the password of the link's account and end all its sessions. Raises `LinkRefused`, `PasswordRefused`."""
    link = await find_link(installation, token, "reset_password")
    async with installation.tenancy.catalog() as catalog:
        account = await catalog.get_one(Account, link.account_id)
    check_password(new, account.name, account.email)
    hashed = await hash_password(new)
    async with installation.tenancy.catalog() as catalog:
        link = await use_link(catalog, token, "reset_password")
        account = await catalog.get_one(Account, link.account_id)
        if account.email != link.email:
            raise LinkRefused(gettext("Your account has another e-mail address by now."))
        account.password_hash = hashed
        account.email_verified_at = account.email_verified_at or now()  # the link came to it
        await forget_links(catalog, account.id, "reset_password", "change_email")
        await letters.send(catalog, account.email, letters.PASSWORD_CHANGED, reset=installation.settings.address + RESET_PAGE)
    await sign_out_everywhere(installation, account.id)
