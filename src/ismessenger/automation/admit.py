"""Calls of incoming webhooks begin workflows: all that arrive together for a workspace share one transaction.

While one is on its way the next ones gather. Each call has its answer once the transaction that holds its start is on disk. A transaction
that fails is repeated call by call, and a caller that hangs up takes nothing of the others along.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ismessenger.automation.advance import MAX_DEPTH
from ismessenger.automation.hook import Hook
from ismessenger.automation.signals import tell
from ismessenger.automation.start import NotStarted, is_inside
from ismessenger.contacts.phone import e164, variants
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.step import CALLED, Fact, Value
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

log = structlog.get_logger()

BATCH: Final = 250
MOST_WAITING: Final = 2000
MOST_OF_ONE: Final = 500
"""Of one workspace, whose database may be slow, or whose contact somebody holds."""

AT_ONCE: Final = 4
"""So many transactions of different workspaces; the other connections are for pages."""

_ID_DIGITS: Final = 18
_WORKFLOWS = text("SELECT id, name, published_id, hook_secret FROM workflow WHERE id = ANY(:ids) AND status = 'published'")
_FIND: Final = {
    "contact_id": text(
        "SELECT n.place, c.id FROM unnest(CAST(:places AS int[]), CAST(:words AS text[])) AS n(place, word)"
        " JOIN contact c ON c.id = CAST(n.word AS bigint)"
    ),
    "phone": text(
        "SELECT DISTINCT ON (n.place) n.place, c.id FROM unnest(CAST(:places AS int[]), CAST(:words AS text[])) AS n(place, word), LATERAL"
        " (SELECT id, last_message_at FROM contact WHERE phone = n.word ORDER BY last_message_at DESC NULLS LAST, id LIMIT 1) AS c"
        " ORDER BY n.place, c.last_message_at DESC NULLS LAST, c.id"
    ),
    "email": text(
        "SELECT n.place, c.id FROM unnest(CAST(:places AS int[]), CAST(:words AS text[])) AS n(place, word), LATERAL"
        " (SELECT id FROM contact WHERE lower(email) = lower(n.word) AND email IS NOT NULL"
        " ORDER BY last_message_at DESC NULLS LAST, id LIMIT 1) AS c"
    ),
}
_HOLD = text("SELECT id FROM contact WHERE id = ANY(:contacts) ORDER BY id FOR NO KEY UPDATE")
_ON_THEIR_WAY = text(
    "SELECT contact_id, CAST(payload ->> 'workflow_id' AS bigint) AS workflow_id FROM workflow_signal"
    " WHERE contact_id = ANY(:contacts) AND kind = 'start'"
)
_INSIDE = text(
    "SELECT contact_id, workflow_id FROM workflow_run"
    " WHERE contact_id = ANY(:contacts) AND workflow_id = ANY(:workflows) AND ended_at IS NULL"
)
_WERE_THERE = text(
    "SELECT contact_id, workflow_id FROM workflow_enrolment WHERE contact_id = ANY(:contacts) AND workflow_id = ANY(:workflows)"
)


class CallRefused(ValueError):
    """What was sent cannot begin the workflow; the text says why, to whoever sends."""


class NobodyMeant(LookupError):
    """There is no such contact; the text says how it was looked for."""


class NotTaken(Exception):
    """The call could not be put on disk now; it may come again."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that can be read: whom it names, and what it brings along."""

    hook: Hook
    kind: str
    named: str
    variables: Mapping[str, Value]
    once: bool
    depth: int = 0


@dataclass(slots=True)
class _Space:
    """What waits to be admitted in one workspace."""

    waiting: list[tuple[Call, "asyncio.Future[int | None]"]] = field(default_factory=list)
    writer: asyncio.Task[None] | None = None


def read_call(hook: Hook, body: Any, depth: int = 0) -> Call:
    """Whom a body names, by the workflow's trigger. ``depth``: how many workflows led to the call. Raises `CallRefused`, `NotStarted`."""
    if hook.begins is None:
        raise NotStarted(hook.fault)
    if depth > MAX_DEPTH:
        raise NotStarted(
            gettext("%(most)s workflows set each other off before this one. They run in a circle: change one of them.")
            % {"most": MAX_DEPTH}
        )
    trigger, params = hook.begins.trigger, hook.begins.params
    try:
        kind, named = trigger.who(params, body)  # type: ignore[attr-defined]
    except ValueError as error:
        raise CallRefused(str(error)) from None
    given = trigger.match(params, Fact(CALLED, now(), {"body": body})) or {}
    variables = {name: value for name, value in given.items() if value is not None}
    return Call(hook, kind, named, variables, hook.begins.once, depth)


class Admission:
    """One per web process. So many calls are ``waiting``, or on their way to the disk."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._spaces: dict[int, _Space] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0

    async def admit(self, call: Call) -> int | None:
        """Begin the workflow with whom the call names; returns the contact's id once that is on disk.

        None if it has another version or address since: look for it anew. Raises `NobodyMeant`, `NotStarted`, `NotTaken`.
        """
        workspace_id = call.hook.workspace_id
        space = self._spaces.get(workspace_id) or _Space()
        if self.waiting >= MOST_WAITING or len(space.waiting) >= MOST_OF_ONE:
            raise NotTaken
        future: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._spaces[workspace_id] = space
        space.waiting.append((call, future))
        self.waiting += 1
        if space.writer is None:
            space.writer = asyncio.create_task(self._write(workspace_id, space))
        return await future

    async def _write(self, workspace_id: int, space: _Space) -> None:
        while space.waiting:
            async with self._room:
                batch = space.waiting[:BATCH]
                del space.waiting[:BATCH]
                try:
                    await self._settle(workspace_id, batch)
                finally:
                    self.waiting -= len(batch)
                    for _call, future in batch:
                        if not future.done():
                            future.set_exception(NotTaken())
        del self._spaces[workspace_id]

    async def _settle(self, workspace_id: int, batch: Sequence[tuple[Call, "asyncio.Future[int | None]"]]) -> None:
        """Admit a batch and tell each caller."""
        try:
            outcomes = await self._admitted(workspace_id, [call for call, _future in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, each caller is told that nothing was taken
            away = isinstance(error, OSError) or (isinstance(error, DBAPIError) and error.connection_invalidated)
            if away or len(batch) == 1:
                log.warning("calls.not_taken", workspace_id=workspace_id, calls=len(batch), error=_words(error))
                return
            for pair in batch:
                await self._settle(workspace_id, [pair])
            return
        for (_call, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _admitted(self, workspace_id: int, calls: Sequence[Call]) -> list[int | Exception | None]:
        async with self._installation.tenancy.workspace(workspace_id) as db:
            return await admit_calls(db, calls)


async def admit_calls(db: WriteSession, calls: Sequence[Call]) -> list[int | Exception | None]:
    """What becomes of each: the contact that begins, None for one that was read by an old version or came to an old address, or why not."""
    published = {row.id: row for row in (await db.execute(_WORKFLOWS, {"ids": _workflow_ids(calls)})).all()}
    found = await _find(db, calls)
    held = set((await db.execute(_HOLD, {"contacts": sorted(set(found.values()))})).scalars())
    known = await _Known.of(db, held, calls)
    outcomes: list[int | Exception | None] = []
    starts = []
    for place, call in enumerate(calls):
        contact_id = found.get(place)
        workflow = published.get(call.hook.workflow_id)
        if workflow is None or (workflow.published_id, workflow.hook_secret) != (call.hook.version_id, call.hook.secret):
            outcomes.append(None)
        elif contact_id is None:
            outcomes.append(NobodyMeant(_nobody(call)))
        elif contact_id not in held:
            outcomes.append(NobodyMeant(gettext("This contact was deleted a moment ago.")))
        elif words := known.objection(contact_id, call, workflow.name):
            outcomes.append(NotStarted(words))
        else:
            outcomes.append(contact_id)
            known.on_their_way.add((contact_id, workflow.id))
            starts.append((contact_id, "start", {"workflow_id": workflow.id, "variables": dict(call.variables), "by": None}, call.depth))
    await tell(db, starts)
    return outcomes


@dataclass(slots=True)
class _Known:
    """Which contacts are where: what is accepted begins, so nothing is accepted that the engine would pass over."""

    on_their_way: set[tuple[int, int]]
    inside: set[tuple[int, int]]
    were_there: set[tuple[int, int]]

    @staticmethod
    async def of(db: WriteSession, contact_ids: Iterable[int], calls: Sequence[Call]) -> "_Known":
        contacts, once = sorted(contact_ids), _workflow_ids(call for call in calls if call.once)
        on_their_way = (await db.execute(_ON_THEIR_WAY, {"contacts": contacts})).all()
        inside = (await db.execute(_INSIDE, {"contacts": contacts, "workflows": _workflow_ids(calls)})).all()
        were_there = (await db.execute(_WERE_THERE, {"contacts": contacts, "workflows": once})).all() if once else []
        return _Known(_pairs(on_their_way), _pairs(inside), _pairs(were_there))

    def objection(self, contact_id: int, call: Call, name: str) -> str:
        """Why the contact cannot begin, in words."""
        this = (contact_id, call.hook.workflow_id)
        if this in self.inside:
            return is_inside(name)
        if this in self.on_their_way:
            return gettext("This contact is about to enter the workflow already.")
        if call.once and this in self.were_there:
            return gettext("This contact was in the workflow before, and it takes everybody once.")
        return ""


async def _find(db: WriteSession, calls: Sequence[Call]) -> dict[int, int]:
    """The contacts by the place of their call."""
    asked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, call in enumerate(calls):
        asked[call.kind] += [(place, word) for word in _spellings(call)]
    found: dict[int, int] = {}
    for kind, pairs in asked.items():
        values = {"places": [place for place, _word in pairs], "words": [word for _place, word in pairs]}
        found |= {row.place: row.id for row in (await db.execute(_FIND[kind], values)).all()}
    return found


def _spellings(call: Call) -> Sequence[str]:
    """How the contact may be written here."""
    match call.kind:
        case "contact_id":
            return [call.named] if call.named.isascii() and call.named.isdecimal() and len(call.named) <= _ID_DIGITS else []
        case "phone":
            number = e164(call.named)
            return variants(number) if number else []
        case _:
            return [call.named]


def _nobody(call: Call) -> str:
    match call.kind:
        case "contact_id":
            return gettext("There is no contact %(named)s.") % {"named": call.named[:50]}
        case "phone":
            return gettext("No contact has the phone number %(named)s. Make the contact first; numbers begin with + and the country.") % {
                "named": call.named[:50]
            }
        case _:
            return gettext("No contact has the e-mail address %(named)s. Make the contact first.") % {"named": call.named[:100]}


def _workflow_ids(calls: Iterable[Call]) -> list[int]:
    return sorted({call.hook.workflow_id for call in calls})


def _pairs(rows: Iterable[Any]) -> set[tuple[int, int]]:
    return {(row.contact_id, row.workflow_id) for row in rows}


def _words(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
