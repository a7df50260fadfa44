"""Who may start servers on a data folder: one process at a time."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ismessenger.embedded.process import Say, wait_until
from ismessenger.embedded.trouble import ServerTrouble

UP = "up"
"""The purpose of the one holder that stays; all others are commands that end soon."""


@dataclass(frozen=True)
class Holder:
    """The process that holds a data folder."""

    pid: int
    purpose: str

    @classmethod
    def of(cls, lock: Path) -> Self | None:
        """What the last holder wrote; None if none ever did, or while it writes."""
        try:
            return cls(**json.loads(lock.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def make_folder(folder: Path) -> None:
    """Make the data folder, closed to others but for passing through, which the database's own user needs when we are root."""
    try:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServerTrouble(f"The data folder {folder} cannot be made ({error.strerror}): choose another ISMESSENGER_DATA_DIR.") from error


def try_claim(folder: Path, purpose: str) -> int | None:
    """Take the folder and return the descriptor that holds it, free again when closed or when we die; None if another process has it."""
    make_folder(folder)
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ServerTrouble(f"The data folder {folder} cannot be used ({error.strerror}): choose another ISMESSENGER_DATA_DIR.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "purpose": purpose}).encode(), 0)
    return descriptor


@contextmanager
def claimed_for_up(folder: Path, say: Say) -> Iterator[None]:
    """Hold the folder for ``up``: wait for a command to end, but refuse where another ``up`` holds it."""
    claims: list[int] = []

    def taken() -> bool:
        claim = try_claim(folder, UP)
        if claim is not None:
            claims.append(claim)
            return True
        if (holder := Holder.of(folder / "lock")) and holder.purpose == UP:
            raise ServerTrouble(
                f"IS-Messenger already runs on {folder} (process {holder.pid}): stop it, or start this one with another --data-dir."
            )
        return False

    wait_until(taken, waiting=lambda _s: say(_waiting(folder)))
    try:
        yield
    finally:
        os.close(claims[0])


def _waiting(folder: Path) -> str:
    holder = Holder.of(folder / "lock")
    return f"Waiting for `ismessenger {holder.purpose}` (process {holder.pid}) to end" if holder else f"Waiting for {folder / 'lock'}"
