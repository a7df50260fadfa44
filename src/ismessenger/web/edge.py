"""The edge of every page: who is asking, one transaction around the endpoint, and what is refused in words.

The transaction commits after the endpoint returned its answer and before the first byte of it is sent. An answer of 4xx or 5xx and
every exception roll back.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import IntegrityError
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from ismessenger.accounts.access import NotManaged
from ismessenger.accounts.invite import InvitationNotFound
from ismessenger.accounts.members import MemberNotFound
from ismessenger.accounts.model import Member
from ismessenger.accounts.organizations import OrganizationPlace, place_in
from ismessenger.accounts.rights import ORGANIZATION_RIGHTS, OrganizationRight, Right, may
from ismessenger.accounts.sign_in import Browser, SignedIn, browser_of, who_is
from ismessenger.accounts.teams import TeamNotFound
from ismessenger.accounts.tokens import TokenNotFound
from ismessenger.background.job import JobNotFound, TooManyJobs
from ismessenger.channels.listing import ChannelNotFound
from ismessenger.contacts.errors import NotThere, NotYours, Refused
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.model import Contact
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.installation import Installation
from ismessenger.language import preferred, speaking
from ismessenger.messages.errors import ReplyRefused
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account
from ismessenger.tenancy.doors import ReadSession, WriteSession
from ismessenger.tenancy.parted import parted
from ismessenger.web.errors import Conflict, Forbidden, NotFound, TooMany, Unauthorized, Unprocessable

SESSION_COOKIE = "ismessenger_session"
WORKSPACE_HEADER = "x-workspace"
MAX_NEXT = 500
UNIQUE_VIOLATION = "23505"  # Source: PostgreSQL, "Error Codes"

TOTP_PAGE = "/account/second-factor"
WORKSPACES_PAGE = "/workspaces"

Endpoint = Callable[[Request], Awaitable[Response]]
PageEndpoint = Callable[["Visit"], Awaitable[Response]]
AccountEndpoint = Callable[[Request, Browser], Awaitable[Response]]
OrganizationEndpoint = Callable[[Request, Browser, OrganizationPlace], Awaitable[Response]]


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

    async def kept(self) -> frozenset[str]:
        """The keys of the fields that whoever is asking does not see."""
        return await kept_from(self._db, self.member)

    async def name_of(self, contact: Contact) -> str:
        """What to call a contact, to whoever is asking."""
        return contact.called(await self.kept())

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


class Admits(StrEnum):
    """Who may call an endpoint that asks for no right."""

    ANYBODY = "anybody"
    PROOF = "whoever proves it by a signature, a token or a mailed link"
    ACCOUNT = "whoever is signed in"


Served = TypeVar("Served", bound=Callable[..., Any])
Decision = Admits | Right | OrganizationRight


def admits(decision: Decision) -> Callable[[Served], Served]:
    """Write down who may call an endpoint, for the list of all decisions; checking it is the business of whoever says so."""

    def decided(endpoint: Served) -> Served:
        endpoint.admits = decision  # type: ignore[attr-defined]
        return endpoint

    return decided


def reads(right: Right) -> Callable[[PageEndpoint], Endpoint]:
    """Serve a page out of a read-only transaction, to members who have the right."""

    def edge(endpoint: PageEndpoint) -> Endpoint:
        async def serve(request: Request, signed_in: SignedIn) -> Response:
            async with request.app.state.installation.tenancy.reading(signed_in.workspace.id) as db:
                return await endpoint(Visit(request, signed_in, db))

        return wraps(endpoint)(without_transaction(right)(serve))

    return edge


def writes(right: Right) -> Callable[[PageEndpoint], Endpoint]:
    """Carry out a change in one transaction, for members who have the right; again where it has to be `parted` from another one."""

    def edge(endpoint: PageEndpoint) -> Endpoint:
        async def serve(request: Request, signed_in: SignedIn) -> Response:
            async def change() -> Response:
                return await _changed(request, signed_in, endpoint)

            # Files of a form are read once.
            once = request.headers.get("content-type", "").startswith("multipart/")
            return await (change() if once else parted(change))

        return wraps(endpoint)(without_transaction(right)(serve))

    return edge


async def _changed(request: Request, signed_in: SignedIn, endpoint: PageEndpoint) -> Response:
    try:
        async with request.app.state.installation.tenancy.workspace(signed_in.workspace.id) as db:
            return _accepted(await endpoint(Visit(request, signed_in, db)))
    except _RollBack as rolled_back:
        return rolled_back.response


def _accepted(response: Response) -> Response:
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise _RollBack(response)
    return response


def without_transaction(right: Right) -> Callable[[Callable[[Request, SignedIn], Awaitable[Response]]], Endpoint]:
    """For what talks to a provider or a store of files meanwhile: the endpoint opens the workspace by itself, when it needs it."""

    def edge(endpoint: Callable[[Request, SignedIn], Awaitable[Response]]) -> Endpoint:
        @wraps(endpoint)
        async def serve(request: Request) -> Response:
            signed_in = await member_of(request)
            if signed_in is None:
                return await _turned_away(request)
            if signed_in.lacks_totp:
                return see_other(TOTP_PAGE)
            _refuse_other_workspace(request, signed_in.workspace.id)
            if not may(signed_in.member, right):
                raise Forbidden
            with in_the_words_of(request, signed_in.account), refusals():
                return await endpoint(request, signed_in)

        return admits(right)(serve)

    return edge


def _refuse_other_workspace(request: Request, workspace_id: int) -> None:
    """A page that was opened in another workspace changes nothing in this one, and shows none of it inside itself."""
    opened_in = request.headers.get(WORKSPACE_HEADER)
    inside = "turbo-frame" in request.headers or request.method not in {"GET", "HEAD"}
    if opened_in and opened_in != str(workspace_id) and inside:
        raise Conflict(gettext("You have opened another workspace in this browser meanwhile. Reload the page to go on there."))


def of_account(endpoint: AccountEndpoint) -> Endpoint:
    """Serve whoever is signed in, also one who has no workspace open; for what belongs to the person."""

    @wraps(endpoint)
    async def serve(request: Request) -> Response:
        browser = await browser_at(request)
        if browser is None:
            return ask_to_sign_in(request)
        with in_the_words_of(request, browser.account):
            return await endpoint(request, browser)

    return admits(Admits.ACCOUNT)(serve)


def of_organization(right: OrganizationRight) -> Callable[[OrganizationEndpoint], Endpoint]:
    """Serve whoever has the right in the organization that ``{organization:id}`` of the path names; to all others there is no such page."""

    def edge(endpoint: OrganizationEndpoint) -> Endpoint:
        @wraps(endpoint)
        async def serve(request: Request) -> Response:
            browser = await browser_at(request)
            if browser is None:
                return ask_to_sign_in(request)
            place = await place_in(request.app.state.installation, browser.account.id, request.path_params["organization"])
            if place is None:
                raise NotFound
            if place.organization.totp_required_at is not None and browser.account.totp_enabled_at is None:
                return see_other(TOTP_PAGE)
            if right not in ORGANIZATION_RIGHTS[place.role]:
                raise Forbidden
            with in_the_words_of(request, browser.account):
                return await endpoint(request, browser, place)

        return admits(right)(serve)

    return edge


async def browser_at(connection: HTTPConnection) -> Browser | None:
    """Whoever the session cookie belongs to, as a person."""
    token = connection.cookies.get(SESSION_COOKIE, "")
    return await browser_of(connection.app.state.installation, token) if token else None


async def _turned_away(request: Request) -> Response:
    """Somebody without a place in a workspace: signed out, or to choose another one."""
    if await browser_at(request) is not None and request.method in {"GET", "HEAD"}:
        return see_other(WORKSPACES_PAGE)
    return ask_to_sign_in(request)


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


def in_the_words_of(request: Request, account: Account) -> AbstractContextManager[None]:
    """Answer in the language and the time zone that this person chose, else in those of their browser."""
    return speaking(account.language or preferred(request.headers.get("accept-language", "")), account.timezone)


def local_path(value: str) -> str:
    """A path of ours to go to after signing in; the inbox for anything else, above all for other sites' addresses."""
    if len(value) > MAX_NEXT or not value.startswith("/") or value.startswith(("//", "/\\")) or not value.isprintable():
        return "/inbox"
    try:
        parts = urlsplit(value)
    except ValueError:
        return "/inbox"
    return "/inbox" if parts.scheme or parts.netloc or "\\" in value or parts.path in {"/", "/session", "/session/new"} else value


@contextmanager
def refusals() -> Iterator[None]:
    """What the nouns refuse, as answers."""
    try:
        yield
    except (
        ContactNotFound,
        MemberNotFound,
        ChannelNotFound,
        TeamNotFound,
        TokenNotFound,
        InvitationNotFound,
        NotThere,
        JobNotFound,
    ) as error:
        raise NotFound(str(error)) from error
    except ConversationRefused as error:
        raise Conflict(str(error)) from error
    except NotYours as error:
        raise Forbidden(str(error)) from error
    except Refused as error:
        raise Unprocessable(str(error)) from error
    except TooManyJobs as error:
        raise TooMany(str(error), retry_after=60) from error
    except NotManaged as error:
        raise Forbidden(str(error)) from error
    except ReplyRefused as error:
        answer = {"not_found": NotFound, "conflict": Conflict}.get(error.code, Unprocessable)
        raise answer(str(error)) from error
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != UNIQUE_VIOLATION:
            raise
        raise Conflict(gettext("This was sent before, for something else.")) from error


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
    decision = getattr(post, "admits", None)
    if decision != getattr(delete, "admits", None):
        raise TypeError("Both methods of an address need the same right.")
    return admits(decision)(serve) if decision else serve
