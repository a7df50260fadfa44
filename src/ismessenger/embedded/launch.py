"""Becomes another program, perhaps as another user, that dies with its parent. Run as a script, never imported.

Arguments: uid, gid (both ``-`` to stay who we are), death signal, pid of the parent, then the program and its arguments.
The standard library's ``user=`` would do for the first half; the death signal must be set after the change of user, which clears it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # Source: Linux, prctl(2)
CANNOT_BECOME_USER = 125


def main(uid: str, gid: str, death_signal: str, parent: str, *command: str) -> None:
    """Change user, ask for the death signal, become the command."""
    die_with_parent = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    if uid != "-":
        become(int(uid), int(gid))
    if die_with_parent is not None:
        die_with_parent(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before we asked
            raise SystemExit(1)
    os.umask(0o077)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def become(uid: int, gid: int) -> None:
    """Give up every right of the current user for those of another; exit 125 where the system forbids it."""
    try:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    except OSError as error:
        sys.stderr.write(f"could not become user {uid}: {error.strerror}\n")
        raise SystemExit(CANNOT_BECOME_USER) from error


if __name__ == "__main__":
    main(*sys.argv[1:])
