"""The bundled Redis: a doorbell that keeps nothing."""

import shutil
import signal
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from ismessenger.embedded import sockets
from ismessenger.embedded.binaries import redis_program
from ismessenger.embedded.process import Say, ServerProcess, silent, wait_until
from ismessenger.embedded.trouble import ServerTrouble

_START_PATIENCE_S = 30.0
_STOP_PATIENCE_S = 10.0


class EmbeddedRedis:
    """One Redis on a private socket. Its folder holds its log and the name of its socket, so that the next start finds an orphan."""

    def __init__(self, folder: Path, *, say: Say = silent) -> None:
        self.folder = folder.absolute()
        self._say = say
        self._process: ServerProcess | None = None
        self._sockets: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """URL for redis-py."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start the server and wait for its first answer. ``ServerTrouble`` says why there is none."""
        first = self._sockets is None
        try:
            self._start()
        except OSError as error:
            self._give_up(first=first)
            raise ServerTrouble(
                f"Redis cannot use {error.filename or self.folder} ({error.strerror}): mend that or choose another data folder."
            ) from error
        except BaseException:
            self._give_up(first=first)
            raise

    def stop(self) -> None:
        """Stop the server; nothing it held is kept."""
        self._end_process()
        if self._sockets is not None:
            sockets.remove(self._sockets)
            self._sockets = None

    def running(self) -> bool:
        """Whether the server process we started is alive."""
        return self._process is not None and self._process.running()

    @property
    def pid(self) -> int:
        """Process id of the server."""
        if self._process is None:
            raise ServerTrouble("Redis is not running.")
        return self._process.pid

    def erase(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _socket(self) -> Path:
        if self._sockets is None:
            raise ServerTrouble("Redis is not running.")
        return self._sockets / "redis.sock"

    def _start(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stop_orphan()
        self._sockets = self._sockets or sockets.private_folder()
        (self.folder / "socket").write_text(str(self._socket))
        self._say("Starting Redis")
        process = self._process = ServerProcess(
            [redis_program(), *_options(self._socket)], user=None, log=self.folder / "server.log", stop_signal=signal.SIGTERM
        )
        wait_until(lambda: _ask(self._socket, b"PING\r\n") == b"+PONG\r\n" or not process.running(), timeout_s=_START_PATIENCE_S)
        if not process.running():
            said = process.said().strip().splitlines() or ["no reason given"]
            raise ServerTrouble(f"Redis did not start: {said[-1].rstrip('.')}. Its log is {self.folder / 'server.log'}.")

    def _give_up(self, *, first: bool) -> None:
        """After a failed start: a later try shall have the same address, unless there was none before."""
        if first:
            self.stop()
        else:
            self._end_process()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.stop(patience_s=_STOP_PATIENCE_S, last_resort=signal.SIGKILL, say=lambda line: self._say(f"Redis: {line}"))
            self._process = None

    def _stop_orphan(self) -> None:
        named = self.folder / "socket"
        left = Path(named.read_text(errors="replace")) if named.exists() else None
        if left is not None and _ask(left, b"PING\r\n") == b"+PONG\r\n":
            self._say("Stopping the Redis that an earlier run left")
            _ask(left, b"SHUTDOWN NOSAVE\r\n")
            sockets.remove(left.parent)


def _options(path: Path) -> list[str]:
    network = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    return [*network, "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(path.parent)]


def _ask(path: Path, command: bytes) -> bytes:
    """What the Redis at the socket answers to an inline command; empty when nobody answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(path))
            connection.sendall(command)
            return connection.recv(64)
        except (OSError, ValueError):  # nobody there, or no name of a socket
            return b""
