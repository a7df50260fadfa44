"""Open another workspace in a signed-in browser."""

from contextlib import suppress

from redis.exceptions import RedisError
from sqlalchemy import update
from sqlmodel import col, select

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import leave
from ismessenger.accounts.sign_in import Browser
from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Membership, SignInSession, Workspace


class VisitRefused(LookupError):
    """The person cannot enter this workspace; the text says why."""


async def visit_workspace(installation: Installation, browser: Browser, workspace_id: int) -> None:
    """All tabs of the browser go on in this workspace; those of the former one are told. Raises `VisitRefused`."""
    place = (
        select(Workspace)
        .join(Membership, col(Membership.workspace_id) == Workspace.id)
        .where(col(Workspace.id) == workspace_id, col(Membership.account_id) == browser.account.id, col(Workspace.ready_at).is_not(None))
    )
    async with installation.tenancy.catalog() as catalog:
        workspace = (await catalog.execute(place)).scalar_one_or_none()
    if workspace is None or not await _is_member(installation, workspace_id, browser.account.id):
        raise VisitRefused(gettext("You are not a member of this workspace. Ask one of its owners to invite you."))
    if workspace.deleted_at is not None:
        raise VisitRefused(gettext("This workspace was deleted. An admin of its organization can restore it."))
    async with installation.tenancy.catalog() as catalog:
        this = update(SignInSession).where(col(SignInSession.token_hash) == browser.token_hash)
        await catalog.execute(this.values(workspace_id=workspace_id))
    if browser.workspace is not None and browser.workspace.id != workspace_id:
        await _say_goodbye(installation, browser, browser.workspace.id)


async def _is_member(installation: Installation, workspace_id: int, account_id: int) -> bool:
    present = select(Member.id).where(col(Member.account_id) == account_id, col(Member.removed_at).is_(None))
    async with installation.tenancy.reading(workspace_id) as db:
        return (await db.execute(present)).first() is not None


async def _say_goodbye(installation: Installation, browser: Browser, former_id: int) -> None:
    # Without Redis the tabs learn it from the first thing they ask for.
    with suppress(RedisError, OSError):
        change = {"kind": "switched", "contact_id": 0, "session": browser.token_hash.hex()}
        await installation.publisher.send(former_id, [change])  # type: ignore[list-item]
    await leave(installation, former_id, browser.account.id)
