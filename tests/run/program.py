"""Runs ``ismessenger up`` as a person at a terminal would."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

from ismessenger.embedded.process import wait_until
from tests.children import bound
from tests.ports import free_port

START_S = 120
STOP_S = 60


class Up:
    """A running ``up``; what it prints is in ``lines``. Killed with all it started when the block ends."""

    def __init__(self, folder: Path, *, port: int = 0, program: tuple[str, ...] = (), environment: dict[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.lines: list[str] = []
        command = bound(*(program or (sys.executable, "-m", "ismessenger.cli")), "up", "--no-demo", "--port", str(self.port))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**clean, **(environment or {})},
            cwd=folder.parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.started: list[psutil.Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.census()
            self.process.kill()
        self.process.wait()
        for process in self.started:
            if process.is_running():
                process.kill()
        self._reader.join(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_ready(self) -> Self:
        assert wait_until(lambda: "Ctrl-C stops it." in self.lines or self.process.poll() is not None, timeout_s=START_S), self.output
        assert self.process.poll() is None, self.output
        assert self.get("/readyz").status_code == 200
        self.census()
        return self

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10, trust_env=False)

    def census(self) -> None:
        """Remember every process that ``up`` started, directly or not."""
        self.started = psutil.Process(self.process.pid).children(recursive=True)

    def child(self, *words: str) -> psutil.Process:
        return next(process for process in psutil.Process(self.process.pid).children() if all(word in process.cmdline() for word in words))

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=STOP_S)

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))
