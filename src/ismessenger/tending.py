"""Processes that are started again when they end by themselves."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from ismessenger.embedded.postgres import EmbeddedPostgres
from ismessenger.embedded.process import launcher
from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.embedded.trouble import ServerTrouble

TOLD_LATER = "ISMESSENGER_TOLD_LATER"
"""In the environment of a process that shall read the rest of it from its standard input, as one line of JSON."""

SETTLED_S = 60.0
LONGEST_PAUSE_S = 30.0


def say(line: str) -> None:
    """Tell the person at the terminal."""
    print(line, flush=True)


class Pauses:
    """How long to wait before something that ended is started again: longer while it keeps ending, short again once it lasted a minute."""

    def __init__(self) -> None:
        self.falls = 0
        self._started = time.monotonic()
        self._again_at: float | None = None

    def started(self) -> None:
        """It runs."""
        self._started, self._again_at = time.monotonic(), None

    def fell(self) -> float:
        """It ended. Returns the seconds to wait."""
        now = time.monotonic()
        self.falls = 1 if now - self._started > SETTLED_S else self.falls + 1
        pause = min(2.0 ** (self.falls - 1), LONGEST_PAUSE_S)
        self._again_at = now + pause
        return pause

    @property
    def noticed(self) -> bool:
        """Whether its end is known and a pause was set."""
        return self._again_at is not None

    @property
    def over(self) -> bool:
        """Whether the pause has passed."""
        return self._again_at is not None and time.monotonic() >= self._again_at


class Child:
    """One of our own processes, started again when it ends by itself. It loads its code at once, and begins when it is told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pauses = Pauses()
        self._told = b""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, bound to die with us; it writes to our own output."""
        command = [*launcher(None, signal.SIGTERM), sys.executable, "-m", "ismessenger.cli", self.name]
        self._process = subprocess.Popen(command, env={**os.environ, TOLD_LATER: "1"}, stdin=subprocess.PIPE, start_new_session=True)
        self.pauses.started()
        self._pass_on()

    def tell(self, environment: dict[str, str]) -> None:
        """Let it begin, now and after every start, with what its settings lack."""
        self._told = json.dumps(environment).encode() + b"\n"
        self._pass_on()

    def _pass_on(self) -> None:
        if self._told and self._process is not None and self._process.stdin is not None:
            # It may have ended already, which is noticed like any other end.
            with suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(self._told)

    def tend(self) -> None:
        """Notice its end, and start it again when its pause is over."""
        if self.pauses.over:
            self.start()
        elif self._process is not None and not self.pauses.noticed and (code := self._process.poll()) is not None:
            say(f"The {self.name} process {ended(code)}; starting it again in {self.pauses.fell():.0f} s")

    def ask_to_stop(self) -> None:
        """Let it finish what it has begun."""
        if self.running():
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and whatever it started, at once."""
        if self.running():
            self._signal(signal.SIGKILL)

    def running(self) -> bool:
        """Whether it is alive."""
        return self._process is not None and self._process.poll() is None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


class Server:
    """One of the embedded servers, started again under the same address when it ends by itself."""

    def __init__(self, name: str, server: EmbeddedPostgres | EmbeddedRedis) -> None:
        self._name, self._server = name, server
        self._pauses = Pauses()

    @classmethod
    def those_of(cls, postgres: EmbeddedPostgres | None, redis: EmbeddedRedis | None) -> "list[Server]":
        """Those that we started."""
        return [cls(name, server) for name, server in (("PostgreSQL", postgres), ("Redis", redis)) if server is not None]

    def tend(self) -> None:
        """Notice its end, and start it again when its pause is over; what prevents that may be mended meanwhile."""
        if self._pauses.over:
            try:
                self._server.start()
                self._pauses.started()
            except ServerTrouble as trouble:
                say(f"{trouble} Trying again in {self._pauses.fell():.0f} s.")
        elif not self._pauses.noticed and not self._server.running():
            say(f"{self._name} ended by itself; starting it again in {self._pauses.fell():.0f} s")


def ended(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
