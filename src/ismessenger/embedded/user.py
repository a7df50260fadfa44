"""The user the database server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ismessenger.embedded.trouble import ServerTrouble

STATE_FOLDER = Path("/var/lib/ismessenger")
"""Home of data and programs that the server's user could not reach elsewhere. Only root writes here."""

_NAME = "ismessenger"


@dataclass(frozen=True)
class ServerUser:
    """An unprivileged user, as the system knows it."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may pass through the folder and all above it."""
        return self.can_run("/bin/sh", "-c", 'cd "$1"', "sh", str(folder))

    def can_run(self, *command: str) -> bool:
        """Whether the command, run as this user, ends well."""
        try:
            done = subprocess.run(
                command, user=self.uid, group=self.gid, extra_groups=[], cwd="/", env={}, capture_output=True, check=False
            )
        except OSError:
            return False
        return done.returncode == 0


def server_user(owner_of: Path | None = None) -> ServerUser | None:
    """The user to run as; None means: as ourselves, since we are not root.

    ``owner_of`` names existing data, whose owner is then the one. Otherwise it is ``ismessenger``, made if the system lets us,
    else ``nobody``.
    """
    if os.geteuid() != 0:
        return None
    if owner_of is not None and owner_of.exists() and (uid := owner_of.stat().st_uid) != 0:
        return _by_uid(uid)
    user = _by_name(_NAME) or _made(_NAME) or _by_name("nobody")
    if user is None:
        raise ServerTrouble(
            "PostgreSQL does not run as root and no other user was found:"
            " create a system user named ismessenger, or start as an ordinary user."
        )
    return user


def _by_uid(uid: int) -> ServerUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise ServerTrouble(
            f"The database files belong to user number {uid}, which this machine does not know: chown them to a user it knows."
        ) from error
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _by_name(name: str) -> ServerUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _made(name: str) -> ServerUser | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    home = ["--no-create-home", "--home-dir", str(STATE_FOLDER), "--shell", "/usr/sbin/nologin"]
    subprocess.run([useradd, "--system", "--user-group", *home, name], capture_output=True, check=False)
    return _by_name(name)  # a refusal is no error: another process may have made it, else the caller falls back
