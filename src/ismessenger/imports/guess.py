"""Guess by its heading where a column goes."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ismessenger.imports.targets import Target

_OTHER_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "firstName": ("given name", "forename", "name", "full name", "contact name", "customer name"),
    "lastName": ("surname", "family name"),
    "phone": ("phone number", "mobile", "mobile number", "mobile phone", "telephone", "tel", "cell", "cell phone", "whatsapp", "msisdn"),
    "email": ("e-mail address", "email address", "mail"),
    "language": ("lang", "locale"),
    "countryCode": ("country code", "nation"),
    "tags": ("tag", "labels", "label"),
    "lifecycle": ("stage", "lifecycle", "lead stage"),
    "assignee": ("assignee", "owner", "agent", "contact owner"),
    "id": ("contactid", "contact id", "id"),
}


def guessed(columns: Sequence[str], targets: Sequence[Target]) -> list[str]:
    """The key of a target per column, each at most once; empty where no name fits. A field's own name goes before other names for it."""
    found = [""] * len(columns)
    left = {target.key: target for target in targets}
    for names in (_own, _others):
        for place, column in enumerate(columns):
            words = _plain(column)
            fitting = next((key for key, target in left.items() if words in names(target)), None)
            if not found[place] and fitting is not None and words:
                found[place] = fitting
                del left[fitting]
    return found


def _own(target: Target) -> set[str]:
    return {_plain(target.name), _plain(target.called), _plain(target.slug)}


def _others(target: Target) -> set[str]:
    return {_plain(name) for name in _OTHER_NAMES.get(target.key, ())}


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", "", words.casefold())
