"""Secrets in the clear: put into what leaves, and taken out of what comes back."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus

from ismessenger.kit.logs import HIDDEN
from ismessenger.sdk.channel import Rejected
from ismessenger.sdk.integration import SECRET
from ismessenger.sdk.words import gettext

_ESCAPED: Final = re.compile("%..")
_FOR_ADDRESSES: Final = str.maketrans("+/", "-_")


@dataclass(frozen=True)
class Secrets:
    """By their names in lower case, for as long as one request takes. No representation shows them."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def put_into(self, words: str, written: Callable[[str], str] = str) -> str:
        """The words with secrets in the place of their names, each ``written`` as its place wants it. Raises `Rejected`."""

        def value(named: re.Match[str]) -> str:
            if (found := self.values.get(named[1].lower())) is None:
                raise Rejected(
                    "secret", gettext("There is no secret %(name)s. Add it in the settings, under Workflow secrets.") % {"name": named[1]}
                )
            return written(found)

        return SECRET.sub(value, words)

    def hidden(self, words: str) -> str:
        """The words without any of the values, also in capitals, and as they look in addresses, in JSON, in markup and in Base64."""
        for shape in self._shapes:
            words = words.replace(shape, HIDDEN)
        return words

    def hidden_in(self, value: object) -> object:
        """The same for every text of a value that came out of JSON."""
        match value:
            case str():
                return self.hidden(value)
            case list():
                return [self.hidden_in(each) for each in value]
            case dict():
                return {self.hidden(str(key)): self.hidden_in(each) for key, each in value.items()}
            case int() | float() if str(value) != self.hidden(str(value)):
                return HIDDEN
            case _:
                return value

    @cached_property
    def _shapes(self) -> Sequence[str]:
        shapes = {shape for value in self.values.values() for shape in _shapes_of(value)}
        return sorted(shapes, key=len, reverse=True)


def in_json(value: str) -> str:
    """A secret inside of a text of a JSON body."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def in_address(value: str) -> str:
    """A secret inside of a URL, or of a form's body."""
    return quote(value, safe="")


def _shapes_of(value: str) -> Iterator[str]:
    yield from (value, value.lower(), value.upper(), in_json(value), json.dumps(value)[1:-1], escape(value))
    for quoted in (quote(value), in_address(value), quote_plus(value)):
        yield from (quoted, _ESCAPED.sub(lambda found: found[0].lower(), quoted))
    for coded in _in_base64(value.encode()):
        yield from (coded, coded.translate(_FOR_ADDRESSES))


def _in_base64(raw: bytes) -> Iterator[str]:
    """Alone, and behind other bytes, as a password is in Basic authentication: without the characters that it shares with them."""
    yield base64.b64encode(raw).decode()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw).decode()
        yield coded[before + (before > 0) : (before + len(raw)) * 4 // 3]
