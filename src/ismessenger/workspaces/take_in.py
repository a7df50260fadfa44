"""Make a workspace out of an archive: all of it, or none."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ismessenger.automation.define import HOOK_BYTES
from ismessenger.channels.route import tell_connected
from ismessenger.files.store import StoreUnavailable
from ismessenger.installation import Installation
from ismessenger.kit.bundle import BundleReader, BundleRefused, Member
from ismessenger.kit.clock import now
from ismessenger.kit.ids import new_route, new_token
from ismessenger.kit.passphrase import PassphraseRefused, unlock
from ismessenger.kit.zones import is_zone
from ismessenger.tenancy.catalog import ChannelRoute, Organization, Workspace
from ismessenger.tenancy.doors import DEFAULT_HOME, HomeUnavailable, WriteSession, workspace_key
from ismessenger.tenancy.sequences import move_sequences
from ismessenger.workspaces.arrivals import Arrivals, forget_arrivals, let_in, meet_people
from ismessenger.workspaces.create import WorkspaceRefused, checked_home, checked_name, lay_workspace
from ismessenger.workspaces.purge import purge_workspace
from ismessenger.workspaces.transfer import FILE_COLUMNS, FILES, KIND, About, Row, TransferRefused, check_archive, rows_of

ROWS_AT_ONCE = 500
BYTES_AT_ONCE = 4 << 20
FAILURES = (DBAPIError, BundleRefused, StoreUnavailable, HomeUnavailable, WorkspaceRefused)
LOST = "Imported without its credentials: connect it again."
MOVED = "Imported from elsewhere: save its settings once, so that the provider sends to this address."
LOST_CONNECTION = "Imported without its credentials: edit it and enter them again."
DOUBT = "Nobody knows whether this was sent: it was imported before that was known."
UNASKED = "Nobody knows whether this was asked: it was imported before that was known."
_DOUBT = text(
    "UPDATE message SET status = 'sending', unconfirmed_at = now(), status_reason = :reason FROM delivery"
    " WHERE delivery.message_id = message.id AND delivery.state IN ('due', 'leased') AND message.status IN ('queued', 'sending')"
)
_MISSED = text(
    "WITH missed AS (UPDATE scheduled_message SET state = 'failed', reason = :reason WHERE state = 'waiting' AND due_at <= :now"
    " RETURNING id) DELETE FROM wakeup USING missed WHERE wakeup.kind = 'send' AND wakeup.subject_id = missed.id"
)
_STOP = text("UPDATE delivery SET state = 'unconfirmed', lease_until = NULL WHERE state IN ('due', 'leased')")
# Where the archive comes from it may have been asked, or be asked yet: the lane tells the run, and asks nothing.
_UNASKED = text(
    "UPDATE workflow_call SET attempt = 100, due_at = :now,"
    " tries = jsonb_build_array(jsonb_build_object('at', CAST(:now AS timestamptz), 'ms', 0, 'words', CAST(:reason AS text)))"
)


@dataclass(slots=True)
class Imported:
    """What was made. ``new_accounts`` have no password yet; ``disconnected`` channels came without credentials."""

    workspace_id: int
    slug: str
    rows: int = 0
    files: int = 0
    members: int = 0
    new_accounts: list[str] = field(default_factory=list)
    disconnected: list[str] = field(default_factory=list)
    new_webhooks: list[str] = field(default_factory=list)


@dataclass
class _Import:
    """One archive on its way into one workspace."""

    installation: Installation
    about: About
    secrets: Mapping[str, Any]
    workspace: Workspace
    arrivals: Arrivals
    made: Imported
    routes: dict[int, tuple[str, str]] = field(default_factory=dict)


async def import_workspace(
    installation: Installation, path: Path, passphrase: str | None, *, name: str = "", home: str = DEFAULT_HOME
) -> Imported:
    """A new workspace, in an organization of its own, with the rows of the archive under their own ids.

    Everything is checked before anything is made. Without a passphrase the channels come back disconnected. Raises `TransferRefused`.
    """
    reader = BundleReader(path, KIND)
    checked = reader.check()
    about = About.read(checked.about)
    secrets = _secrets(checked.box, passphrase, checked.manifest)
    newest = check_archive(reader, about)
    name = checked_name(name or about.name)
    checked_home(installation, home)
    timezone = about.timezone if is_zone(about.timezone) else "UTC"
    workspace = await lay_workspace(installation, None, name, organization=name, timezone=timezone, home=home)
    arrivals = Arrivals()
    try:
        work = _Import(installation, about, secrets, workspace, arrivals, Imported(workspace.id, workspace.slug))
        await _fill(work, reader, home, newest)
        await _open(work)
    except BaseException as error:
        await _undo(installation, workspace, arrivals)
        if isinstance(error, FAILURES):
            words = str(getattr(error, "orig", None) or error).rsplit(">: ", 1)[-1].splitlines()[0].rstrip(".")
            raise TransferRefused(f"The archive cannot be imported: {words}. Nothing was changed.") from error
        raise
    return work.made


def _secrets(box: Mapping[str, str] | None, passphrase: str | None, manifest: bytes) -> Mapping[str, Any]:
    if passphrase is None:
        return {}
    if box is None:
        raise TransferRefused("The archive holds no credentials: import it with --without-secrets.")
    try:
        secrets = orjson.loads(unlock(box, passphrase, manifest))
    except (PassphraseRefused, orjson.JSONDecodeError) as error:
        raise TransferRefused(str(error) if isinstance(error, PassphraseRefused) else "The credentials cannot be read.") from error
    return secrets if isinstance(secrets, dict) else {}


async def _fill(work: _Import, reader: BundleReader, home: str, newest: Mapping[str, int]) -> None:
    """Files first, which nobody sees yet; then people; then all rows in one transaction."""
    with reader.members() as members:
        for part, pieces in groupby(members, key=lambda member: member.part):
            if part == FILES:
                await _keep_files(work, pieces)
            elif part == "table-member":
                await meet_people(work.installation, rows_of("member", pieces), work.arrivals)
    url = work.installation.tenancy.homes[home].app.url.render_as_string(hide_password=False)
    await move_sequences(url, newest)
    async with work.installation.tenancy.workspace(work.workspace.id) as db:
        with reader.members() as members:
            for part, pieces in groupby(members, key=lambda member: member.part):
                if part != FILES:
                    await _fill_table(work, db, part.removeprefix("table-"), pieces)
        await db.execute(_DOUBT, {"reason": DOUBT})
        await db.execute(_MISSED, {"reason": DOUBT, "now": now()})
        await db.execute(_STOP)
        await db.execute(_UNASKED, {"reason": UNASKED, "now": now()})


async def _keep_files(work: _Import, members: Iterator[Member]) -> None:
    for member in members:
        await work.installation.files.put(_moved(work, member.name.removeprefix(f"{FILES}/")), _content(member))
        work.made.files += 1


async def _fill_table(work: _Import, db: WriteSession, table: str, members: Iterator[Member]) -> None:
    batch: list[bytes] = []
    columns: list[str] = []
    size = 0
    for row in rows_of(table, members):
        adapted = await _adapted(work, table, row)
        if adapted is None:
            continue
        columns = columns or sorted(adapted)
        batch.append(orjson.dumps(adapted))
        size += len(batch[-1])
        if len(batch) == ROWS_AT_ONCE or size > BYTES_AT_ONCE:
            await _insert(db, table, columns, batch)
            batch, size = [], 0
        work.made.rows += 1
    if batch:
        await _insert(db, table, columns, batch)


async def _insert(db: WriteSession, table: str, columns: list[str], batch: list[bytes]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    # Names of tables and columns were compared with our own.
    statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb))"  # noqa: S608
    await db.execute(text(statement.replace("NULL::", "NULL\\:\\:")), {"rows": (b"[" + b",".join(batch) + b"]").decode()})


async def _adapted(work: _Import, table: str, row: Row) -> Row | None:
    """The row as it goes in; None for a secret whose value did not come along."""
    if table in FILE_COLUMNS and row.get(FILE_COLUMNS[table]):
        return row | {FILE_COLUMNS[table]: _moved(work, row[FILE_COLUMNS[table]])}
    if table == "member":
        return row | work.arrivals.place_of(row)
    if table == "channel":
        return row | await _channel(work, row)
    if table == "connection":
        return row | _connection(work, row)
    if table == "workflow":
        return row | {"hook_secret": _new_address(work, row)}
    if table == "workflow_secret":
        value = work.secrets.get(f"workflow_secret/{row['id']}")
        return row | {"value": _sealed(work, str(value).encode(), f"secret/{row['id']}")} if value is not None else None
    return row


def _new_address(work: _Import, row: Row) -> str | None:
    """The end of the address of an incoming webhook: the workspace has another number here, so nobody knows it yet."""
    draft = row.get("draft")
    trigger = draft.get("trigger") if isinstance(draft, dict) else None
    if row.get("trigger") != "webhook" and not (isinstance(trigger, dict) and trigger.get("kind") == "webhook"):
        return None
    work.made.new_webhooks.append(str(row["name"]))
    return new_token(HOOK_BYTES)


def _connection(work: _Import, row: Row) -> Row:
    place = f"connection/{row['id']}"
    secrets = work.secrets.get(place)
    if not isinstance(secrets, dict):
        return {"secrets": None, "error": LOST_CONNECTION}
    return {"secrets": _sealed(work, orjson.dumps(secrets), place)}


def _sealed(work: _Import, plain: bytes, context: str) -> str:
    return "\\x" + work.installation.vault.seal(plain, context).hex()


async def _channel(work: _Import, row: Row) -> Row:
    """Under its old address if that is free; disconnected if its credentials did not come along."""
    route = str(row["route"])
    if await _is_taken(work.installation, route):
        route = new_route()
        work.made.new_webhooks.append(str(row["name"]))
    secrets = work.secrets.get(str(row["id"]))
    sealed = _sealed(work, orjson.dumps(secrets if isinstance(secrets, dict) else {}), f"channel/{route}")
    changed = {"route": route, "secrets": sealed}
    if row.get("disconnected_at"):
        return changed
    if secrets is None:
        work.made.disconnected.append(str(row["name"]))
        return changed | {"status": "disconnected", "status_reason": LOST, "disconnected_at": now().isoformat()}
    work.routes[row["id"]] = (route, str(row["kind"]))
    return changed | {"status": "broken", "status_reason": MOVED}


async def _is_taken(installation: Installation, route: str) -> bool:
    async with installation.tenancy.catalog() as catalog:
        return await catalog.get(ChannelRoute, route) is not None


def _moved(work: _Import, key: str) -> str:
    return workspace_key(work.workspace.id, key.removeprefix(f"w/{work.about.workspace_id}/"))


async def _content(member: Member) -> AsyncIterator[bytes]:
    for chunk in member.chunks():
        yield chunk


async def _open(work: _Import) -> None:
    """From here on there are webhooks, and people may enter."""
    async with work.installation.tenancy.catalog() as catalog:
        for channel_id, (route, kind) in work.routes.items():
            account = work.about.accounts.get(str(channel_id))
            catalog.add(ChannelRoute(route=route, kind=kind, workspace_id=work.workspace.id, channel_id=channel_id, account=account))
        await let_in(catalog, work.arrivals, work.workspace.id)
        (await catalog.get_one(Workspace, work.workspace.id)).ready_at = now()
    await tell_connected(work.installation)
    work.made.members = len(work.arrivals.entering)
    work.made.new_accounts = sorted(work.arrivals.made)


async def _undo(installation: Installation, workspace: Workspace, arrivals: Arrivals) -> None:
    await purge_workspace(installation, workspace.id)
    async with installation.tenancy.catalog() as catalog:
        await forget_arrivals(catalog, arrivals)
        organization = await catalog.get(Organization, workspace.organization_id)
        if organization is not None:
            await catalog.delete(organization)
