"""Write a whole installation into one file, while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from ismessenger.backups.form import FILES, KIND, About, BackupRefused, HomeCopy, Keys, product_version
from ismessenger.embedded.dumping import dump_programs
from ismessenger.files.store import FileMissing, FileStore, open_store
from ismessenger.kit.bundle import BundleWriter
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import Vault, known_keys
from ismessenger.kit.passphrase import MIN_LENGTH, lock
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.roll_out import reason_of
from ismessenger.tenancy.sealed import survey
from ismessenger.tenancy.state import HomeState, state_of
from ismessenger.upgrade import homes_of


@dataclass(frozen=True, slots=True)
class BackupTaken:
    """What is in the file."""

    size_bytes: int
    homes: list[str]
    files: int
    unopened: list[str]


async def take_backup(settings: Settings, path: Path, passphrase: str, say: Callable[[str], None]) -> BackupTaken:
    """Each home as it is at one moment, then the files, then the keys under the passphrase.

    Files never change, and one that a home speaks of is there before it is spoken of: so what is copied later fits. Raises `BackupRefused`.
    """
    if len(passphrase) < MIN_LENGTH:
        raise BackupRefused(f"A passphrase needs at least {MIN_LENGTH} characters.")
    keys = known_keys(settings)
    if not keys:
        raise BackupRefused(f"There is no installation to back up: {settings.data_dir / 'keys'} is missing and no key is set.")
    homes = await homes_of(settings)
    states = {name: await _state(name, url) for name, url in homes.items()}
    if "catalog" not in states[DEFAULT_HOME].revisions:
        raise BackupRefused("There is nothing to back up: the database is empty.")
    if bare := [name for name, state in states.items() if "store" not in state.revisions]:
        raise BackupRefused(f"Home {bare[0]} is not prepared: run `ismessenger migrate` first.")
    programs = dump_programs(max(state.major for state in states.values()))
    about = _about(states, programs.major)
    sealed = await survey(homes, Vault.of(settings))
    try:
        with BundleWriter(path, KIND, about.model_dump()) as bundle:
            for copy in about.homes:
                say(f"Copying the database of home {copy.name}")
                await bundle.stream(copy.part, programs.dump(homes[copy.name], tuple(copy.revisions)))
            say("Copying files")
            files = await _copy_files(bundle, open_store(settings))
            manifest = bundle.manifest()
            box = lock(Keys(keys=keys, needed=sorted(sealed.by_key)).packed(), passphrase, manifest)
            size = bundle.finish(manifest, box)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written: {error.strerror or error}.") from error
    return BackupTaken(size, list(homes), files, sealed.broken)


async def _state(name: str, url: str) -> HomeState:
    try:
        return await state_of(url)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise BackupRefused(f"The database of home {name} does not answer: {reason_of(error)}.") from error


def _about(states: dict[str, HomeState], dumped_with: int) -> About:
    copies = [
        HomeCopy(name=name, part=f"database-{number}", server=state.major, revisions=dict(state.revisions))
        for number, (name, state) in enumerate(states.items())
    ]
    return About(version=product_version(), taken_at=now().isoformat(), dumped_with=dumped_with, homes=copies)


async def _copy_files(bundle: BundleWriter, store: FileStore) -> int:
    count = 0
    async for key in store.listed():
        try:
            size = await store.size(key)
        except FileMissing:
            continue  # deleted since it was listed
        await bundle.copy(f"{FILES}/{key}", size, store.read(key, 0, size))
        count += 1
    return count
