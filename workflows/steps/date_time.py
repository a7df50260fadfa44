"""Go different ways within and outside of some time."""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ismessenger.sdk.step import Exit, Fault, Next, Outcome, Part, Scene, Thing, widget
from ismessenger.sdk.words import gettext, ngettext
from workflows.filters import read
from workflows.hours import BusinessHours, is_open
from workflows.times import is_zone, zone


class DateTime:
    """Success within business hours or a range of dates, else Failure; on the clock of a time zone."""

    kind: ClassVar = "date_time"
    name: ClassVar = "Date & time"
    description: ClassVar = "Go one way within business hours or between two dates, and another way outside."
    icon: ClassVar = "calendar-clock"
    group: ClassVar = "Logic"

    class Params(Part):
        mode: Annotated[
            Literal["hours", "range"], Field(title="What counts"), widget(labels={"hours": "Business hours", "range": "Between two dates"})
        ] = "hours"
        hours: Annotated[
            BusinessHours,
            Field(title="Business hours", description="A time that ends before it begins ends on the day after."),
            widget("hours", when={"mode": ["hours"]}),
        ] = BusinessHours()
        starts: Annotated[
            str, Field(title="From", max_length=20), widget("datetime", when={"mode": ["range"]}, placeholder="2026-12-24 18:00")
        ] = ""
        ends: Annotated[
            str,
            Field(title="To", description="A date without a time counts to its end.", max_length=20),
            widget("datetime", when={"mode": ["range"]}, placeholder="2026-12-27"),
        ] = ""
        timezone: Annotated[
            str,
            Field(title="Time zone", description="Without one, the workspace’s.", max_length=64),
            widget("timezone", empty="Workspace’s"),
        ] = ""

    def exits(self, _params: Params) -> Sequence[Exit]:
        """Within and outside."""
        return (Exit("success", gettext("Within"), "branch"), Exit("failure", gettext("Outside"), "branch"))

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """When it is."""
        if params.mode == "range":
            return f"{params.starts or '…'} – {params.ends or '…'}" if params.starts or params.ends else ""
        days = [day for day in params.hours.days() if day.on]
        hours = {f"{day.opens}–{day.closes}" for day in days}
        if not days:
            return gettext("Never")
        words = ngettext("%(num)s day a week, %(hours)s", "%(num)s days a week, %(hours)s", len(days))
        return words % {"num": len(days), "hours": hours.pop() if len(hours) == 1 else gettext("various hours")}

    def faults(self, params: Params) -> Sequence[Fault]:
        """A week that is never open, or dates that are none."""
        found = [] if not params.timezone or is_zone(params.timezone) else [Fault(gettext("There is no such time zone."), "timezone")]
        if params.mode == "hours":
            return found if any(day.on for day in params.hours.days()) else [*found, Fault(gettext("Choose at least one day."), "hours")]
        if not (params.starts or params.ends):
            return [*found, Fault(gettext("Say from when, until when, or both."), "starts")]
        for field in ("starts", "ends"):
            written = getattr(params, field)
            if written and _moment(written, "UTC", end=field == "ends") is None:
                found.append(Fault(gettext("Write it as 2026-12-24 or 2026-12-24 18:00."), field))
        starts, ends = _moment(params.starts, "UTC"), _moment(params.ends, "UTC", end=True)
        if starts and ends and starts >= ends:
            found.append(Fault(gettext("It ends before it begins."), "ends"))
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Look at the clock."""
        timezone = params.timezone or scene.timezone
        within = is_open(params.hours, scene.now, timezone) if params.mode == "hours" else _in_range(params, scene.now, timezone)
        local = scene.now.astimezone(zone(timezone))
        return Next("success" if within else "failure", output={"time": f"{local:%Y-%m-%d %H:%M}", "timezone": timezone})


def _in_range(params: DateTime.Params, now: datetime, timezone: str) -> bool:
    starts, ends = _moment(params.starts, timezone), _moment(params.ends, timezone, end=True)
    return (starts is None or starts <= now) and (ends is None or now < ends)


def _moment(written: str, timezone: str, *, end: bool = False) -> datetime | None:
    """A moment; of a day its beginning or its end."""
    found = read(written, timezone)
    if found is None or isinstance(found, time):
        return None
    if isinstance(found, datetime):
        return found
    return datetime.combine(found, time.max if end else time.min, zone(timezone))
