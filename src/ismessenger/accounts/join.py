"""Give a person a place in a workspace, with an account to sign in with."""

import re
from typing import Final

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from ismessenger.accounts.model import Member
from ismessenger.accounts.passwords import PasswordRefused, check_password, hash_password
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, Membership, OrganizationMember, Workspace

ROLES = ("owner", "manager", "agent")
MAX_EMAIL = 254
MAX_NAME = 100
# What a quoted name could hold besides is used by nobody, and would mean something else in the header of a letter.
_EMAIL: Final = re.compile(r"""[^\s@,;:<>()\[\]"\\\ufffd]+@[^\s@,;:<>()\[\]"\\\ufffd]+""")


class MemberRefused(ValueError):
    """The person cannot join; the text says why."""


async def join_workspace(installation: Installation, workspace_id: int, *, email: str, password: str, name: str, role: str) -> Member:
    """Add a member; an account with this e-mail is used as it is, its password unchanged. Raises `MemberRefused`."""
    email = email.strip().lower()
    check_newcomer(email=email, password=password, name=name, role=role)
    account_id = await _account(installation, workspace_id, email, password, name)
    async with installation.tenancy.workspace(workspace_id) as db:
        statement = insert(Member).values(
            workspace_id=workspace_id, account_id=account_id, name=name, email=email, role=role, restrictions=[], created_at=now()
        )
        await db.execute(statement.on_conflict_do_nothing(index_elements=["workspace_id", "account_id"]))
        return (await db.execute(select(Member).where(Member.account_id == account_id))).scalar_one()


def check_newcomer(*, email: str, password: str, name: str, role: str) -> None:
    """Whether somebody could join with these. Raises `MemberRefused`."""
    if role not in ROLES:
        raise MemberRefused(gettext("A role is one of %(roles)s.") % {"roles": ", ".join(ROLES)})
    check_person(email=email, password=password, name=name)


def check_person(*, email: str, password: str, name: str) -> None:
    """Whether somebody could have an account with these. Raises `MemberRefused`."""
    check_email(email)
    check_name(name)
    try:
        check_password(password, name, email)
    except PasswordRefused as error:
        raise MemberRefused(str(error)) from error


def check_email(email: str) -> str:
    """The address as it is stored. Raises `MemberRefused` if it is none."""
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > MAX_EMAIL or not email.isprintable():
        raise MemberRefused(gettext("%(email)s is not an e-mail address.") % {"email": repr(email)})
    return email


def check_name(name: str) -> str:
    """A person's name as it is stored. Raises `MemberRefused` if it is empty, too long or no text."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise MemberRefused(gettext("A person needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    return name


async def _account(installation: Installation, workspace_id: int, email: str, password: str, name: str) -> int:
    find = select(Account.id).where(Account.email == email)
    async with installation.tenancy.catalog() as catalog:
        account_id = (await catalog.execute(find)).scalar_one_or_none()
    hashed = await hash_password(password) if account_id is None else ""
    async with installation.tenancy.catalog() as catalog:
        if account_id is None:
            # Whoever adds people by hand answers for their addresses.
            new = insert(Account).values(email=email, name=name, password_hash=hashed, created_at=now(), email_verified_at=now())
            await catalog.execute(new.on_conflict_do_nothing(index_elements=["email"]))
            account_id = (await catalog.execute(find)).scalar_one()
        await add_to_workspace(catalog, account_id, workspace_id)
    return account_id


async def add_to_workspace(catalog: AsyncSession, account_id: int, workspace_id: int) -> None:
    """Let an account enter a workspace. It becomes a member of its organization too, the first one its admin."""
    place = insert(Membership).values(account_id=account_id, workspace_id=workspace_id)
    await catalog.execute(place.on_conflict_do_nothing())
    workspace = await catalog.get_one(Workspace, workspace_id)
    somebody = select(OrganizationMember.account_id).where(OrganizationMember.organization_id == workspace.organization_id).limit(1)
    role = "admin" if (await catalog.execute(somebody)).first() is None else "member"
    belongs = insert(OrganizationMember).values(
        organization_id=workspace.organization_id, account_id=account_id, role=role, created_at=now()
    )
    await catalog.execute(belongs.on_conflict_do_nothing())
