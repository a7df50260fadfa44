"""What a data folder tells of the PostgreSQL server on it."""

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from ismessenger.embedded.process import Say, wait_until

_STATUS_LINE = 7
"""postmaster.pid holds: pid, folder, start, port, socket folder, address, memory key, status (Source: PostgreSQL, pidfile.h)."""


def ready(data: Path, pid: int) -> bool:
    """Whether the server with this process id accepts connections."""
    lines = _pid_file(data)
    return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"


def stop_orphan(data: Path, say: Say) -> None:
    """End a server that an earlier run of ours left on this data.

    A pid file whose number now belongs to a stranger is removed, since PostgreSQL would take the stranger for a server, and so is one
    without a number, as a machine leaves it that lost its power: PostgreSQL starts on neither. One whose process is gone stays: PostgreSQL
    finds children of a killed server by the memory key in it.
    """
    if not (data / "postmaster.pid").exists():
        return
    number = re.fullmatch(r"(-?)([0-9]{1,10})", (_pid_file(data) or [""])[0].strip())
    if number is None:
        (data / "postmaster.pid").unlink()
        return
    if number[1]:  # one that was alone on it, in which case it ends by itself
        return
    pid = int(number[2])
    command = _command_of(pid)
    if not command:
        return
    if str(data) not in command:
        (data / "postmaster.pid").unlink(missing_ok=True)
        return
    say(f"Stopping the PostgreSQL that an earlier run left (process {pid})")
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    wait_until(lambda: str(data) not in _command_of(pid), waiting=lambda s: say(f"It is still stopping ({s:.0f} s)"))


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _command_of(pid: int) -> str:
    """The command line of a process; empty when there is none."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    return subprocess.run(["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
