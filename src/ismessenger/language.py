"""The words of the interface in the language of whoever reads: gettext over ``locales/<language>/LC_MESSAGES/messages.po``.

The language is a context variable: a page speaks its reader's, a worker that of whom its work is for. Every sentence comes from
`sdk.words`, whoever says it; where nobody set a language, as in the API, it is English.
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from ismessenger.plugins import plugin_locales
from ismessenger.sdk.words import ngettext, spoken

LOCALES = Path(__file__).resolve().parent / "locales"
SOURCE_LANGUAGE = "en"
MAX_ACCEPTED = 500
PSEUDO_LANGUAGE = "en_XA"
"""Renders every translated text as ⟦…⟧: what is left without brackets was forgotten."""

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)
_zone: ContextVar[str] = ContextVar("zone", default="")


@contextmanager
def speaking(language: str, zone: str = "") -> Iterator[None]:
    """Render in this language; one that has no translation speaks English. ``zone`` is the reader's time zone, empty for the browser's."""
    token = _language.set(language if language == PSEUDO_LANGUAGE or language in languages() else SOURCE_LANGUAGE)
    zone_token = _zone.set(zone)
    try:
        with spoken(translations(_language.get())):
            yield
    finally:
        _zone.reset(zone_token)
        _language.reset(token)


def preferred(accepted: str) -> str:
    """The first language of an ``Accept-Language`` header that the interface speaks. Weights are left out: browsers list the best first."""
    wanted = (part.partition(";")[0].strip().replace("-", "_") for part in accepted[:MAX_ACCEPTED].split(","))
    spoken = languages()
    return next((known for name in wanted for known in (name, name.partition("_")[0]) if known in spoken), SOURCE_LANGUAGE)


def language_choices() -> list[tuple[str, str]]:
    """The languages that a person can choose, each with its own name."""
    return [(name, _locale(name).get_display_name() or name) for name in sorted(languages())]


def time_zone() -> str:
    """The time zone that times are shown in; empty for the browser's."""
    return _zone.get()


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
    """The languages that the interface speaks."""
    return frozenset({SOURCE_LANGUAGE, *(file.parents[1].name for file in LOCALES.glob("*/LC_MESSAGES/messages.po"))})


def speaks() -> str:
    """The language being spoken now, as `speaking` takes it."""
    return _language.get()


def language() -> str:
    """The language being spoken now, as HTML names it."""
    return _language.get().replace("_", "-")


def locale() -> Locale:
    """How dates and numbers are written in the language being spoken now."""
    return _locale(SOURCE_LANGUAGE if _language.get() == PSEUDO_LANGUAGE else _language.get())


@lru_cache(maxsize=32)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def figures(number: int) -> str:
    """A number as it is written in the language being spoken now: 12,345."""
    return format_decimal(number, locale=locale())


def plurals(singular: str, plural: str) -> str:
    """All forms of a message with ``%(num)s`` as JSON by plural category, for a script that counts by itself."""
    rule = locale().plural_form
    samples = {rule(number): number for number in range(200, -1, -1)}
    return json.dumps({category: ngettext(singular, plural, number) for category, number in samples.items()}, ensure_ascii=False)


@lru_cache(maxsize=32)
def translations(name: str) -> NullTranslations:
    """The catalogue of a language: ours, and behind it those that packages of third parties bring along."""
    if name == PSEUDO_LANGUAGE:
        return _Pseudo()
    found = NullTranslations()
    for folder in (*plugin_locales(), LOCALES):
        if (file := folder / name / "LC_MESSAGES" / "messages.po").exists():
            read = _read(file, name)
            read.add_fallback(found)
            found = read
    return found


def _read(file: Path, name: str) -> GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(file.read_bytes()), locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)


class _Pseudo(NullTranslations):
    """Brackets around every message; its placeholders stay."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"
