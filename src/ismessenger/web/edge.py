"""The edge of every page: who is asking, one transaction around the endpoint, and what is refused in words.

The transaction commits after the endpoint returned its answer and before the first byte of it is sent. An answer of 4xx or 5xx and
every exception roll back.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import IntegrityError
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from ismessenger.accounts.members import MemberNotFound
from ismessenger.accounts.model import Member
from ismessenger.accounts.sign_in import SignedIn, who_is
from ismessenger.channels.listing import ChannelNotFound
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.installation import Installation
from ismessenger.messages.errors import ReplyRefused
from ismessenger.tenancy.doors import ReadSession, WriteSession
from ismessenger.web.errors import Conflict, Forbidden, NotFound, Unauthorized, Unprocessable

SESSION_COOKIE = "ismessenger_session"
MAX_NEXT = 500
UNIQUE_VIOLATION = "23505"  # Source: PostgreSQL, "Error Codes"

Endpoint = Callable[[Request], Awaitable[Response]]
PageEndpoint = Callable[["Visit"], Awaitable[Response]]


class IdConvertor(Convertor[int]):
    """``{name:id}`` in a path: a number that fits a bigint; anything else is no such address."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The same for a URL."""
        return str(value)


register_url_convertor("id", IdConvertor())


class Visit:
    """A request of a signed-in member, inside the transaction of their workspace."""

    def __init__(self, request: Request, signed_in: SignedIn, db: ReadSession) -> None:
        self.request = request
        self.signed_in = signed_in
        self._db = db

    @property
    def installation(self) -> Installation:
        """The installation that serves it."""
        installation: Installation = self.request.app.state.installation
        return installation

    @property
    def member(self) -> Member:
        """Who is asking."""
        return self.signed_in.member

    @property
    def reading(self) -> ReadSession:
        """The workspace, to look at."""
        return self._db

    @property
    def db(self) -> WriteSession:
        """The workspace, to change: only inside `writes`."""
        if not isinstance(self._db, WriteSession):
            raise TypeError("This endpoint only reads.")
        return self._db

    def path_id(self, name: str = "id") -> int:
        """A number of the path."""
        number: int = self.request.path_params[name]
        return number

    @property
    def wants_streams(self) -> bool:
        """Whether the answer may be Turbo streams; else it is a redirect."""
        return "turbo-stream" in self.request.headers.get("accept", "")


class _RollBack(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response


def reads(endpoint: PageEndpoint) -> Endpoint:
    """Serve a page out of a read-only transaction."""

    @wraps(endpoint)
    async def serve(request: Request) -> Response:
        signed_in = await member_of(request)
        if signed_in is None:
            return ask_to_sign_in(request)
        async with request.app.state.installation.tenancy.reading(signed_in.workspace.id) as db:
            with refusals():
                return await endpoint(Visit(request, signed_in, db))

    return serve


def writes(endpoint: PageEndpoint) -> Endpoint:
    """Carry out a change in one transaction."""

    @wraps(endpoint)
    async def serve(request: Request) -> Response:
        signed_in = await member_of(request)
        if signed_in is None:
            return ask_to_sign_in(request)
        try:
            async with request.app.state.installation.tenancy.workspace(signed_in.workspace.id) as db:
                with refusals():
                    return _accepted(await endpoint(Visit(request, signed_in, db)))
        except _RollBack as rolled_back:
            return rolled_back.response

    return serve


def _accepted(response: Response) -> Response:
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise _RollBack(response)
    return response


def without_transaction(endpoint: Callable[[Request, SignedIn], Awaitable[Response]]) -> Endpoint:
    """For what talks to a provider or a store of files meanwhile: the endpoint opens the workspace by itself, when it needs it."""

    @wraps(endpoint)
    async def serve(request: Request) -> Response:
        signed_in = await member_of(request)
        if signed_in is None:
            return ask_to_sign_in(request)
        with refusals():
            return await endpoint(request, signed_in)

    return serve


async def member_of(connection: HTTPConnection) -> SignedIn | None:
    """Whoever the session cookie belongs to."""
    token = connection.cookies.get(SESSION_COOKIE, "")
    return await who_is(connection.app.state.installation, token) if token else None


def ask_to_sign_in(request: Request) -> Response:
    """A page leads to the sign-in and back; what a script or a frame asked for is 401."""
    wanted = request.headers.get("accept", "")
    inside = "turbo-frame" in request.headers or "turbo-stream" in wanted or ("json" in wanted and "html" not in wanted)
    if inside or request.method not in {"GET", "HEAD"}:
        raise Unauthorized
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/session/new?next={quote(here, safe='')}" if here != "/" else "/session/new", HTTPStatus.SEE_OTHER)


def local_path(value: str) -> str:
    """A path of ours to go to after signing in; the inbox for anything else, above all for other sites' addresses."""
    if len(value) > MAX_NEXT or not value.startswith("/") or value.startswith(("//", "/\\")) or not value.isprintable():
        return "/inbox"
    try:
        parts = urlsplit(value)
    except ValueError:
        return "/inbox"
    return "/inbox" if parts.scheme or parts.netloc or "\\" in value or parts.path in {"/", "/session", "/session/new"} else value


def require_role(member: Member, *roles: str) -> None:
    """Raises `Forbidden` for everybody else."""
    if member.role not in roles:
        raise Forbidden


@contextmanager
def refusals() -> Iterator[None]:
    """What the nouns refuse, as answers."""
    try:
        yield
    except (ContactNotFound, MemberNotFound, ChannelNotFound) as error:
        raise NotFound(str(error)) from error
    except ReplyRefused as error:
        raise (NotFound(str(error)) if error.code == "not_found" else Unprocessable(str(error))) from error
    except ConversationRefused as error:
        raise Conflict(str(error)) from error
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != UNIQUE_VIOLATION:
            raise
        raise Conflict("This was sent before, for something else.") from error


def see_other(path: str) -> Response:
    """After a change that was asked for without Turbo: go and look at it."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def overridable(*, post: Endpoint, delete: Endpoint) -> Endpoint:
    """One address for POST and DELETE, where a plain form says DELETE by a field ``_method``."""

    async def serve(request: Request) -> Response:
        if request.method == "DELETE":
            return await delete(request)
        form: Any = await request.form()
        return await (delete if form.get("_method") == "delete" else post)(request)

    serve.__name__, serve.__qualname__, serve.__module__ = post.__name__, post.__qualname__, post.__module__
    return serve
