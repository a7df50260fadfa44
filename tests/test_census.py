"""Registers are complete: what is listed has its test, its documentation, its fixtures."""

import ast
import re
from pathlib import Path

import pytest

from ismessenger.plugins import load_plugins
from ismessenger.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
KINDS = sorted(load_plugins().channels)


def _promised() -> list[int]:
    lines = (ROOT / "docs" / "behaviours.md").read_text("utf-8").splitlines()
    return [int(found[1]) for line in lines if (found := re.match(r"(\d+)\. ", line))]


def _marked() -> set[int]:
    numbers: set[int] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "behaviour":
                numbers |= {
                    argument.value for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, int)
                }
    return numbers


def test_every_promise_has_a_test() -> None:
    assert set(_promised()) - _marked() == set()


def test_no_two_promises_have_one_number() -> None:
    assert len(_promised()) == len(set(_promised()))


def test_every_numbered_test_has_its_promise() -> None:
    assert _marked() - set(_promised()) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_channel_has_its_guide_its_set_up_page_and_golden_webhooks(kind: str) -> None:
    folder = ROOT / "channels_adapters" / kind
    assert (folder / "README.md").stat().st_size > 500
    assert (folder / "setup.html").stat().st_size > 200
    webhooks = [path for path in (folder / "fixtures").glob("*.json") if not path.name.endswith(".expected.json")]
    assert len(webhooks) >= 5
    assert all(path.with_name(f"{path.stem}.expected.json").exists() for path in webhooks)
    assert (ROOT / "docs" / "channels" / f"{kind}.md").exists()


def test_no_plugin_of_ours_is_broken() -> None:
    assert load_plugins().broken == ()


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text("utf-8")
    missing = [name for name in Settings.model_fields if f"ISMESSENGER_{name.upper()}" not in documented]
    assert missing == []
