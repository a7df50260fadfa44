"""No step and no trigger is without its cases, its icon and its words in the documentation."""

import json
from pathlib import Path

import pytest

from ismessenger.plugins import load_plugins
from ismessenger.sdk.step import Step, Trigger

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = load_plugins()
KINDS: dict[str, Step | Trigger] = {**PLUGINS.steps, **PLUGINS.triggers}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_its_golden_cases(kind: str) -> None:
    cases = json.loads((ROOT / "tests" / "workflows" / "cases" / f"{kind}.json").read_text("utf-8"))["cases"]
    assert cases
    assert all("expected" in case for case in cases)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_an_icon_that_there_is(kind: str) -> None:
    assert (ROOT / "frontend" / "node_modules" / "lucide-static" / "icons" / f"{KINDS[kind].icon}.svg").exists()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_documented(kind: str) -> None:
    headings = (ROOT / "docs" / "workflows.md").read_text("utf-8").splitlines()
    assert f"### {KINDS[kind].name}" in headings


def test_no_case_file_is_left_over() -> None:
    files = {path.stem for path in (ROOT / "tests" / "workflows" / "cases").glob("*.json")}
    assert files == set(KINDS)


def test_no_two_kinds_have_one_name() -> None:
    assert len({kind.name for kind in PLUGINS.steps.values()}) == len(PLUGINS.steps)
    assert len({kind.name for kind in PLUGINS.triggers.values()}) == len(PLUGINS.triggers)
