"""Workflows as files, by the command line."""

import json
from pathlib import Path

import pytest

from tests.conftest import World
from tests.run.test_commands import answer, environment, refusal, run

pytestmark = pytest.mark.slow
__all__ = ["environment"]

STEP = {"id": "s1", "kind": "send_message", "params": {"message": {"text": "hello"}}}
FINE = {"format": 1, "trigger": {"kind": "conversation_opened"}, "start": "s1", "steps": [STEP]}


def file_of(folder: Path, definition: object) -> str:
    file = folder / "workflow.json"
    file.write_text(json.dumps({"ismessenger": "workflow", "name": "Welcome", "definition": definition}))
    return str(file)


@pytest.mark.behaviour(328)
def test_a_workflow_goes_in_and_out_by_scripts(environment: dict[str, str], world: World, tmp_path: Path) -> None:
    inside = ("--workspace", world.slug)
    made = answer(environment, "workflow", "import", file_of(tmp_path, FINE), *inside, "--publish")
    assert made == {
        "workflow_id": made["workflow_id"],
        "name": "Welcome",
        "status": "published",
        "missing": [],
        "problems": [],
        "hook_url": None,
    }
    out = answer(environment, "workflow", "export", str(made["workflow_id"]), *inside)
    assert out["name"] == "Welcome"
    again = tmp_path / "again.json"
    again.write_text(run(environment, "workflow", "export", str(made["workflow_id"]), *inside).stdout)
    second = answer(environment, "workflow", "import", str(again), *inside)
    assert (second["name"], second["status"]) == ("Welcome 2", "draft")


def test_what_cannot_be_published_stays_a_draft_and_says_why(environment: dict[str, str], world: World, tmp_path: Path) -> None:
    team = {**FINE, "steps": [{"id": "s1", "kind": "assign_to", "params": {"action": "team", "team_id": 7}}]}
    done = run(environment, "workflow", "import", file_of(tmp_path, team), "--workspace", world.slug, "--publish", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["status"] == "draft"
    assert told["missing"] == [{"thing": "team", "name": "7"}]
    assert [each["step"] for each in told["problems"]] == ["s1"]


def test_expected_trouble_is_one_sentence(environment: dict[str, str], world: World, tmp_path: Path) -> None:
    assert "cannot be read" in refusal(environment, "workflow", "import", str(tmp_path / "none"), "--workspace", world.slug)
    circle = [{"id": "a", "kind": "wait", "exits": {"next": "a"}}]
    refused = refusal(environment, "workflow", "import", file_of(tmp_path, {"format": 1, "steps": circle}), "--workspace", world.slug)
    assert "Steps run in a circle." in refused
    assert refusal(environment, "workflow", "export", "999999999") == "There is no workflow 999999999."
