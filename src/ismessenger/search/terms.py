"""Words as the index of messages and comments knows them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from ismessenger.tenancy.doors import ReadSession

MAX_TERMS = 8
LONGEST = 40
STRETCH_BITS = 15
"""A stretch of the index holds this many bits' worth of ids."""

# The same characters as in the function search_lexemes of the database.
_SPACELESS: Final = (
    "\u0e01-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u3007\u3031-\u30fa\u30fc-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\uff66-\uffdc\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_PIECES = re.compile(f"[{_SPACELESS}]+|[^{_SPACELESS} ]+")
_IS_SPACELESS = re.compile(f"[{_SPACELESS}]")
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


async def terms(db: ReadSession, typed: str) -> tuple[Term, ...]:
    """The words of what was typed, taken apart by the database as it does with messages. The last one may be the beginning of a word."""
    if not typed.strip():
        return ()
    words = str((await db.execute(select(func.search_words(typed)))).scalar_one())
    pieces = list(dict.fromkeys(piece[0] for piece in _PIECES.finditer(words)))[:MAX_TERMS]
    last = len(pieces) - 1
    return tuple(Term(piece, at == last, bool(_IS_SPACELESS.match(piece))) for at, piece in enumerate(pieces))


def sought(wanted: Sequence[Term], workspace_id: int, stretch: ColumnElement[Any]) -> ColumnElement[Any]:
    """What to ask one stretch of the index for: all of the words."""
    parts = [_part(lexeme, beginning=term.open and not term.spaceless) for term in wanted for lexeme in term.lexemes]
    place = literal(f"{workspace_id}:") + cast(stretch, Text) + literal(":")
    return cast(func.replace(literal(" & ".join(parts)), _HERE, place), TSQUERY)


def _part(lexeme: str, *, beginning: bool) -> str:
    # Neither quotes nor backslashes nor the mark itself are left in a word of the database.
    return f"'{_HERE}{lexeme}'" + (":*" if beginning else "")
