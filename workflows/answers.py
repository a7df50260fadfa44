"""What a contact answered, read as what was asked for."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Final, Literal

import phonenumbers

from ismessenger.sdk.content import Content, Location, Media, SharedContact, Text, words_of
from ismessenger.sdk.step import MAX_VALUE, Answer, Value
from ismessenger.sdk.words import gettext

AnswerType = Literal["text", "choice", "number", "date", "phone", "email", "url", "rating", "location"]
DateForm = Literal["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY"]
RATINGS: Final = ("1", "2", "3", "4", "5")

MAX_EMAIL: Final = 254
MAX_URL: Final = 2000
MAX_SENTENCE: Final = 1000
CENTURY: Final = 2000
HALF_CIRCLE: Final = 180

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\.]+(?:\.[^\s@<>()\[\],;:\"\\.]+)+")
_URL: Final = re.compile(r"(https?)://[^\s/?#@]+\.[^\s/?#@.]{2,}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)
_HOST: Final = re.compile(r"[^\s/?#@:]+\.[^\s\d/?#@.:]{2,}(?:[/?#]\S*)?")
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,10})?|\.\d{1,10})")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([,.\s'’])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_PLACE: Final = re.compile(r"\(?\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*,\s*(-?\d{1,2}(?:\.\d{1,15})?)\s*\)?")
_YEAR, _SHORT_YEAR = r"(?P<year>\d{4})", r"(?P<year>\d{4}|\d\d)"
_MONTH, _DAY = r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_DATES: Final[Mapping[DateForm, re.Pattern[str]]] = {
    "YYYY-MM-DD": re.compile(rf"{_YEAR}[-./ ]{_MONTH}[-./ ]{_DAY}\.?", re.ASCII),
    "DD/MM/YYYY": re.compile(rf"{_DAY}[-./ ]{{1,2}}{_MONTH}[-./ ]{{1,2}}{_SHORT_YEAR}", re.ASCII),
    "MM/DD/YYYY": re.compile(rf"{_MONTH}[-./ ]{{1,2}}{_DAY}[-./ ]{{1,2}}{_SHORT_YEAR}", re.ASCII),
    "DD.MM.YYYY": re.compile(rf"{_DAY}[-./ ]{{1,2}}{_MONTH}[-./ ]{{1,2}}{_SHORT_YEAR}", re.ASCII),
}
_COUNT: Final = {str(place): place for place in range(1, 51)}
_AROUND: Final = ".,;:!?'\"<>()[]"
_STARS: Final = "⭐★🌟"


def plain(said: str) -> Answer:
    """Words as an answer."""
    return Answer(Text(text=said))


class Unfit(ValueError):
    """It is no answer to the question; the text says why, for the history of the run."""


def words(answer: Answer) -> str:
    """What was said, in words; of a bare file what kind it is."""
    content: Content = answer.content
    said = words_of(content).strip()
    if said or not isinstance(content, Media):
        return said[:MAX_VALUE]
    return content.file_name or f"[{content.kind}]"


def chosen(answer: Answer, options: Sequence[str]) -> str:
    """The option that was chosen: by pressing it, by its name in any case, or by its number. Raises `Unfit`."""
    folded = {option.strip().casefold(): option for option in reversed(options)}
    for said in (answer.payload or "", words(answer)):
        if (option := folded.get(said.strip().casefold())) is not None:
            return option
    number = words(answer).strip().removesuffix(".").removesuffix(")")
    if (place := _COUNT.get(number, 0)) and place <= len(options):
        return options[place - 1]
    raise Unfit(gettext("It is none of the choices."))


def number(said: str, least: float | None, most: float | None) -> Value:
    """A number, also with a decimal comma or groups of thousands. Raises `Unfit`."""
    written = _plain_number(said.strip())
    if not _NUMBER.fullmatch(written):
        raise Unfit(gettext("It is no number."))
    found = float(written)
    if (least is not None and found < least) or (most is not None and found > most):
        raise Unfit(gettext("The number is out of bounds."))
    return int(found) if found.is_integer() and math.isfinite(found) else found


def _plain_number(said: str) -> str:
    if (grouped := _GROUPED.fullmatch(said)) is not None:
        mark = grouped[1]
        # "1.500" is fifteen hundred where "1,5" is one and a half; "1,500" too. One mark alone with three digits behind groups thousands.
        said = said.replace(mark, "")
    return said.replace(",", ".", 1) if said.count(",") == 1 and "." not in said else said


def day(said: str, form: DateForm) -> str:
    """A date as YYYY-MM-DD. Raises `Unfit`."""
    # A year in front is understood whatever was asked for.
    for pattern in (_DATES["YYYY-MM-DD"], _DATES[form]):
        if (found := pattern.fullmatch(said.strip())) is None:
            continue
        year = int(found["year"]) + (CENTURY if len(found["year"]) < len("2026") else 0)
        try:
            return date(year, int(found["month"]), int(found["day"])).isoformat()
        except ValueError:
            continue
    raise Unfit(gettext("It is no date as %(form)s.") % {"form": form})


def phone(said: str, content: Content, country: str) -> str:
    """A phone number with its country's code, also from a visiting card. Raises `Unfit`."""
    written = content.phones[0] if isinstance(content, SharedContact) and content.phones else said.strip()
    if written.startswith("00"):
        written = f"+{written[2:]}"
    for attempt in (written, f"+{written}"):
        try:
            found = phonenumbers.parse(attempt[:60], country or None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(found):
            return _e164(found)
    among = {_e164(match.number) for match in islice(phonenumbers.PhoneNumberMatcher(said[:MAX_SENTENCE], country or None), 2)}
    if len(among) == 1:
        return among.pop()
    raise Unfit(gettext("It is no phone number."))


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(said: str, content: Content) -> str:
    """An e-mail address, also from a visiting card. Raises `Unfit`."""
    written = content.emails[0] if isinstance(content, SharedContact) and content.emails else said.strip()
    if len(written) <= MAX_EMAIL and _EMAIL.fullmatch(written):
        return written
    # People answer in sentences: the one address in what they wrote is meant.
    among = {word for each in said[:MAX_SENTENCE].split() if _EMAIL.fullmatch(word := each.strip(_AROUND)) and len(word) <= MAX_EMAIL}
    if len(among) == 1:
        return among.pop()
    raise Unfit(gettext("It is no e-mail address."))


def url(said: str) -> str:
    """An address on the web; without a scheme it is https. Raises `Unfit`."""
    written = said.strip()
    if len(written) <= MAX_URL and _URL.fullmatch(written):
        return written
    if len(written) < MAX_URL and _HOST.fullmatch(written):
        return f"https://{written}"
    raise Unfit(gettext("It is no address on the web."))


def rating(answer: Answer) -> int:
    """One to five, also as stars. Raises `Unfit`."""
    said = words(answer).strip()
    stars = sum(said.count(star) for star in _STARS)
    if stars and not said.replace("\ufe0f", "").strip(_STARS + " "):
        said = str(stars)
    try:
        return int(chosen(Answer(answer.content, payload=said), RATINGS))
    except Unfit:
        raise Unfit(gettext("It is no rating from 1 to 5.")) from None


def place(said: str, content: Content) -> str:
    """A place as ``(longitude, latitude)``, from a location or from such words. Raises `Unfit`."""
    if isinstance(content, Location):
        return f"({content.longitude}, {content.latitude})"
    if (found := _PLACE.fullmatch(said.strip())) is not None:
        longitude, latitude = float(found[1]), float(found[2])
        if abs(longitude) <= HALF_CIRCLE and abs(latitude) <= HALF_CIRCLE / 2:
            return f"({longitude}, {latitude})"
    raise Unfit(gettext("It is no location."))
