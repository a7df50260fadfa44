"""A PostgreSQL data folder: made whole or not at all, with our role and database in it."""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from ismessenger.embedded.binaries import PostgresPrograms
from ismessenger.embedded.process import environment, launcher
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.embedded.user import STATE_FOLDER, ServerUser

ROLE = DATABASE = "ismessenger"

_CONFIGURATION = """
# IS-Messenger: sensible for one small machine; edit freely, it is written once.
shared_buffers = 256MB
max_connections = 200
wal_level = replica
max_wal_size = 1GB
min_wal_size = 80MB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_startup_progress_interval = 5s
"""
_ACCESS = "# Only through our private socket, only with a password.\nlocal all all scram-sha-256\n"


@dataclass(frozen=True)
class Passwords:
    """Of the superuser, who is there for emergencies, and of the role that owns our database."""

    postgres: str
    ismessenger: str

    @classmethod
    def of(cls, folder: Path) -> "Passwords":
        """Those of the cluster below the folder."""
        file = folder / "passwords.json"
        try:
            return cls(**json.loads(file.read_text()))
        except FileNotFoundError as error:
            raise ServerTrouble(f"{file} is missing and the database cannot be opened without it: restore it from a backup.") from error
        except (ValueError, TypeError) as error:
            raise ServerTrouble(f"{file} is damaged and the database cannot be opened without it: restore it from a backup.") from error

    @classmethod
    def made_up(cls, folder: Path) -> "Passwords":
        """New ones, kept in the folder for us alone."""
        made = cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        file = folder / "passwords.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(made)))
        return made


def place(folder: Path, user: ServerUser | None) -> Path:
    """Where the cluster of the folder lies or shall lie.

    A server user who cannot enter the folder gets one below ``/var/lib/ismessenger``; a symbolic link in the folder leads to it.
    """
    link = folder / "cluster"
    if link.is_symlink() and not link.exists():
        raise ServerTrouble(
            f"{link} leads to {link.readlink()}, which is gone: bring it back, or remove the link to start with an empty database."
        )
    if link.exists():
        return link.resolve()
    if user is None or user.can_enter(folder):
        return link.resolve()
    return STATE_FOLDER / "clusters" / secrets.token_hex(6)


def create(cluster: Path, folder: Path, programs: PostgresPrograms, user: ServerUser | None) -> None:
    """Make the cluster beside its place and move it there when it is whole, so that an interruption leaves none."""
    cluster.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        _fill(draft, Passwords.made_up(folder), programs, user)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    draft.rename(cluster)
    if cluster != folder / "cluster":
        (folder / "cluster").symlink_to(cluster)


def _fill(draft: Path, passwords: Passwords, programs: PostgresPrograms, user: ServerUser | None) -> None:
    if user is not None:
        os.chown(draft, user.uid, user.gid)
    _run([programs.initdb, "-D", str(draft), "-U", "postgres", "-E", "UTF8", "-A", "reject", *_locale(programs)], user)
    with (draft / "postgresql.conf").open("a") as configuration:
        configuration.write(_CONFIGURATION)
    (draft / "pg_hba.conf").write_text(_ACCESS)
    alone = [programs.postgres, "--single", "-j", "-D", str(draft), "-c", "exit_on_error=on", "-c", "listen_addresses=", "postgres"]
    _run(alone, user, words=_first_statements(passwords))


def _locale(programs: PostgresPrograms) -> list[str]:
    if programs.major >= 17:  # noqa: PLR2004 - the version that brought the builtin provider
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    known = subprocess.run(["/usr/bin/locale", "-a"], capture_output=True, text=True, check=False).stdout.lower().replace("-", "").split()
    return ["--locale", next((name for name in ("C.UTF-8", "en_US.UTF-8") if name.lower().replace("-", "") in known), "C")]


def _first_statements(passwords: Passwords) -> str:
    """SQL for single-user mode, where a statement ends with a semicolon and an empty line."""
    return "\n\n".join(
        (
            f"ALTER ROLE postgres PASSWORD '{passwords.postgres}';",
            f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER CREATEROLE CREATEDB PASSWORD '{passwords.ismessenger}';",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE};",
            "",
        )
    )


def _run(command: list[str], user: ServerUser | None, words: str = "") -> None:
    done = subprocess.run(
        [*launcher(user, signal.SIGKILL), *command],
        input=words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", env=environment(), check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise refusal(done.stdout, where="the data folder")


def refusal(said: str, where: str) -> ServerTrouble:
    """The sentence for what a PostgreSQL program wrote before it gave up."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    grave = [line for line in lines if re.search(r"FATAL|PANIC|error:", line)]  # the first is the cause, the rest its consequences
    reason = (grave or lines[-1:] or ["no reason given"])[0]
    reason = re.sub(r"^.*?(FATAL|PANIC|error):\s*", "", reason).rstrip(".")
    if "No space left on device" in said or "Check free disk space" in said:
        return ServerTrouble(f"The disk that holds {where} is full: make room and start again.")
    if "has invalid permissions" in said:
        return ServerTrouble(f"Others may read {where}, and PostgreSQL refuses that: chmod 700 it and start again.")
    if "Permission denied" in said:
        return ServerTrouble(
            f"PostgreSQL may not use {where} ({reason}): correct the owner of its files, or choose another ISMESSENGER_DATA_DIR."
        )
    return ServerTrouble(
        f"PostgreSQL did not start from {where}: {reason}. If files are damaged, restore a backup; to start empty, move the folder away."
    )
