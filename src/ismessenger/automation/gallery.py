"""Workflows that one begins with: files beside the steps, in the form in which workflows are exported."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import orjson

from ismessenger.automation.transfer import Exported, read_export
from ismessenger.contacts.errors import NotThere
from ismessenger.sdk.words import gettext

GROUPS: Final = ("Welcome", "Assignment", "Away", "Routing", "Collecting", "Follow-up", "Shortcuts")
"""The sections of the gallery, in their order."""


@dataclass(frozen=True, slots=True)
class Template:
    """A workflow of the gallery. ``slug`` is its name in addresses."""

    slug: str
    group: str
    icon: str
    exported: Exported


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """All of them, by section and name."""
    folder = files("workflows") / "templates"
    found = [_read(file.name.removesuffix(".json"), file.read_bytes()) for file in folder.iterdir() if file.name.endswith(".json")]
    return tuple(sorted(found, key=lambda each: (GROUPS.index(each.group), each.exported.name)))


def template_named(slug: str) -> Template:
    """One of them. Raises `NotThere`."""
    for template in templates():
        if template.slug == slug:
            return template
    raise NotThere(gettext("There is no such template."))


def _read(slug: str, text: bytes) -> Template:
    json = orjson.loads(text)
    return Template(slug, json.pop("group"), json.pop("icon"), read_export(orjson.dumps(json)))
