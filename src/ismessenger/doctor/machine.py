"""This machine: Python, the data folder, the disk, the embedded database before it is started."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ismessenger.doctor.finding import Finding, Place, broken, fine, warning
from ismessenger.embedded.binaries import postgres_programs
from ismessenger.embedded.postgres import major_of
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.plugins import load_plugins

OLDEST_PYTHON = (3, 11)
LITTLE_BYTES, TOO_LITTLE_BYTES = 2 << 30, 256 << 20


async def python(_place: Place) -> Sequence[Finding]:
    """Whether this Python is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return [broken(f"This is Python {found}.", "Install Python 3.11 or newer.")]
    return [fine(f"Python {found}")]


async def data_folder(place: Place) -> Sequence[Finding]:
    """Whether we may use the data folder, and nobody else its secrets."""
    folder = place.settings.data_dir.absolute()
    if not folder.exists():
        return [fine(f"{folder} is not there yet; the first start makes it")]
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return [broken(f"We may not write to {folder}.", "Correct its owner, or choose another ISMESSENGER_DATA_DIR.")]
    open_to_others = [path for path in (folder / "keys", folder / "postgres" / "passwords.json") if path.exists() and _open_to_others(path)]
    return [broken(f"Others may read {path}.", f"chmod 600 {path}") for path in open_to_others] or [fine(str(folder))]


async def disk(place: Place) -> Sequence[Finding]:
    """Whether there is room."""
    there = place.settings.data_dir.absolute()
    while not there.exists():
        there = there.parent
    return [room(there, shutil.disk_usage(there).free)]


def room(there: Path, free: int) -> Finding:
    """What so many free bytes mean."""
    words = f"{free / (1 << 30):.1f} GiB are free where {there} lies"
    if free < TOO_LITTLE_BYTES:
        return broken(f"{words}.", "Make room: without it nothing can be accepted.")
    if free < LITTLE_BYTES:
        return warning(f"{words}.", "Make room soon.")
    return fine(words)


async def cluster(place: Place) -> Sequence[Finding]:
    """Whether the programs that are here can open the embedded database. Asked before it is started."""
    if place.settings.database_url is not None:
        return [fine("not used: ISMESSENGER_DATABASE_URL names another server")]
    folder = place.settings.data_dir.absolute() / "postgres"
    data = folder / "cluster"
    try:
        programs = postgres_programs(major_of(data.resolve()) if data.exists() else None)
    except ServerTrouble as trouble:
        words, _colon, mend = str(trouble).partition(": ")
        return [broken(f"{words}.", mend)]
    if not data.exists():
        return [fine(f"PostgreSQL {programs.version}; there is no database yet, the first start makes it")]
    if not (folder / "passwords.json").exists():
        return [broken(f"{folder / 'passwords.json'} is missing.", "Restore it from a backup: the database cannot be opened without it.")]
    return [fine(f"PostgreSQL {programs.version}, data of version {programs.major}")]


async def plugins(_place: Place) -> Sequence[Finding]:
    """Whether every package that brings a channel could be loaded."""
    found = load_plugins()
    return [
        broken(f"Channel {plugin.name} of package {plugin.package} cannot be loaded ({plugin.error}).", "Update or remove the package.")
        for plugin in found.broken
    ] or [fine(f"{len(found.channels)} kinds of channels")]


def _open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)
