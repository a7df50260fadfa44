"""The open tabs of one workspace on this process, and what they are told.

A change is rendered once, whoever looks; a frame is encoded once for all who may see the same. While it is quiet a change goes out at
once; the more browsers there are, the more changes share a frame.
"""

import asyncio
from collections import OrderedDict, defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from ismessenger.contacts.fields import kept_from_agents
from ismessenger.contacts.model import Contact
from ismessenger.installation import Installation
from ismessenger.kit.tasks import end
from ismessenger.realtime.feed import Batch
from ismessenger.tenancy.doors import Change
from ismessenger.web.changes import Rendered, render_changes
from ismessenger.web.dots import Dots
from ismessenger.web.line import Frame, Line, frame
from ismessenger.web.viewing import Viewed, viewed

log = structlog.get_logger(__name__)

SIGNED_OUT = 4401
CHANGED = 4403
"""What the member may see is not what it was: the page has to be asked for again."""

ELSEWHERE = 4409
"""The workspace is not open in this browser any more: another one is, or it was deleted."""

_CONTROLS = frozenset({"signed_out", "member", "switched", "closed"})
_ALONE = frozenset({"read", "tell"})
_TO_ALL = frozenset({"workflow"})
"""Numbers that concern no contact: every tab is told, and whoever shows such a thing asks for it."""

TICK_PER_LINE_SECONDS = 0.0001
LONGEST_TICK_SECONDS = 0.2
ASK_PER_LINE_MS = 20
WAITING_CHANGES = 2000
REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Audience:
    """Members who may see the same: the contacts of these ``assignees`` (``None``: all), with every field if ``full``."""

    assignees: frozenset[int] | None
    full: bool


def may_see(audience: Audience, assignee_id: int | None) -> bool:
    """Whether contacts of this assignee are shown to the audience."""
    return audience.assignees is None or assignee_id in audience.assignees


@dataclass(frozen=True, slots=True)
class _Missed:
    """What came between two positions, and what each audience is told of it."""

    rendered: "asyncio.Task[list[Rendered]]"
    frames: dict[Audience, Frame | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Writing:
    """Somebody writes in a contact's thread: the member ``member_id``, or the contact, which not everybody calls the same."""

    assignee_id: int | None
    member_id: object
    full: Frame
    agents: Frame


class Room:
    """The open tabs of one workspace on this process."""

    def __init__(self, installation: Installation, workspace_id: int) -> None:
        self._installation = installation
        self._workspace_id = workspace_id
        self.dots = Dots(installation, workspace_id)
        self._lines: dict[Audience, set[Line]] = defaultdict(set)
        self._batches: deque[Batch] = deque()
        self._waiting_changes = 0
        self._something = asyncio.Event()
        self._missed: OrderedDict[tuple[str, str], _Missed] = OrderedDict()
        self._work = asyncio.create_task(self._follow())

    @property
    def size(self) -> int:
        """How many tabs."""
        return sum(map(len, self._lines.values()))

    def enter(self, line: Line, audience: Audience) -> None:
        """Let a tab in; it is told everything from now on."""
        self._lines[audience].add(line)

    def leave(self, line: Line, audience: Audience) -> None:
        """Let a tab go."""
        self._lines[audience].discard(line)
        if not self._lines[audience]:
            del self._lines[audience]

    async def close(self) -> None:
        """Stop working."""
        await end(self._work, *(missed.rendered for missed in self._missed.values()))

    async def changed(self, batch: Batch) -> None:
        """From the feed, which waits for nobody."""
        self._batches.append(batch)
        # A word to one member costs nothing to render, and there is one for each of a thousand of them.
        self._waiting_changes += sum(change["kind"] not in _ALONE for change in batch.changes)
        if self._waiting_changes > WAITING_CHANGES:
            self._batches = deque([Batch(batch.workspace_id, batch.seq, controls(self._batches), refresh=True)])
            self._waiting_changes = len(self._batches[0].changes)
        self._something.set()

    async def welcome(self, line: Line) -> None:
        """Tell a tab who is online, busy or offline."""
        await self.tell_presence(self.dots.renew, but=line)
        line.send(self.dots.all())

    async def tell_presence(self, look: Callable[[], Awaitable[Frame | None]], but: Line | None = None) -> None:
        """Tell the tabs whose status changed."""
        try:
            news = await look()
        except (SQLAlchemyError, OSError) as error:
            log.warning("live.presence_unknown", workspace_id=self._workspace_id, error=(str(error).splitlines() or [""])[0])
            return
        for lines in self._lines.values() if news else ():
            _send((line for line in lines if line is not but), news)  # type: ignore[arg-type]

    async def catch_up(self, line: Line, audience: Audience, after: str, batch: Batch) -> None:
        """Tell a tab what it missed after a position, then let it hear what has come since it entered."""
        missed = await self._missed_once(audience, after, batch)
        for change in _last_of(change for change in batch.changes if change["kind"] in _ALONE and _concerns(change, line, audience)):
            line.send(self._word(change))
        for told in _told_to_all(batch.changes):
            line.send(told)
        line.release(batch.seq, missed)

    async def _missed_once(self, audience: Audience, after: str, batch: Batch) -> Frame | None:
        """Thousands of tabs that come back together after a restart missed the same."""
        refresh = _refreshes(batch)
        if not batch.changes:
            return frame(batch.seq, "", refreshes=True) if refresh else None
        key = (after, batch.seq)
        if key not in self._missed or _failed(self._missed[key].rendered):
            rendering = asyncio.create_task(render_changes(self._installation, self._workspace_id, batch.changes))
            self._missed[key] = _Missed(rendering)
            if len(self._missed) > REMEMBERED:
                self._missed.popitem(last=False)
        missed = self._missed[key]
        rendered = await asyncio.shield(missed.rendered)
        if audience not in missed.frames:
            html = _html_for(audience, rendered)
            missed.frames[audience] = frame(batch.seq, html, refreshes=refresh) if html or refresh else None
        return missed.frames[audience]

    async def _follow(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            batches, self._batches, self._waiting_changes = list(self._batches), deque(), 0
            try:
                await self._tell(batches)
            except Exception:
                # A bug that one change brings out must not end the room for everybody in it.
                log.exception("live.room_failed", workspace_id=self._workspace_id)
                self._send_to_all(frame(batches[-1].seq, "", refreshes=True))
            await asyncio.sleep(min(LONGEST_TICK_SECONDS, self.size * TICK_PER_LINE_SECONDS))

    async def _tell(self, batches: Sequence[Batch]) -> None:
        changes = [change for batch in batches for change in batch.changes]
        seq, refresh = batches[-1].seq, any(_refreshes(batch) for batch in batches)
        # What is defined is shown by nearly every page, and all of them would read themselves again at once.
        within_ms = 0 if any(batch.refresh for batch in batches) else self.size * ASK_PER_LINE_MS
        self._hang_up(changes)
        if refresh or any(change["kind"] in {"presence", "member"} for change in changes):
            await self.tell_presence(self.dots.look)
        try:
            rendered = await render_changes(self._installation, self._workspace_id, changes)
            typing = await self._typing(_typing(changes))
            shared = await self._viewed(changes)
        except (SQLAlchemyError, OSError) as error:
            log.warning("live.not_rendered", workspace_id=self._workspace_id, error=(str(error).splitlines() or [""])[0])
            rendered, typing, shared, refresh, within_ms = [], [], {}, True, 0
        for audience, lines in self._lines.items():
            html = _html_for(audience, rendered)
            if html or refresh:
                _send(lines, frame(seq, html, refreshes=refresh, within_ms=within_ms))
        self._tell_typing(typing)
        self._tell_viewing(shared)
        self._tell_members(changes)
        for told in _told_to_all(changes):
            self._send_to_all(told)

    def _hang_up(self, changes: Iterable[Change]) -> None:
        """Whoever signed out or went to another workspace, and whoever may now see more or less: the page has to be asked for again."""
        told = [change for change in changes if change["kind"] in _CONTROLS]
        closed = any(change["kind"] == "closed" for change in told)
        signed_out = {change.get("session") for change in told if change["kind"] == "signed_out"}
        switched = {change.get("session") for change in told if change["kind"] == "switched"}
        members = {change.get("member_id") for change in told if change["kind"] == "member"}
        for audience, lines in self._lines.items() if told else ():
            in_team = audience.assignees is not None and len(audience.assignees) > 1
            for line in lines:
                if closed or line.session in switched:
                    line.close(ELSEWHERE)
                elif line.session in signed_out:
                    line.close(SIGNED_OUT)
                elif line.member_id in members or (in_team and members):
                    line.close(CHANGED)

    async def _typing(self, typing: Sequence[Change]) -> list[_Writing]:
        if not typing:
            return []
        ids = {change["contact_id"] for change in typing}
        async with self._installation.tenancy.reading(self._workspace_id) as db:
            found = (await db.execute(select(Contact).where(col(Contact.id).in_(ids)))).scalars()
            contacts, kept = {contact.id: contact for contact in found}, await kept_from_agents(db)
        return [
            _writing(contacts[id_], change, kept) for change in typing if isinstance(id_ := change["contact_id"], int) and id_ in contacts
        ]

    def _tell_typing(self, typing: Iterable[_Writing]) -> None:
        for writes in typing:
            for audience, lines in self._lines.items():
                if may_see(audience, writes.assignee_id):
                    _send((line for line in lines if line.member_id != writes.member_id), writes.full if audience.full else writes.agents)

    async def _viewed(self, changes: Iterable[Change]) -> Mapping[int, Viewed]:
        """Who looks at what, where somebody came or went and a tab of this process shows it."""
        asked = {change["contact_id"] for change in changes if change["kind"] == "viewing"}
        shown = {line.viewing for lines in self._lines.values() for line in lines if line.viewing in asked} if asked else set()
        ids = [contact_id for contact_id in shown if contact_id is not None]
        return await viewed(self._installation, self._workspace_id, ids) if ids else {}

    def _tell_viewing(self, shared: Mapping[int, Viewed]) -> None:
        for audience, lines in self._lines.items() if shared else ():
            for line in lines:
                found = None if line.viewing is None else shared.get(line.viewing)
                if found is not None and may_see(audience, found.assignee_id):
                    line.send(found.told_to(line.member_id))

    def _tell_members(self, changes: Iterable[Change]) -> None:
        """What concerns one member alone: what they read in another window, or ``what`` it is and its facts.

        Without a member it is for everybody who sees contacts that are nobody's.
        """
        alone = [change for change in changes if change["kind"] in _ALONE]
        if not alone:
            return
        tabs: dict[int | None, list[Line]] = defaultdict(list)
        for audience, lines in self._lines.items():
            for line in lines:
                tabs[line.member_id].append(line)
            if may_see(audience, None):
                tabs[None] += lines
        for change in _last_of(alone):
            _send(tabs.get(change["member_id"], ()), self._word(change))  # type: ignore[arg-type]

    def _word(self, change: Change) -> Frame:
        """What everybody is told has everybody ask: the more they are, the longer they take over it."""
        within = {"within_ms": self.size * ASK_PER_LINE_MS} if change["member_id"] is None else {}
        return Frame("", orjson.dumps(_said_to(change | within)).decode())

    def _send_to_all(self, same: Frame) -> None:
        for lines in self._lines.values():
            _send(lines, same)


def _last_of(changes: Iterable[Change]) -> list[Change]:
    """Of what concerns one member alone the last of each, so that who was away for long is not told a hundred times."""
    return list({(change["kind"], change.get("what"), change["contact_id"], change["member_id"]): change for change in changes}.values())


def _concerns(change: Change, line: Line, audience: Audience) -> bool:
    return change["member_id"] == line.member_id or (change["member_id"] is None and may_see(audience, None))


def _send(lines: Iterable[Line], same: Frame) -> None:
    for line in lines:
        line.send(same)


def _said_to(change: Change) -> dict[str, object]:
    if change["kind"] == "read":
        back = {"back": True} if change.get("back") else {}
        return {"read": {"contact_id": change["contact_id"], "message_id": change["message_id"], **back}}
    value = {name: fact for name, fact in change.items() if name not in {"kind", "what", "member_id"}}
    return {"tell": {"what": change["what"], "value": value}}


def _told_to_all(changes: Iterable[Change]) -> list[Frame]:
    told = (_said_to({"what": change["kind"], **change}) for change in changes if change["kind"] in _TO_ALL)
    return [Frame("", orjson.dumps(each).decode()) for each in told]


def _refreshes(batch: Batch) -> bool:
    """Whether the pages shall read themselves again: too much changed at once, or nobody knows what did."""
    return batch.refresh or any(change["kind"] == "refresh" for change in batch.changes)


def _failed(task: "asyncio.Task[list[Rendered]]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _html_for(audience: Audience, rendered: Iterable[Rendered]) -> str:
    """What an audience may see of it; what it could see before and cannot any more is taken away."""
    shown = []
    for each in rendered:
        if may_see(audience, each.assignee_id):
            shown.append(each.html_for(full=audience.full))
        elif any(may_see(audience, was) for was in each.was_assignees):
            shown.append(each.gone_html)
    return "".join(shown)


def _writing(contact: Contact, change: Change, kept: Collection[str]) -> _Writing:
    member_id, name = change.get("member_id"), change.get("name")
    told = ({"contact_id": contact.id, "member_id": member_id, "name": name or contact.called(each)} for each in ((), kept))
    full, agents = (Frame("", orjson.dumps({"typing": each}).decode()) for each in told)
    return _Writing(contact.assignee_id, member_id, full, agents)


def _typing(changes: Iterable[Change]) -> list[Change]:
    """The last of each contact and writer."""
    return list({(change["contact_id"], change.get("member_id")): change for change in changes if change["kind"] == "typing"}.values())


def controls(batches: Iterable[Batch]) -> list[Change]:
    """What must not get lost even where everybody is told to refresh."""
    return [change for batch in batches for change in batch.changes if change["kind"] in _CONTROLS]
