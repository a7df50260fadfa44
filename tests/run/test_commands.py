import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ismessenger.cli import main
from ismessenger.installation import Installation
from ismessenger.settings import Settings
from tests.conftest import forget_work

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(installation: Installation) -> dict[str, str]:
    settings: Settings = installation.settings
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
    assert settings.database_url is not None
    assert settings.redis_url is not None
    return clean | {
        "ISMESSENGER_DATABASE_URL": settings.database_url.get_secret_value(),
        "ISMESSENGER_REDIS_URL": settings.redis_url.get_secret_value(),
        "ISMESSENGER_HOMES": json.dumps({name: url.get_secret_value() for name, url in settings.homes.items()}),
        "ISMESSENGER_SECRET_KEYS": ",".join(key.get_secret_value() for key in settings.secret_keys),
        "ISMESSENGER_DATA_DIR": str(settings.data_dir),
        "ISMESSENGER_PUBLIC_URL": "https://inbox.example",
    }


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ismessenger.cli", *words], env=environment, capture_output=True, text=True, check=False)


def answer(environment: dict[str, str], *words: str) -> dict[str, object]:
    done = run(environment, *words, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    answered: dict[str, object] = json.loads(done.stdout)
    return answered


def refusal(environment: dict[str, str], *words: str) -> str:
    done = run(environment, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    return done.stderr.strip()


def test_a_workspace_with_its_people_keys_and_channels_is_made_from_scripts(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    owner = ("--owner-email", "own@scripts.example", "--owner-password", f"@{tmp_path}/password")
    workspace = answer(environment, "workspace", "create", "--name", "Scripts Ltd", *owner, "--home", "eu")
    assert workspace == {"workspace_id": workspace["workspace_id"], "slug": "scripts-ltd"}
    inside = ("--workspace", "scripts-ltd", "--name", "A B")
    person = ("--email", "agent@scripts.example", "--password", "correct horse battery", "--role", "agent")
    assert answer(environment, "member", "create", *inside, *person).keys() == {"member_id"}
    reset = answer(environment, "account", "reset", "--email", "Agent@scripts.example", "--without-second-factor")
    assert str(reset["link"]).startswith("https://inbox.example/password-resets/")
    assert answer(environment, "token", "create", *inside).keys() == {"token"}
    (tmp_path / "token").write_text("123456:a-bot-token")
    telegram = answer(environment, "channel", "connect", "telegram", *inside, "--set", f"bot_token=@{tmp_path}/token", "--skip-check")
    assert telegram.keys() >= {"channel_id", "webhook_url", "secret_token"}
    assert str(telegram["webhook_url"]).startswith("https://inbox.example/hooks/telegram/")
    custom = ("--set", "id_type=custom", "--set", "api_base_url=https://their.example")
    assert answer(environment, "channel", "connect", "custom_channel", *inside, *custom).keys() >= {
        "channel_id",
        "webhook_url",
        "api_token",
    }
    assert answer(environment, "channel", "connect", "website_chat", *inside).keys() >= {"channel_id", "webhook_url", "script_tag"}
    page = [word for key in ("page_id", "page_access_token", "app_secret", "verify_token") for word in ("--set", f"{key}=1")]
    assert answer(environment, "channel", "connect", "messenger", *inside, *page, "--skip-check").keys() >= {"channel_id", "webhook_url"}


async def test_drain_migrate_and_plugins_answer(installation: Installation, environment: dict[str, str]) -> None:
    await forget_work(installation)
    migrated = answer(environment, "migrate")
    assert (migrated["migrated"], set(dict(migrated["homes"]))) == (True, {"default", "eu"})  # type: ignore[call-overload]
    assert answer(environment, "drain", "--timeout", "20")["inbound"] == 0
    plugins = answer(environment, "plugins")
    assert plugins["broken"] == {}
    assert {"custom_channel", "website_chat", "telegram", "messenger"} <= set(dict(plugins["channels"]))  # type: ignore[call-overload]
    assert {"send_message", "google_sheets_row"} <= set(dict(plugins["steps"]))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("token create --workspace nowhere --name x", "There is no workspace 'nowhere'."),
        ("account reset --email nobody@example.com", "There is no account with the address 'nobody@example.com'."),
        ("workspace create --name x --owner-email nobody --owner-password correct-horse-battery", "'nobody' is not an e-mail address."),
        ("workspace create --name x --owner-email a@b.example --owner-password p --home mars", "There is no home 'mars'."),
        ("workspace create --name x --owner-email a@b.example --owner-password @/no/file", "/no/file cannot be read"),
        ("channel connect telegram --workspace 1 --name x --set bot_token", "--set wants key=value, not 'bot_token'."),
        ("home add mars mysql://x", "This cannot be a home: the URL of a PostgreSQL database starts with postgresql://."),
    ],
)
def test_expected_trouble_is_one_sentence(environment: dict[str, str], words: str, sentence: str) -> None:
    assert sentence in refusal(environment, *words.split())


def test_wrong_words_are_told_from_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["workspace", "destroy"])
    assert "invalid choice: 'destroy'" in capsys.readouterr().err


def test_web_alone_asks_for_servers(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
    said = refusal(clean | {"ISMESSENGER_DATA_DIR": str(tmp_path)}, "web")
    assert said.startswith(
        "No database or no Redis is named: set ISMESSENGER_DATABASE_URL and ISMESSENGER_REDIS_URL, or use `ismessenger up`"
    )
