import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from ismessenger.embedded import EmbeddedPostgres
from tests.run.program import Up

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(place.glob("*.whl"))


def test_holds_every_template_migration_and_asset(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder_name in ("templates", "alembic"):
        files = [path for path in (ROOT / folder_name).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files
        assert {f"ismessenger/_bundled/{path.relative_to(ROOT).as_posix()}" for path in files} <= names
    with zipfile.ZipFile(wheel) as archive:
        manifest = json.loads(archive.read("ismessenger/static/manifest.json"))
    assert {f"ismessenger/static/{name}" for name in manifest.values()} <= names
    assert {f"ismessenger/static/{name}" for name in ("widget.js",)} <= names


def test_holds_what_plugins_bring_and_no_tests_or_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    pages = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("channels_adapters/*/setup.html")]
    assert pages
    assert set(pages) <= names
    assert not [name for name in names if name.startswith(("tests/", "var/", "frontend/")) or name.endswith(".pyc")]


def test_runs_up_a_backup_its_restore_and_the_doctor_in_an_environment_of_its_own(wheel: Path, folder: Path) -> None:
    home = folder.parent / "environment"
    venv.create(home, with_pip=True, symlinks=True)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    # Its dependencies are those of this environment, seen through a path file; our editable installation stays unseen that way.
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = subprocess.run(
        [python, "-c", "import ismessenger; print(ismessenger.__file__)"], cwd="/", capture_output=True, text=True, check=True
    )
    assert where.stdout.startswith(str(home))
    with Up(folder, program=(str(home / "bin" / "ismessenger"),)) as up:
        up.wait_ready()
        assert up.get("/static/widget.js").status_code == 200
        assert up.get("/session/new").status_code == 200
        command(home, folder, "seed", "demo")
        command(home, folder, "backup", "b", "--passphrase", "a passphrase of the tests")
        assert up.stop() == 0
    other = folder.parent / "other"
    try:
        assert command(home, other, "restore", "b", "--passphrase", "a passphrase of the tests")["unopened"] == []
        found = command(home, other, "doctor")
        assert found["well"], found
    finally:
        EmbeddedPostgres(other / "postgres").erase()


def command(home: Path, folder: Path, *words: str) -> dict[str, object]:
    """What a command of the installed wheel answers, far from any checkout."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
    environment = clean | {"ISMESSENGER_DATA_DIR": str(folder)}
    words = (*words, "--json")
    done = subprocess.run(
        [home / "bin" / "ismessenger", *words], env=environment, cwd=folder.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
