import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from ismessenger.commands.table import COMMANDS
from ismessenger.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def test_every_dependency_has_its_reason_and_no_reason_is_left_over() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *groups["build"], *groups["dev"], *groups["node"]]
    given = re.findall(r"^\| ([a-z0-9-]+) \| .+ \|$", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    assert sorted(set(given) - {"package", "---"}) == sorted({re.split(r"[\[;<>=! ]", name)[0] for name in wanted})


def test_every_package_of_the_front_end_has_its_reason_and_the_lock_names_no_registry() -> None:
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    given = re.findall(r"^\| `([@a-z0-9/-]+)` \| .+ \|$", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    assert sorted(given) == sorted({**package["dependencies"], **package["devDependencies"]})
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()


def test_every_setting_is_documented_in_its_own_words() -> None:
    for name, field in Settings.model_fields.items():
        assert re.search(rf"^\| `ISMESSENGER_{name.upper()}` \| .* \| {re.escape(field.title or '')} \|$", OPERATIONS, re.MULTILINE), name


def test_every_command_is_documented() -> None:
    for command in COMMANDS:
        assert re.search(rf"`{command.words}[ `]", OPERATIONS), command.words


def test_lock_files_name_no_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        assert "://" not in lock.read_text(), lock
        assert "--hash=sha256:" in lock.read_text(), lock


def test_every_package_that_the_code_imports_is_declared() -> None:
    declared = {
        re.split(r"[\[;<>=! ]", name)[0] for name in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    sources = [path for folder in ("src", "channels_adapters", "workflows", "integrations") for path in (ROOT / folder).rglob("*.py")]
    imported = {name for path in sources for name in re.findall(r"^(?:from|import) (\w+)", path.read_text(), re.MULTILINE)}
    ours = {"ismessenger", "channels_adapters", "workflows", "integrations"}
    ours.add("pytest")  # of sdk/testing, which only tests import
    missing = [name for name in imported - ours - sys.stdlib_module_names if not {canonical(dist) for dist in providers(name)} & declared]
    assert missing == []


def providers(module: str) -> list[str]:
    return packages_distributions().get(module, [])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
