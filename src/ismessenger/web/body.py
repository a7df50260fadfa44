"""Reading what a caller sent: every way of being malformed is a `BadRequest` with its reason."""

import json
from typing import Any, NoReturn

from starlette.requests import Request

from ismessenger.kit.text import clean_tree
from ismessenger.sdk.words import gettext
from ismessenger.web.errors import BadRequest


async def json_body(request: Request) -> Any:
    """The body as JSON, cleaned for the database. The caller gives it to a pydantic model."""
    return parse_json(await request.body())


def parse_json(body: bytes) -> Any:
    """The same for bytes that were read already."""
    try:
        return clean_tree(json.loads(body, parse_constant=_no_constant))
    except RecursionError as error:
        raise BadRequest(gettext("The JSON is nested too deeply.")) from error
    except UnicodeDecodeError as error:
        raise BadRequest(gettext("The JSON is not UTF-8.")) from error
    except ValueError as error:
        raise BadRequest(gettext("The JSON cannot be read: %(error)s.") % {"error": error}) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")
