"""The contacts of a batch with the runs that they are inside of, as they are worked on in memory."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from ismessenger.automation.person import Person, person_of
from ismessenger.automation.plans import Plan, Plans
from ismessenger.automation.signals import Claim, Signal, keep_times
from ismessenger.contacts.model import Contact
from ismessenger.sdk.step import Effect, Result
from ismessenger.tenancy.doors import ReadSession, WriteSession
from workflows.engine import Trace
from workflows.state import State

LATER: Final = timedelta(minutes=10)

_INSIDE = text(
    "SELECT id, workflow_id, version_id, contact_id, state, depth FROM workflow_run WHERE contact_id = ANY(:contacts) AND ended_at IS NULL"
    " AND workflow_id NOT IN (SELECT id FROM workflow WHERE status = 'deleted') ORDER BY id"
)
_PUBLISHED = text(
    "SELECT id, name, published_id, listens FROM workflow WHERE status = 'published' AND published_id IS NOT NULL ORDER BY id"
)
_NAMES = text("SELECT id, name FROM workflow WHERE id = ANY(:ids)")
_CHANNELS = text(
    "SELECT contact_id, array_agg(DISTINCT channel_id) AS ids FROM contact_channel WHERE contact_id = ANY(:contacts) GROUP BY contact_id"
)
_LAST = text("SELECT c.id, m.words FROM contact c JOIN message m ON m.id = c.last_incoming_id WHERE c.id = ANY(:contacts)")
_SAID = text(
    "SELECT contact_id, array_agg(words) AS words FROM message WHERE contact_id = ANY(:contacts) AND words <> '' GROUP BY contact_id"
)


@dataclass(slots=True)
class Entry:
    """A trace of a run's way, with what became of its effects: the reason by the place of each that was refused."""

    trace: Trace
    entered: bool
    variables: Mapping[str, Any]
    refused: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """A contact inside a workflow. ``why`` is the reason if somebody's hand ended it, or it broke."""

    id: int
    contact_id: int
    plan: Plan
    state: State
    depth: int
    waited_for: tuple[str, ...] = ()
    had_time: bool = False
    trail: list[Entry] = field(default_factory=list)
    is_new: bool = False
    changed: bool = False
    why: str = ""

    @property
    def key(self) -> str:
        """Names the entry of the step at which it stands."""
        return f"{self.state.step}/{self.state.entries}"


@dataclass(slots=True)
class Todo:
    """An effect that is to be carried out, the ``at``-th of its entry. ``result`` stays None where it comes later."""

    case: "Case"
    run: Run
    entry: Entry
    at: int
    effect: Effect
    result: Result | None = None

    @property
    def last(self) -> bool:
        """Whether its run hears what became of it."""
        return self.at == len(self.entry.trace.effects) - 1


@dataclass(slots=True)
class Case:
    """One contact of a batch."""

    contact: Contact
    person: Person
    signals: deque[Signal]
    runs: dict[int, Run] = field(default_factory=dict)
    todo: deque[Todo] = field(default_factory=deque)

    def inside(self, workflow_id: int) -> bool:
        """Whether the contact is in this workflow now."""
        return any(run.plan.workflow_id == workflow_id and not run.state.over for run in self.runs.values())


@dataclass(frozen=True, slots=True)
class Published:
    """A workflow that takes contacts in."""

    id: int
    name: str
    listens: Sequence[str]
    plan: Plan


async def published(db: ReadSession, plans: Plans) -> dict[int, Published]:
    """All of the workspace, in the order in which they were made."""
    rows = (await db.execute(_PUBLISHED)).all()
    known = await plans.of(db, [row.published_id for row in rows])
    return {row.id: Published(row.id, row.name, row.listens, known[row.published_id]) for row in rows if row.published_id in known}


async def names_of(db: ReadSession, cases: Sequence[Case], known: Mapping[int, Published]) -> dict[int, str]:
    """What the workflows of changed runs are called, also those that are not published any more."""
    names = {workflow.id: workflow.name for workflow in known.values()}
    missing = {run.plan.workflow_id for case in cases for run in case.runs.values() if run.changed} - names.keys()
    if missing:
        names |= dict((await db.execute(_NAMES, {"ids": list(missing)})).all())
    return names


async def open_cases(db: WriteSession, plans: Plans, claim: Claim) -> list[Case]:
    """The contacts that were claimed, with their runs. Those whose definition cannot be read stand still until it can."""
    cases = {contact.id: Case(contact, person_of(contact), deque(claim.signals[contact.id])) for contact in claim.contacts}
    rows = (await db.execute(_INSIDE, {"contacts": list(cases)})).all()
    known = await plans.of(db, {row.version_id for row in rows})
    if unreadable := {row.id for row in rows if row.version_id not in known}:
        await keep_times(db, claim, unreadable, LATER)
    for row in rows:
        if (plan := known.get(row.version_id)) is None:
            continue
        state = State.model_validate(row.state)
        waiting = state.waiting
        run = Run(row.id, row.contact_id, plan, state, row.depth)
        run.waited_for = waiting.for_ if waiting else ()
        run.had_time = waiting is not None and waiting.until is not None
        cases[row.contact_id].runs[row.id] = run
    return list(cases.values())


async def learn(db: ReadSession, cases: Sequence[Case], needs: frozenset[str]) -> None:
    """Read what these definitions ask for and what does not stand on the contact's row."""
    persons = {case.contact.id: case.person for case in cases}
    values = {"contacts": list(persons)}
    if "channel" in needs:
        for row in (await db.execute(_CHANNELS, values)).all():
            persons[row.contact_id].channel_ids = frozenset(row.ids)
    if needs & {"lastIncomingMessage", "last_message"}:
        for row in (await db.execute(_LAST, values)).all():
            persons[row.id].last_words = row.words
    if "messageText" in needs:
        for row in (await db.execute(_SAID, values)).all():
            persons[row.contact_id].words = tuple(row.words)
