"""Backups of the whole installation."""

import argparse
import asyncio
import sys
from dataclasses import asdict
from getpass import getpass
from pathlib import Path

from ismessenger.backups.form import BackupRefused
from ismessenger.backups.restore import OpenedBackup, RestoreFailed, open_backup, restore_backup, undo_restore
from ismessenger.backups.take import take_backup
from ismessenger.commands.outcome import Outcome, WordsRefused
from ismessenger.commands.running import ending_in_order, read_if_file, tell
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.embedded.attach import attached_or_started
from ismessenger.embedded.dumping import DumpFailed
from ismessenger.embedded.reach import refuse_unreachable
from ismessenger.files.store import StoreUnavailable
from ismessenger.kit.bundle import BundleRefused
from ismessenger.settings import asyncpg_url, settings

EXPECTED = (BackupRefused, BundleRefused, DumpFailed, RestoreFailed, StoreUnavailable, *UNPREPARED)


def take(args: argparse.Namespace) -> Outcome:
    """Write a backup; whoever asks at a terminal gives the passphrase twice."""
    passphrase = asked_passphrase(args.passphrase, again=True)
    with ending_in_order(), attached_or_started(settings(), purpose="backup", say=tell) as resolved:
        asyncio.run(refuse_unreachable(resolved.model_copy(update={"redis_url": None})))
        taken = asyncio.run(take_backup(resolved, Path(args.file), passphrase, tell))
    for words in taken.unopened:
        tell(f"No present key opens {words}; it is in the backup as it is.")
    return Outcome({"file": args.file, **asdict(taken)})


def restore(args: argparse.Namespace) -> Outcome:
    """Bring back a backup, or what an interrupted restore put aside."""
    homes = dict(map(_home, args.home))
    backup = None if args.undo else _opened(args)
    with ending_in_order(), attached_or_started(settings(), purpose="restore", say=tell) as resolved:
        asyncio.run(refuse_unreachable(resolved.model_copy(update={"redis_url": None})))
        if backup is None:
            return Outcome({"brought_back": asyncio.run(undo_restore(resolved))})
        restored = asyncio.run(restore_backup(resolved, backup, homes=homes, replace=args.replace, say=tell))
    return Outcome(asdict(restored))


def _opened(args: argparse.Namespace) -> OpenedBackup:
    """Checked before any server is started: a file that is no good leaves not even an empty database."""
    if args.file is None:
        raise WordsRefused("Name the backup: ismessenger restore FILE.")
    passphrase = asked_passphrase(args.passphrase)
    tell(f"Checking {args.file}")
    return open_backup(Path(args.file), passphrase)


def asked_passphrase(given: str | None, *, again: bool = False) -> str:
    """The passphrase of the command line or of the file it names, else what is typed."""
    if given is not None:
        return read_if_file(given)
    if not sys.stdin.isatty():
        raise WordsRefused("Give the passphrase as --passphrase @FILE: there is no terminal to ask at.")
    passphrase = getpass("Passphrase: ")
    if again and getpass("The same again: ") != passphrase:
        raise WordsRefused("These were two different passphrases.")
    return passphrase


def _home(word: str) -> tuple[str, str]:
    name, equals, url = word.partition("=")
    if not equals or not name:
        raise WordsRefused(f"--home wants name=postgresql://…, not {word!r}.")
    try:
        return name, asyncpg_url(read_if_file(url))
    except ValueError as error:
        raise WordsRefused(f"--home {name}: {error}.") from error
