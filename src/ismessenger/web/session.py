"""Signing in and out."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.sign_in import SignInRefused, check_credentials, sign_out, start_session
from ismessenger.installation import Installation
from ismessenger.kit.crypto import digest
from ismessenger.web.edge import SESSION_COOKIE, Admits, admits, local_path, member_of, overridable, see_other
from ismessenger.web.errors import Refused
from ismessenger.web.forms import parse
from ismessenger.web.language import gettext
from ismessenger.web.ratelimit import SIGN_IN
from ismessenger.web.templating import render

MAX_PASSWORD = 1000


class SignInForm(BaseModel):
    """Who, and where to go afterwards."""

    email: str = Field("", max_length=254)
    password: str = Field("", max_length=MAX_PASSWORD)
    next: str = ""


@admits(Admits.ANYBODY)
async def new(request: Request) -> Response:
    """``GET /session/new``: the form; whoever is signed in already goes on."""
    target = local_path(request.query_params.get("next", ""))
    if await member_of(request) is not None:
        return see_other(target)
    return render(request, "session/new.html", email="", error="", next=target)


@admits(Admits.ANYBODY)
async def create(request: Request) -> Response:
    """``POST /session``: a new session each time; the one that the browser had before ends."""
    form = SignInForm()
    try:
        form = await parse(request, SignInForm)
        await _throttle(request, form.email)
        account = await check_credentials(_installation(request), email=form.email, password=form.password)
    except SignInRefused as error:
        return _again(request, form, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except Refused as error:
        return _again(request, form, error.status, error.detail, dict(error.headers or {}))
    token, expires_at = await start_session(
        _installation(request),
        account.id,
        user_agent=request.headers.get("user-agent", ""),
        address=request.client.host if request.client else "",
    )
    if before := request.cookies.get(SESSION_COOKIE):
        await sign_out(_installation(request), before)
    response = see_other(local_path(form.next))
    secure = _installation(request).settings.address.startswith("https:")
    response.set_cookie(SESSION_COOKIE, token, expires=expires_at, path="/", secure=secure, httponly=True, samesite="lax")
    return response


@admits(Admits.ANYBODY)
async def destroy(request: Request) -> Response:
    """``DELETE /session``: sign out here."""
    if token := request.cookies.get(SESSION_COOKIE):
        await sign_out(_installation(request), token)
    response = see_other("/session/new")
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    return response


def _installation(request: Request) -> Installation:
    installation: Installation = request.app.state.installation
    return installation


async def _throttle(request: Request, email: str) -> None:
    """Raises `TooMany`: guessing is slow both for one account from many addresses and for many accounts from one address."""
    limiter = request.app.state.limiter
    words = gettext("Too many attempts. Wait a minute and try again.")
    await limiter.require(f"sign-in/account/{digest(email.strip().lower()).hex()}", SIGN_IN, words=words)
    address = request.client.host if request.client else "?"
    await limiter.require(f"sign-in/address/{address}", SIGN_IN, words=words)


def _again(request: Request, form: SignInForm, status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    response = render(request, "session/new.html", status=status, email=form.email, error=words, next=local_path(form.next))
    response.headers.update(headers or {})
    return response


routes = [
    Route("/session/new", new),
    Route("/session", overridable(post=create, delete=destroy), methods=["POST", "DELETE"]),
]
