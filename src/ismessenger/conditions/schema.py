"""What the editor of conditions needs to know: what there is to ask about, with which operators, and what can be chosen."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from babel import Locale

from ismessenger.conditions.broken import fault
from ismessenger.conditions.tree import Category, Group
from ismessenger.conditions.vocabulary import (
    ASSIGNEE_STATUSES,
    KIND_OF_CATEGORY,
    OPERATORS,
    STATUSES,
    KnownField,
    KnownVariable,
    Vocabulary,
)

Option = tuple[int | str, str]

_CODE_LETTERS: Final = 2
# Fields come first, then the rest in the order in which people think of it.
_ORDER: Final[Sequence[Category]] = (
    "contactTag",
    "lifecycle",
    "assignee",
    "team",
    "conversationStatus",
    "channel",
    "lastInteractedChannel",
    "timeSinceLastIncomingMessage",
    "createdTime",
    "messageText",
)
_ORDER_IN_WORKFLOWS: Final[Sequence[Category]] = ("lastIncomingMessage", "assigneeStatus")


def editor_schema(vocabulary: Vocabulary, condition: Group) -> dict[str, Any]:
    """JSON for ``condition_editor`` of templates/components/conditions.html. Its words stand there, so that they are translated.

    ``faults`` says for every leaf of the condition, in order, what is broken about it. Languages and countries are codes without names:
    the browser knows those. With ``vocabulary.variables`` also what can be asked inside of a workflow only.
    """
    categories = _ORDER if vocabulary.variables is None else (*_ORDER, *_ORDER_IN_WORKFLOWS)
    subjects = [_of_field(field) for field in vocabulary.fields.values()]
    subjects += [{"category": category, "kind": KIND_OF_CATEGORY[category], "options": category} for category in categories]
    subjects += [_of_variable(variable) for variable in (vocabulary.variables or {}).values()]
    return {
        "subjects": subjects,
        "operators": OPERATORS,
        "options": _options(vocabulary),
        "faults": [fault(leaf, vocabulary) for leaf in condition.leaves()],
    }


def _of_field(field: KnownField) -> dict[str, Any]:
    subject = {"category": "contactField", "field": field.key, "name": field.name, "kind": field.kind, "type": field.type}
    match field.type:
        case "language" | "country":
            return {**subject, "options": field.type}
        case "list":
            return {**subject, "choices": [(option, option) for option in field.options]}
        case _:
            return subject


def _of_variable(variable: KnownVariable) -> dict[str, Any]:
    subject = {"category": "variable", "field": variable.name, "name": variable.label, "kind": variable.kind, "type": variable.type}
    return {**subject, "choices": list(variable.options)} if variable.kind == "choice" else subject


def _options(vocabulary: Vocabulary) -> Mapping[str, Sequence[Option]]:
    named: dict[str, Sequence[Option]] = {category: list(vocabulary.named(category).items()) for category in _ORDER}
    codes: dict[str, Sequence[Option]] = {"language": _languages(), "country": _countries()}
    statuses = {"conversationStatus": STATUSES, "assigneeStatus": ASSIGNEE_STATUSES}
    return {**named, **codes, **{category: [(status, "") for status in known] for category, known in statuses.items()}}


@lru_cache(maxsize=1)
def _languages() -> Sequence[Option]:
    return [(code, "") for code in sorted(Locale("en").languages) if len(code) == _CODE_LETTERS]


@lru_cache(maxsize=1)
def _countries() -> Sequence[Option]:
    known = Locale("en").territories
    return [
        (code, "")
        for code in sorted(known)
        if len(code) == _CODE_LETTERS and code.isalpha() and code not in {"ZZ", "EU", "EZ", "UN", "XA", "XB", "QO"}
    ]
