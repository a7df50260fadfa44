"""Reading what a caller sent: every way of being malformed is a `BadRequest` with its reason."""

import json
import math
from typing import Any, Final, NoReturn

from starlette.requests import Request

from ismessenger.kit.text import clean_tree
from ismessenger.sdk.words import gettext
from ismessenger.web.errors import BadRequest

MAX_DEPTH: Final = 200
"""What is written as JSON again, with more around it, may not be nested more than 254 deep. Source: orjson, "Serialize"."""

MAX_DIGITS: Final = 400
"""No number that a computer counts with has more."""


async def json_body(request: Request) -> Any:
    """The body as JSON, cleaned for the database. The caller gives it to a pydantic model."""
    return parse_json(await request.body())


def parse_json(body: bytes) -> Any:
    """The same for bytes that were read already."""
    try:
        found = json.loads(body, parse_constant=_no_constant, parse_float=_number, parse_int=_whole_number)
        _no_deeper(found, MAX_DEPTH)
        return clean_tree(found)
    except RecursionError as error:
        raise BadRequest(gettext("The JSON is nested too deeply.")) from error
    except UnicodeDecodeError as error:
        raise BadRequest(gettext("The JSON is not UTF-8.")) from error
    except ValueError as error:
        raise BadRequest(gettext("The JSON cannot be read: %(error)s.") % {"error": error}) from error


def _no_deeper(value: object, left: int) -> None:
    if isinstance(value, (dict, list)):
        if not left:
            raise RecursionError
        for item in value.values() if isinstance(value, dict) else value:
            _no_deeper(item, left - 1)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _number(written: str) -> float:
    if math.isinf(number := float(written)):
        raise ValueError(f"{written[:40]} is larger than a number can be")
    return number


def _whole_number(written: str) -> int:
    if len(written) > MAX_DIGITS:
        raise ValueError(f"a number has {len(written)} digits, and {MAX_DIGITS} are the most")
    return int(written)
