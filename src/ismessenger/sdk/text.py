"""Cutting text to a provider's length without breaking what belongs together.

A grapheme is what a person sees as one character: an emoji with its skin tone, a flag, a letter with its accents. ``measure`` is how a
provider counts; it must add up: two texts together are as long as the sum of both.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import regex

from ismessenger.sdk.markdown import LINK

Measure = Callable[[str], int]

# What stays whole where it fits: a Markdown link, an address, a grapheme. A mark behind a link would change its last character.
_NO_MARK = r"(?![\p{Grapheme_Extend}\p{Grapheme_Cluster_Break=SpacingMark}\u200d])"
# \X counts all regional indicators before each, so that a long row of flags takes quadratic time: pairs are taken first.
_FLAG = r"\p{Regional_Indicator}{2}[\p{Grapheme_Extend}\p{Grapheme_Cluster_Break=SpacingMark}\u200d]*+"
_GRAPHEME = regex.compile(rf"{_FLAG}|\X")
_UNIT = regex.compile(rf"{LINK}{_NO_MARK}|(?<![a-z0-9])https?://[\x21-\x7e]++{_NO_MARK}|{_FLAG}|\X", regex.IGNORECASE)
_GLUE = "\u00a0\u2007\u202f"  # spaces that forbid a line break
_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028")
_CLOSERS = "\"'”’»)]}」』）】_*~"
_SENTENCE_ENDS = (".", "!", "?", "…", "।", "؟", "。", "！", "？")
_WIDE_ENDS = ("。", "！", "？")  # no space follows these


class _Border(IntEnum):
    """Where a text may be cut; the higher, the better."""

    GRAPHEME = 0
    WORD = 1
    SENTENCE = 2
    LINE = 3
    PARAGRAPH = 4


@dataclass(slots=True)
class _Word:
    """Units that belong together, and the space behind them."""

    units: list[str] = field(default_factory=list)
    gap: str = ""
    cut: bool = False

    @property
    def text(self) -> str:
        return "".join(self.units)

    @property
    def border(self) -> _Border:
        """What kind of border the space behind the word is."""
        if self.cut:
            return _Border.GRAPHEME
        if self.gap.count("\n") > 1 or "\u2029" in self.gap:
            return _Border.PARAGRAPH
        if not _LINE_ENDS.isdisjoint(self.gap):
            return _Border.LINE
        return _Border.SENTENCE if self.text.rstrip(_CLOSERS).endswith(_SENTENCE_ENDS) else _Border.WORD


def split(text: str, limit: int, measure: Measure = len) -> list[str]:
    """Cut a text into pieces of at most ``limit``, at the last of the best borders that fit: paragraph, line, sentence, word.

    Words, links and graphemes stay whole; only what is longer than ``limit`` by itself is cut: links between words, words between
    graphemes, and a grapheme of endless marks between those. Space at a cut is dropped, nothing else is. No piece is blank.
    """
    if limit < 1:
        raise ValueError("The limit must be at least 1.")
    if measure(text) <= limit:
        return [text] if text.strip() else []
    words = [part for word in _words(text) for part in _parts(word, limit, measure)]
    return [piece for piece in _pack(words, limit, measure) if piece.strip()]


def shorten(text: str, limit: int, measure: Measure = len) -> str:
    """The text, or as many of its graphemes as fit before an ellipsis."""
    if measure(text) <= limit:
        return text
    kept, room = "", limit - measure("…")
    for unit in _GRAPHEME.finditer(text):
        room -= measure(unit[0])
        if room < 0:
            break
        kept += unit[0]
    return kept.rstrip() + "…"


def utf16_length(text: str) -> int:
    """The number of UTF-16 code units: how Telegram and everything written in JavaScript or Java counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def _words(text: str) -> Iterator[_Word]:
    word = _Word()
    for match in _UNIT.finditer(text):
        unit = match[0]
        if unit.isspace() and unit not in _GLUE:
            word.gap += unit
            continue
        if word.gap or _ends_wide_sentence(word, unit):
            yield word
            word = _Word()
        word.units.append(unit)
    yield word


def _ends_wide_sentence(word: _Word, following: str) -> bool:
    return bool(word.units) and word.units[-1] in _WIDE_ENDS and following[0] not in _CLOSERS and following not in _SENTENCE_ENDS


def _parts(word: _Word, limit: int, measure: Measure) -> Iterator[_Word]:
    """The word itself, or what remains of it where it is too long."""
    if measure(word.text) <= limit:
        yield word
        return
    part, room = _Word(cut=True), limit
    for unit in _smaller(word.units, limit, measure):
        size = measure(unit)
        if size > room and part.units:
            yield part
            part, room = _Word(cut=True), limit
        part.units.append(unit)
        room -= size
    yield _Word(part.units, word.gap)


def _smaller(units: list[str], limit: int, measure: Measure) -> Iterator[str]:
    """Units that fit: a link too long falls into graphemes, a grapheme too long into characters."""
    for unit in units:
        if measure(unit) <= limit:
            yield unit
            continue
        for grapheme in _GRAPHEME.findall(unit):
            yield from [grapheme] if measure(grapheme) <= limit else grapheme


def _pack(words: list[_Word], limit: int, measure: Measure) -> Iterator[str]:
    start = 0
    while start < len(words):
        end = _end(words, start, limit, measure)
        body = words[start:end]
        yield "".join(word.text + word.gap for word in body[:-1]) + body[-1].text
        start = end


def _end(words: list[_Word], start: int, limit: int, measure: Measure) -> int:
    """How many words fit into the piece that starts here; the last of the best borders if not all do."""
    best, end, size = _Border.GRAPHEME, start + 1, 0
    for position in range(start, len(words)):
        word = words[position]
        size += measure(word.text)
        if size > limit and position > start:
            return end
        if word.border >= best:
            best, end = word.border, position + 1
        size += measure(word.gap)
    return len(words)
