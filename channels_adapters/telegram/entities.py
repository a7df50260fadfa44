"""Telegram's text entities as neutral Markdown."""

import re
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import quote

from channels_adapters.telegram.update import Entity
from ismessenger.sdk.text import utf16_length

_MARKS = {"bold": "**", "italic": "_", "strikethrough": "~~"}
_OUTERMOST_FIRST = ("bold", "italic", "strikethrough", "text_link", "code", "pre")
_ADDRESSES = ("http://", "https://", "mailto:", "tel:")
# Neutral Markdown reads no emphasis over an empty line, no link over a line break, and code over anything.
_BREAKS = {"text_link": re.compile(r"\n"), "code": re.compile(r"(?!)")}
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")
# Telegram itself allows 100 entities in a message; a bound keeps a crafted body from costing more than a real one.
_ENTITIES_READ = 200
_SPANS_DRAWN = 4096
_SHORTEST_BLOCK = 3  # backticks


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: str
    url: str


def to_neutral(text: str, entities: Sequence[Entity]) -> str:
    """Put the marks of neutral Markdown around what is bold, italic, struck, code or a link; other entities are plain words.

    Where Markdown would not read a mark (at white space, in the middle of a word, over an empty line) it is moved, repeated or left out;
    where entities overlap, the later one is cut in two. Nothing is escaped.
    """
    spans = sorted(islice(_spans(text, entities), _SPANS_DRAWN), key=_order)
    return _draw(text, 0, len(text), spans)


def _order(span: _Span) -> tuple[int, int, int]:
    return span.start, -span.end, _OUTERMOST_FIRST.index(span.kind)


def _spans(text: str, entities: Iterable[Entity]) -> Iterator[_Span]:
    index = _index_of_units(text)
    drawn = []
    for entity in islice((entity for entity in entities if entity.type in _OUTERMOST_FIRST), _ENTITIES_READ):
        start, end = (index[min(at, len(index) - 1)] for at in (entity.offset, entity.offset + entity.length))
        if entity.type != "text_link" or (entity.url or "").lower().startswith(_ADDRESSES):
            drawn.append(_Span(start, end, "code" if entity.type == "pre" else entity.type, entity.url or ""))
    for span in _joined(drawn):
        yield from (part for part in _parts(text, span) if _is_read(text, part))


def _joined(spans: Iterable[_Span]) -> list[_Span]:
    """One span for those of a kind that overlap or touch; of links that overlap, the first."""
    joined: list[_Span] = []
    latest: dict[str, int] = {}
    for span in sorted(spans, key=_order):
        before = joined[latest[span.kind]] if span.kind in latest else None
        if before is None or span.start > before.end or (span.kind == "text_link" and span.start == before.end):
            latest[span.kind] = len(joined)
            joined.append(span)
        elif span.kind != "text_link":
            joined[latest[span.kind]] = replace(before, end=max(before.end, span.end))
    return joined


def _index_of_units(text: str) -> list[int]:
    """From an offset in UTF-16 units to one in the text; the middle of a pair counts as its end."""
    index = [0]
    for number, character in enumerate(text, start=1):
        index += [number] * utf16_length(character)
    return index


def _parts(text: str, span: _Span) -> Iterator[_Span]:
    """The pieces between the breaks, without white space at their ends."""
    begin = span.start
    for gap in _BREAKS.get(span.kind, _EMPTY_LINE).finditer(text, span.start, span.end):
        yield from _trimmed(text, replace(span, start=begin, end=gap.start()))
        begin = gap.end()
    yield from _trimmed(text, replace(span, start=begin))


def _trimmed(text: str, span: _Span) -> Iterator[_Span]:
    words = text[span.start : span.end]
    start = span.start + len(words) - len(words.lstrip())
    if words := words.strip():
        yield replace(span, start=start, end=start + len(words))


def _is_read(text: str, span: _Span) -> bool:
    """Whether marks here would be read: ``_`` is none beside a letter or digit, the others are none between two digits."""
    before, first = text[max(span.start - 1, 0) : span.start], text[span.start]
    last, after = text[span.end - 1], text[span.end : span.end + 1]
    if span.kind == "italic":
        return not before.isalnum() and not after.isalnum()
    return span.kind not in _MARKS or not ((before.isdigit() and first.isdigit()) or (last.isdigit() and after.isdigit()))


def _draw(text: str, start: int, end: int, spans: list[_Span]) -> str:
    pieces = []
    index = 0
    while index < len(spans):
        span = spans[index]
        index += 1
        inner: list[_Span] = []
        while index < len(spans) and spans[index].start < span.end:
            within = spans[index]
            index += 1
            for beyond in _trimmed(text, replace(within, start=span.end)) if within.end > span.end else ():
                insort(spans, beyond, lo=index, key=_order)
            inner += _trimmed(text, replace(within, end=min(within.end, span.end)))
        pieces += [text[start : span.start], _mark(span, _draw(text, span.start, span.end, [] if span.kind == "code" else inner))]
        start = span.end
    return "".join([*pieces, text[start:end]])


def _mark(span: _Span, words: str) -> str:
    match span.kind:
        case "text_link":
            return _link(words, span.url)
        case "code":
            return _code(words)
    mark = _MARKS[span.kind]
    return words if mark in words else f"{mark}{words}{mark}"


def _link(words: str, url: str) -> str:
    target = quote(url, safe="!#$%&'*+,/:;=?@[]~")  # a bracket or a space would end the link early
    if words in {url, target}:
        return url
    return f"{words} ({url})" if "[" in words or "]" in words else f"[{words}]({target})"


def _code(words: str) -> str:
    longest = max((len(run) for run in re.findall("`+", words)), default=0)
    if not longest and "\n" not in words:
        return f"`{words}`"
    fence = "`" * max(_SHORTEST_BLOCK, longest + 1)
    return f"{fence}\n{words}\n{fence}"
