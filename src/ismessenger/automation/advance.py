"""Workflows hear what happened and go on: many contacts in one transaction, everything in it or nothing.

    claim contacts → for each its next signal: let in, resume or end runs → carry out what they want → tell them what became of it
    → the next signal … → store runs, what they did and their times; take the signals away

What runs decide is decided in memory by `workflows.engine`; effects that are alike go to the database together (`carry_out.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from ismessenger.automation.carry_out import carry_out
from ismessenger.automation.cases import Case, Entry, Published, Run, Todo, learn, names_of, open_cases, published
from ismessenger.automation.enrol import Applicant, enrol
from ismessenger.automation.facts import Happened, facts_of_events
from ismessenger.automation.hand import end_by_hand
from ismessenger.automation.hear import answers, result_of
from ismessenger.automation.plans import Plans
from ismessenger.automation.save import save
from ismessenger.automation.scene import RunScene
from ismessenger.automation.signals import Claim, Signal, heard
from ismessenger.automation.surroundings import Place, Surroundings, surroundings
from ismessenger.installation import Installation
from ismessenger.sdk.step import Answer, Heard, TimeUp, Value
from ismessenger.tenancy.doors import WriteSession
from workflows import engine
from workflows.engine import Advanced, Trace

log = structlog.get_logger()

MAX_DEPTH: Final = 10
"""So many workflows may set each other off in a row."""


@dataclass
class Batch:
    """What one transaction works on."""

    installation: Installation
    db: WriteSession
    around: Surroundings
    published: Mapping[int, Published]
    cases: Sequence[Case]
    happened: Mapping[int, Happened] = field(default_factory=dict)
    answers: Mapping[int, Answer] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)


async def advance(installation: Installation, db: WriteSession, plans: Plans, taken: Claim, place: Place) -> int:
    """Do all that these contacts' signals ask for; returns how many there were. The caller commits."""
    open_workflows = await published(db, plans)
    cases = await open_cases(db, plans, taken)
    needs = _needs(open_workflows.values(), cases)
    around = await surroundings(installation, db, with_presence="assigneeStatus" in needs, place=place)
    await learn(db, cases, needs)
    signals = [signal for case in cases for signal in case.signals]
    batch = Batch(installation, db, around, open_workflows, cases, signals=signals)
    batch.happened = await facts_of_events(db, _ids(signals, "event", "event_id"))
    batch.answers = await answers(db, _ids(signals, "message", "message_id"))
    while any(case.signals for case in cases):
        await _round(batch)
    await save(db, batch.cases, around.at, await names_of(db, batch.cases, open_workflows))
    await heard(db, signals)
    return len(signals)


def _needs(workflows: Iterable[Published], cases: Iterable[Case]) -> frozenset[str]:
    plans = [workflow.plan for workflow in workflows] + [run.plan for case in cases for run in case.runs.values()]
    return frozenset().union(*(plan.needs for plan in plans))


def _ids(signals: Iterable[Signal], kind: str, name: str) -> list[int]:
    return [signal.payload[name] for signal in signals if signal.kind == kind]


async def _round(batch: Batch) -> None:
    """The next signal of each contact, to the end of what it sets off."""
    applicants: list[Applicant] = []
    for case in batch.cases:
        if case.signals:
            applicants += _hear(batch, case, case.signals.popleft())
    for case, run, variables in await enrol(batch.db, applicants, batch.around, too_deep=MAX_DEPTH):
        _begin(batch, case, run, variables)
    while any(case.todo for case in batch.cases):
        todos = [case.todo.popleft() for case in batch.cases if case.todo]
        await carry_out(batch.installation, batch.db, todos, batch.around, batch.published)
        for todo in todos:
            _told(batch, todo)


def _hear(batch: Batch, case: Case, signal: Signal) -> list[Applicant]:
    """Let a contact's runs hear a signal; returns whom it brings into which workflows."""
    match signal.kind:
        case "event":
            return _hear_event(batch, case, signal)
        case "start":
            workflow = batch.published.get(signal.payload["workflow_id"])
            return _started(batch, case, signal, workflow) if workflow is not None else []
        case "reply":
            end_by_hand(case, signal.payload)
        case "message":
            _hear_message(batch, case, signal)
        case "time":
            _hear_time(batch, case, signal)
        case "result":
            _hear_result(batch, case, signal)
        case "eject":
            _hear_eject(case, signal)
        case "retry":
            _hear_retry(batch, case, signal)
        case other:
            log.warning("signal.unknown", kind=other)
    return []


def _hear_event(batch: Batch, case: Case, signal: Signal) -> list[Applicant]:
    happened = batch.happened.get(signal.payload["event_id"])
    if happened is None:
        return []
    end_by_hand(case, happened)
    listening = [workflow for workflow in batch.published.values() if happened.kind in workflow.listens]
    found = (_applicant(batch, case, signal, workflow, happened) for workflow in listening)
    return [applicant for applicant in found if applicant is not None]


def _hear_message(batch: Batch, case: Case, signal: Signal) -> None:
    answer = batch.answers.get(signal.payload["message_id"])
    for run in list(case.runs.values()):
        # What was said before the question is no answer to it.
        if answer is not None and run.state.since is not None and signal.at >= run.state.since:
            _resume(batch, case, run, answer)


def _hear_time(batch: Batch, case: Case, signal: Signal) -> None:
    run = case.runs.get(signal.payload["run_id"])
    waiting = run.state.waiting if run is not None else None
    if run is not None and waiting is not None and waiting.until is not None and waiting.until <= batch.around.at:
        _resume(batch, case, run, TimeUp())


def _hear_result(batch: Batch, case: Case, signal: Signal) -> None:
    run = case.runs.get(signal.payload["run_id"])
    if run is None or signal.payload.get("key", run.key) != run.key:
        return
    result = result_of(signal.payload)
    if "member_id" in result.details:
        case.person.columns["assignee_id"] = result.details["member_id"]
    _resume(batch, case, run, result)


def _hear_eject(case: Case, signal: Signal) -> None:
    for run in case.runs.values():
        if run.plan.workflow_id == signal.payload["workflow_id"] and not run.state.over:
            run.state, run.changed, run.why = engine.end(run.state), True, signal.payload["reason"]


def _hear_retry(batch: Batch, case: Case, signal: Signal) -> None:
    run = case.runs.get(signal.payload["run_id"])
    if run is not None and run.state.standing == "failed":
        scene = _scene(batch, case, run)
        _go(batch, case, run, lambda: engine.repeat(run.plan.program, run.state, scene))


def _applicant(batch: Batch, case: Case, signal: Signal, workflow: Published, happened: Happened) -> Applicant | None:
    """The contact, if the event lets it into the workflow."""
    if case.inside(workflow.id):
        return None
    trigger, params = workflow.plan.program.trigger, workflow.plan.trigger_params
    if trigger is None or params is None:
        return None
    try:
        matched = [variables for fact in happened.facts if (variables := trigger.match(params, fact)) is not None]
    except Exception:
        log.exception("trigger.broken", workspace_id=batch.db.workspace_id, workflow_id=workflow.id)
        return None
    for variables in matched:
        if _fulfils(batch, case, workflow, variables):
            by = batch.published.get(happened.workflow_id or 0)
            return Applicant(case, workflow, dict(variables), signal, by.name if by else "")
    return None


def _started(batch: Batch, case: Case, signal: Signal, workflow: Published) -> list[Applicant]:
    """The same for one that is begun by other means. What its trigger listens to has nothing to say then."""
    variables: dict[str, Value] = dict(signal.payload.get("variables") or {})
    if case.inside(workflow.id) or not (workflow.listens or _fulfils(batch, case, workflow, variables)):
        return []
    return [Applicant(case, workflow, variables, signal, str(signal.payload.get("from") or ""))]


def _fulfils(batch: Batch, case: Case, workflow: Published, variables: Mapping[str, Value]) -> bool:
    """Whether the conditions of the trigger hold."""
    triggered = workflow.plan.definition.trigger
    if triggered is None:
        return False
    scene = RunScene(case.person, batch.around, workflow.plan.variables)
    scene.enter("", {}, variables)
    return scene.matches(triggered.condition)


def _scene(batch: Batch, case: Case, run: Run) -> RunScene:
    return RunScene(case.person, batch.around, run.plan.variables, prefix=f"{batch.db.workspace_id}/{run.id}/")


def _begin(batch: Batch, case: Case, run: Run, variables: Mapping[str, Value]) -> None:
    scene = _scene(batch, case, run)
    _go(batch, case, run, lambda: engine.begin(run.plan.program, variables, scene))


def _resume(batch: Batch, case: Case, run: Run, said: Heard) -> None:
    scene = _scene(batch, case, run)
    _go(batch, case, run, lambda: engine.resume(run.plan.program, run.state, said, scene))


def _go(batch: Batch, case: Case, run: Run, move: Callable[[], Advanced | None]) -> None:
    """Move a run on and note what it wants. A step that breaks fails its run, and nothing else."""
    try:
        advanced = move()
    except Exception as error:
        log.exception("workflow.broken", workspace_id=batch.db.workspace_id, run_id=run.id, step=run.state.step)
        advanced = _broken(batch, run, error)
    if advanced is None:
        return
    run.state, run.changed = advanced.state, True
    for trace in advanced.trail:
        entry = Entry(trace, trace.entered, trace.variables)
        run.trail.append(entry)
        case.todo += [Todo(case, run, entry, at, effect) for at, effect in enumerate(trace.effects)]


def _broken(batch: Batch, run: Run, error: Exception) -> Advanced:
    step = run.plan.definition.step(run.state.step or "")
    words = str(error).splitlines() or [""]
    reason = f"The step broke: {type(error).__name__}: {words[0][:300]}"
    state = run.state.model_copy(update={"standing": "failed", "waiting": None})
    trace = Trace(step.id if step else "", run.state.entries, step.kind if step else "", run.state.since or batch.around.at, error=reason)
    return Advanced(state, (trace,))


def _told(batch: Batch, todo: Todo) -> None:
    """Note what became of an effect, and let the run hear of it if it waits for that."""
    result = todo.result
    if result is None:
        return
    if not result.ok:
        todo.entry.refused[todo.at] = result.reason
    waiting = todo.run.state.waiting
    if todo.last and waiting is not None and "result" in waiting.for_ and todo.entry.trace.entry == todo.run.state.entries:
        _resume(batch, todo.case, todo.run, result)
