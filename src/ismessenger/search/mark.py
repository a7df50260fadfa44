"""Words with what was found in them marked."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ismessenger.conditions.words import Term
from ismessenger.kit.folding import folded
from ismessenger.sdk.markdown import to_plain

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
    first, _end = next(_places(text, wanted), (0, 0))
    start = 0 if first <= BEFORE else _word_start(text, first - BEFORE)
    shown = text[start : start + LENGTH]
    shown = ("…" if start else "") + shown + ("…" if start + LENGTH < len(text) else "")
    return marked(shown, wanted)


def marked(text: str, wanted: Sequence[Term]) -> list[Stretch]:
    """The whole text."""
    stretches, at = [], 0
    for start, end in _places(text, wanted):
        # Two letters of a word may be one of the text: ß.
        if end > at:
            stretches += [Stretch(text[at : max(start, at)]), Stretch(text[max(start, at) : end], hit=True)]
            at = end
    return [stretch for stretch in (*stretches, Stretch(text[at:])) if stretch.words]


def _places(text: str, wanted: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where the words stand in a text, in whatever spelling."""
    if not wanted:
        return
    plain, letters = _folded(text)
    for found in _pattern(wanted).finditer(plain):
        yield letters[found.start()][0], letters[found.end() - 1][1]


def _folded(text: str) -> tuple[str, Sequence[tuple[int, int]]]:
    """The text as it is searched, and where each of its characters comes from."""
    if text.isascii():
        return text.lower(), [(at, at + 1) for at in range(len(text))]
    starts = [at for at, letter in enumerate(text) if not (at and _belongs_to_the_one_before(letter))]
    plain: list[str] = []
    letters: list[tuple[int, int]] = []
    for start, end in pairwise((*starts, len(text))):
        one = folded(text[start:end])
        plain.append(one)
        letters += [(start, end)] * len(one)
    return "".join(plain), letters


def _belongs_to_the_one_before(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M") or "\u1160" <= letter <= "\u11ff" or letter in "\uff9e\uff9f"


def _pattern(wanted: Sequence[Term]) -> re.Pattern[str]:
    # The longest first: where two begin at the same place, more is marked.
    return re.compile("|".join(_one(term) for term in sorted(wanted, key=lambda term: -len(term.text))))


def _one(term: Term) -> str:
    word = re.escape(term.text)
    if term.spaceless:
        return word
    return rf"(?<![^\W_]){word}" + ("" if term.open else r"(?![^\W_])")


def _word_start(text: str, at: int) -> int:
    """The next beginning of a word, unless it is far."""
    space = text.find(" ", at, at + BEFORE)
    return space + 1 if space >= 0 else at
