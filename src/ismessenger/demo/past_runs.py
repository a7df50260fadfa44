"""What the workflows of the demo shop did before it was opened: runs that are over, so that nothing is left to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from ismessenger.automation.model import Workflow, WorkflowEnrolment, WorkflowRun, WorkflowStep
from ismessenger.conversations.model import Conversation
from ismessenger.messages.model import Message
from ismessenger.tenancy.doors import WriteSession
from workflows.hours import BusinessHours, Day, is_open
from workflows.state import State

HOURS: Final = BusinessHours(saturday=Day(opens="10:00", closes="16:00"))
REPAIR: Final = ("service", "clicking", "warranty")
"""Words of who asks for a repair."""
LOST: Final = 7
"""Which of the welcomed nobody took."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that a run went through. Without an ``exit`` nothing stood behind it; with an ``error`` it failed."""

    step: str
    kind: str
    exit: str | None = "next"
    output: Mapping[str, object] = field(default_factory=dict)
    effects: Sequence[Mapping[str, object]] = ()
    error: str | None = None


async def relive(db: WriteSession, welcome: Workflow, repairs: Workflow, *, website: int, tag_id: int) -> None:
    """A run of each for every conversation that somebody began on the website."""
    told: list[tuple[WorkflowRun, Sequence[Passed]]] = []
    enrolled: set[tuple[int, int]] = set()
    for index, (conversation, words) in enumerate(await _begun(db, website)):
        for workflow, passed in ((welcome, list(_welcomed(conversation, index))), (repairs, list(_sorted(words, tag_id)))):
            told.append((_run(workflow, conversation, words, passed), passed))
            enrolled.add((workflow.id, conversation.contact_id))
    db.add_all(run for run, _passed in told)
    db.add_all(WorkflowEnrolment(workflow_id=workflow_id, contact_id=contact_id) for workflow_id, contact_id in sorted(enrolled))
    await db.flush()
    db.add_all(row for run, passed in told for row in _rows(run, passed))
    await db.flush()


async def _begun(db: WriteSession, website: int) -> list[tuple[Conversation, str]]:
    first = select(col(Message.words)).where(col(Message.conversation_id) == col(Conversation.id)).order_by(col(Message.id)).limit(1)
    statement = select(Conversation, first.scalar_subquery()).where(col(Conversation.opened_channel_id) == website)
    rows = await db.execute(statement.order_by(col(Conversation.opened_at)))
    return [(conversation, words or "") for conversation, words in rows]


def _welcomed(conversation: Conversation, index: int) -> Iterator[Passed]:
    within = is_open(HOURS, conversation.opened_at, "UTC")
    output = {"time": f"{conversation.opened_at:%Y-%m-%d %H:%M}", "timezone": "UTC"}
    yield Passed("hours", "date_time", "success" if within else "failure", output)
    if not within:
        yield Passed("closed", "send_message", effects=[_sent("We are closed now and answer as soon as we open.")])
        return
    yield Passed("hello", "send_message", effects=[_sent("Thanks for writing to Pedal & Pine! Somebody answers in a moment.")])
    if index == LOST:
        yield Passed("assign", "assign_to", None, error="Nobody could take the contact within 7 days.")
    else:
        yield Passed("assign", "assign_to", output={"member_id": conversation.first_assignee_id})


def _sorted(words: str, tag_id: int) -> Iterator[Passed]:
    if any(word in words.lower() for word in REPAIR):
        yield Passed("asks", "branch", "repair", {"branch": "A repair"})
        yield Passed("tag", "update_tags", effects=[{"do": "tags", "add": [tag_id], "remove": [], "create": []}])
    else:
        yield Passed("asks", "branch", "else", {"branch": "Else"})


def _sent(words: str) -> Mapping[str, object]:
    return {"do": "send", "message": {"text": words}}


def _run(workflow: Workflow, conversation: Conversation, words: str, passed: Sequence[Passed]) -> WorkflowRun:
    last = passed[-1]
    ended = _at(conversation.opened_at, len(passed))
    variables = {"source": "contact", "contact_type": conversation.contact_type, "first_message": words}
    state = State(standing="failed" if last.error else "done", step=last.step, entries=len(passed), variables=variables)
    return WorkflowRun(
        workflow_id=workflow.id,
        version_id=workflow.published_id or 0,
        contact_id=conversation.contact_id,
        standing=state.standing,
        step=last.step,
        state=state.model_dump(mode="json"),
        trigger={"variables": variables},
        started_at=conversation.opened_at,
        changed_at=ended,
        ended_at=ended,
        error=last.error,
    )


def _rows(run: WorkflowRun, passed: Sequence[Passed]) -> Iterator[WorkflowStep]:
    for entry, each in enumerate(passed, start=1):
        yield WorkflowStep(
            run_id=run.id,
            workflow_id=run.workflow_id,
            step=each.step,
            kind=each.kind,
            entry=entry,
            exit=each.exit,
            entered=True,
            error=each.error,
            output=dict(each.output),
            effects=[dict(effect) for effect in each.effects],
            began_at=_at(run.started_at, entry - 1),
            at=_at(run.started_at, entry),
        )


def _at(begun: datetime, steps: int) -> datetime:
    return begun + timedelta(milliseconds=340 * steps)
