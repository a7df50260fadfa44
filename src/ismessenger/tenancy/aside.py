"""Puts all that a home holds aside while something else takes its place, so that a failure can bring it back."""

from sqlalchemy import text

from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.state import SCHEMAS

_SUFFIX = "_before_restore"
_THERE = text("SELECT nspname FROM pg_namespace WHERE nspname = ANY(:names)")


class HomeOccupied(RuntimeError):
    """A home that was put aside before was neither brought back nor dropped."""


async def put_aside(url: str) -> None:
    """Rename the schemas of a home. Raises `HomeOccupied`."""
    async with owner(url) as connection:
        wanted = [schema + _SUFFIX for schema in SCHEMAS]
        if (await connection.execute(_THERE, {"names": wanted})).first():
            raise HomeOccupied(
                f"An earlier restore did not come to its end: the former data lie in the schemas named …{_SUFFIX}."
                " Run `ismessenger restore --undo` to have them again."
            )
        await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        for schema in (await connection.execute(_THERE, {"names": list(SCHEMAS)})).scalars().all():
            await connection.execute(text(f'ALTER SCHEMA "{schema}" RENAME TO "{schema}{_SUFFIX}"'))


async def bring_back(url: str) -> bool:
    """Give a home what was put aside, in place of what it holds now. False where nothing was."""
    async with owner(url) as connection:
        names = [schema + _SUFFIX for schema in SCHEMAS]
        kept = (await connection.execute(_THERE, {"names": names})).scalars().all()
        for schema in SCHEMAS:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        for schema in kept:
            await connection.execute(text(f'ALTER SCHEMA "{schema}" RENAME TO "{schema.removesuffix(_SUFFIX)}"'))
        return bool(kept)


async def drop_aside(url: str) -> None:
    """Delete what was put aside."""
    async with owner(url) as connection:
        for schema in reversed(SCHEMAS):
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema}{_SUFFIX} CASCADE"))
