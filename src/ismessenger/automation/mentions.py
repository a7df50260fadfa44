"""What a definition names: found in the parameters of its steps by their schemas, in conditions, and changed there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

from ismessenger.plugins import Plugins
from ismessenger.sdk.step import Thing
from workflows.definition import Definition

Id = int | str
Change = Callable[[Thing, Id], Id | None]
"""What becomes of a name; ``None`` takes it out."""

TRIGGER: Final = "trigger"
_OF_THE_DEFINITION: Final = frozenset({"step", "variable"})
_OF_CATEGORY: Final[Mapping[str, Thing]] = {
    "contactTag": "tag",
    "lifecycle": "stage",
    "channel": "channel",
    "lastInteractedChannel": "channel",
    "assignee": "member",
    "team": "team",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A step (or the trigger, `TRIGGER`) names something. ``asked``: in a condition."""

    step: str
    thing: Thing
    id: Id
    asked: bool = False


@dataclass(frozen=True, slots=True)
class _Changes:
    """What becomes of names in parameters, and of those in conditions."""

    used: Change
    asked: Change


def mentions(definition: Definition, plugins: Plugins) -> list[Mention]:
    """Everything of the workspace that a definition names. Steps of unknown kinds are passed over."""
    found: list[Mention] = []

    def keep(step: str, *, asked: bool) -> Change:
        def kept(thing: Thing, id_: Id) -> Id:
            found.append(Mention(step, thing, id_, asked))
            return id_

        return kept

    _each(definition, plugins, lambda step: _Changes(keep(step, asked=False), keep(step, asked=True)))
    return found


def replaced(definition: Definition, plugins: Plugins, change: Change) -> Definition:
    """The definition with other names in it."""
    return _each(definition, plugins, lambda _step: _Changes(change, change))


@lru_cache(maxsize=256)
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of parameters, with what `sdk.step` puts on fields. Do not change it."""
    return model.model_json_schema(mode="validation")


def _each(definition: Definition, plugins: Plugins, changes_of: Callable[[str], _Changes]) -> Definition:
    trigger = definition.trigger
    if trigger is not None:
        changes, kind = changes_of(TRIGGER), plugins.triggers.get(trigger.kind)
        params = _in_params(kind.Params, trigger.params, changes) if kind else trigger.params
        trigger = trigger.model_copy(update={"params": params, "condition": _in_condition(trigger.condition, changes.asked)})
    steps = []
    for step in definition.steps:
        found = plugins.steps.get(step.kind)
        params = _in_params(found.Params, step.params, changes_of(step.id)) if found else step.params
        steps.append(step.model_copy(update={"params": params}))
    return definition.model_copy(update={"trigger": trigger, "steps": tuple(steps)})


def _in_params(model: type[BaseModel], params: dict[str, Any], changes: _Changes) -> dict[str, Any]:
    schema = schema_of(model)
    changed: dict[str, Any] = _walk(schema, params, changes, schema.get("$defs", {}))
    return changed


def _walk(schema: Mapping[str, Any], value: Any, changes: _Changes, shapes: Mapping[str, Any]) -> Any:
    schema = _resolved(schema, shapes)
    if schema.get("widget") == "conditions":
        return _in_condition(value, changes.asked)
    thing = schema.get("thing")
    if thing is not None and thing not in _OF_THE_DEFINITION:
        return _named(thing, value, changes.used)
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        if _fits(_resolved(choice, shapes), value):
            value = _walk(choice, value, changes, shapes)
    if isinstance(value, list):
        return [_walk(schema.get("items", {}), each, changes, shapes) for each in value]
    if isinstance(value, dict):
        more = schema.get("additionalProperties")
        others = more if isinstance(more, dict) else {}
        properties = schema.get("properties", {})
        return {key: _walk(properties.get(key, others), each, changes, shapes) for key, each in value.items()}
    return value


def _resolved(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> Mapping[str, Any]:
    if (reference := schema.get("$ref")) is None:
        return schema
    return {**shapes[reference.rpartition("/")[2]], **{key: more for key, more in schema.items() if key != "$ref"}}


def _fits(choice: Mapping[str, Any], value: Any) -> bool:
    """Whether a value may be of one of several shapes: those of a union carry a word that says which."""
    if not isinstance(value, dict):
        return True
    marks = {name: field["const"] for name, field in choice.get("properties", {}).items() if "const" in field}
    return all(value.get(name, mark) == mark for name, mark in marks.items())


def _in_condition(tree: Any, change: Change) -> Any:
    """A stored condition with every name in it changed. A question whose last name is taken out keeps it: it must stay a question."""
    match tree:
        case {"$and": list(parts)}:
            return {"$and": [_in_condition(part, change) for part in parts]}
        case {"$or": list(parts)}:
            return {"$or": [_in_condition(part, change) for part in parts]}
        case {"category": "contactField", "field": str(key)}:
            return {**tree, "field": _changed("field", key, change) or key}
        case {"category": str(category), "value": value} if category in _OF_CATEGORY:
            return {**tree, "value": _named(_OF_CATEGORY[category], value, change) or value}
        case _:
            return tree


def _named(thing: Thing, value: Any, change: Change) -> Any:
    if isinstance(value, list):
        kept = [_changed(thing, each, change) for each in value]
        # A draft may hold what is no name at all.
        return list(dict.fromkeys(each for each in kept if isinstance(each, (int, str))))
    return _changed(thing, value, change)


def _changed(thing: Thing, value: Any, change: Change) -> Any:
    named = isinstance(value, (int, str)) and not isinstance(value, bool) and value != ""
    return change(thing, value) if named else value
