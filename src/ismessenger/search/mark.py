"""Words with what was found in them marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ismessenger.sdk.markdown import to_plain
from ismessenger.search.terms import Term

BEFORE = 40
LENGTH = 180
READ = 4000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text; ``hit``: it is what was looked for."""

    words: str
    hit: bool = False


def snippet(text: str, wanted: Sequence[Term]) -> list[Stretch]:
    """The part of a text around the first hit, on one line."""
    text = " ".join(to_plain(text[:READ]).split())
    found = _pattern(wanted).search(text) if wanted else None
    start = 0 if found is None or found.start() <= BEFORE else _word_start(text, found.start() - BEFORE)
    shown = text[start : start + LENGTH]
    shown = ("…" if start else "") + shown + ("…" if start + LENGTH < len(text) else "")
    return marked(shown, wanted)


def marked(text: str, wanted: Sequence[Term]) -> list[Stretch]:
    """The whole text."""
    if not wanted:
        return [Stretch(text)]
    stretches, at = [], 0
    for found in _pattern(wanted).finditer(text):
        stretches += [Stretch(text[at : found.start()]), Stretch(found[0], hit=True)]
        at = found.end()
    return [stretch for stretch in (*stretches, Stretch(text[at:])) if stretch.words]


def _pattern(wanted: Sequence[Term]) -> re.Pattern[str]:
    # The longest first: where two begin at the same place, more is marked.
    return re.compile("|".join(_one(term) for term in sorted(wanted, key=lambda term: -len(term.text))), re.IGNORECASE)


def _one(term: Term) -> str:
    word = re.escape(term.text)
    if term.spaceless:
        return word
    return rf"(?<![^\W_]){word}" + ("" if term.open else r"(?![^\W_])")


def _word_start(text: str, at: int) -> int:
    """The next beginning of a word, unless it is far."""
    space = text.find(" ", at, at + BEFORE)
    return space + 1 if space >= 0 else at
