"""How values look on a page: ids of elements, times, sizes, initials, colours of people, words of messages."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.units import format_unit
from markupsafe import Markup, escape

from ismessenger.kit import clock
from ismessenger.language import figures, locale
from ismessenger.messages.mention import MENTION
from ismessenger.sdk.markdown import to_html
from ismessenger.sdk.words import gettext
from ismessenger.web.assets import asset
from ismessenger.web.view import Card, CommentView, EventView, HeaderView, MessageView

TONES = 8
_CODE = 2
# Codes that are no country. Source: Unicode CLDR, "Territory codes".
_NOWHERE = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_TWO_DIGITS, _FOUR_DIGITS = 10, 1000
_TAG_OR_MENTION = re.compile(rf"<[^>]*>|{MENTION.pattern}")
_DAYS_OF_WEEK = 7
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86_400, _DAYS_OF_WEEK * 86_400

TimeStyle = Literal["ago", "left", "soon", "clock", "date", "when", "exact"]


def dom_id(view: Card | HeaderView | MessageView | CommentView | EventView) -> str:
    """The one id of an element, on the page and as the target of a stream."""
    match view:
        case Card():
            return f"card_{view.contact_id}"
        case HeaderView():
            return f"header_{view.contact_id}"
        case MessageView() | CommentView() | EventView():
            return f"{view.type}_{view.id}"


def milliseconds(at: datetime) -> int:
    """The time in milliseconds since 1970: the order of lists."""
    return int(at.timestamp() * 1000)


def time_tag(at: datetime, style: TimeStyle = "exact") -> Markup:
    """A time in words with the exact one on hover. The browser rewrites both for its own language and zone."""
    at = at.astimezone(UTC)
    moment, title = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z", f"{at:%Y-%m-%d %H:%M:%S} UTC"
    words = escape(_styled(at, style))
    return Markup(  # noqa: S704 - its parts are ours or escaped
        f'<time datetime="{moment}" title="{title}" data-controller="time" data-time-style-value="{style}">{words}</time>'
    )


def ago(at: datetime) -> Markup:
    """How long ago, as short as can be: "now", "4m", "2h", "Mon", "12 Nov"."""
    return time_tag(at, "ago")


def _styled(at: datetime, style: TimeStyle) -> str:
    match style:
        case "ago":
            return _ago(at, clock.now())
        case "left":
            return _left(at, clock.now())
        case "soon":
            return _soon(at, clock.now())
        case "clock":
            return f"{at:%H:%M}"
        case "date":
            return _date(at.date(), "medium", locale())
        case "when":
            return f"{_date(at.date(), 'EEE d MMM', locale())}, {at:%H:%M}"
        case "exact":
            return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _ago(at: datetime, now: datetime) -> str:
    seconds = (now - at).total_seconds()
    if seconds < _MINUTE:
        return gettext("now")
    if seconds < _HOUR:
        return _unit(int(seconds // _MINUTE), "duration-minute", "narrow", locale())
    if seconds < _DAY:
        return _unit(int(seconds // _HOUR), "duration-hour", "narrow", locale())
    return _date(at.date(), "EEE" if seconds < _WEEK else "d MMM", locale())


def _left(at: datetime, now: datetime) -> str:
    minutes = max(0, int((at - now).total_seconds() // _MINUTE))
    days, hours = minutes // (24 * 60), minutes // 60
    number, unit = (days, "day") if days > 1 else (hours, "hour") if hours else (minutes, "minute")
    return _unit(number, f"duration-{unit}", "short", locale())


def _soon(at: datetime, now: datetime) -> str:
    days = (at.date() - now.astimezone(UTC).date()).days
    if days == 0:
        return f"{at:%H:%M}"
    return f"{_date(at.date(), 'EEE', locale())} {at:%H:%M}" if 0 < days < _DAYS_OF_WEEK else _date(at.date(), "d MMM", locale())


# Babel takes a tenth of a millisecond each time, and a page has a hundred times.
@lru_cache(maxsize=4096)
def _unit(number: int, unit: str, length: Literal["narrow", "short"], language: Locale) -> str:
    return format_unit(number, unit, length, locale=language)


@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, language: Locale) -> str:
    return format_date(day, pattern, locale=language)


def file_size(size_bytes: int) -> str:
    """A size in the unit a person would choose: "340 KB", "2.4 MB"."""
    size, unit = float(size_bytes), "byte"
    for larger in ("kilobyte", "megabyte", "gigabyte"):
        if size < _FOUR_DIGITS:
            break
        size, unit = size / 1024, larger
    rounded = round(size, 1) if size < _TWO_DIGITS and unit != "byte" else round(size)
    return format_unit(rounded, f"digital-{unit}", "short", locale=locale())


def count(number: int, limit: int = 999) -> str:
    """A number, or "999+" above the limit up to which it was counted."""
    return f"{figures(limit)}+" if number > limit else figures(number)


def initials(name: str) -> str:
    """One or two letters that stand for a person without a picture; none for what is no name, like a phone number."""
    words = [word for word in name.split() if word[0].isalpha()]
    if not words:
        return ""
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def tone(number: int) -> str:
    """The class of the colours that stand for a person, always the same for the same id."""
    return f"tone-{number % TONES}"


def rich(text: str) -> Markup:
    """Neutral Markdown as safe HTML. Links open in a tab of their own that learns nothing about this page."""
    html = to_html(text, link_bare_addresses=True)
    html = html.replace("<a href=", '<a target="_blank" rel="noopener noreferrer nofollow ugc" href=')
    return Markup(html)  # noqa: S704 - the text is escaped: a tag in the result can only be one of ours


def rich_comment(text: str, names: Mapping[int, str]) -> Markup:
    """The same for a comment: whom it names is shown by name."""

    def chip(found: re.Match[str]) -> str:
        name = names.get(int(found[1])) if found[1] else None
        return str(Markup('<span class="mention" dir="auto">@{}</span>').format(name)) if name is not None else found[0]

    # Tags are left alone: an address may hold what looks like a name.
    return Markup(_TAG_OR_MENTION.sub(chip, rich(text)))  # noqa: S704 - names are escaped, the rest was


def language_name(code: str) -> str:
    """A language in the reader's words; the code itself if nobody knows it."""
    return str(locale().languages.get(code.replace("-", "_").split("_")[0].lower(), code))


def country_name(code: str) -> str:
    """A country in the reader's words; the code itself if nobody knows it."""
    return str(locale().territories.get(code.upper(), code))


def language_names() -> tuple[str, ...]:
    """What languages are called, in the reader's words and order."""
    return tuple(sorted(_languages(locale())))


def country_names() -> tuple[str, ...]:
    """What countries are called, in the reader's words and order."""
    return tuple(sorted(_countries(locale())))


def code_of(kind: str, typed: str) -> str:
    """The code of a language or a country that is written in the reader's words; else what was typed."""
    names = _languages(locale()) if kind == "language" else _countries(locale())
    wanted = typed.strip().casefold()
    return next((code for name, code in names.items() if name.casefold() == wanted), typed)


@lru_cache(maxsize=16)
def _languages(language: Locale) -> dict[str, str]:
    return {str(name): code for code, name in language.languages.items() if len(code) == _CODE}


@lru_cache(maxsize=16)
def _countries(language: Locale) -> dict[str, str]:
    return {
        str(name): code for code, name in language.territories.items() if len(code) == _CODE and code.isalpha() and code not in _NOWHERE
    }


def icon(name: str, size: Literal["xs", "sm", "md", "lg", "xl"] = "md") -> Markup:
    """A Lucide icon, or a drawing by its address. It is decoration: the words beside it, or the name of its button, say what it means."""
    return _icon(name, size, asset("icons.svg"))


@lru_cache(maxsize=512)
def _icon(name: str, size: str, sprite: str) -> Markup:
    address = name if "#" in name else f"{sprite}#{name}"
    return Markup('<svg class="icon icon-{}" aria-hidden="true"><use href="{}"></use></svg>').format(size, address)
