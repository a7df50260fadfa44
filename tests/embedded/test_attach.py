import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis

from ismessenger.embedded import ServerTrouble
from ismessenger.embedded.attach import attached_or_started, published_state
from ismessenger.embedded.claim import UP, claimed_for_up, try_claim
from ismessenger.embedded.process import silent
from ismessenger.settings import Settings

OURS = "import sys, time; from pathlib import Path; from ismessenger.embedded.claim import try_claim\n"


def settings_of(folder: Path) -> Settings:
    """With the operator's own PostgreSQL, so that only Redis is started."""
    return Settings(data_dir=folder, database_url=SecretStr("postgresql://db/name"))


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder for a command named ``backup`` until it is spoken to."""
    code = OURS + "try_claim(Path(sys.argv[1]), 'backup'); print('held', flush=True); sys.stdin.readline()"
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_what_the_operator_named_is_left_alone(tmp_path: Path) -> None:
    given = Settings(data_dir=tmp_path / "none", database_url=SecretStr("postgresql://db/name"), redis_url=SecretStr("redis://cache"))
    with attached_or_started(given, purpose="test") as settings:
        assert settings == given
    assert not (tmp_path / "none").exists()


def test_a_command_starts_what_is_missing_and_stops_it(tmp_path: Path) -> None:
    with attached_or_started(settings_of(tmp_path), purpose="test") as settings:
        assert settings.redis_url is not None
        url = settings.redis_url.get_secret_value()
        assert Redis.from_url(url).ping()
        assert settings.database_url == SecretStr("postgresql+asyncpg://db/name")
    assert not Path(url.removeprefix("unix://")).exists()


def test_a_command_attaches_to_a_running_up(tmp_path: Path) -> None:
    with claimed_for_up(tmp_path, silent), published_state(tmp_path, {"redis_url": "unix:///the/socket"}):
        assert (tmp_path / "embedded.json").stat().st_mode & 0o077 == 0
        with attached_or_started(settings_of(tmp_path), purpose="test") as settings:
            assert settings.redis_url == SecretStr("unix:///the/socket")
    assert not (tmp_path / "embedded.json").exists()


def test_the_state_of_a_dead_up_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "embedded.json").write_text(json.dumps({"pid": 1, "urls": {"redis_url": "unix:///gone"}}))
    (tmp_path / "lock").write_text(json.dumps({"pid": 1, "purpose": UP}))
    with attached_or_started(settings_of(tmp_path), purpose="test") as settings:
        assert settings.redis_url != SecretStr("unix:///gone")


def test_a_second_up_is_refused_with_the_first_ones_number(tmp_path: Path) -> None:
    refusal = pytest.raises(ServerTrouble, match=r"already runs on .* \(process \d+\): stop it, or .* --data-dir")
    with claimed_for_up(tmp_path, silent), refusal, claimed_for_up(tmp_path, silent):
        pass
    with claimed_for_up(tmp_path, silent):
        pass


def test_up_and_commands_wait_for_a_command_to_end(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    assert try_claim(tmp_path, UP) is None
    code = OURS + "from ismessenger.embedded import process; process._PROGRESS_EVERY_S = 0.1\n"
    code += "from ismessenger.embedded.claim import claimed_for_up\nwith claimed_for_up(Path(sys.argv[1]), print): print('mine')"
    with subprocess.Popen([sys.executable, "-u", "-c", code, tmp_path], stdout=subprocess.PIPE, text=True) as waiting:
        assert waiting.stdout is not None
        said = waiting.stdout.readline()
        assert said == f"Waiting for `ismessenger backup` (process {other.pid}) to end\n"
        assert waiting.poll() is None
        other.communicate("go\n")
        assert waiting.stdout.read().replace(said, "") == "mine\n"


def test_a_folder_that_cannot_be_made_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ServerTrouble, match=r"^The data folder .*/file cannot be made \(File exists\): choose another ISMESSENGER_DATA_DIR\.$"
    ):
        try_claim(tmp_path / "file", "test")
