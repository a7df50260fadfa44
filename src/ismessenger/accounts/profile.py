"""What a person says about themselves: name, picture, language, time zone. Each workspace's member row repeats it."""

from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.accounts.join import check_name
from ismessenger.files.pictures import keep_picture
from ismessenger.files.store import FileMissing, StoreUnavailable
from ismessenger.installation import Installation
from ismessenger.kit.zones import is_zone
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, Membership
from ismessenger.tenancy.doors import WorkspaceNotFound

_REPEAT = text(
    "UPDATE member SET name = :name, email = :email, picture = :picture WHERE account_id = :account_id"
    " AND (name, email, picture) IS DISTINCT FROM (:name, :email, :picture)"
)


class ProfileRefused(ValueError):
    """This cannot be in a profile; the text says why."""


async def change_profile(installation: Installation, account_id: int, *, name: str, language: str, timezone: str) -> None:
    """Keep them; an empty language or time zone is the browser's. Raises `MemberRefused`, `ProfileRefused`."""
    name = check_name(name)
    if timezone and not is_zone(timezone):
        raise ProfileRefused(gettext("There is no such time zone."))
    async with installation.tenancy.catalog() as catalog:
        account = await catalog.get_one(Account, account_id)
        account.name, account.language, account.timezone = name, language, timezone
    await repeat_in_workspaces(installation, account)


async def change_picture(installation: Installation, account_id: int, content: bytes) -> None:
    """Keep a picture, by what its bytes are. Raises `PictureRefused`, `StoreUnavailable`."""
    await _put_picture(installation, account_id, await keep_picture(installation.files, f"accounts/{account_id}", content))


async def remove_picture(installation: Installation, account_id: int) -> None:
    """Go back to initials."""
    await _put_picture(installation, account_id, "")


async def _put_picture(installation: Installation, account_id: int, key: str) -> None:
    async with installation.tenancy.catalog() as catalog:
        account = await catalog.get_one(Account, account_id, with_for_update=True)
        before, account.picture = account.picture, key
    await repeat_in_workspaces(installation, account)
    if before:
        try:
            await installation.files.delete(before)
        except (FileMissing, StoreUnavailable):
            return  # nothing points to it any more


async def repeat_in_workspaces(installation: Installation, account: Account) -> None:
    """Bring name, e-mail and picture of the person's member rows in step. Repeating it is harmless."""
    places = select(col(Membership.workspace_id)).where(col(Membership.account_id) == account.id)
    async with installation.tenancy.catalog() as catalog:
        workspace_ids = list((await catalog.execute(places)).scalars())
    values = {"account_id": account.id, "name": account.name, "email": account.email, "picture": account.picture}
    for workspace_id in workspace_ids:
        try:
            async with installation.tenancy.workspace(workspace_id) as db:
                await db.execute(_REPEAT, values)
        except WorkspaceNotFound:
            continue  # it was deleted meanwhile
