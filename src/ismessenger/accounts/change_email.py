"""Change the e-mail address of an account, once its new mailbox confirms it."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from ismessenger.accounts import letters
from ismessenger.accounts.change_password import RESET_PAGE, confirm_password
from ismessenger.accounts.join import MemberRefused, check_email
from ismessenger.accounts.links import LinkRefused, forget_links, new_link, use_link
from ismessenger.accounts.profile import repeat_in_workspaces
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account


async def ask_to_change_email(installation: Installation, account: Account, *, password: str, email: str) -> None:
    """Send the link to the new address and a notice to the one in use. Raises `PasswordWrong`, `MemberRefused`.

    An address that has another account gets a letter that says so: whoever asked does not learn it.
    """
    await confirm_password(account, password)
    email, home = check_email(email), installation.settings.address
    if email == account.email:
        raise MemberRefused(gettext("This is the address that you have already."))
    async with installation.tenancy.catalog() as catalog:
        await forget_links(catalog, account.id, "change_email")
        if (await catalog.execute(select(Account.id).where(Account.email == email))).first() is None:
            token = new_link(catalog, account.id, "change_email", email)
            await letters.send(catalog, email, letters.CHANGE_EMAIL, link=f"{home}/email-changes/{token}")
        else:
            await letters.send(catalog, email, letters.EMAIL_IS_TAKEN, sign_in=f"{home}/session/new")
        await letters.send(catalog, account.email, letters.EMAIL_WILL_CHANGE, email=email, reset=home + RESET_PAGE)


async def change_email(installation: Installation, token: str) -> None:
    """The link's account has the address that the link was sent to. Raises `LinkRefused`."""
    try:
        async with installation.tenancy.catalog() as catalog:
            link = await use_link(catalog, token, "change_email")
            account = await catalog.get_one(Account, link.account_id)
            await letters.send(catalog, account.email, letters.EMAIL_CHANGED, email=link.email)
            account.email, account.email_verified_at = link.email, now()
            await forget_links(catalog, account.id, "change_email", "verify_email", "reset_password")
            await catalog.flush()
    except IntegrityError as error:
        raise LinkRefused(gettext("Another account has this e-mail address by now.")) from error
    await repeat_in_workspaces(installation, account)
