"""What can be done with a value behind a bar: ``{{$name | upper}}``. A filter takes words and gives words, or leaves what it cannot do."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal

from ismessenger.sdk.words import gettext
from workflows.times import zone

MAX_PATTERN: Final = 60
MAX_STEPS: Final = 100_000
LONGEST: Final = 40
LONGEST_TIME: Final = 8
LENGTH_OF_DAY: Final = 10

_UNITS: Final[Mapping[str, timedelta]] = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
}
_AND_UNIT: Final = 2
_STYLES: Final = ("short", "medium", "long", "full")
_NUMBER: Final = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,10})?")


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and for whom it is written."""

    timezone: str = "UTC"
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Filter:
    """``apply`` does it, ``fault`` says what is wrong with what was given to it."""

    apply: Callable[[str, Sequence[str], Setting], str]
    fault: Callable[[Sequence[str]], str]


def _plain(change: Callable[[str], str], name: str) -> Filter:
    return Filter(lambda words, _given, _setting: change(words), lambda given: f"{name} takes nothing in parentheses." if given else "")


def _number(words: str, given: Sequence[str], setting: Setting) -> str:
    try:
        number = Decimal(words.strip())
    except InvalidOperation:
        return words
    if not number.is_finite() or abs(number) > 10**20:
        return words
    digits = int(given[0]) if given and given[0].isdecimal() and len(given[0]) == 1 else None
    pattern = f"#,##0{'.' if digits else ''}{'0' * (digits or 0)}" if digits is not None else None
    return str(format_decimal(number, format=pattern, locale=_locale(setting)))


def _date(words: str, given: Sequence[str], setting: Setting) -> str:
    found = read(words, setting.timezone)
    if found is None:
        return words
    pattern = given[0][:MAX_PATTERN] if given else "medium"
    try:
        if isinstance(found, datetime):
            return str(format_datetime(found, pattern, locale=_locale(setting)))
        if isinstance(found, time):
            return str(format_time(found, pattern, locale=_locale(setting)))
        return str(format_date(found, pattern, locale=_locale(setting)))
    except (ValueError, KeyError, AttributeError, IndexError, TypeError):
        return words


def _plus(words: str, given: Sequence[str], setting: Setting, sign: int = 1) -> str:
    if _plus_fault(given):
        return words
    much = sign * Decimal(given[0])
    if len(given) == 1:
        return _sum(words, much)
    found = read(words, setting.timezone)
    if found is None or isinstance(found, time):
        return words
    try:
        if not isinstance(found, datetime) and given[1] in {"minutes", "hours"}:
            found = datetime.combine(found, time.min, zone(setting.timezone))
        # Days are those of the wall's calendar: the same time of day, also where clocks were changed.
        later = found + _UNITS[given[1]] * int(much)
    except OverflowError:
        return words
    return later.strftime("%Y-%m-%d %H:%M:%S") if isinstance(later, datetime) else later.isoformat()


def _sum(words: str, much: Decimal) -> str:
    if not _NUMBER.fullmatch(words.strip()):
        return words
    total = Decimal(words.strip()) + much
    return f"{total.normalize():f}"


def _plus_fault(given: Sequence[str]) -> str:
    if not 1 <= len(given) <= _AND_UNIT or not _NUMBER.fullmatch(given[0]) or abs(Decimal(given[0])) > MAX_STEPS:
        return gettext('it takes how much to add, and of what: plus(3, "days").')
    if len(given) > 1 and (given[1] not in _UNITS or "." in given[0]):
        return gettext("it adds whole minutes, hours, days or weeks.")
    return ""


def _date_fault(given: Sequence[str]) -> str:
    if len(given) != 1:
        return gettext('it takes one form in quotes: date("d MMM yyyy"), or date("long").')
    if given[0] in _STYLES:
        return ""
    some_time = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - any time shows whether the form is one
    try:
        format_datetime(some_time, given[0][:MAX_PATTERN], locale="en")
    except (ValueError, KeyError, AttributeError, IndexError, TypeError):
        return gettext("“%(form)s” is no form of a date. Try “d MMM yyyy”.") % {"form": given[0]}
    return ""


def _number_fault(given: Sequence[str]) -> str:
    fits = not given or (len(given) == 1 and len(given[0]) == 1 and given[0].isdecimal())
    return "" if fits else gettext("it takes how many decimals: number(2).")


def read(words: str, timezone: str) -> date | datetime | time | None:
    """A date, a moment on the clock of the time zone, or a time of day, from the forms in which variables hold them."""
    written = words.strip()
    if len(written) > LONGEST:
        return None
    try:
        if len(written) <= LONGEST_TIME:
            return time.fromisoformat(written) if ":" in written else None
        if len(written) == LENGTH_OF_DAY:
            return date.fromisoformat(written)
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    where = zone(timezone)
    try:
        return found.astimezone(where) if found.tzinfo else found.replace(tzinfo=where)
    except OverflowError:
        return None


def _locale(setting: Setting) -> Locale:
    try:
        return Locale.parse(setting.locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


FILTERS: Final[Mapping[str, Filter]] = {
    "upper": _plain(str.upper, "upper"),
    "lower": _plain(str.lower, "lower"),
    "title": _plain(str.title, "title"),
    "trim": _plain(str.strip, "trim"),
    "number": Filter(_number, _number_fault),
    "date": Filter(_date, _date_fault),
    "plus": Filter(_plus, _plus_fault),
    "minus": Filter(lambda words, given, setting: _plus(words, given, setting, -1), _plus_fault),
    "default": Filter(
        lambda words, _given, _setting: words, lambda given: "" if given else gettext('it takes words in quotes: default("there").')
    ),
}
