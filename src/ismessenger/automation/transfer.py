"""Workflows as files: out of one workspace, and into another, where things are found again by their names."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ismessenger.automation.define import MAX_DESCRIPTION, MAX_NAME
from ismessenger.automation.mentions import Id, mentions, replaced
from ismessenger.automation.references import Item, Known
from ismessenger.contacts.errors import Refused
from ismessenger.kit.text import clean_tree
from ismessenger.plugins import Plugins
from ismessenger.sdk.step import Thing
from ismessenger.sdk.words import gettext
from workflows.definition import MAX_BYTES, Definition, DefinitionInvalid, parse, said_shape

MAX_FILE_BYTES: Final = 2 * MAX_BYTES
MAX_DEPTH: Final = 40
_TELLS_APART: Final[Mapping[str, tuple[str, ...]]] = {"channel": ("kind",), "connection": ("kind",), "field": ("type",)}
"""What must be the same beside the name."""

_Short = Annotated[str, Field(max_length=400)]


class Reference(BaseModel):
    """Something that a definition names, as it is called where it was exported."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    name: _Short
    kind: _Short = ""
    type: _Short = ""
    email: _Short = ""


class Exported(BaseModel):
    """A workflow in a file. ``references`` say by thing and id what the ids of the definition were called."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ismessenger: Literal["workflow"]
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION)] = ""
    definition: dict[str, Any]
    references: dict[_Short, dict[_Short, Reference]] = {}


@dataclass(frozen=True, slots=True)
class Adopted:
    """A definition that names things of this workspace. ``missing`` are names of those it has not, which must be chosen again."""

    definition: Definition
    missing: tuple[tuple[Thing, str], ...]


def export_of(name: str, description: str, definition: Definition, plugins: Plugins, there: Known) -> bytes:
    """The file of a workflow."""
    references: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for mention in mentions(definition, plugins):
        if (item := there.things.get(mention.thing, {}).get(mention.id)) is not None:
            references[mention.thing][str(mention.id)] = _reference(mention.thing, item)
    json = {
        "ismessenger": "workflow",
        "name": name,
        "description": description,
        "definition": definition.as_json(),
        "references": references,
    }
    return orjson.dumps(json, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_export(text: bytes) -> Exported:
    """What such a file says. Raises `Refused`."""
    if len(text) > MAX_FILE_BYTES:
        raise Refused(gettext("The file of a workflow has at most %(most)s KiB.") % {"most": MAX_FILE_BYTES // 1024})
    try:
        json = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(gettext("This file is no JSON. Choose a file that was exported from a workflow.")) from None
    refuse_deep(json)
    if not isinstance(json, dict) or json.get("ismessenger") != "workflow":
        raise Refused(gettext("This file holds no workflow. Choose a file that was exported from a workflow."))
    try:
        exported = Exported.model_validate(clean_tree(json))
        parse(exported.definition)
    except ValidationError as error:
        raise Refused(gettext("This file is damaged. %(wrong)s") % {"wrong": said_shape(error)}) from None
    except DefinitionInvalid as error:
        raise Refused(str(error)) from None
    return exported


def refuse_deep(json: object) -> None:
    """Bounds before anything walks over what came from outside. Raises `Refused`."""
    level = [json]
    for _depth in range(MAX_DEPTH):
        inner = [list(each.values()) if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list))]
        level = [each for items in inner for each in items]
        if not level:
            return
    raise Refused(gettext("A workflow is JSON that is not nested without end."))


def adopt(exported: Exported, plugins: Plugins, there: Known) -> Adopted:
    """The definition with the ids that things of the same names have here. What is not here is named by an id that nothing has."""
    missing: dict[tuple[Thing, str], None] = {}
    by_name = {thing: _by_name(thing, items) for thing, items in there.things.items()}

    def here(thing: Thing, id_: Id) -> Id:
        reference = exported.references.get(thing, {}).get(str(id_))
        found = by_name.get(thing, {}).get(_key(thing, reference.model_dump())) if reference else None
        if reference is None and isinstance(id_, str) and not id_.isdigit() and id_ in there.things[thing]:
            return id_  # standard fields have the same keys everywhere
        if found is None:
            missing[thing, reference.name if reference else str(id_)] = None
            return "0" if isinstance(id_, str) else 0
        return found

    definition = replaced(parse(exported.definition), plugins, here)
    return Adopted(definition, tuple(missing))


def _reference(thing: Thing, item: Item) -> dict[str, str]:
    kept = (*_TELLS_APART.get(thing, ()), "email") if thing == "member" else _TELLS_APART.get(thing, ())
    return {"name": item.name, **{name: str(item.more[name]) for name in kept if item.more.get(name)}}


def _by_name(thing: Thing, items: Mapping[Id, Item]) -> dict[tuple[str, ...], Id]:
    return {_key(thing, {"name": item.name, **item.more}): id_ for id_, item in reversed(list(items.items()))}


def _key(thing: Thing, called: Mapping[str, Any]) -> tuple[str, ...]:
    """What two things of different workspaces must have in common to be taken for the same."""
    if thing == "member":
        return (str(called.get("email", "")).casefold(),)
    return (cast("str", called["name"]).casefold(), *(str(called.get(name, "")) for name in _TELLS_APART.get(thing, ())))
