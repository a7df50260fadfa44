"""The scalars of Messenger's webhooks: ids, times, words.

Source: Meta, Messenger Platform, "Webhook Events Reference".
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Lead ads and some postbacks carry seconds where every other event carries milliseconds. As milliseconds, this is March 1973.
_FIRST_IN_MILLISECONDS = 10**11


def _words(value: object) -> object:
    """Ids come as text or as numbers, depending on the event."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,16}", str(value)):
        raise ValueError("no time in milliseconds since 1970")
    number = int(str(value))
    try:
        return _EPOCH + timedelta(milliseconds=number if number >= _FIRST_IN_MILLISECONDS else number * 1000)
    except OverflowError as error:
        raise ValueError("no time in milliseconds since 1970") from error


def _moment_if_any(value: object) -> datetime | None:
    try:
        return _moment(value)
    except ValueError:
        return None


def none_is_empty(value: object) -> object:
    """Meta writes null for a list of nothing."""
    return () if value is None else value


Words = Annotated[str, BeforeValidator(_words)]
Key = Annotated[Words, StringConstraints(min_length=1, max_length=240)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
MomentIfAny = Annotated[datetime | None, BeforeValidator(_moment_if_any)]
Unchecked = Annotated[tuple[Any, ...], BeforeValidator(none_is_empty)]


class Shape(BaseModel):
    """Reads what it knows and never repeats somebody's words in an error."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def short(name: object) -> str:
    """A provider's name for something, fit to be shown in a reason."""
    return re.sub(r"[^\w ,.-]", "", str(name))[:80] or "unnamed"
