"""What a workflow is: a trigger and a tree of steps. What came from outside is parsed here, and bounded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ismessenger.sdk.words import gettext, marked

MAX_STEPS: Final = 100
MAX_BYTES: Final = 512 * 1024
MAX_DEPTH: Final = 24
MAX_NUMBER: Final = 2**53
FORMAT: Final = 1

StepId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
ExitId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Hand = Literal["go_on", "end"]
_OF_EVERY_OBJECT: Final = frozenset(
    ["__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"]
    + [f"__{does}{what}__" for does in ("define", "lookup") for what in ("Getter", "Setter")]
)
"""What a browser finds in every object: by such an id it would find something else than the step."""


_WRONG: Final = {
    "missing": marked("this is missing"),
    "extra_forbidden": marked("nothing of this name belongs there"),
    "string_pattern_mismatch": marked("only letters, digits, “_” and “-” can stand there, and not many of them"),
    "string_too_long": marked("this is too long"),
    "literal_error": marked("this is not known here"),
}
_OTHER: Final = marked("this is of another kind than what belongs there")


class DefinitionInvalid(ValueError):
    """This is no workflow; the text says why."""


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Placed(_Stored):
    """A step in its place. ``exits`` says which step stands behind which way on; ``params`` are those of its kind, unread."""

    id: StepId
    kind: Kind
    name: Annotated[str, Field(max_length=100)] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    params: dict[str, Any] = {}
    exits: dict[ExitId, StepId] = {}


class Triggered(_Stored):
    """What begins the workflow. ``condition`` is a stored condition of at most ten, ``once`` counts enrolments of all time."""

    kind: Kind
    params: dict[str, Any] = {}
    condition: dict[str, Any] = {"$and": []}
    once: bool = False


class Hands(_Stored):
    """What becomes of a run when a person takes the contact in hand: by a reply, by assigning it, by closing its conversation."""

    reply: Hand = "end"
    assignment: Hand = "go_on"
    closing: Hand = "end"


class Definition(_Stored):
    """A workflow as it is stored, exported and shown on the canvas. ``start`` is the first step; a draft may have none, nor a trigger."""

    format: Literal[1] = FORMAT
    trigger: Triggered | None = None
    hands: Hands = Hands()
    start: StepId | None = None
    steps: tuple[Placed, ...] = ()

    @model_validator(mode="after")
    def _is_tree(self) -> "Definition":
        if fault := _fault(self):
            raise ValueError(fault)
        return self

    def step(self, id_: str) -> Placed | None:
        """A step by its id."""
        return next((step for step in self.steps if step.id == id_), None)

    def behind(self, step: Placed, exit_: str) -> Placed | None:
        """The step behind a way on."""
        id_ = step.exits.get(exit_)
        return self.step(id_) if id_ else None

    def before(self, step_id: str) -> Iterator[Placed]:
        """The steps on the way from the start to this one, nearest first."""
        parents = {child: step for step in self.steps for child in step.exits.values()}
        seen = {step_id}
        while (parent := parents.get(step_id)) is not None and parent.id not in seen:
            yield parent
            step_id = parent.id
            seen.add(step_id)

    def as_json(self) -> dict[str, Any]:
        """As it is stored: what `parse` takes."""
        return self.model_dump(mode="json")


def parse(json: object) -> Definition:
    """A definition from JSON. Raises `DefinitionInvalid`."""
    _check_plain(json)
    try:
        size = len(orjson.dumps(json))
    except (TypeError, orjson.JSONEncodeError):
        raise DefinitionInvalid(gettext("A workflow is JSON, in words that can be written as UTF-8.")) from None
    if size > MAX_BYTES:
        raise DefinitionInvalid(gettext("A workflow has at most %(most)s KiB.") % {"most": MAX_BYTES // 1024})
    if isinstance(json, Mapping) and isinstance(steps := json.get("steps"), list) and len(steps) > MAX_STEPS:
        raise DefinitionInvalid(
            gettext("A workflow has at most %(most)s steps; this one has %(steps)s.") % {"most": MAX_STEPS, "steps": len(steps)}
        )
    try:
        return Definition.model_validate(json)
    except ValidationError as error:
        raise DefinitionInvalid(said_shape(error)) from None


def said_shape(error: ValidationError) -> str:
    """In words what is wrong with JSON that should be a workflow, and where."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "value_error":
        return first["msg"].removeprefix("Value error, ")
    return f"{_place(first['loc'])}: {gettext(_WRONG.get(first['type'], _OTHER))}."


def parse_text(text: str | bytes) -> Definition:
    """The same from the text of a file. Raises `DefinitionInvalid`."""
    if len(text) > MAX_BYTES:
        raise DefinitionInvalid(gettext("A workflow has at most %(most)s KiB.") % {"most": MAX_BYTES // 1024})
    try:
        return parse(orjson.loads(text))
    except orjson.JSONDecodeError:
        raise DefinitionInvalid(gettext("This file is no JSON.")) from None


def _check_plain(json: object, depth: int = 0) -> None:
    """Refuse what no database or browser keeps as it is."""
    if depth > MAX_DEPTH:
        raise DefinitionInvalid(gettext("A workflow’s JSON is nested at most %(most)s deep.") % {"most": MAX_DEPTH})
    match json:
        case str() if "\x00" in json:
            raise DefinitionInvalid(gettext("A workflow holds no NUL characters."))
        case int() | float() if not abs(json) <= MAX_NUMBER:
            raise DefinitionInvalid(gettext("A number of this workflow is too large."))
        case Mapping():
            for name, value in json.items():
                _check_plain(name, depth + 1)
                _check_plain(value, depth + 1)
        case list() | tuple():
            for value in json:
                _check_plain(value, depth + 1)
        case _:
            pass


def _fault(definition: Definition) -> str:
    """Why the steps are no tree; empty if they are."""
    ids = [step.id for step in definition.steps]
    if len(set(ids)) < len(ids):
        return gettext("Two steps have the same id.")
    if taken := next((name for step in definition.steps for name in (step.id, *step.exits) if name in _OF_EVERY_OBJECT), None):
        return gettext("No step and no way can have the id %(id)s.") % {"id": taken}
    children = [child for step in definition.steps for child in step.exits.values()]
    roots = [*children, *([definition.start] if definition.start else [])]
    if unknown := next((id_ for id_ in roots if id_ not in ids), None):
        return gettext("There is no step %(id)s, though a way leads there.") % {"id": unknown}
    if len(set(roots)) < len(roots):
        return gettext("Two ways lead to the same step. Use Jump to for that.")
    # Every step has one way to it at most; what the start does not reach hangs loose, or runs in a circle.
    return gettext("Steps run in a circle. Use Jump to for that.") if _in_circle(definition) else ""


def _in_circle(definition: Definition) -> bool:
    parents = {child: step.id for step in definition.steps for child in step.exits.values()}
    clear: set[str] = set()
    for step in definition.steps:
        path: set[str] = set()
        at: str | None = step.id
        while at is not None and at not in clear:
            if at in path:
                return True
            path.add(at)
            at = parents.get(at)
        clear |= path
    return False


def _place(loc: Sequence[str | int]) -> str:
    match [part for part in loc if part != "[key]"]:
        case []:
            return gettext("The whole")
        case ["steps", int(at), *inside]:
            return ", ".join([gettext("Step %(number)s") % {"number": at + 1}, *map(str, inside)])
        case parts:
            return ", ".join(map(str, parts))
