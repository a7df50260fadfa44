"""Reading a webhook body that anybody may have sent: whatever is wrong with it becomes `BodyInvalid`, never another exception."""

import contextlib
import json
import re
from datetime import UTC, datetime
from typing import Any, NoReturn

from ismessenger.sdk.channel import BodyInvalid, RawRequest

# PostgreSQL stores neither; both become U+FFFD.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def json_body(request: RawRequest) -> Any:
    """The body as JSON, its texts without NUL and lone surrogates. Raises `BodyInvalid`."""
    try:
        value = json.loads(request.body.decode("utf-8", "replace"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BodyInvalid(f"The body is not JSON: {error}") from error
    return _cleaned(value) if b"\x00" in request.body or _ESCAPED.search(request.body) else value


def json_object(request: RawRequest) -> dict[str, Any]:
    """The body as a JSON object. Raises `BodyInvalid`."""
    value = json_body(request)
    if not isinstance(value, dict):
        raise BodyInvalid("The body is not a JSON object.")
    return value


def storable(text: str) -> str:
    """The text with U+FFFD in place of NUL and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text)


def moment(value: object, *, per_second: int = 1) -> datetime:
    """A Unix time as an aware UTC datetime; ``per_second`` is 1000 for milliseconds. Raises `ValueError` for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError, OSError, ValueError):
            return datetime.fromtimestamp(value / per_second, UTC)
    raise ValueError("not a Unix time")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {storable(key): _cleaned(item) for key, item in value.items()}
    return value
