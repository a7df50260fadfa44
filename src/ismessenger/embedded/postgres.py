"""The bundled PostgreSQL: made, started, mended after a crash and stopped by us."""

import os
import re
import shutil
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

from ismessenger.embedded import cluster, postmaster, sockets
from ismessenger.embedded.binaries import PostgresPrograms, postgres_programs, runnable_by
from ismessenger.embedded.process import Say, ServerProcess, silent, wait_until
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.embedded.user import ServerUser, server_user

_FAST_STOP, _IMMEDIATE_STOP = signal.SIGINT, signal.SIGQUIT
"""Source: PostgreSQL documentation, "Shutting Down the Server"."""
_STOP_PATIENCE_S = 120.0
_LEFTOVER_PATIENCE_S = 30.0


class EmbeddedPostgres:
    """One PostgreSQL whose data, log and passwords lie in a folder, reachable through a private socket only.

    The folder is made if need be and never made wider open. Several may run, each in its own folder.
    """

    def __init__(self, folder: Path, *, say: Say = silent) -> None:
        self.folder = folder.absolute()
        self._say = say
        self._process: ServerProcess | None = None
        self._sockets: Path | None = None
        self._passwords: cluster.Passwords | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """SQLAlchemy URL of our database, as its owner. The owner may create roles and databases."""
        return self.database_url(cluster.DATABASE)

    def database_url(self, name: str) -> str:
        """SQLAlchemy URL of a database of this server, as role ``ismessenger``."""
        if self._sockets is None or self._passwords is None:
            raise ServerTrouble("PostgreSQL is not running.")
        return f"postgresql+asyncpg://{cluster.ROLE}:{self._passwords.ismessenger}@/{name}?host={self._sockets}"

    def start(self) -> None:
        """Start the server and wait until it accepts connections, however long its recovery takes. ``ServerTrouble`` says why not."""
        first = self._sockets is None
        try:
            self._start()
        except OSError as error:
            self._give_up(first=first)
            raise ServerTrouble(
                f"PostgreSQL cannot use {error.filename or self.folder} ({error.strerror}): mend that or choose another data folder."
            ) from error
        except BaseException:
            self._give_up(first=first)
            raise

    def stop(self) -> None:
        """Stop the server and wait until its data are safely written."""
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
            raise ServerTrouble("PostgreSQL is not running.")
        return self._process.pid

    def erase(self) -> None:
        """Stop the server and delete all its data, wherever they lie."""
        self.stop()
        link = self.folder / "cluster"
        shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        # As root others must pass through to the cluster, which is closed itself; every other file here is closed too.
        self.folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        user = server_user(owner_of=self.folder / "cluster")
        data = cluster.place(self.folder, user)
        self._refuse_foreign(data, user)
        programs = runnable_by(user, postgres_programs(major_of(data)), self._say)
        if data.exists():
            postmaster.stop_orphan(data, self._say)
        else:
            self._say(f"Creating a PostgreSQL {programs.major} database in {data}")
            cluster.create(data, self.folder, programs, user)
        self._passwords = cluster.Passwords.of(self.folder)
        self._sockets = self._sockets or sockets.private_folder(user)
        self._say(f"Starting PostgreSQL {programs.version}")
        if not wait_until(lambda: self._run(data, programs, user), timeout_s=_LEFTOVER_PATIENCE_S):
            raise self._refusal(data)

    def _give_up(self, *, first: bool) -> None:
        """After a failed start: a later try shall have the same address, unless there was none before."""
        if first:
            self.stop()
        else:
            self._end_process()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.stop(patience_s=_STOP_PATIENCE_S, last_resort=_IMMEDIATE_STOP, say=lambda line: self._say(f"PostgreSQL: {line}"))
            self._process = None

    def _refuse_foreign(self, data: Path, user: ServerUser | None) -> None:
        if user is None and data.exists() and data.stat().st_uid != os.geteuid():
            raise ServerTrouble(
                f"The database in {data} belongs to another user: start as that user or as root, or choose another ISMESSENGER_DATA_DIR."
            )
        if user is not None and data.exists() and not user.can_enter(data):
            raise ServerTrouble(
                f"User {user.name}, who owns the database in {data}, cannot enter that folder:"
                " move the data folder to where it can, for example below /var/lib."
            )

    def _run(self, data: Path, programs: PostgresPrograms, user: ServerUser | None) -> bool:
        """Start the process and wait; False asks for another try, when children of a killed server are still going away."""
        process = self._process = ServerProcess(
            [programs.postgres, "-D", str(data), *_options(self._sockets)],
            user=user,
            log=self.folder / "server.log",
            stop_signal=_FAST_STOP,
        )
        wait_until(lambda: postmaster.ready(data, process.pid) or not process.running(), waiting=self._recovering)
        if process.running():
            return True
        if "pre-existing shared memory block" in process.said():
            return False
        raise self._refusal(data)

    def _refusal(self, data: Path) -> ServerTrouble:
        said = self._process.said() if self._process else ""
        return cluster.refusal(said, where=str(data))

    def _recovering(self, seconds: float) -> None:
        said = self._process.said().splitlines() if self._process else []
        last = re.sub(r"^.*?LOG:\s*", "", said[-1]) if said else "starting"
        self._say(f"PostgreSQL is bringing its data in order ({seconds:.0f} s): {last}")


def _options(folder: Path | None) -> list[str]:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "logging_collector": "off",
    }
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def major_of(data: Path) -> int | None:
    """Version that wrote the data; None where there are none."""
    try:
        return int((data / "PG_VERSION").read_text()) if data.exists() else None
    except FileNotFoundError as error:
        raise ServerTrouble(
            f"{data} is not a whole PostgreSQL data folder: restore it from a backup, or move it away to start empty."
        ) from error
    except (OSError, ValueError) as error:
        raise ServerTrouble(
            f"{data / 'PG_VERSION'} cannot be read ({error}): restore the folder from a backup, or move it away to start empty."
        ) from error
