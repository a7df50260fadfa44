"""One call of the Bot API, and what its errors mean.

The bot token is part of every address, so no address may get into a failure or a log line.
Source: Telegram, "Telegram Bot API": "Making requests", ResponseParameters. The descriptions of errors are not documented: they are those
that the server gives.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from ismessenger.sdk.channel import ContactGone, CredentialsInvalid, Rejected, SendFailed, Throttled, Unavailable, Unconfirmed
from ismessenger.sdk.http import call, json_of, retry_after
from ismessenger.sdk.words import gettext

Upload = tuple[str, bytes, str]
"""File name, content, MIME type."""

NOTHING: Mapping[str, Upload] = {}

_GONE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "user_is_blocked",
    "user_deactivated",
    "peer_id_invalid",
    "input_user_deactivated",
    "bot was blocked by the user",
)


@dataclass(frozen=True, slots=True)
class Call:
    """A method with its parameters, which become JSON."""

    method: str
    params: dict[str, Any]


async def invoke(http: httpx.AsyncClient, token: SecretStr, made: Call, *, upload: Mapping[str, Upload] = NOTHING) -> Any:
    """Make a call and give its ``result``. A file of ``upload`` goes in the place of the parameter. Raises a `SendFailed`."""
    path = f"/bot{token.get_secret_value()}/{made.method}"
    body: dict[str, Any] = {"data": _form(made.params, upload), "files": upload} if upload else {"json": made.params}
    response = await call(http, "POST", path, explain=failure_of, **body)
    if response.is_redirect:
        raise Unavailable(gettext("The address of Telegram's API leads elsewhere; check the configured base URL."))
    answer = json_of(response)
    if not isinstance(answer, Mapping) or "ok" not in answer:
        raise Unconfirmed(gettext("Telegram's answer cannot be read."))
    if answer["ok"] is not True:
        raise _failure(answer, response) or Unconfirmed(gettext("Telegram's answer cannot be read."))
    return answer.get("result")


def _form(params: Mapping[str, Any], upload: Mapping[str, Upload]) -> dict[str, str]:
    """Parameters next to a file: what is no text is written as JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items() if name not in upload}


def failure_of(response: httpx.Response) -> SendFailed | None:
    """What an answer of 400 or more means; ``None`` leaves it to the rules that hold for every provider."""
    answer = json_of(response)
    return _failure(answer if isinstance(answer, Mapping) else {}, response)


def _failure(answer: Mapping[str, Any], response: httpx.Response) -> SendFailed | None:
    code = answer.get("error_code")
    status = code if isinstance(code, int) else response.status_code
    words = str(answer.get("description") or f"Telegram answered {status} without a reason.")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Throttled(words, retry_after=_pause(answer) or retry_after(response))
    return _refusal(status, words) if httpx.codes.is_client_error(status) else None


def _refusal(status: int, words: str) -> SendFailed:
    match status:
        case 401:
            return CredentialsInvalid(gettext("Telegram does not accept the bot token (%(words)s).") % {"words": words})
        case 404 if words == "Not Found":  # an unknown method has more words
            return CredentialsInvalid(gettext("Telegram knows no bot with this token (Not Found)."))
        case 403:
            return ContactGone(words)
        case 400 if any(reason in words.lower() for reason in _GONE):
            return ContactGone(words)
        case _:
            return Rejected(str(status), words)


def _pause(answer: Mapping[str, Any]) -> timedelta | None:
    parameters = answer.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, Mapping) else None
    return timedelta(seconds=seconds) if isinstance(seconds, int) and 0 <= seconds < 10**8 else None
