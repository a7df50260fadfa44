"""Whatever a workflow is made of and whatever happens to its contact: runs end, stay small, and may be put away between two signals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ismessenger.sdk.content import Text
from ismessenger.sdk.step import Answer, Heard, Result, TimeUp
from workflows.engine import MAX_ENTRIES, Advanced, begin, resume
from workflows.program import Program
from workflows.state import MAX_BYTES, State

from .programs import PLUGINS, Stage, placed, program

HOLDS: Final = {"$and": [{"category": "contactField", "field": "email", "operator": "exists"}]}
NOT: Final = {"$and": [{"category": "contactField", "field": "phone", "operator": "exists"}]}
BRANCHES: Final = [{"id": "b1", "condition": NOT}, {"id": "b2", "condition": HOLDS}]

names = st.sampled_from(["", "answer", "other"])
words = st.sampled_from(["", "Hi $contact.firstname", "{{$answer | upper}}", "$answer $other" * 50, "x" * 1000])
durations = st.fixed_dictionaries({"value": st.integers(1, 7), "unit": st.sampled_from(["minutes", "hours", "days"])})
kinds: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "send_message": st.fixed_dictionaries({"message": st.fixed_dictionaries({"text": words}), "failure_branch": st.booleans()}),
    "ask_question": st.fixed_dictionaries(
        {
            "question": st.fixed_dictionaries({"text": words}),
            "type": st.sampled_from(["text", "choice", "number", "date", "phone", "email", "url", "rating", "location"]),
            "options": st.just(["Yes", "No"]),
            "save_variable": names,
            "save_tag": st.booleans(),
            "timeout_branch": st.booleans(),
            "timeout": durations,
            "not_sent_branch": st.booleans(),
        }
    ),
    "assign_to": st.fixed_dictionaries({"action": st.sampled_from(["workspace", "unassign"]), "timeout_branch": st.booleans()}),
    "branch": st.fixed_dictionaries(
        {"branches": st.lists(st.sampled_from(BRANCHES), min_size=1, max_size=2, unique_by=lambda b: str(b["id"]))}
    ),
    "update_tags": st.fixed_dictionaries(
        {"tag_ids": st.lists(st.integers(1, 3), max_size=2), "new_tags": st.lists(st.sampled_from(["VIP", "$answer"]), max_size=2)}
    ),
    "update_field": st.fixed_dictionaries({"field": st.just("email"), "value": words, "failure_branch": st.booleans()}),
    "wait": st.fixed_dictionaries({"duration": durations}),
    "date_time": st.just({}),
    "http_request": st.fixed_dictionaries(
        {
            "url": st.just("https://example.com/$answer"),
            "mapping": st.lists(st.fixed_dictionaries({"path": st.just("$.a"), "variable": names}), max_size=2),
            "failure_branch": st.booleans(),
        }
    ),
    "add_comment": st.fixed_dictionaries({"text": words}),
    "jump_to": st.fixed_dictionaries({"target": st.sampled_from(["s0", "s1", "s2", "s5", "gone"]), "most": st.integers(1, 10)}),
}
signals: st.SearchStrategy[Heard] = st.one_of(
    st.builds(Result, ok=st.booleans(), reason=st.just("No."), details=st.just({"status": 200, "json": {"a": "x" * 200}, "member_id": 1})),
    st.builds(
        Answer,
        content=st.builds(Text, text=st.sampled_from(["Yes", "no", "5", "2026-01-01", "ann@example.com", "", "\x00", "x" * 20_000])),
    ),
    st.builds(TimeUp),
)


def ways(step: dict[str, Any]) -> list[str]:
    """The exits of a step that nothing stands behind yet; one that it does not have is among them."""
    kind = PLUGINS.steps[step["kind"]]
    exits = [exit_.id for exit_ in kind.exits(kind.Params.model_validate(step["params"]))]
    return [exit_ for exit_ in [*exits, "nowhere"] if exit_ not in step["exits"]] or [f"nowhere{len(step['exits'])}"]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A random tree of up to twelve steps."""
    steps: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(sorted(kinds)))
        steps.append(placed(f"s{number}", kind, draw(kinds[kind])))
        if number:
            parent, exit_ = draw(st.sampled_from([(at, exit_) for at in range(number) for exit_ in ways(steps[at])]))
            steps[parent]["exits"][exit_] = f"s{number}"
    return program(*steps)


def play(run: Program, heard: Sequence[Heard], *, saved: bool) -> list[Advanced]:
    """What the signals do one after the other. ``saved`` puts the state away as JSON between them."""
    now = Stage().now
    done = [begin(run, {"first": "Ann"}, stage(now))]
    for minute, signal in enumerate(heard, 1):
        state = done[-1].state
        again = Program(run.definition, run._steps, run._triggers) if saved else run
        state = State.model_validate(orjson.loads(orjson.dumps(state.model_dump(mode="json")))) if saved else state
        advanced = resume(again, state, signal, stage(now + timedelta(minutes=minute)))
        if advanced is not None:
            done.append(advanced)
    return done


def stage(now: datetime) -> Stage:
    return Stage(now=now, timezone="Europe/Berlin", holds=[HOLDS])


calm = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.behaviour(285)
@given(programs(), st.lists(signals, max_size=12))
@calm
def test_every_signal_ends_within_its_limits(run: Program, heard: Sequence[Heard]) -> None:
    for advanced in play(run, heard, saved=False):
        assert len(advanced.trail) <= MAX_ENTRIES + 2
        assert len(orjson.dumps(advanced.state.model_dump(mode="json"))) <= MAX_BYTES
        assert (advanced.state.waiting is not None) == (advanced.state.standing == "waiting")
        assert advanced.state.over or advanced.state.standing == "waiting"
        assert all(trace.exit is None or trace.entry for trace in advanced.trail)


@pytest.mark.behaviour(286)
@given(programs(), st.lists(signals, max_size=12))
@calm
def test_a_run_that_was_put_away_goes_on_as_if_it_was_not(run: Program, heard: Sequence[Heard]) -> None:
    assert play(run, heard, saved=True) == play(run, heard, saved=False)


@pytest.mark.behaviour(286)
@given(programs(), st.lists(signals, max_size=8))
@calm
def test_every_entry_of_a_step_has_a_key_of_its_own(run: Program, heard: Sequence[Heard]) -> None:
    entered = [(trace.step_id, trace.entry) for advanced in play(run, heard, saved=True) for trace in advanced.trail if trace.entered]
    assert len({entry for _step, entry in entered}) == len(entered)
    assert [entry for _step, entry in entered] == sorted(entry for _step, entry in entered)


@given(programs(), st.lists(signals, max_size=8))
@calm
def test_effects_can_be_stored(run: Program, heard: Sequence[Heard]) -> None:
    for advanced in play(run, heard, saved=True):
        for effect in advanced.effects:
            assert type(effect).model_validate_json(effect.model_dump_json()) == effect
        orjson.dumps([dict(trace.output) for trace in advanced.trail])
