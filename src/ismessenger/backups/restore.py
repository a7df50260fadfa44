"""Bring back what a backup holds: all of it, or nothing is changed."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import orjson
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.backups.calm import calm
from ismessenger.backups.form import FILES, KIND, About, BackupRefused, Keys
from ismessenger.backups.target import Target, target_of
from ismessenger.embedded.dumping import DumpFailed
from ismessenger.files.store import FileStore, StoreUnavailable, open_store
from ismessenger.kit.bundle import BundleReader, BundleRefused, Member
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import Vault, digest, keys_in, write_keys
from ismessenger.kit.passphrase import PassphraseRefused, unlock
from ismessenger.settings import Settings
from ismessenger.tenancy.aside import HomeOccupied, bring_back, drop_aside, put_aside
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.errors import DatabaseNewer, MigrationIncomplete
from ismessenger.tenancy.homes import context_of
from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.roll_out import reason_of, refuse_incomplete, roll_out
from ismessenger.tenancy.sealed import survey
from ismessenger.upgrade import homes_of

FAILURES = (DumpFailed, BundleRefused, StoreUnavailable, SQLAlchemyError, OSError, TimeoutError, MigrationIncomplete, DatabaseNewer)
Say = Callable[[str], None]


class RestoreFailed(RuntimeError):
    """The restore was begun and could not be finished; what was there before is there again."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. ``unconfirmed`` counts replies that had not been sent yet; ``unopened`` names what no key opens."""

    version: str
    taken_at: str
    homes: list[str]
    files: int
    unconfirmed: int
    unopened: list[str]


@dataclass(frozen=True)
class OpenedBackup:
    """A backup that is whole and whose passphrase is right."""

    reader: BundleReader
    about: About
    keys: Keys


def open_backup(path: Path, passphrase: str) -> OpenedBackup:
    """Read all of a backup once. Raises `BackupRefused`, `BundleRefused`."""
    reader = BundleReader(path, KIND)
    checked = reader.check()
    return OpenedBackup(reader, About.read(checked.about), _keys(checked.box or {}, passphrase, checked.manifest))


async def restore_backup(settings: Settings, backup: OpenedBackup, *, homes: Mapping[str, str], replace: bool, say: Say) -> Restored:
    """Everything is verified first. Raises `BackupRefused` or what says it better, and `RestoreFailed`."""
    reader, about = backup.reader, backup.about
    target = await target_of(settings, about, backup.keys, homes, replace=replace)
    store = open_store(settings)
    async with _all_or_nothing(settings, target):
        files = await _load(reader, about, target, store, say)
        refuse_incomplete(await roll_out(target.homes, tell=say))
        vault = Vault(target.keys)
        await _list_homes(target, vault)
        unconfirmed = sum([await calm(url) for url in target.homes.values()])
    if replace:
        await _forget_other_files(reader, store)
    found = await survey(target.homes, vault)
    return Restored(about.version, about.taken_at, list(target.homes), files, unconfirmed, found.broken)


async def undo_restore(settings: Settings) -> list[str]:
    """Bring back what an interrupted restore had put aside; the names of the homes that had something."""
    done = [DEFAULT_HOME] if settings.database_url and await bring_back_if_there(settings.database_url.get_secret_value()) else []
    others = {name: url for name, url in (await homes_of(settings)).items() if name != DEFAULT_HOME}
    return done + [name for name, url in others.items() if await bring_back_if_there(url)]


async def bring_back_if_there(url: str) -> bool:
    """Like `bring_back`, but a home with nothing aside is left alone."""
    async with owner(url) as connection:
        there = (await connection.execute(text("SELECT to_regnamespace('store_before_restore') IS NOT NULL"))).scalar_one()
    return bool(there) and await bring_back(url)


def _keys(box: Mapping[str, str], passphrase: str, manifest: bytes) -> Keys:
    try:
        return Keys.model_validate(orjson.loads(unlock(box, passphrase, manifest)))
    except (PassphraseRefused, ValidationError, orjson.JSONDecodeError) as error:
        raise BackupRefused(str(error) if isinstance(error, PassphraseRefused) else "The keys in the backup cannot be read.") from error


@asynccontextmanager
async def _all_or_nothing(settings: Settings, target: Target) -> AsyncIterator[None]:
    """Keys are replaced and homes emptied for the block; if it fails, both are as they were."""
    before = keys_in(settings.data_dir)
    moved: list[str] = []
    try:
        for url in target.homes.values():
            await put_aside(url)
            moved.append(url)
        if not settings.secret_keys:
            write_keys(settings.data_dir, target.keys)
        yield
    except BaseException as error:
        for url in moved:
            await bring_back(url)
        if before and not settings.secret_keys:
            write_keys(settings.data_dir, before)
        if isinstance(error, HomeOccupied):
            raise BackupRefused(str(error)) from error
        if isinstance(error, FAILURES):
            raise RestoreFailed(f"The backup could not be restored and everything is as it was before: {reason_of(error)}.") from error
        raise
    for url in moved:
        await drop_aside(url)


async def _load(reader: BundleReader, about: About, target: Target, store: FileStore, say: Say) -> int:
    copies = {copy.part: copy.name for copy in about.homes}
    files = 0
    with reader.members() as members:
        for part, pieces in groupby(members, key=lambda member: member.part):
            if part in copies:
                say(f"Restoring the database of home {copies[part]}")
                await target.programs.restore(target.homes[copies[part]], _content(pieces))
            elif part == FILES:
                say("Restoring files")
                for member in pieces:
                    await store.put(member.name.removeprefix(f"{FILES}/"), _content(iter([member])))
                    files += 1
    return files


async def _content(members: Iterator[Member]) -> AsyncIterator[bytes]:
    for member in members:
        for chunk in member.chunks():
            yield chunk


async def _list_homes(target: Target, vault: Vault) -> None:
    """The catalog of the backup knows where its homes were; from now on they are where they were restored to."""
    async with owner(target.homes[DEFAULT_HOME]) as connection:
        await connection.execute(text("DELETE FROM catalog.home"))
        for name, url in target.listed.items():
            values = {"name": name, "url": vault.seal(url.encode(), context_of(name)), "at": now()}
            await connection.execute(text("INSERT INTO catalog.home (name, url, created_at) VALUES (:name, :url, :at)"), values)


async def _forget_other_files(reader: BundleReader, store: FileStore) -> None:
    # Eight bytes of a digest for each file, so that a million of them fit.
    with reader.members() as members:
        kept = {digest(member.name.removeprefix(f"{FILES}/"))[:8] for member in members if member.part == FILES}
    others = [key async for key in store.listed() if digest(key)[:8] not in kept]
    for key in others:
        await store.delete(key)
