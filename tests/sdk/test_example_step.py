"""The example of docs/workflows.md is a package that installs, is found as a step, and passes its own tests."""

import json
import re
import shutil
from pathlib import Path

import pytest

from ismessenger.sdk import step

from .test_example_package import ROOT, run

EXAMPLE = ROOT / "docs" / "examples" / "ismessenger-greet"
FIND = "import json; from ismessenger.plugins import load_plugins as load; print(json.dumps([sorted(load().steps), str(load().broken)]))"
GUIDE = (ROOT / "docs" / "workflows.md").read_text("utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("project") / EXAMPLE.name
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return copy


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("target")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--root-user-action=ignore")
    run("-m", "pip", "install", *options, "--target", str(target), str(project), cwd=project)
    return target


@pytest.mark.slow
def test_the_step_is_found(installed: Path, project: Path) -> None:
    before, _ = json.loads(run("-c", FIND, cwd=project))
    found, broken = json.loads(run("-c", FIND, cwd=project, path=installed))
    assert set(found) - set(before) == {"greet"}
    assert "greet" not in broken


@pytest.mark.slow
def test_its_own_tests_pass(installed: Path, project: Path) -> None:
    shutil.rmtree(project / "src", ignore_errors=True)  # so that nothing but the installed package can be tested
    output = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", cwd=project, path=installed)
    assert int(output.rsplit(" passed", 1)[0].rsplit(maxsplit=1)[-1]) > 15


def test_the_guide_shows_the_code_as_it_is() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in sorted(EXAMPLE.rglob("*")) if path.suffix in {".py", ".toml"})
    shown = re.findall(r"^```(?:python|toml)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(shown) > 3
    for block in shown:
        assert block in sources, f"The example does not hold:\n{block}"


def test_the_guide_names_every_ability() -> None:
    abilities = [name for name, value in vars(step).items() if getattr(value, "_is_runtime_protocol", False)]
    assert len(abilities) > 3
    assert [name for name in abilities if f"`{name}`" not in GUIDE] == []
