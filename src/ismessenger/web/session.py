"""Signing in and out: the password, then for some a code."""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.sign_in import SignInRefused, check_credentials, sign_out
from ismessenger.accounts.sign_up import may_sign_up
from ismessenger.accounts.totp import CodeWrong, check_code
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SignatureBroken
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account
from ismessenger.web.door import installation_of, let_in, slow_down
from ismessenger.web.edge import SESSION_COOKIE, Admits, admits, browser_at, local_path, overridable, see_other
from ismessenger.web.errors import Refused
from ismessenger.web.forms import parse
from ismessenger.web.ratelimit import CODES
from ismessenger.web.templating import render

MAX_PASSWORD = 1000
STEP_COOKIE = "ismessenger_step"
STEP_PAGE = "/session/second-factor"
STEP_PURPOSE = "second step"
STEP_LIFE = timedelta(minutes=10)


class SignInForm(BaseModel):
    """Who, and where to go afterwards."""

    email: str = Field("", max_length=254)
    password: str = Field("", max_length=MAX_PASSWORD)
    next: str = ""


class CodeForm(BaseModel):
    """The code of the second step, and where to go afterwards."""

    code: str = Field("", max_length=100)
    next: str = ""


@admits(Admits.ANYBODY)
async def new(request: Request) -> Response:
    """``GET /session/new``: the form; whoever is signed in already goes on."""
    target = local_path(request.query_params.get("next", ""))
    if await browser_at(request) is not None:
        return see_other(target)
    notice = gettext("Your password is changed. Sign in with it.") if "password" in request.query_params else ""
    return await _form(request, SignInForm(next=target), notice=notice)


@admits(Admits.ANYBODY)
async def create(request: Request) -> Response:
    """``POST /session``: a new session each time; the one that the browser had before ends."""
    form = SignInForm()
    try:
        form = await parse(request, SignInForm)
        await slow_down(request, "sign-in", form.email)
        account = await check_credentials(installation_of(request), email=form.email, password=form.password)
    except SignInRefused as error:
        return await _form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY, error=str(error))
    except Refused as error:
        return await _form(request, form, status=error.status, error=error.detail, headers=dict(error.headers or {}))
    target = local_path(form.next)
    return await let_in(request, account, target) if account.totp_enabled_at is None else _to_second_step(request, account, target)


@admits(Admits.ANYBODY)
async def second_step(request: Request) -> Response:
    """``GET /session/second-factor``: the form for the code, after the password was right."""
    if _half_way(request) is None:
        return see_other("/session/new")
    target = local_path(request.query_params.get("next", ""))
    return render(request, "session/second_step.html", next=target, error="")


@admits(Admits.ANYBODY)
async def take_second_step(request: Request) -> Response:
    """``POST /session/second-factor``."""
    account_id = _half_way(request)
    if account_id is None:
        return see_other("/session/new")
    form, status, headers = CodeForm(), HTTPStatus.UNPROCESSABLE_ENTITY, dict[str, str]()
    try:
        form = await parse(request, CodeForm)
        await slow_down(request, "second-step", account_id, CODES)
        await check_code(installation_of(request), account_id, form.code)
    except CodeWrong as error:
        words = str(error)
    except Refused as error:
        words, status, headers = error.detail, HTTPStatus(error.status), dict(error.headers or {})
    else:
        async with installation_of(request).tenancy.catalog() as catalog:
            account = await catalog.get_one(Account, account_id)
        response = await let_in(request, account, local_path(form.next))
        response.delete_cookie(STEP_COOKIE, path="/session", httponly=True, samesite="lax")
        return response
    response = render(request, "session/second_step.html", status=status, next=local_path(form.next), error=words)
    response.headers.update(headers)
    return response


@admits(Admits.ANYBODY)
async def destroy(request: Request) -> Response:
    """``DELETE /session``: sign out here."""
    if token := request.cookies.get(SESSION_COOKIE):
        await sign_out(installation_of(request), token)
    response = see_other("/session/new")
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    return response


def _to_second_step(request: Request, account: Account, target: str) -> Response:
    """The password was right: a signed cookie says so for some minutes, and lets nobody in by itself."""
    installation = installation_of(request)
    token = installation.vault.sign(str(account.id), STEP_PURPOSE, now() + STEP_LIFE)
    response = see_other(f"{STEP_PAGE}?next={quote(target, safe='')}")
    secure, age = installation.settings.address.startswith("https:"), int(STEP_LIFE.total_seconds())
    response.set_cookie(STEP_COOKIE, token, max_age=age, path="/session", secure=secure, httponly=True, samesite="lax")
    return response


def _half_way(request: Request) -> int | None:
    """Whose password was entered at this browser a moment ago."""
    try:
        return int(installation_of(request).vault.unsign(request.cookies.get(STEP_COOKIE, ""), STEP_PURPOSE))
    except SignatureBroken:
        return None


async def _form(
    request: Request,
    form: SignInForm,
    *,
    status: int = HTTPStatus.OK,
    error: str = "",
    notice: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    response = render(
        request,
        "session/new.html",
        status=status,
        email=form.email,
        error=error,
        notice=notice,
        next=local_path(form.next),
        sign_up=await may_sign_up(installation_of(request)),
    )
    response.headers.update(headers or {})
    return response


routes = [
    Route("/session/new", new),
    Route(STEP_PAGE, second_step),
    Route(STEP_PAGE, take_second_step, methods=["POST"]),
    Route("/session", overridable(post=create, delete=destroy), methods=["POST", "DELETE"]),
]
