"""One HTTP request of a workflow: to addresses that are not ours, bounded in time and size, with secrets put in as it leaves."""

import asyncio
import codecs
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address
from time import perf_counter
from typing import Any, Final

import httpx
import orjson

from ismessenger.automation.hidden import Secrets, in_address, in_json
from ismessenger.kit.guard import AddressRefused, origin
from ismessenger.kit.http import MAX_REDIRECTS
from ismessenger.kit.text import clean
from ismessenger.sdk.channel import Rejected, SendFailed, Unavailable, Unconfirmed
from ismessenger.sdk.http import retry_after
from ismessenger.sdk.integration import HttpRequest
from ismessenger.sdk.words import gettext, marked
from ismessenger.settings import Settings

SECONDS: Final = 10.0
MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 60
DEPTH_HEADER: Final = "X-Workflow-Depth"
"""How many workflows led to a request: where it comes back to us by an address that we do not know as ours, the circle ends."""
_OURS: Final = frozenset(
    [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        DEPTH_HEADER.lower(),
    ]
)
_BUSY: Final = frozenset([HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE])
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NO_CHARSETS: Final = frozenset(["idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"])
_NO_ADDRESS = marked("This is not an address that a request can be sent to: it begins with https:// or http:// and names a server.")


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server said, without the secrets that went out: as ``json``, else, with None there, as ``text``."""

    status: int
    content_type: str
    text: str
    json: Any
    milliseconds: int
    retry_after: timedelta | None = None

    @property
    def busy(self) -> bool:
        """The server did not do it and may do it later."""
        return self.status in _BUSY

    def details(self) -> dict[str, Any]:
        """For the step."""
        return {"status": self.status, "json": self.json}


def own_addresses(settings: Settings) -> Sequence[str]:
    """Where this installation can be reached: its public address, and its own port on this machine."""
    host = f"[{settings.host}]" if ":" in settings.host and "[" not in settings.host else settings.host
    return settings.address, *(f"http://{name}:{settings.port}" for name in (host, "localhost", "127.0.0.1", "[::1]"))


def is_ours(url: httpx.URL, own: Sequence[str]) -> bool:
    """Whether a URL leads to this installation, whose addresses are ``own``.

    A name of ours is us at any port; behind a bare address of a machine other ports may be something else.
    """
    host, port = _host(url), origin(url)[2]
    ours = [httpx.URL(address) for address in own]
    return any(host == _host(address) and (not _is_machine(host) or port == origin(address)[2]) for address in ours)


def depth_of(header: str) -> int:
    """What that header of a request says."""
    return int(header) if header.isascii() and header.isdecimal() and len(header) <= 4 else 0  # noqa: PLR2004 - bounded


async def ask(http: httpx.AsyncClient, asked: HttpRequest, secrets: Secrets, *, key: str, own: Sequence[str], depth: int = 0) -> Answered:
    """Send a request and read the answer, whatever its status. Raises a `SendFailed`, whose words hold no secret.

    ``depth`` is that of the run which asks.
    """
    began = perf_counter()
    try:
        async with asyncio.timeout(SECONDS):
            response, body = await _through(http, _built(http, asked, secrets, {"Idempotency-Key": key, DEPTH_HEADER: str(depth + 1)}), own)
    except SendFailed as error:
        raise _without(secrets, error) from None
    except _NEVER_LEFT as error:
        raise _unreached(error, secrets) from None
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise Rejected("address", gettext(_NO_ADDRESS)) from None
    except httpx.LocalProtocolError:
        raise Rejected("header", gettext("A header has a name or a value that cannot be sent.")) from None
    except (TimeoutError, httpx.TimeoutException):
        raise Unconfirmed(gettext("The server did not answer within %(seconds)s seconds.") % {"seconds": f"{SECONDS:g}"}) from None
    except httpx.RequestError:
        raise Unconfirmed(gettext("The connection to the server broke before its answer was here.")) from None
    return _answered(response, body, secrets, milliseconds=round((perf_counter() - began) * 1000))


def _built(http: httpx.AsyncClient, asked: HttpRequest, secrets: Secrets, told: Mapping[str, str]) -> httpx.Request:
    kind = asked.content_type.partition(";")[0].strip().lower()
    written = in_json if _is_json(kind) else in_address if kind == "application/x-www-form-urlencoded" else str
    headers = {"Accept": "application/json, */*;q=0.5", **told}
    content = None
    if asked.body and asked.method != "GET":
        headers["Content-Type"] = asked.content_type
        content = secrets.put_into(asked.body, written).encode()
    for name, value in asked.headers.items():
        if name.strip().lower() in _OURS:
            raise Rejected("header", gettext("The header %(name)s is set by the connection and cannot be chosen.") % {"name": name.strip()})
        headers = {known: kept for known, kept in headers.items() if known.lower() != name.strip().lower()}
        headers[name.strip()] = secrets.put_into(value).strip()
    headers["Accept-Encoding"] = "identity"
    try:
        request = http.build_request(
            asked.method, secrets.put_into(asked.url.strip(), in_address), headers=headers, content=content, timeout=SECONDS
        )
    except UnicodeEncodeError:
        raise Rejected("header", gettext("A header holds characters that cannot be sent. Use letters without accents there.")) from None
    except ValueError:
        raise Rejected("address", gettext(_NO_ADDRESS)) from None
    return request


async def _through(http: httpx.AsyncClient, request: httpx.Request, own: Sequence[str]) -> tuple[httpx.Response, bytes]:
    """Follow redirects, each checked like the first address."""
    for _hop in range(MAX_REDIRECTS + 1):
        _check_address(request.url, own)
        response = await http.send(request, stream=True, follow_redirects=False)
        try:
            if response.next_request is None:
                return response, await _read(response)
        finally:
            await response.aclose()
        following = response.next_request
        if origin(following.url) != origin(request.url) and following.headers.get("content-length", "0") != "0":
            raise Rejected(
                "redirect", gettext("The server sends on to another one, which would get the body too. Use that address instead.")
            )
        request = following
    raise Rejected("redirect", gettext("The server redirects without end."))


def _check_address(url: httpx.URL, own: Sequence[str]) -> None:
    if url.scheme not in {"http", "https"} or not url.host or (url.port or 1) > 65_535:  # noqa: PLR2004 - the highest port
        raise Rejected("address", gettext(_NO_ADDRESS))
    if is_ours(url, own):
        raise Rejected(
            "own", gettext("This is the address of IS-Messenger itself, which workflows cannot call. Use a step that does it instead.")
        )


async def _read(response: httpx.Response) -> bytes:
    # A few bytes of an encoded body may unpack to gigabytes, and we asked for none.
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Rejected("answer", gettext("The server packs its answer, which was not asked for."))
    body = bytearray()
    async for piece in response.aiter_raw(65_536):
        body += piece
        if len(body) > MAX_BYTES:
            raise Rejected("answer", gettext("The server's answer is larger than 1 MB."))
    return bytes(body)


def _answered(response: httpx.Response, body: bytes, secrets: Secrets, *, milliseconds: int) -> Answered:
    content_type = response.headers.get("content-type", "")[:200]
    value = _json(body) if _is_json(content_type.partition(";")[0].strip().lower()) else None
    text = "" if value is not None else clean(body.decode(_charset(response), "replace"))
    after = retry_after(response) if response.status_code in _BUSY else None
    return Answered(response.status_code, content_type, secrets.hidden(text), secrets.hidden_in(value), milliseconds, after)


def _charset(response: httpx.Response) -> str:
    charset = response.charset_encoding or "utf-8"
    try:
        "".encode(charset)
    except (LookupError, UnicodeError):
        return "utf-8"
    # What Python decodes beside these is no alphabet of the web, and takes very long or cannot be asked to go on.
    return "utf-8" if codecs.lookup(charset).name in _NO_CHARSETS else charset


def _is_json(kind: str) -> bool:
    return kind in {"application/json", "text/json"} or kind.endswith("+json")


def _json(body: bytes) -> Any:
    try:
        return storable(orjson.loads(body))
    except (orjson.JSONDecodeError, UnicodeDecodeError):
        return None


def storable(value: Any, depth: int = 0) -> Any:
    """JSON as the database and a browser take it: without NUL, and what is nested beyond `MAX_DEPTH` left out.

    Numbers that are none are left out too, and whole ones beyond 64 bits become texts.
    """
    match value:
        case str():
            return clean(value)
        case float() if not math.isfinite(value):
            return None
        case int() if not -(2**63) <= value < 2**63:
            return str(value)
        case list() | Mapping() if depth > MAX_DEPTH:
            return None
        case list():
            return [storable(each, depth + 1) for each in value]
        case Mapping():
            return {clean(str(key)): storable(each, depth + 1) for key, each in value.items()}
        case _:
            return value


def _host(url: httpx.URL) -> str:
    # As it goes over the wire: a name in letters of other alphabets is written in two ways.
    return url.raw_host.decode("ascii").rstrip(".").lower()


def _is_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _unreached(error: httpx.TransportError, secrets: Secrets) -> SendFailed:
    if isinstance(error, AddressRefused):
        return Rejected("address", secrets.hidden(str(error)))
    return Unavailable(gettext("The server cannot be reached."))


def _without(secrets: Secrets, error: SendFailed) -> SendFailed:
    return Rejected(error.code, secrets.hidden(str(error))) if isinstance(error, Rejected) else error
