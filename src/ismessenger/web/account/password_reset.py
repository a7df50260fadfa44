"""A forgotten password: a link by mail, and a new one."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.change_password import RESET_PAGE, account_with, ask_to_reset, reset_password
from ismessenger.accounts.join import MemberRefused, check_email
from ismessenger.accounts.links import LinkRefused, find_link
from ismessenger.accounts.passwords import PasswordRefused
from ismessenger.web.account.mailed import refused_link
from ismessenger.web.door import installation_of, slow_down
from ismessenger.web.edge import Admits, admits, see_other
from ismessenger.web.errors import Refused
from ismessenger.web.forms import parse
from ismessenger.web.mailbox import mailbox_is_open
from ismessenger.web.ratelimit import LETTERS
from ismessenger.web.session import MAX_PASSWORD
from ismessenger.web.templating import render


class EmailForm(BaseModel):
    """Whose password was forgotten."""

    email: str = Field("", max_length=300)


class PasswordForm(BaseModel):
    """The new password."""

    password: str = Field("", max_length=MAX_PASSWORD)


@admits(Admits.ANYBODY)
async def new(request: Request) -> Response:
    """``GET /password-resets/new``: for which address."""
    return render(request, "account/reset_new.html", email="", error="")


@admits(Admits.ANYBODY)
async def create(request: Request) -> Response:
    """``POST /password-resets``: the same answer, as fast, whether there is such an account or not."""
    form, status, headers = EmailForm(), HTTPStatus.UNPROCESSABLE_ENTITY, dict[str, str]()
    try:
        form = await parse(request, EmailForm)
        check_email(form.email)
        await slow_down(request, "password-reset", form.email, LETTERS)
        account = await account_with(installation_of(request), form.email)
    except MemberRefused as error:
        words = str(error)
    except Refused as error:
        words, status, headers = error.detail, HTTPStatus(error.status), dict(error.headers or {})
    else:
        response = see_other("/password-resets/sent")
        response.background = BackgroundTask(ask_to_reset, installation_of(request), account) if account else None
        return response
    response = render(request, "account/reset_new.html", status=status, email=form.email, error=words)
    response.headers.update(headers)
    return response


@admits(Admits.ANYBODY)
async def sent(request: Request) -> Response:
    """``GET /password-resets/sent``: go and look into the mailbox."""
    return render(request, "account/reset_sent.html", mailbox=mailbox_is_open(request))


@admits(Admits.PROOF)
async def show(request: Request) -> Response:
    """``GET /password-resets/TOKEN``: the form for the new password."""
    return await _form(request, "")


@admits(Admits.PROOF)
async def update(request: Request) -> Response:
    """``POST /password-resets/TOKEN``: it is set, and every session of the account ends. Signing in comes after: a code may be needed."""
    token = request.path_params["token"]
    try:
        await slow_down(request, "password-reset-link", token)
        await reset_password(installation_of(request), token, (await parse(request, PasswordForm)).password)
    except LinkRefused as error:
        return refused_link(request, str(error), RESET_PAGE)
    except PasswordRefused as error:
        return await _form(request, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    except Refused as error:
        return await _form(request, error.detail, error.status, dict(error.headers or {}))
    return see_other("/session/new?password")


async def _form(request: Request, error: str, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    try:
        link = await find_link(installation_of(request), request.path_params["token"], "reset_password")
    except LinkRefused as refused:
        return refused_link(request, str(refused), RESET_PAGE)
    response = render(request, "account/reset.html", status=status, email=link.email, error=error)
    response.headers.update(headers or {})
    return response


routes = [
    Route(RESET_PAGE, new),
    Route("/password-resets", create, methods=["POST"]),
    Route("/password-resets/sent", sent),
    Route("/password-resets/{token}", show),
    Route("/password-resets/{token}", update, methods=["POST"]),
]
