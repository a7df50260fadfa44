"""What a field takes: from what somebody typed, or a file or the API holds, to the value that is stored."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

from babel import Locale

from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import Field, Type
from ismessenger.contacts.phone import e164
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext

Value = str | int | float | bool
MAX_TEXT = 1000
MAX_NAME = 255
MAX_EMAIL = 254
MAX_URL = 2000
# What JSON and a double carry exactly.
MAX_NUMBER = 2**53

_EMAIL = re.compile(r"[^\s@<>\"(),:;]{1,64}@[^\s@<>\"(),:;]+\.[^\s@<>\"(),:;]{2,}")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_YES = frozenset({"true", "yes", "y", "1", "on", "x"})
_NO = frozenset({"false", "no", "n", "0", "off"})
_ENGLISH: Final = Locale("en")


def checked(field: Field, typed: object, *, region: str | None = None) -> Value | None:
    """The value to store; ``None`` for nothing. ``region`` (ISO 3166) helps to read a national phone number. Raises `Refused`."""
    words = _words(typed)
    if not words:
        return None
    try:
        if field.type == "list":
            return _option(field, words)
        if field.type == "phone":
            return _phone(words, region)
        return _READ[field.type](words)
    except _Unfit as error:
        raise Refused(f"{field.called}: {error}") from None


class _Unfit(ValueError):
    pass


def _words(typed: object) -> str:
    if typed is None:
        return ""
    if isinstance(typed, bool):
        return "true" if typed else "false"
    return clean(str(typed)).strip()


def _text(words: str) -> str:
    if len(words) > MAX_TEXT:
        raise _Unfit(gettext("a text has at most %(most)s characters.") % {"most": MAX_TEXT})
    return words


def _option(field: Field, words: str) -> str:
    for option in field.options:
        if option.casefold() == words.casefold():
            return option
    raise _Unfit(gettext("%(words)s is not one of its values.") % {"words": words[:60]})


def _phone(words: str, region: str | None) -> str:
    number = e164(words, region)
    if number is None:
        raise _Unfit(
            gettext("%(words)s is no phone number; write it with the country’s code, such as +60 12 345 6789.") % {"words": words[:40]}
        )
    return number


def _email(words: str) -> str:
    if len(words) > MAX_EMAIL or not _EMAIL.fullmatch(words):
        raise _Unfit(gettext("%(words)s is no e-mail address.") % {"words": words[:60]})
    return words


def _number(words: str) -> int | float:
    try:
        number = Decimal(words)
    except InvalidOperation:
        raise _Unfit(gettext("%(words)s is no number; write it like 1234.5.") % {"words": words[:40]}) from None
    if not number.is_finite() or abs(number) > MAX_NUMBER:
        raise _Unfit(gettext("the number is too large."))
    return int(number) if number == number.to_integral_value() else float(number)


def _url(words: str) -> str:
    try:
        parts = urlsplit(words)
    except ValueError:
        parts = urlsplit("")
    if len(words) > MAX_URL or parts.scheme not in {"http", "https"} or not parts.hostname or " " in words:
        raise _Unfit(gettext("an address begins with https:// or http://."))
    return words


def _date(words: str) -> str:
    try:
        return date.fromisoformat(words[:10]).isoformat() if len(words) == 10 else _no_date()  # noqa: PLR2004 - YYYY-MM-DD
    except ValueError:
        return _no_date()


def _no_date() -> str:
    raise _Unfit(gettext("write a date as YYYY-MM-DD."))


def _time(words: str) -> str:
    found = _TIME.fullmatch(words)
    try:
        return time(int(found[1]), int(found[2])).strftime("%H:%M") if found else _no_time()
    except ValueError:
        return _no_time()


def _no_time() -> str:
    raise _Unfit(gettext("write a time as HH:MM."))


def _checkbox(words: str) -> bool:
    if words.casefold() in _YES:
        return True
    if words.casefold() in _NO:
        return False
    raise _Unfit(gettext("write yes or no."))


def _language(words: str) -> str:
    code = words.replace("_", "-").split("-")[0].lower()
    if code in _ENGLISH.languages:
        return code
    named = _by_name(_ENGLISH.languages, words)
    if named is None:
        raise _Unfit(gettext("%(words)s is no language; write its code, such as en.") % {"words": words[:40]})
    return named


def _country(words: str) -> str:
    code = words.upper()
    if len(code) == 2 and code.isalpha() and code in _ENGLISH.territories:  # noqa: PLR2004 - ISO 3166-1 alpha-2
        return code
    named = _by_name({code: name for code, name in _ENGLISH.territories.items() if len(code) == 2 and code.isalpha()}, words)  # noqa: PLR2004
    if named is None:
        raise _Unfit(gettext("%(words)s is no country; write its code of two letters, such as MY.") % {"words": words[:40]})
    return named


def _by_name(names: Mapping[str, str], words: str) -> str | None:
    return next((code for code, name in names.items() if name.casefold() == words.casefold()), None)


_READ: Final[Mapping[Type, Callable[[str], Value]]] = {
    "text": _text,
    "checkbox": _checkbox,
    "email": _email,
    "number": _number,
    "url": _url,
    "date": _date,
    "time": _time,
    "language": _language,
    "country": _country,
}
