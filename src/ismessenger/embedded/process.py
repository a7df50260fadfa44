"""A server as a child process that never outlives us unnoticed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ismessenger.embedded.user import ServerUser

Say = Callable[[str], None]
"""Receives a line of progress for the person at the terminal."""

_LAUNCH = Path(__file__).with_name("launch.py")
_LOG_LIMIT_BYTES = 10_000_000
_PROGRESS_EVERY_S = 5.0
POLL_S = 0.02


def silent(_line: str) -> None:
    """Progress for nobody."""


def environment() -> dict[str, str]:
    """What a server sees of ours: no PG…, no locale, no library path."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def launcher(user: ServerUser | None, death_signal: signal.Signals) -> list[str]:
    """The words that go before a command to run it as the user and have it die with us."""
    who = ["-", "-"] if user is None else [str(user.uid), str(user.gid)]
    return [sys.executable, "-I", "-S", str(_LAUNCH), *who, str(int(death_signal)), str(os.getpid())]


class ServerProcess:
    """One running server. Start it from the main thread: Linux sends the death signal when the *thread* that started it ends."""

    def __init__(self, command: Sequence[str], *, user: ServerUser | None, log: Path, stop_signal: signal.Signals) -> None:
        self.log = log
        self._stop_signal = stop_signal
        if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
            log.replace(log.with_name(log.name + ".1"))
        log.touch(mode=0o600)
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                [*launcher(user, stop_signal), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment(),
                start_new_session=True,  # Ctrl-C is for us; we stop our servers in order
            )

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def said(self) -> str:
        """What it wrote to its log since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def stop(self, *, patience_s: float, last_resort: signal.Signals, say: Say) -> None:
        """Ask it to stop and wait; after ``patience_s`` use the last resort."""
        if self.running():
            self._process.send_signal(self._stop_signal)
        try:
            stopped = wait_until(lambda: not self.running(), timeout_s=patience_s, waiting=lambda s: say(f"still stopping ({s:.0f} s)"))
        except KeyboardInterrupt:  # the person at the terminal has no patience left
            stopped = False
        if not stopped:
            self._process.send_signal(last_resort)
        self._process.wait()


def wait_until(done: Callable[[], bool], *, timeout_s: float | None = None, waiting: Callable[[float], None] = lambda _s: None) -> bool:
    """Poll ``done`` until it is true (True) or the time is over (False); call ``waiting`` with the seconds so far every five of them."""
    start = time.monotonic()
    told = start
    while not done():
        now = time.monotonic()
        if timeout_s is not None and now - start > timeout_s:
            return False
        if now - told >= _PROGRESS_EVERY_S:
            told = now
            waiting(now - start)
        time.sleep(POLL_S)
    return True
