import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ismessenger.embedded import EmbeddedPostgres
from ismessenger.embedded.process import wait_until
from ismessenger.settings import Settings
from tests.run.program import STOP_S, Up

pytestmark = pytest.mark.slow


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ISMESSENGER_DATA_DIR": str(folder)}
    return subprocess.run([sys.executable, "-m", "ismessenger.cli", *words], capture_output=True, text=True, check=False, env=environment)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_starts_everything_and_a_signal_stops_everything_it_started(folder: Path, number: signal.Signals) -> None:
    with Up(folder) as up:
        up.wait_ready()
        assert f"IS-Messenger is ready at http://127.0.0.1:{up.port}" in up.lines
        assert any(f"are kept at http://127.0.0.1:{up.port}/mailbox until" in line for line in up.lines)
        names = {process.name() for process in up.started}
        assert {"postgres", "redis-server"} <= names or {"postgres", "valkey-server"} <= names
        assert up.stop(number) == 0
        assert gone(up.started)
        assert wait_until(lambda: "Stopped" in up.lines, timeout_s=5)
        said = up.lines[up.lines.index("Ctrl-C stops it.") + 1 :]
        assert [line for line in said if not line.startswith("Stopping: ") and "worker.started" not in line] == ["Stopped"]
    assert not (folder / "embedded.json").exists()


def test_signals_that_come_together_still_stop_it_in_order(folder: Path) -> None:
    with Up(folder).wait_ready() as up:
        up.process.send_signal(signal.SIGINT)
        assert up.stop(signal.SIGTERM) == 0
        assert gone(up.started)
        assert "Traceback" not in up.output


def test_commands_reach_the_running_servers_and_the_second_start_keeps_the_data(folder: Path) -> None:
    with Up(folder) as up:
        up.wait_ready()
        words = ("--name", "Shop", "--owner-email", "owner@shop.example", "--owner-password", "correct horse battery", "--json")
        made = command(folder, "workspace", "create", *words)
        assert made.stderr == ""
        assert json.loads(made.stdout) == {"workspace_id": 1, "slug": "shop"}
        up.stop()
    with Up(folder) as up:
        up.wait_ready()
        assert not any("Creating" in line for line in up.lines)
        token = command(folder, "token", "create", "--workspace", "shop", "--name", "test", "--json")
        assert json.loads(token.stdout).keys() == {"token"}


def test_a_second_up_on_the_same_folder_says_so_in_one_sentence(folder: Path) -> None:
    with Up(folder).wait_ready() as up, Up(folder) as second:
        assert second.process.wait(timeout=STOP_S) == 1
        sentence = f"IS-Messenger already runs on {folder} (process {up.process.pid}): stop it, or start this one with another --data-dir."
        assert wait_until(lambda: second.lines == [sentence], timeout_s=5), second.output


def test_a_taken_port_gives_one_sentence_before_anything_is_started(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with Up(folder, port=port) as up:
            assert up.process.wait(timeout=STOP_S) == 1
            sentence = f"Port {port} is taken by another program: stop that, or choose another port with --port or ISMESSENGER_PORT."
            assert wait_until(lambda: up.lines == [sentence], timeout_s=5), up.output
    assert not (folder / "postgres").exists()


@pytest.mark.parametrize(
    ("variable", "url", "sentence"),
    [
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/inbox", "The database at 127.0.0.1:1/inbox does not answer"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0", "Redis does not answer"),
        ("DATABASE_URL", "mysql://me:secret@127.0.0.1/inbox", "the URL of a PostgreSQL database starts with postgresql://."),
        ("DATABASE_URL", "postgresql://me:sec#ret@127.0.0.1/inbox", "in a password # is %23"),
        ("DATABASE_URL", "postgresql://me:x@127.0.0.1:secret/inbox", "looks like postgresql://user:password@host:5432/name"),
        ("SMTP_URL", "smtp://me:secret#x@127.0.0.1", "the URL of a mail server looks like"),
        ("HOMES", "secret", "ISMESSENGER_HOMES: this is no JSON"),
        ("SECRET_KEYS", "secret", "A key needs at least 16 characters"),
        ("PORT", "many", "ISMESSENGER_PORT: Input should be a valid integer"),
        ("HOST", "no-such-host.invalid", "This machine cannot listen on no-such-host.invalid"),
    ],
)
def test_a_setting_that_does_not_work_gives_one_sentence_without_secrets(folder: Path, variable: str, url: str, sentence: str) -> None:
    environment = {f"ISMESSENGER_{variable}": url}
    words = () if variable == "PORT" else ("--port", "8123")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
    done = subprocess.run(
        [sys.executable, "-m", "ismessenger.cli", "up", "--data-dir", str(folder), *words],
        capture_output=True, text=True, check=False, env={**clean, **environment}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr + done.stdout


def test_a_broken_data_folder_gives_one_sentence(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres"):
        pass
    (folder / "postgres" / "cluster" / "PG_VERSION").unlink()
    with Up(folder) as up:
        assert up.process.wait(timeout=STOP_S) == 1
        assert wait_until(lambda: len(up.lines) == 1, timeout_s=5), up.output
        assert "is not a whole PostgreSQL data folder: restore it from a backup" in up.output


@pytest.mark.parametrize(
    ("victim", "content", "sentence"),
    [
        ("postgres/passwords.json", '{"postgres": "x", "ismessenger": "x"}', "is not as we left it (password authentication failed"),
        ("keys", "\xfa\xfe", "A key needs at least 16 characters"),
        ("keys", "", "keys holds no key. Restore it from a backup"),
    ],
)
def test_what_is_wrong_in_the_data_folder_is_not_called_a_wrong_setting(folder: Path, victim: str, content: str, sentence: str) -> None:
    with EmbeddedPostgres(folder / "postgres"):
        pass
    (folder / victim).write_text(content)
    with Up(folder) as up:
        assert up.process.wait(timeout=STOP_S) == 1
        assert wait_until(lambda: sentence in up.output, timeout_s=5), up.output
    assert "Traceback" not in up.output
    assert "ISMESSENGER_DATABASE_URL" not in up.output


def test_a_setting_without_a_value_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
        monkeypatch.setenv(f"ISMESSENGER_{name}", "")
    empty = Settings(_env_file=None)
    assert (empty.database_url, empty.redis_url, empty.smtp_url) == (None, None, None)


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_process_that_was_killed_is_started_again(folder: Path, name: str) -> None:
    with Up(folder) as up:
        up.wait_ready()
        before = up.child(name)
        before.kill()
        assert wait_until(lambda: any(name in process.cmdline() and process != before for process in children_of(up)), timeout_s=30)
        assert f"The {name} process was ended by signal SIGKILL; starting it again in 1 s" in up.lines


@pytest.mark.parametrize("name", ["postgres", "redis-server"])
def test_a_server_that_was_killed_is_started_again_and_web_recovers(folder: Path, name: str) -> None:
    with Up(folder) as up:
        up.wait_ready()
        next(process for process in children_of(up) if process.name() in (name, name.replace("redis", "valkey"))).kill()
        assert wait_until(lambda: any("ended by itself; starting it again in 1 s" in line for line in up.lines), timeout_s=30)
        assert wait_until(lambda: up.get("/readyz").status_code == 200, timeout_s=60)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_nothing_is_left_when_up_itself_is_killed_and_the_next_start_works(folder: Path) -> None:
    with Up(folder) as up:
        up.wait_ready()
        up.process.kill()
        assert wait_until(lambda: gone(up.started), timeout_s=60)
    with Up(folder) as up:
        up.wait_ready()


def children_of(up: Up) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(up.process.pid).children():
        try:
            process.cmdline()
        except psutil.NoSuchProcess:
            continue
        found.append(process)
    return found
