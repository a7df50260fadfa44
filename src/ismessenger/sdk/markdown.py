"""Neutral Markdown as plain text and as HTML.

``**bold**``, ``_italic_``, ``~~struck~~``, `` `code` `` and ``[words](https://link)``, nested as one likes. A marker counts where it
touches the words it encloses; ``_`` not beside a letter or digit on its outer side, so ``snake_case_words`` stay. No emphasis reaches
over an empty line. A marker without a partner is plain text. Everything here takes time proportional to the length of the text.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

# Words without brackets, then an address with at most one level of parentheses. Possessive, so that hostile text cannot backtrack.
_IN_ADDRESS = r"""[^\s()<>"\x00-\x1f]"""
LINK = rf"\[(?P<words>[^\[\]\n]++)\]\((?P<address>(?:https?://|mailto:|tel:)(?:{_IN_ADDRESS}|\({_IN_ADDRESS}*+\))++)\)"
BARE_LINK = r"""(?<![a-z0-9])https?://[^\s<>"\x00-\x1f]++"""

_SCANNER = re.compile(
    rf"(?P<code>`+)|(?P<link>{LINK})|(?P<bare>{BARE_LINK})|(?P<gap>\n[^\S\n]*+\n)"
    r"|(?P<marker>(?<!\*)\*\*(?!\*)|(?<!~)~~(?!~)|(?<!_)_(?!_))",
    re.IGNORECASE,
)
_TAGS = {"**": "b", "_": "i", "~~": "s"}
_LONG_CODE = 3  # backticks that enclose code with empty lines


@dataclass(slots=True)
class _Token:
    """``text`` is what is shown; for a marker it is its source."""

    kind: Literal["text", "code", "link", "bare", "gap", "open", "close"]
    text: str
    url: str = ""
    can_open: bool = False
    can_close: bool = False


def to_plain(text: str) -> str:
    """Plain words without markers; a link becomes ``words (https://…)``. Never longer than the text."""
    return "".join(_plain(token) for token in _tokens(text))


def to_html(text: str, *, link_bare_addresses: bool = False) -> str:
    """Escaped HTML with b, i, s, code and a only; ``href`` is http, https, mailto or tel. Line breaks stay line breaks.

    ``link_bare_addresses`` also makes ``https://…`` in the running text a link: for our own pages; Telegram does it by itself.
    """
    return "".join(_html(token, link_bare_addresses=link_bare_addresses) for token in _tokens(text))


def _plain(token: _Token) -> str:
    match token.kind:
        case "text" | "code" | "bare" | "gap":
            return token.text
        case "link":
            words, address = to_plain(token.text), re.sub("^(?:mailto|tel):", "", token.url, flags=re.IGNORECASE)
            return words if words in {token.url, address} else f"{words} ({address})"
        case "open" | "close":
            return ""
    assert_never(token.kind)


def _html(token: _Token, *, link_bare_addresses: bool) -> str:
    shown = html.escape(token.text)
    match token.kind:
        case "text" | "gap":
            return shown
        case "code":
            return f"<code>{shown}</code>"
        case "link":
            return f'<a href="{html.escape(token.url)}">{to_html(token.text)}</a>'
        case "bare":
            return f'<a href="{shown}">{shown}</a>' if link_bare_addresses else shown
        case "open":
            return f"<{_TAGS[token.text]}>"
        case "close":
            return f"</{_TAGS[token.text]}>"
    assert_never(token.kind)


def _tokens(text: str) -> list[_Token]:
    """The text in order; every "open" has its "close", properly nested."""
    tokens = list(_scan(text))
    waiting = _Waiting()
    for token in tokens:
        if token.kind == "gap":
            waiting.give_up()
        elif token.kind == "open":
            waiting.meet(token)
    waiting.give_up()
    return tokens


class _Waiting:
    """The markers that wait for a partner. Each enters and leaves once."""

    def __init__(self) -> None:
        self._stack: list[_Token] = []
        self._count = dict.fromkeys(_TAGS, 0)

    def meet(self, marker: _Token) -> None:
        """Close the nearest of the same form; those opened within it stay without a partner. Else wait."""
        if marker.can_close and self._count[marker.text]:
            while (inner := self._pop()).text != marker.text:
                inner.kind = "text"
            marker.kind = "close"
        elif marker.can_open:
            self._stack.append(marker)
            self._count[marker.text] += 1
        else:
            marker.kind = "text"

    def give_up(self) -> None:
        """No partner comes any more: what waits is plain text."""
        while self._stack:
            self._pop().kind = "text"

    def _pop(self) -> _Token:
        marker = self._stack.pop()
        self._count[marker.text] -= 1
        return marker


def _scan(text: str) -> Iterator[_Token]:
    partners = _partners_of_backticks(text)
    done = position = 0
    while (match := _SCANNER.search(text, position)) is not None:
        token, position = _read(text, match, partners)
        if token is None:
            continue
        if done < match.start():
            yield _Token("text", text[done : match.start()])
        yield token
        done = position
    if done < len(text):
        yield _Token("text", text[done:])


def _read(text: str, match: re.Match[str], partners: dict[int, int]) -> tuple[_Token | None, int]:
    """The token that starts here and where it ends; ``None`` for what only looks like one."""
    start, end = match.span()
    match match.lastgroup:
        case "code":
            partner = partners.get(start, end)
            code = text[end:partner].strip("\n")
            return (_Token("code", code), partner + end - start) if code.strip() else (None, end)
        case "link":
            return _Token("link", match["words"], match["address"]), end
        case "bare":
            address = _without_punctuation(match[0])
            return (_Token("bare", address) if not address.endswith("//") else None), start + len(address)
        case "gap":
            return _Token("gap", match[0]), end
    return _marker(text, match), end


def _marker(text: str, match: re.Match[str]) -> _Token:
    start, end = match.span()
    before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
    apart = match[0] == "_" or (_is_digit(before) and _is_digit(after))
    return _Token(
        "open",
        match[0],
        can_open=not after.isspace() and not (apart and _is_letter(before)),
        can_close=not before.isspace() and not (apart and _is_letter(after)),
    )


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _is_letter(character: str) -> bool:
    # Scripts without case (Chinese, Thai) set no spaces between words, so their letters may touch a marker.
    return character.isdigit() or character.lower() != character.upper()


def _without_punctuation(address: str) -> str:
    """A sentence's full stop is not part of the address in it, nor is a marker behind it."""
    return address.rstrip(".,;:!?'*_~`…]}" if "(" in address else ".,;:!?'*_~`…]})")


def _partners_of_backticks(text: str) -> dict[int, int]:
    """From the start of a run of backticks to the start of the next run of the same length."""
    partners: dict[int, int] = {}
    latest: dict[int, int] = {}
    for run in re.finditer("`+", text):
        length = len(run[0])
        opened = latest.get(length)
        if opened is not None and (length >= _LONG_CODE or text.find("\n\n", opened, run.start()) < 0):
            partners[opened] = run.start()
        latest[length] = run.start()
    return partners
