"""Write one workspace into a file that any installation can take in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import orjson
from sqlalchemy import text

from ismessenger.files.store import FileMissing
from ismessenger.installation import Installation
from ismessenger.kit.bundle import BundleWriter
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SealBroken
from ismessenger.kit.passphrase import MIN_LENGTH, lock
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import ReadSession, workspace_key
from ismessenger.tenancy.migrate import known_revisions
from ismessenger.workspaces.transfer import FILES, HIDDEN, KIND, About, TransferRefused, tables

ROWS_AT_ONCE = 50


_SEALED = text(
    "SELECT name, CAST(id AS text), 'channel/' || route, secrets FROM channel"
    " UNION ALL SELECT name, 'connection/' || id, 'connection/' || id, secrets FROM connection WHERE secrets IS NOT NULL"
    " UNION ALL SELECT name, 'workflow_secret/' || id, 'secret/' || id, value FROM workflow_secret"
)


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in the file. ``unopened`` names channels, connections and secrets that could not be read and are not in it."""

    size_bytes: int
    files: int
    unopened: list[str]


async def export_workspace(installation: Installation, workspace: Workspace, path: Path, passphrase: str | None) -> Exported:
    """All rows as they are at one moment, then the files. Without a passphrase credentials stay behind. Raises `TransferRefused`."""
    if passphrase is not None and len(passphrase) < MIN_LENGTH:
        raise TransferRefused(f"A passphrase needs at least {MIN_LENGTH} characters.")
    try:
        async with installation.tenancy.reading(workspace.id, snapshot=True) as db:
            about = await _about(installation, workspace)
            with BundleWriter(path, KIND, about.model_dump()) as bundle:
                for table in tables():
                    await bundle.stream(f"table-{table}", _rows(db, table))
                secrets, unopened = await _secrets(installation, db) if passphrase is not None else ({}, [])
                files = await _copy_files(installation, bundle, workspace.id)
                manifest = bundle.manifest()
                box = lock(orjson.dumps(secrets), passphrase, manifest) if passphrase is not None else None
                return Exported(bundle.finish(manifest, box), files, unopened)
    except OSError as error:
        raise TransferRefused(f"{path} cannot be written: {error.strerror or error}.") from error


async def _about(installation: Installation, workspace: Workspace) -> About:
    async with installation.tenancy.catalog() as catalog:
        routes = text("SELECT channel_id, account FROM catalog.channel_route WHERE workspace_id = :id AND account IS NOT NULL")
        accounts = {str(row.channel_id): row.account for row in await catalog.execute(routes, {"id": workspace.id})}
    return About(
        version=version("ismessenger"),
        taken_at=now().isoformat(),
        workspace_id=workspace.id,
        name=workspace.name,
        timezone=workspace.timezone,
        revision=known_revisions("store")[0],
        accounts=accounts,
    )


async def _rows(db: ReadSession, table: str) -> AsyncIterator[bytes]:
    left = f" - '{HIDDEN[table]}'" if table in HIDDEN else ""
    statement = text(f"SELECT CAST(to_jsonb(t) - 'workspace_id'{left} AS text) FROM {table} t ORDER BY id")  # noqa: S608 - a table of ours
    found = await db.stream(statement, execution_options={"yield_per": ROWS_AT_ONCE})
    async for (row,) in found:
        yield row.encode() + b"\n"


async def _secrets(installation: Installation, db: ReadSession) -> tuple[dict[str, object], list[str]]:
    """What was sealed, by where it belongs, and the names of what no key opens."""
    opened: dict[str, object] = {}
    unopened = []
    for name, place, context, sealed in (await db.execute(_SEALED)).all():
        try:
            plain = installation.vault.open(sealed, context)
        except SealBroken:
            unopened.append(name)
        else:
            opened[place] = plain.decode() if place.startswith("workflow_secret/") else orjson.loads(plain)
    return opened, unopened


async def _copy_files(installation: Installation, bundle: BundleWriter, workspace_id: int) -> int:
    count = 0
    async for key in installation.files.listed(workspace_key(workspace_id)):
        try:
            size = await installation.files.size(key)
        except FileMissing:
            continue  # deleted since it was listed
        await bundle.copy(f"{FILES}/{key}", size, installation.files.read(key, 0, size))
        count += 1
    return count
