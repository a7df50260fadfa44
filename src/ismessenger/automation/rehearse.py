"""Try a draft: the engine with a contact in memory. Nothing is stored, nothing leaves; who tries it plays all others."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

import structlog

from ismessenger.automation.person import Person
from ismessenger.automation.rehearsal import Asked, Asks, Bubble, Hand, Kept, Passed, Rehearsed, Stand, keep
from ismessenger.automation.scene import RunScene
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.values import checked
from ismessenger.sdk.content import Content, Location, Text
from ismessenger.sdk.step import Answer, AnyEffect, Assign, Call, Heard, Result, Send, SetField, TimeUp, Value
from ismessenger.sdk.words import gettext
from workflows.engine import Advanced, Trace, begin, end, resume

log = structlog.get_logger()

WORDS_KEPT: Final = 20
FURTHEST: Final = timedelta(days=400)


def opened(stand: Stand, person: Person, variables: Mapping[str, Value], *, said: str = "", ahead: timedelta = timedelta()) -> Rehearsed:
    """Begin with this contact; ``said`` is a message of theirs that begins it."""
    if said:
        variables = _begun_by(stand, person, said) | {name: value for name, value in variables.items() if value is not None}
        _wrote(person, Text(text=said), stand.around.at + ahead)
    scene = _Watched(stand, person, stand.around.at + ahead)
    scene.enter("", {}, variables)
    trigger = stand.program.definition.trigger
    asked = scene.explain(trigger.condition) if trigger else None
    scene.entries.clear()
    with _breaking():
        return replace(_settled(stand, scene, begin(stand.program, variables, scene), ahead), trigger=asked)


def answered(stand: Stand, kept: Kept, content: Content, payload: str | None = None) -> Rehearsed:
    """The contact writes."""
    person = kept.whom()
    _wrote(person, content, stand.around.at + timedelta(seconds=kept.ahead))
    return _resumed(stand, kept, person, Answer(content, payload=payload))


def skipped(stand: Stand, kept: Kept) -> Rehearsed:
    """The time of the wait is over. Raises `Refused` where no time is waited for."""
    if kept.run.waiting is None or kept.run.waiting.until is None:
        raise Refused(gettext("Nothing waits for a time now."))
    ahead = min(max(timedelta(seconds=kept.ahead), kept.run.waiting.until - stand.around.at), FURTHEST)
    return _resumed(stand, kept.model_copy(update={"ahead": ahead.total_seconds()}), kept.whom(), TimeUp())


def told(stand: Stand, kept: Kept, result: Result) -> Rehearsed:
    """What became of something outside, or who got the contact."""
    person = kept.whom()
    if kept.asks == "assign" and result.ok:
        to = result.details.get("member_id")
        person.columns["assignee_id"] = to if isinstance(to, int) else None
    return _resumed(stand, kept, person, result)


def taken_in_hand(stand: Stand, kept: Kept, hand: Hand) -> Rehearsed:
    """A member replies to the contact, assigns it, or closes its conversation: the draft says whether that ends the run."""
    person = kept.whom()
    if hand == "closing":
        person.columns["status"] = "closed"
    ends = not kept.run.over and getattr(stand.program.definition.hands, hand) == "end"
    run = end(kept.run) if ends else kept.run
    return Rehearsed(keep(run, person, kept.ahead, "" if ends else kept.asks), person, heard=ends)


@dataclass(slots=True)
class _Noted:
    asked: list[Asked] = field(default_factory=list)
    filled: dict[str, str] = field(default_factory=dict)


class _Watched(RunScene):
    """A scene that notes what it was asked, for each entry."""

    def __init__(self, stand: Stand, person: Person, now: datetime) -> None:
        super().__init__(person, stand.around, stand.variables, prefix="rehearsal/", now=now)
        self.entries: list[_Noted] = []

    def enter(self, run_key: str, memory: Mapping[str, Any], variables: Mapping[str, Value]) -> None:
        """A step is entered, or resumed."""
        super().enter(run_key, memory, variables)
        self.entries.append(_Noted())

    def filled(self, words: str) -> str:
        """The words with variables put in; noted."""
        put = self.entries[-1].filled[words] = super().filled(words)
        return put

    def matches(self, condition: Mapping[str, Any]) -> bool:
        """Whether it holds; noted with each of its leaves."""
        asked = self.explain(condition)
        self.entries[-1].asked.append(asked)
        return asked.held

    def explain(self, condition: Mapping[str, Any]) -> Asked:
        """The same without a note."""
        leaves = tuple(super(_Watched, self).matches({"$and": [leaf]}) for leaf in _leaves(condition))
        return Asked(condition, super().matches(condition), leaves)


def _resumed(stand: Stand, kept: Kept, person: Person, heard: Heard) -> Rehearsed:
    scene = _Watched(stand, person, stand.around.at + timedelta(seconds=kept.ahead))
    with _breaking():
        try:
            advanced = resume(stand.program, kept.run, heard, scene)
        except LookupError:
            raise Refused(gettext("The step where this test stands was changed or deleted meanwhile. Start again.")) from None
        if advanced is None:
            return Rehearsed(keep(kept.run, person, kept.ahead, kept.asks), person, heard=False)
        return _settled(stand, scene, advanced, timedelta(seconds=kept.ahead))


@contextmanager
def _breaking() -> Iterator[None]:
    """A step that breaks, a third party's or by an answer that no service gives, ends the test and nothing else."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        log.exception("rehearsal.broken")
        raise Refused(gettext("The step broke: %(kind)s: %(error)s") % {"kind": type(error).__name__, "error": str(error)[:300]}) from None


def _settled(stand: Stand, scene: _Watched, advanced: Advanced, ahead: timedelta) -> Rehearsed:
    """Say at once what became of effects of which that is certain, until the run waits for something else or is over."""
    passed = _passed(stand, scene, advanced)
    while (result := _certain(stand, scene.person, advanced)) is not None:
        scene.entries.clear()
        further = resume(stand.program, advanced.state, result, scene)
        if further is None:
            break
        advanced = further
        passed += _passed(stand, scene, advanced)
    last = _awaited(advanced)
    asks: Asks = "call" if isinstance(last, Call) else "assign" if isinstance(last, Assign) else ""
    return Rehearsed(
        keep(advanced.state, scene.person, ahead.total_seconds(), asks),
        scene.person,
        passed,
        [bubble for each in passed for bubble in _bubbles(stand, scene.person, each.trace)],
        pool=last if isinstance(last, Assign) else None,
    )


def _passed(stand: Stand, scene: _Watched, advanced: Advanced) -> list[Passed]:
    # Every entry has one trace; a run that is too long or too large ends with one more.
    noted = [*scene.entries, *(_Noted() for _more in range(len(advanced.trail) - len(scene.entries)))]
    return [
        Passed(
            trace,
            tuple(each.asked),
            each.filled,
            {at: why for at, effect in enumerate(trace.effects) if (why := _refusal(stand, scene.person, effect))},
        )
        for trace, each in zip(advanced.trail, noted, strict=True)
    ]


def _awaited(advanced: Advanced) -> AnyEffect | None:
    waiting = advanced.state.waiting
    effects = advanced.trail[-1].effects if advanced.trail else ()
    return cast("AnyEffect", effects[-1]) if waiting and "result" in waiting.for_ and effects else None


def _certain(stand: Stand, person: Person, advanced: Advanced) -> Result | None:
    match _awaited(advanced):
        case None | Call():
            return None
        case Assign(pool="nobody"):
            return Result(ok=True, details={"member_id": None})
        case Assign(pool="member", to=to, online_only=False, below=None):
            return Result(ok=True, details={"member_id": to})
        case Assign():
            return None
        case effect:
            reason = _refusal(stand, person, effect)
            return Result(ok=not reason, reason=reason, details={"message_id": 0} if isinstance(effect, Send) else {})


def _refusal(stand: Stand, person: Person, effect: object) -> str:
    if isinstance(effect, Send):
        return stand.sending_fails
    if not isinstance(effect, SetField):
        return ""
    if (known := stand.around.fields.get(effect.field)) is None:
        return gettext("This field does not exist any more.")
    try:
        checked(known, effect.value, region=person.columns["country_code"])
    except Refused as error:
        return str(error)
    return ""


def _bubbles(stand: Stand, person: Person, trace: Trace) -> Iterator[Bubble]:
    for effect in trace.effects:
        if isinstance(effect, Send):
            channel = effect.channel_id or person.columns["last_channel_id"]
            said = effect.by_channel.get(channel or 0, effect.message)
            yield Bubble(trace.step_id, said.text, said.subject, said.file_ids, effect.choices, said.content, channel, stand.sending_fails)


def _begun_by(stand: Stand, person: Person, said: str) -> dict[str, Value]:
    """What a conversation that a contact's message opened brings along, of what the trigger gives."""
    channel_id = person.columns["last_channel_id"]
    known: dict[str, Value] = {
        "source": "contact",
        "channel": stand.around.known.channels.get(channel_id or 0),
        "channel_id": channel_id,
        "contact_type": "returning" if person.id else "new",
        "first_message": said,
    }
    return {name: value for name, value in known.items() if name in stand.variables}


def _wrote(person: Person, content: Content, at: datetime) -> None:
    words = (
        content.text if isinstance(content, Text) else f"({content.longitude}, {content.latitude})" if isinstance(content, Location) else ""
    )
    person.columns["last_incoming_at"] = at
    person.last_words = words or None
    person.words = (words, *person.words)[:WORDS_KEPT] if words else person.words
    if person.columns["blocked_at"] is None:
        person.columns["status"] = "open"


def _leaves(condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for joiner in ("$and", "$or"):
        if isinstance(items := condition.get(joiner), list):
            for item in items:
                yield from _leaves(item) if isinstance(item, Mapping) else ()
            return
    yield condition
