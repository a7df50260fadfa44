"""What the workflows of a workspace can name: tags, fields, channels, people, files, each by the id that definitions store."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast, get_args

from sqlalchemy import text

from ismessenger.automation.mentions import Mention
from ismessenger.conditions.broken import broken
from ismessenger.conditions.tree import ConditionInvalid, parse
from ismessenger.conditions.vocabulary import KnownField, KnownVariable, Vocabulary
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.sdk.step import Thing, Variable
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession

Id = int | str
FILES_OFFERED: Final = 200
"""How many files of the library the builder offers by itself: the newest ones, and those that are used."""

_REST = text(
    "SELECT * FROM (SELECT 'channel' AS thing, id, name, kind AS more, '' AS further FROM channel WHERE disconnected_at IS NULL"
    "   ORDER BY lower(name), id) AS channel"
    " UNION ALL SELECT * FROM (SELECT 'category', id, name, '', '' FROM closing_category ORDER BY position, id) AS category"
    " UNION ALL SELECT * FROM (SELECT 'workflow', id, name, status, trigger FROM workflow WHERE status <> 'deleted'"
    "   ORDER BY lower(name)) AS workflow"
    " UNION ALL SELECT * FROM (SELECT 'secret', id, name, '', '' FROM workflow_secret ORDER BY lower(name)) AS secret"
    " UNION ALL SELECT * FROM (SELECT 'connection', id, name, kind, '' FROM connection ORDER BY lower(name), id) AS connection"
    " UNION ALL SELECT * FROM (SELECT 'file', id, name, mime, '' FROM file WHERE library_at IS NOT NULL"
    "   AND (id = ANY (CAST(:files AS bigint[])) OR id IN (SELECT id FROM file WHERE library_at IS NOT NULL"
    "   ORDER BY library_at DESC, id DESC LIMIT :offered)) ORDER BY library_at DESC, id DESC) AS file"
)
_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "channel": ("kind",),
    "workflow": ("status", "trigger"),
    "connection": ("kind",),
    "file": ("mime",),
}
_OF_CONTACT: Final[Sequence[tuple[str, str, Any]]] = (
    ("name", marked("Contact's name"), "text"),
    ("firstname", marked("Contact's first name"), "text"),
    ("lastname", marked("Contact's last name"), "text"),
    ("phone", marked("Contact's phone"), "text"),
    ("email", marked("Contact's e-mail"), "text"),
    ("language", marked("Contact's language"), "text"),
    ("country", marked("Contact's country"), "text"),
    ("id", marked("Contact's id"), "number"),
    ("tags", marked("Contact's tags"), "text"),
    ("lifecycle", marked("Contact's lifecycle stage"), "text"),
    ("channel", marked("Contact's last channel"), "text"),
    ("last_message", marked("Contact's last message"), "text"),
)
_OF_ASSIGNEE: Final[Sequence[tuple[str, str]]] = (
    ("name", marked("Assignee's name")),
    ("firstname", marked("Assignee's first name")),
    ("lastname", marked("Assignee's last name")),
    ("email", marked("Assignee's e-mail")),
    ("id", marked("Assignee's id")),
)
_OF_SYSTEM: Final[Sequence[tuple[str, str]]] = (
    ("system.current_datetime", marked("Date and time now")),
    ("system.current_date", marked("Date now")),
    ("system.current_time", marked("Time now")),
    ("workspace.name", marked("Workspace's name")),
)
_TYPES: Final[Mapping[str, str]] = {"number": "number", "checkbox": "checkbox", "date": "date", "time": "time", "list": "choice"}


@dataclass(frozen=True, slots=True)
class Item:
    """Something that there is. ``more`` helps to choose it: a channel's kind, a field's type."""

    id: Id
    name: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What exists now. ``variables`` are those that every workflow has."""

    things: Mapping[Thing, Mapping[Id, Item]]
    vocabulary: Vocabulary
    variables: Sequence[Variable]

    def name(self, thing: Thing, id_: object) -> str | None:
        """What something is called; ``None`` if it is not there (any more)."""
        if thing == "secret":  # whose capitals do not count
            return next((item.name for item in self.things["secret"].values() if item.name.lower() == str(id_).lower()), None)
        found = self.things.get(thing, {}).get(id_) if isinstance(id_, (int, str)) else None
        return found.name if found else None

    def has(self, mention: Mention) -> bool:
        """Whether what a definition names is there. A condition may ask for a channel that is disconnected."""
        if mention.thing == "channel" and mention.asked:
            return mention.id in self.vocabulary.channels
        return self.name(mention.thing, mention.id) is not None

    def condition_fault(self, condition: object, variables: Sequence[Variable] = ()) -> str:
        """What is broken in a stored condition that may ask for these variables of the run; empty if nothing is."""
        there = {each.name: KnownVariable(each.name, each.label, each.type, tuple(each.options)) for each in variables}
        try:
            return " ".join(broken(parse(condition), replace(self.vocabulary, variables=there)))
        except ConditionInvalid as error:
            return str(error)


async def known(db: ReadSession, timezone: str, files: Collection[int] = ()) -> Known:
    """What there is. Of the library's files only the newest ones and ``files``."""
    words = await vocabulary(db, timezone)
    things: dict[Thing, dict[Id, Item]] = defaultdict(dict)
    for thing, id_, name, *more in (await db.execute(_REST, {"files": list(files), "offered": FILES_OFFERED})).all():
        # A secret is named in words, so its name is what a definition holds.
        key = name if thing == "secret" else id_
        things[cast("Thing", thing)][key] = Item(key, name, dict(zip(_MORE.get(thing, ()), more, strict=False)))
    things["tag"] = {id_: Item(id_, name) for id_, name in words.tags.items()}
    things["stage"] = {id_: Item(id_, name) for id_, name in words.stages.items()}
    things["team"] = {id_: Item(id_, name) for id_, name in words.teams.items()}
    things["member"] = {id_: Item(id_, who.name, {"email": who.email, "team": who.team_id}) for id_, who in words.members.items()}
    things["field"] = {key: _field(each) for key, each in words.fields.items()}
    return Known({thing: things.get(thing, {}) for thing in get_args(Thing)}, words, standing_variables(words))


def standing_variables(words: Vocabulary) -> list[Variable]:
    """Variables that there are in every workflow of the workspace: of the contact, who has it, the system."""
    found = [Variable(f"contact.{name}", gettext(label), type_) for name, label, type_ in _OF_CONTACT]
    taken = {variable.name for variable in found}
    own = [_variable(each) for each in words.fields.values() if not each.column]
    found += [variable for variable in own if variable.name not in taken]
    found += [Variable(f"assignee.{name}", gettext(label)) for name, label in _OF_ASSIGNEE]
    return found + [Variable(name, gettext(label)) for name, label in _OF_SYSTEM]


def _variable(own: KnownField) -> Variable:
    return Variable(
        f"contact.{own.slug.lower()}", own.name, cast("Any", _TYPES.get(own.type, "text")), [(each, each) for each in own.options]
    )


def _field(own: KnownField) -> Item:
    return Item(own.key, own.name, {"type": own.type, "slug": own.slug, "options": list(own.options)})
