"""Programs that a benchmark starts beside itself, and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

START_S = 60.0
STOP_S = 30.0
LOOK_S = 0.02


class TookTooLong(RuntimeError):
    """Something that a benchmark waits for did not happen."""


@contextmanager
def program(*words: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m`` with these words until the block ends."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
    process = subprocess.Popen([sys.executable, "-m", *words], env={**clean, **environment}, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Load:
    """The second process, which makes the load: it takes one order a line and gives one answer a line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def order(self, what: str, **values: Any) -> Any:
        """Give an order and wait for its outcome."""
        self.begin(what, **values)
        return self.outcome()

    def begin(self, what: str, **values: Any) -> None:
        """Give an order; `outcome` waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"what": what, **values}) + "\n")
        self._process.stdin.flush()

    def outcome(self) -> Any:
        """What came of the order."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise TookTooLong("The process that makes the load has ended.")
        return json.loads(line)


@contextmanager
def load() -> Iterator[Load]:
    """The second process, until the block ends. It also ends by itself when we do."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Load(process)
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for_answer(url: str) -> None:
    """Wait until an address answers 200."""
    wait_until(lambda: _answers(url), START_S)


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Look until it is true. Raises `TookTooLong`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TookTooLong(f"Waited for {seconds:g} s in vain.")
        time.sleep(LOOK_S)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
