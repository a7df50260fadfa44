"""Decide what becomes of each row: a new contact, a changed one, none, or a reason why not. Nothing here touches the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ismessenger.contacts.country import country_of_phone
from ismessenger.contacts.phone import variants
from ismessenger.imports.order import Order
from ismessenger.imports.read_rows import Read
from ismessenger.imports.targets import ASSIGNEE, LIFECYCLE, TAGS
from ismessenger.sdk.words import gettext, marked, ngettext

State = dict[str, Any]
"""What is known of a contact: values by the key of a field, sorted ids of tags, the ids of stage and assignee."""

_UNSAID: Final = {
    "phone": marked("The row has no phone number to find the contact by."),
    "email": marked("The row has no e-mail address to find the contact by."),
    "id": marked("The row has no contact ID to find the contact by."),
}
_UNKNOWN: Final = {
    "phone": marked("No contact has this phone number."),
    "email": marked("No contact has this e-mail address."),
    "id": marked("No contact has this contact ID."),
}


@dataclass(frozen=True, slots=True)
class Names:
    """Ids of what rows name, by the names as they stand in the file. ``stages`` and ``assignees`` are in small letters."""

    tags: Mapping[str, int]
    stages: Mapping[str, int]
    assignees: Mapping[str, int]
    default_stage: int | None = None
    for_all: Sequence[int] = ()

    def tag_ids(self, row: Read) -> set[int]:
        """The tags that a row's contact gets. One that could not be made, in a dry run, is left out."""
        return {self.tags[name] for name in row.tags if name in self.tags} | set(self.for_all)


@dataclass(slots=True)
class Draft:
    """A contact as it will be. ``id`` is None for a new one, ``was`` what it was."""

    id: int | None
    was: State
    now: State

    @property
    def before(self) -> State:
        """What is replaced; None where nothing was."""
        return {key: self.was.get(key) for key, value in self.now.items() if self.was.get(key) != value}

    @property
    def after(self) -> State:
        """What replaces it."""
        return {key: value for key, value in self.now.items() if self.was.get(key) != value}


@dataclass(slots=True)
class Outcome:
    """What becomes of a stretch of rows. ``counts`` has a number of rows for added, updated, unchanged and skipped."""

    new: list[Draft] = field(default_factory=list)
    changed: list[Draft] = field(default_factory=list)
    failed: list[list[object]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    def count(self, word: str) -> None:
        """One row more."""
        self.counts[word] = self.counts.get(word, 0) + 1


def key_of(row: Read, identifier: str) -> str:
    """By what the row's contact is found: the same for every spelling that means the same; empty if the row does not say."""
    match identifier:
        case "phone":
            number = row.values.get("phone")
            return min(variants(str(number))) if number else ""
        case "email":
            return str(row.values.get("email") or "").lower()
        case _:
            return str(row.id) if row.id is not None else ""


def planned(order: Order, rows: Sequence[Read], known: Mapping[str, Sequence[tuple[int, State]]], names: Names) -> Outcome:
    """Go through rows in their order. ``known`` are the contacts by key; a row also finds who an earlier row of the stretch added."""
    outcome = Outcome()
    drafts: dict[str, list[Draft]] = {}
    for row in rows:
        key = "" if order.purpose == "all" else key_of(row, order.identifier)
        if key and key not in drafts:
            drafts[key] = [Draft(id_, state, dict(state)) for id_, state in known.get(key, ())]
        if reasons := [*row.reasons, *_unknown(row, names), *_unplaced(order, row, key, drafts.get(key, []))]:
            outcome.failed.append(row.failed(reasons))
        else:
            _decide(order, row, key, drafts, names, outcome)
    unique = {id(draft): draft for found in drafts.values() for draft in found if draft.id is not None}
    outcome.changed = [draft for draft in unique.values() if draft.after]
    return outcome


def _unknown(row: Read, names: Names) -> Iterator[str]:
    """What the row names and nobody knows, as sentences."""
    if row.stage and row.stage.lower() not in names.stages:
        yield gettext("There is no stage called %(stage)s.") % {"stage": row.stage[:60]}
    if row.assignee and row.assignee.lower() not in names.assignees:
        yield gettext("No member of the workspace has the e-mail address %(assignee)s.") % {"assignee": row.assignee[:60]}


def _unplaced(order: Order, row: Read, key: str, found: Sequence[Draft]) -> Iterator[str]:
    """Why the row finds nobody to change, or makes nobody, as a sentence; none as far as that hangs on a cell that cannot be read."""
    if order.purpose != "all" and order.identifier in row.unread:
        return
    if not key and order.purpose != "all" and (order.identifier != "id" or not order.adds):
        yield gettext(_UNSAID[order.identifier])
    elif len(found) > 1 and order.changes:
        yield _several(len(found), order)
    elif not found and (not order.adds or row.id is not None):
        yield gettext(_UNKNOWN[order.identifier])
    elif not found and not row.values.get("firstName") and "firstName" not in row.unread:
        yield gettext("A new contact needs a first name.")


def _decide(order: Order, row: Read, key: str, drafts: dict[str, list[Draft]], names: Names, outcome: Outcome) -> None:
    found = drafts.get(key, [])
    if found and not order.changes:
        outcome.count("skipped")
    elif found:
        _change(order, row, found[0], names, outcome)
    else:
        draft = Draft(None, {}, _new(row, names))
        outcome.new.append(draft)
        outcome.count("added")
        if key:
            drafts[key] = [draft]
            outcome.keys.append(key)


def _several(number: int, order: Order) -> str:
    """Nobody shares an id."""
    said = (
        ngettext(
            "%(num)s contact has this phone number. Merge them first.", "%(num)s contacts have this phone number. Merge them first.", number
        )
        if order.identifier == "phone"
        else ngettext(
            "%(num)s contact has this e-mail address. Merge them first.",
            "%(num)s contacts have this e-mail address. Merge them first.",
            number,
        )
    )
    return said % {"num": number}


def _new(row: Read, names: Names) -> State:
    state: State = {**row.values, TAGS: sorted(names.tag_ids(row))}
    state[LIFECYCLE] = names.stages[row.stage.lower()] if row.stage else names.default_stage
    state[ASSIGNEE] = names.assignees[row.assignee.lower()] if row.assignee else None
    if "phone" in state and "countryCode" not in state:
        state["countryCode"] = country_of_phone(str(state["phone"]))
    return state


def _change(order: Order, row: Read, draft: Draft, names: Names, outcome: Outcome) -> None:
    said: State = dict(row.values)
    if row.stage:
        said[LIFECYCLE] = names.stages[row.stage.lower()]
    if row.assignee:
        said[ASSIGNEE] = names.assignees[row.assignee.lower()]
    before = dict(draft.now)
    for key, value in said.items():
        if key not in order.kept or draft.now.get(key) in {None, ""}:
            draft.now[key] = value
    draft.now[TAGS] = sorted({*draft.now.get(TAGS, ()), *names.tag_ids(row)})
    if "phone" in said and not draft.now.get("countryCode") and (country := country_of_phone(str(draft.now["phone"]))):
        draft.now["countryCode"] = country
    outcome.count("updated" if draft.now != before else "unchanged")
