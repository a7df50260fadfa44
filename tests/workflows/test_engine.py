from datetime import datetime, timedelta

import pytest

from ismessenger.sdk.content import Text
from ismessenger.sdk.step import Answer, Fail, Next, Outcome, Result, Send, Tags, TimeUp, Wait
from workflows import engine
from workflows.engine import MAX_AT_ONCE, MAX_ENTRIES, begin, repeat, resume
from workflows.program import Program
from workflows.state import MAX_OUTPUT, State

from .programs import Stage, placed, program

OK = Result(ok=True)
ASK = {"question": {"text": "Your e-mail?"}, "type": "email", "save_variable": "mail"}


def test_steps_are_done_one_after_the_other_and_told_in_order() -> None:
    two = program(placed("a", "update_tags", {"tag_ids": [1]}, next="b"), placed("b", "update_tags", {"tag_ids": [2]}))
    stage = Stage()
    done = begin(two, {}, stage)
    assert done.state.standing == "done"
    assert [(trace.step_id, trace.entry, trace.exit, trace.entered) for trace in done.trail] == [
        ("a", 1, "next", True),
        ("b", 2, "next", True),
    ]
    assert done.effects == stage.applied == [Tags(add=[1]), Tags(add=[2])]


def test_a_workflow_without_steps_is_done() -> None:
    assert begin(program(), {}, Stage()).state.standing == "done"


@pytest.mark.behaviour(33)
def test_a_question_goes_out_on_the_channel_used_last_and_takes_another_way_for_what_is_no_answer() -> None:
    asked = begin(program(placed("q", "ask_question", ASK, invalid="t"), placed("t", "update_tags", {"tag_ids": [1]})), {}, Stage())
    assert isinstance(asked.effects[0], Send)
    assert asked.effects[0].channel_id is None
    waits = resume(_question(), asked.state, OK, Stage())
    assert waits is not None
    assert waits.state.waiting is not None
    assert set(waits.state.waiting.for_) == {"answer", "time"}
    wrong = resume(_question(), waits.state, Answer(Text(text="ann at home")), Stage())
    assert wrong is not None
    assert [(trace.step_id, trace.exit) for trace in wrong.trail] == [("q", "invalid"), ("t", "next")]
    right = resume(_question(), waits.state, Answer(Text(text="ann@example.com")), Stage())
    assert right is not None
    assert right.state.variables == {"mail": "ann@example.com"}


def _question() -> Program:
    return program(placed("q", "ask_question", ASK, invalid="t"), placed("t", "update_tags", {"tag_ids": [1]}))


@pytest.mark.behaviour(33)
def test_a_question_that_nobody_answers_goes_its_own_way() -> None:
    with_branch = {**ASK, "timeout_branch": True, "timeout": {"value": 2, "unit": "hours"}}
    slow = program(placed("q", "ask_question", with_branch, timeout="t"), placed("t", "update_tags", {"tag_ids": [1]}))
    asked = begin(slow, {}, Stage())
    assert asked.state.waiting is not None
    assert asked.state.waiting.until == Stage().now + timedelta(hours=2)
    late = resume(slow, asked.state, TimeUp(), Stage(now=Stage().now + timedelta(hours=2)))
    assert late is not None
    assert [(trace.step_id, trace.exit) for trace in late.trail] == [("q", "timeout"), ("t", "next")]


@pytest.mark.behaviour(34)
def test_the_first_branch_that_holds_is_gone_else_else() -> None:
    first, second = ({"$and": [{"category": "contactField", "field": name, "operator": "exists"}]} for name in ("email", "phone"))
    params = {"branches": [{"id": "b1", "condition": first}, {"id": "b2", "condition": second}]}
    forked = program(placed("f", "branch", params, b1="x", b2="y", **{"else": "z"}), *(placed(id_, "open_conversation") for id_ in "xyz"))
    assert begin(forked, {}, Stage(holds=[first, second])).trail[-1].step_id == "x"
    assert begin(forked, {}, Stage(holds=[second])).trail[-1].step_id == "y"
    assert begin(forked, {}, Stage()).trail[-1].step_id == "z"


@pytest.mark.behaviour(36)
def test_jumps_are_counted_for_each_run_and_then_passed() -> None:
    again = program(
        placed("t", "update_tags", {"tag_ids": [1]}, next="j"),
        placed("j", "jump_to", {"target": "t", "most": 2}, next="e"),
        placed("e", "open_conversation"),
    )
    for _run in range(2):
        done = begin(again, {}, Stage())
        assert [trace.step_id for trace in done.trail] == ["t", "j", "t", "j", "t", "j", "e"]
        assert [trace.exit for trace in done.trail if trace.step_id == "j"] == ["jump", "jump", "next"]


@pytest.mark.behaviour(285)
def test_a_loop_ends_and_says_so() -> None:
    steps = [placed(f"s{n}", "open_conversation", next=f"s{n + 1}") for n in range(40)]
    steps += [placed("s40", "jump_to", {"target": "s0", "most": 10})]
    done = begin(program(*steps), {}, Stage())
    assert done.state.standing == "failed"
    assert "looks like a loop" in done.trail[-1].error
    assert len(done.trail) == MAX_ENTRIES + 1


@pytest.mark.behaviour(285)
def test_a_loop_of_messages_ends_too_though_each_is_told_of_at_once() -> None:
    steps = [placed(f"s{n}", "send_message", {"message": {"text": "hi"}}, next=f"s{n + 1}") for n in range(20)]
    steps += [placed(f"s{20 + n}", "jump_to", {"target": "s0", "most": 10}, next=f"s{21 + n}") for n in range(9)]
    looping, stage = program(*steps, placed("s29", "open_conversation")), Stage()
    done, sent = begin(looping, {}, stage), 1
    while done.state.standing == "waiting":
        further = resume(looping, done.state, Result(ok=True), stage)
        assert further is not None
        done, sent = further, sent + 1
    assert done.state.standing == "failed"
    assert "looks like a loop" in done.trail[-1].error
    assert sent <= MAX_AT_ONCE
    # A moment later is another matter.
    stage.now += timedelta(seconds=1)
    again = repeat(looping, done.state, stage)
    assert (again.state.standing, again.state.at_once) == ("waiting", 1)


def test_a_hundred_steps_are_no_loop() -> None:
    steps = [placed(f"s{n}", "open_conversation", **({"next": f"s{n + 1}"} if n < 99 else {})) for n in range(100)]
    assert begin(program(*steps), {}, Stage()).state.standing == "done"


def test_a_jump_to_a_step_that_is_gone_fails() -> None:
    done = begin(program(placed("j", "jump_to", {"target": "gone"})), {}, Stage())
    assert done.state.standing == "failed"
    assert done.trail[-1].error == "The step that comes next does not exist any more."


def test_a_step_whose_plugin_is_missing_fails_its_run() -> None:
    done = begin(program(placed("x", "no_such_step")), {}, Stage())
    assert (done.state.standing, done.trail[-1].error) == ("failed", "The plugin of the step “no_such_step” is not installed.")


def test_what_a_run_does_not_wait_for_moves_nothing() -> None:
    waits = program(placed("w", "wait"))
    state = begin(waits, {}, Stage()).state
    assert resume(waits, state, OK, Stage()) is None
    assert resume(waits, state, Answer(Text(text="Hello")), Stage()) is None
    assert resume(waits, engine.end(state), TimeUp(), Stage()) is None


@pytest.mark.behaviour(284)
def test_a_failure_goes_the_way_that_is_there_for_it_and_else_ends_the_run() -> None:
    send = {"message": {"text": "Hello"}, "failure_branch": True}
    with_way = program(placed("m", "send_message", send, failure="t"), placed("t", "update_tags", {"tag_ids": [1]}))
    refused = Result(ok=False, reason="The window is closed.")
    state = begin(with_way, {}, Stage()).state
    gone_on = resume(with_way, state, refused, Stage())
    assert gone_on is not None
    assert [(trace.step_id, trace.exit, trace.error) for trace in gone_on.trail] == [
        ("m", "failure", "The window is closed."),
        ("t", "next", ""),
    ]
    without = program(placed("m", "send_message", send))
    ended = resume(without, begin(without, {}, Stage()).state, refused, Stage())
    assert ended is not None
    assert (ended.state.standing, ended.trail[-1].error) == ("failed", "The window is closed.")


class Odd:
    """A step that answers what it is told to."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.Params = program(placed("w", "wait")).params(program(placed("w", "wait")).definition.steps[0]).__class__

    def run(self, _params: object, _scene: object) -> Outcome:
        return self.outcome


def _odd(outcome: Outcome) -> engine.Advanced:
    definition = program(placed("o", "odd")).definition
    return begin(Program(definition, {"odd": Odd(outcome)}, {}), {}, Stage())  # type: ignore[dict-item]


@pytest.mark.behaviour(285)
@pytest.mark.parametrize(
    "outcome",
    [
        Wait(()),
        Wait(("time",)),
        Wait(("answer",), memory={"much": "x" * 100_000}),
        Next(variables={f"v{n}": "x" * 10_000 for n in range(10)}),
        Next(variables={f"v{n}": n for n in range(201)}),
        Fail("No."),
    ],
)
def test_a_step_that_breaks_the_rules_fails_its_run(outcome: Outcome) -> None:
    done = _odd(outcome)
    assert done.state.standing == "failed"
    assert done.trail[-1].error
    assert done.effects == []


def test_values_are_kept_as_they_can_be_stored() -> None:
    kept = _odd(Next(variables={"long": "x" * 20_000, "nul": "a\x00b", "half": "\ud800", "many": 10**30, "none": float("nan")})).state
    assert kept.variables == {"long": "x" * 10_000, "nul": "ab", "half": "", "many": "1" + "0" * 30, "none": None}
    assert State.model_validate_json(kept.model_dump_json()) == kept


def test_what_a_step_tells_the_history_is_bounded() -> None:
    told = _odd(Next(output={"much": "x" * 100_000})).trail[0].output
    assert len(told["shortened"]) == MAX_OUTPUT


def test_what_a_step_tells_the_history_can_be_stored() -> None:
    assert _odd(Next(output={"a": ["b\x00c", {"d\x00": "\\u0000"}]})).trail[0].output == {"a": ["bc", {"d": "\\u0000"}]}
    assert "shortened" in _odd(Next(output={"a": 10**30})).trail[0].output


def test_parameters_that_no_version_reads_any_more_fail_the_run() -> None:
    done = begin(program(placed("w", "wait", {"duration": "long"})), {}, Stage())
    assert done.state.standing == "failed"
    assert "publish again" in done.trail[0].error


def test_too_many_variables_do_not_begin() -> None:
    done = begin(program(placed("w", "wait")), {f"v{n}": n for n in range(300)}, Stage())
    assert (done.state.standing, done.trail[0].error) == ("failed", "A run has at most 200 variables.")


@pytest.mark.behaviour(35)
@pytest.mark.parametrize(("at", "exit_"), [("2026-07-06T06:59:00+00:00", "failure"), ("2026-07-06T07:00:00+00:00", "success")])
def test_business_hours_are_on_the_clock_of_the_time_zone(at: str, exit_: str) -> None:
    hours = program(placed("h", "date_time", {"timezone": "Europe/Berlin"}))
    assert begin(hours, {}, Stage(now=datetime.fromisoformat(at))).trail[0].exit == exit_
