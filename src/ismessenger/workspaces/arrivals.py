"""People who come along with an archive: they are known by their e-mail, and bring no password."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from ismessenger.accounts.join import ROLES, MemberRefused, add_to_workspace, check_email, check_name
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Account, Membership
from ismessenger.workspaces.transfer import Row, TransferRefused

MAX_PEOPLE = 10_000


@dataclass
class Arrivals:
    """Who an archive's members are here. ``made`` are the accounts that were new: address to number."""

    accounts: dict[str, Account] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    entering: list[tuple[str, int]] = field(default_factory=list)

    def place_of(self, row: Row) -> Row:
        """What a member's row says here. Who was removed has no account, but a number that nobody has."""
        account = self.accounts.get(_email(row)) if row.get("removed_at") is None else None
        if account is None:
            return {"account_id": -row["id"], "picture": ""}
        return {"account_id": account.id, "picture": account.picture, "email": account.email}


async def meet_people(installation: Installation, rows: Iterable[Row], arrivals: Arrivals) -> None:
    """Find or make the account of every member who was not removed. A new one has no password: its owner resets it by mail."""
    for row in rows:
        if row.get("removed_at") is not None:
            continue
        email = _email(row)
        if row.get("role") not in ROLES or email in arrivals.accounts or len(arrivals.accounts) >= MAX_PEOPLE:
            raise TransferRefused(f"Member {row.get('id')} of the archive has no fitting role or e-mail, or there are too many.")
        async with installation.tenancy.catalog() as catalog:
            values = {"email": email, "name": _name(row), "password_hash": "", "created_at": now()}
            new = insert(Account).values(**values).on_conflict_do_nothing(index_elements=["email"]).returning(col(Account.id))
            made = (await catalog.execute(new)).scalar_one_or_none()
            arrivals.accounts[email] = (await catalog.execute(select(Account).where(Account.email == email))).scalar_one()
        if made is not None:
            arrivals.made[email] = made
        arrivals.entering.append((str(row["role"]), arrivals.accounts[email].id))


async def let_in(catalog: AsyncSession, arrivals: Arrivals, workspace_id: int) -> None:
    """Owners first: the first to come leads the organization."""
    for _role, account_id in sorted(arrivals.entering, key=lambda entering: ROLES.index(entering[0])):
        await add_to_workspace(catalog, account_id, workspace_id)


async def forget_arrivals(catalog: AsyncSession, arrivals: Arrivals) -> None:
    """Take away the accounts that were made, unless somebody found another use for them meanwhile."""
    used = select(col(Membership.account_id)).where(col(Membership.account_id).in_(arrivals.made.values()))
    kept = set((await catalog.execute(used)).scalars())
    unused = [id_ for id_ in arrivals.made.values() if id_ not in kept]
    await catalog.execute(delete(Account).where(col(Account.id).in_(unused)))


def _email(row: Row) -> str:
    try:
        return check_email(str(row.get("email")))
    except MemberRefused as error:
        raise TransferRefused(f"Member {row.get('id')} of the archive: {error}") from error


def _name(row: Row) -> str:
    try:
        return check_name(str(row.get("name")))
    except MemberRefused as error:
        raise TransferRefused(f"Member {row.get('id')} of the archive: {error}") from error
