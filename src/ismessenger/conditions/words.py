"""Words in what was said, as the index of messages knows them: the same in SQL and in memory.

Source of the rules: the functions ``search_words`` and ``search_lexemes`` of the database (alembic/workspace/versions/0008_folding.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, literal
from sqlalchemy.dialects.postgresql import TSQUERY

from ismessenger.kit.folding import folded

MAX_TERMS = 8
LONGEST = 40
SHOWN = 4000
"""So many characters of a message are looked into."""

STRETCH_BITS = 15
"""A stretch of the index holds this many bits' worth of ids."""

SPACELESS: Final = (
    "\u0e01-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u3007\u3031-\u30fa\u30fc-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\uff66-\uffdc\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_BETWEEN: Final = (
    "\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05f3\u05f4"
    "\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3008-\u3020\u3030\u30fb"
    "\ufe00-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_GAPS = re.compile(f"[{_BETWEEN}]+")
_PIECES = re.compile(f"[{SPACELESS}]+|[^{SPACELESS} ]+")
_LETTER = re.compile(f"([{SPACELESS}])")
_PAIR = 2
_HERE = "@"


@dataclass(frozen=True, slots=True)
class Term:
    """A word to look for. ``open``: longer words that begin so are found too. ``spaceless``: it stands anywhere, also inside of others."""

    text: str
    open: bool = False
    spaceless: bool = False

    @property
    def lexemes(self) -> Sequence[str]:
        """What stands for it in the index."""
        if not self.spaceless or len(self.text) < _PAIR:
            return [self.text[:LONGEST]]
        return [self.text[at : at + _PAIR] for at in range(len(self.text) - 1)]


def fold(words: str) -> str:
    """In lower case, letter by letter, as PostgreSQL does it."""
    if words.isascii():
        return words.lower()
    return "".join("i" if letter == "İ" else letter.lower() for letter in words)


def plain(said: str) -> str:
    """The words of a text, folded, with one space between them: ``search_words`` of the database."""
    words = _GAPS.sub(" ", fold(said[:SHOWN]))
    # A sign like ½ stands between words; one like ㈱ is made of letters and of what stands between words.
    return (words if words.isascii() else _GAPS.sub(" ", folded(words))).strip(" ")


def terms_of(words: str) -> tuple[Term, ...]:
    """What is looked for, of words as `plain` or the database made them. The last one may be the beginning of a word."""
    pieces = list(dict.fromkeys(piece[0] for piece in _PIECES.finditer(words)))[:MAX_TERMS]
    last = len(pieces) - 1
    return tuple(Term(piece, at == last, bool(_LETTER.match(piece))) for at, piece in enumerate(pieces))


def holds(said: str, wanted: Sequence[Term]) -> bool:
    """Whether a text holds all of the words."""
    words = plain(said)
    lexemes = lexemes_of(words)
    return all(_held(term, lexemes) for term in wanted) and all(term.text in folded(said) for term in wanted if _is_long(term))


def sought(wanted: Sequence[Term], workspace_id: int, stretch: ColumnElement[Any]) -> ColumnElement[Any]:
    """What to ask one stretch of the index for: all of the words."""
    parts = [_part(lexeme, beginning=term.open and not term.spaceless) for term in wanted for lexeme in term.lexemes]
    place = literal(f"{workspace_id}:") + cast(stretch, Text) + literal(":")
    return cast(func.replace(literal(" & ".join(parts)), _HERE, place), TSQUERY)


def in_one_place(wanted: Sequence[Term], words: Any) -> list[ColumnElement[bool]]:
    """What the index cannot say: neighbours stand in one place, and not here and there."""
    return [func.search_fold(words).contains(term.text, autoescape=True) for term in wanted if _is_long(term)]


def without_index(wanted: Sequence[Term], words: Any) -> list[ColumnElement[bool]]:
    """The same question about the words of a row, for where few rows are asked."""
    nothing = literal(0, BigInteger)
    lexemes = func.search_lexemes(nothing, nothing, words)
    return [
        # Costs little, and leaves few whose words have to be taken apart.
        *(func.search_fold(func.left(words, SHOWN)).contains(term.text[:LONGEST], autoescape=True) for term in wanted),
        lexemes.op("@@", is_comparison=True)(sought(wanted, 0, nothing)),
        *in_one_place(wanted, words),
    ]


def _is_long(term: Term) -> bool:
    return term.spaceless and len(term.lexemes) > 1


def _held(term: Term, lexemes: frozenset[str]) -> bool:
    if term.open and not term.spaceless:
        return any(lexeme.startswith(term.text[:LONGEST]) for lexeme in lexemes)
    return lexemes.issuperset(term.lexemes)


def lexemes_of(words: str) -> frozenset[str]:
    """``search_lexemes`` of the database, without workspace and stretch."""
    if _LETTER.search(words):
        words = _LETTER.sub(r" \1 ", words) + " " + _LETTER.sub(r"\1 \1", words)
    return frozenset(word[:LONGEST] for word in words.split(" ") if word)


def _part(lexeme: str, *, beginning: bool) -> str:
    # Neither quotes nor backslashes nor the mark itself are left in a word of the database.
    return f"'{_HERE}{lexeme}'" + (":*" if beginning else "")
