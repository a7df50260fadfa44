"""The example of docs/writing-a-channel.md is a package that installs, is found, and passes its own tests."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ismessenger.sdk import channel

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "ismessenger-echo"
FIND = "import json; from ismessenger.plugins import load_plugins as load; print(json.dumps([sorted(load().channels), str(load().broken)]))"

pytestmark = pytest.mark.slow


def run(*arguments: str, cwd: Path, path: Path | None = None) -> str:
    """The output of a Python that also sees ``path``; its error output if it fails."""
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that building leaves nothing behind."""
    copy = tmp_path_factory.mktemp("project") / EXAMPLE.name
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return copy


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("target")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--root-user-action=ignore")
    run("-m", "pip", "install", *options, "--target", str(target), str(project), cwd=project)
    return target


def test_the_set_up_page_is_part_of_the_package(installed: Path) -> None:
    assert (installed / "ismessenger_echo" / "setup.html").is_file()


def test_the_channel_is_found(installed: Path, project: Path) -> None:
    before, _ = json.loads(run("-c", FIND, cwd=project))
    found, broken = json.loads(run("-c", FIND, cwd=project, path=installed))
    assert set(found) - set(before) == {"echo"}
    assert "echo" not in broken


def test_its_own_tests_pass(installed: Path, project: Path) -> None:
    shutil.rmtree(project / "src", ignore_errors=True)  # so that nothing but the installed package can be tested
    output = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", cwd=project, path=installed)
    passed = int(output.rsplit(" passed", 1)[0].rsplit(maxsplit=1)[-1])
    assert passed > 50


def test_the_guide_shows_the_code_as_it_is() -> None:
    guide = (ROOT / "docs" / "writing-a-channel.md").read_text()
    sources = "\n".join(path.read_text() for path in sorted(EXAMPLE.rglob("*")) if path.suffix in {".py", ".toml", ".html"})
    shown = re.findall(r"^```(?:python|toml|html)\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert len(shown) > 5
    for block in shown:
        assert block in sources, f"The example does not hold:\n{block}"


def test_the_guide_names_every_ability() -> None:
    guide = (ROOT / "docs" / "writing-a-channel.md").read_text()
    abilities = [name for name, value in vars(channel).items() if getattr(value, "_is_runtime_protocol", False)]
    assert len(abilities) > 5
    assert [name for name in abilities if f"`{name}`" not in guide] == []
