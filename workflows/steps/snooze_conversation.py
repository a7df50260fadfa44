"""Put the conversation aside until later."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ismessenger.sdk.step import NEXT, Duration, Exit, Fail, Fault, Next, Outcome, Part, Scene, Snooze, Thing, widget
from ismessenger.sdk.words import gettext
from workflows.filters import read
from workflows.times import after, in_words, zone
from workflows.wording import line

MOST: Final = timedelta(days=365)
MORNING: Final = time(9)


class SnoozeConversation:
    """Snoozes for a length of time, or until a moment that may stand in a variable."""

    kind: ClassVar = "snooze_conversation"
    name: ClassVar = "Snooze the conversation"
    description: ClassVar = "Put the conversation aside; it comes back at its time, or when the contact writes."
    icon: ClassVar = "alarm-clock"
    group: ClassVar = "Conversation"

    class Params(Part):
        mode: Annotated[
            Literal["for", "until"], Field(title="How long"), widget(labels={"for": "For some time", "until": "Until a date"})
        ] = "for"
        duration: Annotated[Duration, Field(title="For", description="At most a year."), widget("duration", when={"mode": ["for"]})] = (
            Duration(value=1, unit="days")
        )
        until: Annotated[
            str,
            Field(title="Until", description="A date such as 2026-12-24 09:00, or a variable. A day begins at nine.", max_length=500),
            widget("text", when={"mode": ["until"]}, placeholder="$contact.renewal_date"),
        ] = ""

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """How long."""
        if params.mode == "for":
            return gettext("For %(time)s") % {"time": in_words(params.duration)}
        return line(gettext("Until %(time)s") % {"time": params.until}) if params.until.strip() else ""

    def faults(self, params: Params) -> Sequence[Fault]:
        """Too long, no date, or one that is none."""
        if params.mode == "for":
            return (
                [Fault(gettext("A snooze lasts a year at most."), "duration")]
                if params.duration.minutes > MOST.total_seconds() / 60
                else []
            )
        if not params.until.strip():
            return [Fault(gettext("Say until when."), "until")]
        if "$" not in params.until and _moment(params.until, "UTC") is None:
            return [Fault(gettext("Write the date as 2026-12-24 or 2026-12-24 09:00, or put a variable there."), "until")]
        return []

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Put it aside."""
        if params.mode == "for":
            return Next(effects=(Snooze(until=after(scene.now, params.duration, scene.timezone)),))
        written = scene.filled(params.until).strip()
        until = _moment(written, scene.timezone)
        if until is None:
            return Fail(gettext("“%(words)s” is no date to snooze until.") % {"words": line(written)}, "next")
        if not scene.now < until <= scene.now + MOST + timedelta(days=1):
            return Fail(gettext("%(time)s is past, or more than a year off.") % {"time": written}, "next")
        return Next(effects=(Snooze(until=until),))


def _moment(written: str, timezone: str) -> datetime | None:
    """A moment in UTC; of a day its morning."""
    found = read(written, timezone)
    if found is None or isinstance(found, time):
        return None
    if not isinstance(found, datetime):
        found = datetime.combine(found, MORNING, zone(timezone))
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None
