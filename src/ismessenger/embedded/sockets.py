"""Private folders for Unix sockets, short enough for their names to fit."""

import os
import shutil
import tempfile
from pathlib import Path

from ismessenger.embedded.user import ServerUser

_LONGEST = 70
"""A socket's whole path may have 107 bytes (Source: Linux, unix(7)); names and suffixes of ours and the servers' need the rest."""


def private_folder(user: ServerUser | None = None) -> Path:
    """A new folder that only its owner, the given user or ourselves, may enter. The caller removes it."""
    folder = Path(tempfile.mkdtemp(prefix="ism-", dir=_place(user)))
    if user is not None:
        os.chown(folder, user.uid, user.gid)
    return folder


def remove(folder: Path) -> None:
    """Delete the folder with what its server may have left."""
    shutil.rmtree(folder, ignore_errors=True)


def _place(user: ServerUser | None) -> str:
    usual = tempfile.gettempdir()
    short = len(os.fsencode(usual)) <= _LONGEST
    return usual if short and (user is None or user.can_enter(Path(usual))) else "/tmp"  # noqa: S108 - mkdtemp makes a private folder in it
