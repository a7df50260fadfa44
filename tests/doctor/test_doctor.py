"""The doctor finds what was broken on purpose, says how to mend it, and changes nothing."""

import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from ismessenger.channels.connect import connect
from ismessenger.commands.doctor import Diagnosis
from ismessenger.doctor import contradictions, databases, machine, services
from ismessenger.doctor.examine import CHECKS, examine
from ismessenger.doctor.finding import Finding, Place, broken, fine
from ismessenger.installation import Installation
from ismessenger.kit.clock import now, shifted
from ismessenger.kit.crypto import Vault, keys_in
from ismessenger.settings import Settings
from ismessenger.tenancy.aside import bring_back, put_aside
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.migrate import migrate
from ismessenger.tenancy.owner import owner
from tests.conftest import make_world
from tests.tenancy.test_migrations import new_database

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def place(installation: Installation, tmp_path: Path) -> Place:
    """A prepared installation with databases of its own on the servers of the tests."""
    assert installation.settings.database_url is not None
    url = await new_database(installation.settings.database_url.get_secret_value())
    await migrate({DEFAULT_HOME: url})
    settings = installation.settings.model_copy(update={"database_url": SecretStr(url), "homes": {}, "data_dir": tmp_path})
    found = Place(settings)
    assert grades(await databases.databases(found)) == {"fine"}
    return found


@pytest.fixture
def bare(servers: Settings, tmp_path: Path) -> Place:
    """Settings with a folder of their own, of which no database is asked."""
    return Place(servers.model_copy(update={"homes": {}, "data_dir": tmp_path}))


def grades(findings: Iterable[Finding]) -> set[str]:
    return {finding.grade for finding in findings}


def only(findings: Iterable[Finding]) -> Finding:
    (finding,) = (finding for finding in findings if finding.grade != "fine")
    assert finding.mend
    return finding


async def change(place: Place, *statements: str, **values: object) -> None:
    async with owner(place.homes[DEFAULT_HOME]) as connection:
        for statement in statements:
            await connection.execute(text(statement), values)


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    """A port that is taken and answers nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.behaviour(146)
async def test_a_sound_installation_has_nothing_broken_and_every_check_answers(place: Place) -> None:
    for check in CHECKS:
        findings = await check.ask(place)
        assert findings
        assert "broken" not in grades(findings), (check.name, findings)


def test_every_check_is_in_the_operators_handbook() -> None:
    handbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [check.name for check in CHECKS if f"| {check.name} |" not in handbook] == []
    assert len({check.name for check in CHECKS}) == len(CHECKS)


@pytest.mark.behaviour(146)
async def test_channels_whose_credentials_no_key_opens_are_named(installation: Installation) -> None:
    world = await make_world(installation, "eu")
    values = {"id_type": "custom", "api_base_url": "https://their.example"}
    made = await connect(installation, world.workspace_id, "custom_channel", name="Till", values=values)
    place = Place(installation.settings)
    await databases.databases(place)
    for url in place.homes.values():
        async with owner(url) as connection:  # other tests leave channels whose secrets were never sealed
            await connection.execute(text("DELETE FROM store.channel WHERE length(secrets) < 30"))
    named = f"channel Till (custom_channel) of workspace {world.workspace_id}"
    assert grades(await databases.credentials(place)) == {"fine"}
    foreign = Vault(["another-key-of-the-tests-0123456789"]).seal(b"{}", "channel/x")
    change = text("UPDATE store.channel SET secrets = :secrets WHERE workspace_id = :workspace AND id = :id")
    async with owner(place.homes["eu"]) as connection:
        await connection.execute(change, {"secrets": foreign, "workspace": world.workspace_id, "id": made.channel_id})
    finding = only(await databases.credentials(place))
    assert finding.grade == "broken"
    assert named in finding.words
    async with owner(place.homes["eu"]) as connection:
        await connection.execute(text("DELETE FROM store.channel WHERE workspace_id = :workspace"), {"workspace": world.workspace_id})


async def test_a_database_that_does_not_answer_is_named_without_its_password(place: Place, nobody_listens: int) -> None:
    away = SecretStr(f"postgresql+asyncpg://somebody:hunter2@127.0.0.1:{nobody_listens}/x")
    other = Place(place.settings.model_copy(update={"homes": {"eu": away}}))
    finding = only(await databases.databases(other))
    assert (finding.grade, "home eu does not answer" in finding.words, "hunter2" in finding.words) == ("broken", True, False)
    assert list(other.homes) == [DEFAULT_HOME]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE store.alembic_version SET version_num = '9999'", r"belongs to a newer version"),
        ("UPDATE store.alembic_version SET version_num = '0001'", "Home default is at 0001"),
        ("DROP SCHEMA store CASCADE", "is not prepared"),
    ],
)
async def test_a_database_of_another_version_is_told(place: Place, statement: str, words: str) -> None:
    assert grades(await databases.revisions(place)) == {"fine"}
    await change(place, statement)
    again = Place(place.settings)
    await databases.databases(again)
    finding = only(await databases.revisions(again))
    assert (finding.grade, words in finding.words) == ("broken", True), finding


async def test_an_interrupted_restore_is_told(place: Place) -> None:
    await put_aside(place.homes[DEFAULT_HOME])
    assert any("was interrupted" in finding.words for finding in await databases.revisions(place))
    assert await bring_back(place.homes[DEFAULT_HOME])
    assert grades(await databases.revisions(place)) == {"fine"}


async def test_a_role_that_can_see_all_is_told(place: Place) -> None:
    assert grades(await databases.roles(place)) == {"fine"}
    await change(place, "GRANT USAGE ON SCHEMA store TO ismessenger_app")
    finding = only(await databases.roles(place))
    assert (finding.grade, "can go around workspace isolation" in finding.words) == ("broken", True)
    await change(place, "REVOKE USAGE ON SCHEMA store FROM ismessenger_app")


async def test_work_that_nobody_does_is_told_with_its_age(place: Place) -> None:
    letter = (
        "INSERT INTO catalog.letter (\"to\", subject, text, created_at, due_at, attempts, problem) VALUES ('a', '', '', :at, :at, 0, '')"
    )
    await change(place, letter, at=now() - timedelta(minutes=30))
    assert grades(await databases.backlog(place)) == {"fine"}
    await change(place, letter, at=now() - timedelta(hours=2))
    finding = only(await databases.backlog(place))
    assert (finding.grade, finding.words) == ("broken", "Home default: 1 letters that were not sent yet, the oldest for 120 minutes.")


@pytest.mark.parametrize(("seconds", "grade"), [(20, "warning"), (-3600, "broken")])
async def test_clocks_that_differ_are_told(place: Place, seconds: int, grade: str) -> None:
    assert grades(await databases.clock(place)) == {"fine"}
    with shifted(timedelta(seconds=seconds)):
        assert only(await databases.clock(place)).grade == grade


async def test_a_channel_that_says_it_is_broken_is_told(installation: Installation) -> None:
    world = await make_world(installation)
    values = {"id_type": "custom", "api_base_url": "https://their.example"}
    made = await connect(installation, world.workspace_id, "custom_channel", name="Till", values=values)
    statement = "UPDATE channel SET status = :status, status_reason = 'The token was revoked.' WHERE id = :id"
    async with installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text(statement), {"status": "broken", "id": made.channel_id})
    place = Place(installation.settings)
    await databases.databases(place)
    told = [finding.words for finding in await databases.channels(place)]
    assert f"Channel Till (custom_channel) of workspace {world.workspace_id}: The token was revoked." in told
    async with installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text(statement), {"status": "connected", "id": made.channel_id})


async def test_redis_that_is_away_is_told(bare: Place, nobody_listens: int) -> None:
    assert grades(await services.redis(bare)) == {"fine"}
    away = Place(bare.settings.model_copy(update={"redis_url": SecretStr(f"redis://127.0.0.1:{nobody_listens}")}))
    assert only(await services.redis(away)).grade == "broken"


async def test_files_that_cannot_be_written_are_told(bare: Place) -> None:
    (bare.settings.data_dir / "files").mkdir()
    assert grades(await services.files(bare)) == {"fine"}
    assert list((bare.settings.data_dir / "files").rglob("*")) == []
    (bare.settings.data_dir / "files").rmdir()
    (bare.settings.data_dir / "files").write_text("a file where a folder must be")
    assert only(await services.files(bare)).grade == "broken"
    bucket = Place(bare.settings.model_copy(update={"files_url": "ftp://somewhere"}))
    assert "s3://bucket/prefix" in only(await services.files(bucket)).words


async def test_a_mail_server_that_is_away_is_told(bare: Place, nobody_listens: int) -> None:
    assert only(await services.mail(bare)).grade == "warning"
    away = Place(bare.settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{nobody_listens}")}))
    finding = only(await services.mail(away))
    assert (finding.grade, finding.mend) == ("broken", "Correct ISMESSENGER_SMTP_URL.")


async def test_keys_that_others_may_read_are_told(bare: Place) -> None:
    keys = bare.settings.data_dir / "keys"
    keys.write_text("a-key\n")
    keys.chmod(0o600)
    assert grades(await machine.data_folder(bare)) == {"fine"}
    keys.chmod(0o644)
    assert only(await machine.data_folder(bare)) == broken(f"Others may read {keys}.", f"chmod 600 {keys}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"public_url": "http://inbox.example"}, "is not https"),
        ({"public_url": "inbox.example"}, "is no address"),
        ({"host": "0.0.0.0", "public_url": ""}, "nobody said how it is reached"),
        ({"trusted_proxies": "*"}, "Everybody is believed"),
        ({"secret_keys": []}, "the keys lie in"),
        ({"redis_url": None}, "Redis an embedded one"),
    ],
)
async def test_settings_that_contradict_each_other_are_told(bare: Place, changes: dict[str, object], words: str) -> None:
    sound = bare.settings.model_copy(update={"files_url": "s3://bucket", "public_url": "https://inbox.example"})
    assert grades(await contradictions.settings(Place(sound))) == {"fine"}
    found = await contradictions.settings(Place(sound.model_copy(update=changes)))
    assert any(words in finding.words and finding.mend for finding in found), found


def test_a_cluster_of_another_major_version_is_told_before_anything_is_started(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "cluster"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("11\n")
    report = examine(Settings(_env_file=None, data_dir=tmp_path))
    finding = only(report["embedded PostgreSQL"])
    assert (finding.grade, "written by PostgreSQL 11" in finding.words) == ("broken", True)
    assert "databases" not in report
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["PG_VERSION", "cluster", "postgres"]


def test_an_installation_that_was_never_started_is_left_alone(tmp_path: Path) -> None:
    report = examine(Settings(_env_file=None, data_dir=tmp_path / "data"))
    assert report["databases"] == [fine("there is none yet: `ismessenger up` makes one")]
    assert list(tmp_path.iterdir()) == []
    assert keys_in(tmp_path / "data") == []


def test_the_diagnosis_reads_as_lines() -> None:
    report: dict[str, Sequence[Finding]] = {"disk": [broken("It is full.", "Make room.")], "clock": [fine("fits")]}
    assert Diagnosis({}, report=report).text() == "BROKEN   disk: It is full.\n         → Make room.\nok       clock: fits"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_we_may_not_write_to_is_told(bare: Place) -> None:
    bare.settings.data_dir.chmod(0o500)
    assert only(await machine.data_folder(bare)).grade == "broken"


async def test_a_full_disk_is_told(bare: Place) -> None:
    assert (await machine.disk(bare))[0].words.endswith(f"{bare.settings.data_dir} lies")
    assert [machine.room(Path("/x"), free).grade for free in (10 << 30, 1 << 30, 1 << 20)] == ["fine", "warning", "broken"]
