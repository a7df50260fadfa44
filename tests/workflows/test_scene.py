from datetime import UTC, datetime
from typing import Any

import pytest

from ismessenger.automation.person import made_up
from ismessenger.automation.references import standing_variables
from ismessenger.automation.scene import RunScene
from ismessenger.automation.standing import STANDING
from ismessenger.automation.surroundings import Surroundings
from ismessenger.conditions.vocabulary import Vocabulary

AT = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)


def scene(timezone: str, **columns: Any) -> RunScene:
    return RunScene(made_up(AT, **columns), Surroundings(AT, Vocabulary(timezone=timezone), workspace_name="Shop"), {})


@pytest.mark.behaviour(38)
@pytest.mark.parametrize(("timezone", "shown"), [("UTC", "2026-07-01 22:30:05"), ("Asia/Kuala_Lumpur", "2026-07-02 06:30:05")])
def test_the_time_is_that_of_the_workspace(timezone: str, shown: str) -> None:
    assert scene(timezone).filled("$system.current_datetime") == shown
    assert scene(timezone).filled("$system.current_date $system.current_time") == shown


@pytest.mark.behaviour(280)
def test_variables_of_a_contact_have_fallbacks() -> None:
    greeting = 'Hi {{$contact.firstname | "there"}}, this is $workspace.name.'
    assert scene("UTC", first_name="Ann").filled(greeting) == "Hi Ann, this is Shop."
    assert scene("UTC").filled(greeting) == "Hi there, this is Shop."


def test_every_variable_that_the_form_offers_is_one_of_the_run_and_the_other_way_round() -> None:
    assert {variable.name for variable in standing_variables(Vocabulary())} == set(STANDING)
