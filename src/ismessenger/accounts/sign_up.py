"""Give a person an account, and with a sign-up an organization and a first workspace too."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from ismessenger.accounts import letters
from ismessenger.accounts.change_password import RESET_PAGE
from ismessenger.accounts.join import MemberRefused, check_email, check_name, check_person
from ismessenger.accounts.links import LinkRefused, new_link
from ismessenger.accounts.passwords import hash_password, verify_password
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, Membership, SignUp
from ismessenger.workspaces.create import MAX_NAME, NAME_OF_ORGANIZATION, NAME_OF_WORKSPACE, WorkspaceRefused, add_workspace

LIFE = timedelta(days=1)

# The people of the demo shop live in a domain that nobody can have. Source: RFC 2606.
_ANYBODY = text("SELECT EXISTS (SELECT FROM catalog.account WHERE email NOT LIKE '%.example')")
_ONE_AFTER_THE_OTHER = text("SELECT pg_advisory_xact_lock(hashtext('the first account'))")


class SignUpClosed(PermissionError):
    """Nobody may sign up here, or not any more."""


class PasswordOfAnother(ValueError):
    """The password that was typed is not the one of the sign-up."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody signs up with."""

    name: str
    email: str
    password: str
    organization: str
    workspace: str


async def create_account(installation: Installation, *, email: str, name: str, password: str, verified: bool) -> Account:
    """A new account with this e-mail, which is ``verified`` where its owner followed a link to it. Raises `MemberRefused`.

    Of several who ask at the same instant one gets it.
    """
    check_person(email=email, password=password, name=name)
    hashed = await hash_password(password)
    async with installation.tenancy.catalog() as catalog:
        return await _add_account(catalog, email=email, name=name, password_hash=hashed, verified=verified)


async def may_sign_up(installation: Installation) -> bool:
    """Whether the form is open: to all, or because there is nobody yet. The demo's people are nobody."""
    match installation.settings.sign_up:
        case "open":
            return True
        case "first":
            async with installation.tenancy.catalog() as catalog:
                return not await _is_there_anybody(catalog)
        case _:
            return False


async def sign_up(installation: Installation, wish: Wish) -> Account | None:
    """The first person of an installation gets an account at once. Everybody else gets a letter, and ``None`` comes back.

    Who has an account already gets a letter too: from what is answered nobody learns which addresses exist.
    Raises `SignUpClosed`, `MemberRefused`, `WorkspaceRefused`.
    """
    check_wish(wish)
    if not await may_sign_up(installation):
        raise SignUpClosed(gettext("Nobody can sign up here. Ask somebody who works here to invite you."))
    hashed = await hash_password(wish.password)
    first = await _first_account(installation, wish, hashed)
    if first is not None:
        await add_workspace(installation, first, organization=wish.organization.strip(), name=wish.workspace.strip())
        return first
    if installation.settings.sign_up != "open":
        raise SignUpClosed(gettext("Somebody else was faster: ask them to invite you."))
    async with installation.tenancy.catalog() as catalog:
        await _answer_by_letter(installation, catalog, wish, hashed)
    return None


async def find_sign_up(installation: Installation, token: str) -> SignUp:
    """The sign-up that a link belongs to. Raises `LinkRefused`."""
    async with installation.tenancy.catalog() as catalog:
        found = (await catalog.execute(select(SignUp).where(SignUp.token_hash == digest(token)))).scalar_one_or_none()
    if found is None:
        raise LinkRefused(gettext("This link is not known. A newer letter may have replaced it, or part of the address is missing."))
    if found.used_at is not None:
        raise LinkRefused(gettext("This link was used already."))
    if found.expires_at <= now():
        raise LinkRefused(gettext("This link has expired."))
    return found


async def confirm_sign_up(installation: Installation, token: str, password: str) -> Account:
    """Make the account of a sign-up, its organization and workspace. Repeating it after a crash goes on where it stopped.

    The link proves the mailbox and the password who asked: nobody ends up with an account that somebody else knows the password of.
    Raises `LinkRefused`, `PasswordOfAnother`, `MemberRefused`.
    """
    asked = await find_sign_up(installation, token)
    if not await verify_password(asked.password_hash, password):
        raise PasswordOfAnother(gettext("This is not the password that you signed up with."))
    account = await _account_of(installation, asked)
    async with installation.tenancy.catalog() as catalog:
        has_place = (await catalog.execute(select(Membership.workspace_id).where(Membership.account_id == account.id))).first() is not None
    if not has_place:
        await add_workspace(installation, account, organization=asked.organization, name=asked.workspace)
    async with installation.tenancy.catalog() as catalog:
        (await catalog.get_one(SignUp, asked.token_hash)).used_at = now()
    return account


def check_wish(wish: Wish) -> None:
    """Whether somebody could sign up with this. Raises `MemberRefused`, `WorkspaceRefused`."""
    check_person(email=wish.email, password=wish.password, name=wish.name)
    for name, refusal in ((wish.organization, NAME_OF_ORGANIZATION), (wish.workspace, NAME_OF_WORKSPACE)):
        if not name.strip() or len(name.strip()) > MAX_NAME or not name.isprintable():
            raise WorkspaceRefused(gettext(refusal) % {"most": MAX_NAME})


async def _add_account(catalog: AsyncSession, *, email: str, name: str, password_hash: str, verified: bool) -> Account:
    values = {"email": check_email(email), "name": check_name(name), "password_hash": password_hash, "created_at": now()}
    new = insert(Account).values(**values, email_verified_at=now() if verified else None).on_conflict_do_nothing(index_elements=["email"])
    account_id = (await catalog.execute(new.returning(col(Account.id)))).scalar_one_or_none()
    if account_id is None:
        raise MemberRefused(gettext("There is an account with this e-mail address already: sign in with it."))
    return await catalog.get_one(Account, account_id)


async def _is_there_anybody(catalog: AsyncSession) -> bool:
    return bool((await catalog.execute(_ANYBODY)).scalar_one())


async def _first_account(installation: Installation, wish: Wish, password_hash: str) -> Account | None:
    """The account of whoever comes first; of several at once it is one."""
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(_ONE_AFTER_THE_OTHER)
        if await _is_there_anybody(catalog):
            return None
        account = await _add_account(catalog, email=wish.email, name=wish.name, password_hash=password_hash, verified=False)
        token = new_link(catalog, account.id, "verify_email", account.email)
        await letters.send(catalog, account.email, letters.VERIFY_EMAIL, link=f"{installation.settings.address}/verification/{token}")
    return account


async def _answer_by_letter(installation: Installation, catalog: AsyncSession, wish: Wish, password_hash: str) -> None:
    email, home = check_email(wish.email), installation.settings.address
    if (await catalog.execute(select(Account.id).where(Account.email == email))).first() is not None:
        await letters.send(catalog, email, letters.HAVE_ACCOUNT_ALREADY, sign_in=f"{home}/session/new", reset=home + RESET_PAGE)
        return
    token = new_token()
    catalog.add(
        SignUp(
            token_hash=digest(token),
            email=email,
            name=wish.name.strip(),
            password_hash=password_hash,
            organization=wish.organization.strip(),
            workspace=wish.workspace.strip(),
            expires_at=now() + LIFE,
        )
    )
    await letters.send(catalog, email, letters.CONFIRM_SIGN_UP, link=f"{home}/sign-up/{token}")


async def _account_of(installation: Installation, asked: SignUp) -> Account:
    async with installation.tenancy.catalog() as catalog:
        known = (await catalog.execute(select(Account).where(Account.email == asked.email))).scalar_one_or_none()
        # The same salted hash: this sign-up made it, and was interrupted.
        if known is not None and known.password_hash == asked.password_hash:
            return known
        return await _add_account(catalog, email=asked.email, name=asked.name, password_hash=asked.password_hash, verified=True)
