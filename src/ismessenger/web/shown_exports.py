"""Exports as pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ismessenger.accounts.model import Member
from ismessenger.background.model import Job
from ismessenger.exports.order import Order
from ismessenger.sdk.words import gettext
from ismessenger.web.jobs import JobView, job_view


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export in the list. ``whom`` is empty for everybody; ``chosen`` says how many were chosen one by one, None if none were."""

    what: str
    whom: str
    chosen: int | None
    since: date | None
    until: date | None
    by: str
    job: JobView


def export_row(job: Job, names: Mapping[int, str], member: Member) -> ExportRow:
    """One export."""
    order = Order.model_validate(job.params)
    ids = order.selection.get("ids")
    chosen = len(ids) if isinstance(ids, list) else None
    return ExportRow(order.what, order.whom, chosen, order.since, order.until, names.get(job.created_by_id or 0, ""), job_view(job, member))


def prebuilt_names() -> Mapping[str, str]:
    """How the segments are called that every workspace has."""
    return {
        "new": gettext("Created less than 7 days ago"),
        "inactive": gettext("Inactive for more than 30 days"),
        "tagged": gettext("With tags"),
        "country": gettext("Country known"),
        "language": gettext("Language known"),
    }
