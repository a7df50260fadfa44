"""Imports and their columns as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from ismessenger.accounts.model import Member
from ismessenger.background.job import DRAFT
from ismessenger.background.model import Job
from ismessenger.imports.order import Order
from ismessenger.imports.targets import Target
from ismessenger.language import locale
from ismessenger.sdk.words import gettext
from ismessenger.web.jobs import JobView, job_view


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import in the list. ``by`` is a name, empty for whoever is gone."""

    id: int
    name: str
    rows: int
    purpose: str
    identifier: str
    by: str
    created_at: datetime
    draft: bool
    undone: bool
    job: JobView


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of a file: its heading, the first things in it, the key of where it goes."""

    name: str
    examples: Sequence[str]
    target: str
    kept: bool


def import_row(job: Job, names: Mapping[int, str], member: Member) -> ImportRow:
    """One import."""
    order = Order.model_validate(job.params)
    return ImportRow(
        id=job.id,
        name=order.name,
        rows=order.rows,
        purpose=order.purpose,
        identifier=order.identifier,
        by=names.get(job.created_by_id or 0, ""),
        created_at=job.created_at,
        draft=job.state == DRAFT,
        undone=order.undone_by is not None,
        job=job_view(job, member),
    )


def column_rows(order: Order) -> list[ColumnRow]:
    """The columns in their order, whatever was sent for them. Examples are the first cells that say something."""
    return [
        ColumnRow(
            name, [row[place] for row in order.sample if place < len(row) and row[place].strip()], key, bool(key) and key in order.kept
        )
        for place, (name, key) in enumerate(zip_longest(order.columns, order.targets[: len(order.columns)], fillvalue=""))
    ]


def target_choices(known: Sequence[Target]) -> list[tuple[str, str]]:
    """Key and words of each place that a column can go to. Custom fields are called as people called them."""
    words = {
        "firstName": gettext("First name"),
        "lastName": gettext("Last name"),
        "phone": gettext("Phone"),
        "email": gettext("E-mail"),
        "language": gettext("Language"),
        "countryCode": gettext("Country"),
        "tags": gettext("Tags"),
        "assignee": gettext("Assigned to"),
        "lifecycle": gettext("Lifecycle stage"),
        "id": gettext("Contact ID"),
    }
    return [(target.key, words.get(target.key, target.name)) for target in known]


def region_choices() -> list[tuple[str, str]]:
    """Countries by name."""
    named = [(code, str(name)) for code, name in locale().territories.items() if len(code) == 2 and code.isalpha()]  # noqa: PLR2004 - ISO 3166
    return sorted((each for each in named if each[0] not in {"EU", "EZ", "UN", "XA", "XB", "ZZ"}), key=lambda each: each[1].casefold())
