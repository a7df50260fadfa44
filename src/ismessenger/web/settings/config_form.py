"""A form for any channel: its fields come out of the JSON schema of the adapter's ``Config``, so a third party's look like ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, SecretStr

Kind = Literal["text", "password", "number", "switch", "select", "lines"]
_INPUTS: dict[str, Kind] = {"integer": "number", "number": "number", "boolean": "switch", "array": "lines"}


@dataclass(frozen=True, slots=True)
class ConfigField:
    """One field of the form. ``value`` never holds a secret; ``kept`` says that one is stored and stays if the field is left empty."""

    name: str
    label: str
    help: str
    kind: Kind
    required: bool
    value: str
    checked: bool
    options: Sequence[tuple[str, str]]
    error: str
    kept: bool


def config_fields(
    model: type[BaseModel],
    *,
    typed: Mapping[str, str] | None = None,
    stored: BaseModel | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[ConfigField]:
    """The fields that a person fills in; what is generated is left out. ``typed`` is what the form held when it was refused."""
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        _field(name, _resolved(schema, spec), required=name in required, typed=typed, stored=stored, error=(errors or {}).get(name, ""))
        for name, spec in schema.get("properties", {}).items()
        if not spec.get("generated")
    ]


def values_of(model: type[BaseModel], typed: Mapping[str, str], *, editing: bool) -> dict[str, object]:
    """What the form held, for the adapter to validate.

    A switch that is off is not sent by a browser. A field that is left empty gets its default, or is emptied while ``editing``.
    """
    values: dict[str, object] = {}
    for field in config_fields(model):
        if field.kind == "switch":
            values[field.name] = field.name in typed
        elif typed.get(field.name) or (editing and field.name in typed):
            values[field.name] = typed[field.name]
    return values


def _field(
    name: str, spec: Mapping[str, Any], *, required: bool, typed: Mapping[str, str] | None, stored: BaseModel | None, error: str
) -> ConfigField:
    kind = _kind(spec)
    saved = getattr(stored, name, None) if stored is not None else spec.get("default")
    kept = isinstance(saved, SecretStr) and bool(saved.get_secret_value())
    value = "" if kind == "password" else (typed or {}).get(name, _shown(saved))
    return ConfigField(
        name=name,
        label=spec.get("title", name),
        help=spec.get("description", ""),
        kind=kind,
        required=required and not kept,
        value=value,
        checked=name in typed if typed is not None else bool(saved),
        options=[(str(option), str(option).replace("_", " ").capitalize()) for option in spec.get("enum", ())],
        error=error.removeprefix("Value error, "),
        kept=kept,
    )


def _kind(spec: Mapping[str, Any]) -> Kind:
    if spec.get("format") == "password":
        return "password"
    if "enum" in spec:
        return "select"
    return _INPUTS.get(spec.get("type", ""), "text")


def _resolved(schema: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """The field itself, where the schema names a definition or allows null beside it."""
    whole = dict(spec)
    if "const" in whole:
        whole["enum"] = [whole["const"]]
    for option in (*whole.pop("anyOf", ()), *whole.pop("allOf", ()), {"$ref": whole.pop("$ref")} if "$ref" in whole else {}):
        if option.get("type") == "null":
            continue
        named = schema.get("$defs", {}).get(str(option.get("$ref", "")).rpartition("/")[2], option)
        whole = {**named, **whole}
    return whole


def _shown(value: object) -> str:
    match value:
        case None | bool() | SecretStr():
            return ""
        case list() | tuple():
            return "\n".join(str(part) for part in value)
        case _:
            return str(value)
