"""One call to a provider, with every kind of trouble turned into the closed set of ``sdk.channel``.

Messages of the failures never hold the address or the headers of the call: some providers carry the token there.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from ismessenger.sdk.channel import Rejected, SendFailed, Throttled, Unavailable, Unconfirmed
from ismessenger.sdk.words import gettext

ANSWER_LIMIT_BYTES = 1_000_000

_LONGEST_SECONDS = 9  # digits; more is no waiting time

# The request never left, so the provider cannot have taken it.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_IMPOSSIBLE_WORDS = "The message cannot be put into a request to the provider."
_HIGHEST_PORT = 65_535
_IMPOSSIBLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


async def call(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    explain: Callable[[httpx.Response], SendFailed | None] | None = None,
    **kwargs: Any,
) -> httpx.Response:
    """Send one request and read the whole answer, of at most `ANSWER_LIMIT_BYTES` after decompression.

    ``explain`` is the provider's own reading of an answer of 400 or more; it is asked before the status is looked at, and what it
    returns is raised. Otherwise 429 raises `Throttled`, 503 `Unavailable` and any other 5xx `Unconfirmed`; all else is returned.
    ``kwargs`` go to ``httpx.AsyncClient.build_request``: json, data, files, params, headers, timeout.
    """
    request = _build(http, method, url, **kwargs)
    try:
        response = await http.send(request, stream=True)
        try:
            answer = await _read(response)
        finally:
            await response.aclose()
    except _NEVER_LEFT as error:
        raise _unreached(error) from error
    except _IMPOSSIBLE as error:
        raise Rejected("request", _IMPOSSIBLE_WORDS) from error
    except httpx.TimeoutException as error:
        raise Unconfirmed(gettext("The provider did not answer in time.")) from error
    except httpx.RequestError as error:
        raise Unconfirmed(gettext("The provider's answer was cut off.")) from error
    _judge(answer, explain)
    return answer


def retry_after(response: httpx.Response, *, now: datetime | None = None) -> timedelta | None:
    """The Retry-After header as a duration: seconds or an HTTP date. ``None`` if it is missing or senseless."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= _LONGEST_SECONDS:
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - (now or datetime.now(UTC)), timedelta(0))


def json_of(response: httpx.Response) -> Any:
    """The answer's JSON, or ``None`` if it is not JSON: providers answer errors with pages of HTML, too."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _build(http: httpx.AsyncClient, method: str, url: str, **kwargs: Any) -> httpx.Request:
    try:
        request = http.build_request(method, url, **kwargs)
    except (httpx.InvalidURL, ValueError) as error:  # lone surrogates, NaN, an address that is none
        raise Rejected("request", _IMPOSSIBLE_WORDS) from error
    if (request.url.port or 0) > _HIGHEST_PORT:  # httpx fails on it with an error of its own sockets
        raise Rejected("request", _IMPOSSIBLE_WORDS)
    return request


def _unreached(error: httpx.TransportError) -> SendFailed:
    # A client that guards against private addresses raises a connection error of its own, whose words tell which address and why.
    if isinstance(error, httpx.ConnectError) and type(error) is not httpx.ConnectError:
        return Rejected("address", str(error))
    return Unavailable(gettext("The provider cannot be reached."))


async def _read(response: httpx.Response) -> httpx.Response:
    """A response that is read, decoded and independent of the connection."""
    body = bytearray()
    async for chunk in response.aiter_bytes(65_536):
        body += chunk
        if len(body) > ANSWER_LIMIT_BYTES:
            raise Unconfirmed(gettext("The provider's answer is too long."))
    headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _OF_THE_TRANSFER]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=response.request)


_OF_THE_TRANSFER = {b"content-encoding", b"content-length", b"transfer-encoding"}


def _judge(answer: httpx.Response, explain: Callable[[httpx.Response], SendFailed | None] | None) -> None:
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return
    if explain is not None and (failure := explain(answer)) is not None:
        raise failure
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled(retry_after=retry_after(answer))
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        raise Unavailable(gettext("The provider is not available (503)."))
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unconfirmed(gettext("The provider failed while answering (%(status_code)s).") % {"status_code": answer.status_code})


def _keep_origin_only(record: logging.LogRecord) -> bool:
    """Each address is logged by httpx at INFO, and a provider's token may be part of the path (Telegram)."""
    if isinstance(record.args, tuple):
        record.args = tuple(_origin(value) if isinstance(value, httpx.URL) else value for value in record.args)
    return True


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}/…"


logging.getLogger("httpx").addFilter(_keep_origin_only)
