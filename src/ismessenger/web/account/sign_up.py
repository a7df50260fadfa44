"""Signing up: an account with an organization and a first workspace."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.join import MemberRefused
from ismessenger.accounts.links import LinkRefused
from ismessenger.accounts.sign_up import (
    PasswordOfAnother,
    SignUpClosed,
    Wish,
    check_wish,
    confirm_sign_up,
    find_sign_up,
    may_sign_up,
    sign_up,
)
from ismessenger.web.account.mailed import refused_link
from ismessenger.web.door import installation_of, let_in, slow_down
from ismessenger.web.edge import Admits, admits, browser_at, see_other
from ismessenger.web.errors import Refused
from ismessenger.web.forms import parse
from ismessenger.web.mailbox import mailbox_is_open
from ismessenger.web.ratelimit import LETTERS
from ismessenger.web.session import MAX_PASSWORD
from ismessenger.web.templating import render
from ismessenger.workspaces.create import WorkspaceRefused


class SignUpForm(BaseModel):
    """Who, and what to call the organization and its first workspace."""

    name: str = Field("", max_length=300)
    email: str = Field("", max_length=300)
    password: str = Field("", max_length=MAX_PASSWORD)
    organization: str = Field("", max_length=300)
    workspace: str = Field("", max_length=300)


class ConfirmForm(BaseModel):
    """The password that was signed up with."""

    password: str = Field("", max_length=MAX_PASSWORD)


@admits(Admits.ANYBODY)
async def new(request: Request) -> Response:
    """``GET /sign-up``: the form, or why there is none."""
    if await browser_at(request) is not None:
        return see_other("/inbox")
    if not await may_sign_up(installation_of(request)):
        return render(request, "account/sign_up_closed.html", status=HTTPStatus.FORBIDDEN)
    return _form(request, SignUpForm(), "")


@admits(Admits.ANYBODY)
async def create(request: Request) -> Response:
    """``POST /sign-up``: the first person comes in; all others look into their mailbox, whoever they are."""
    form, status, headers = SignUpForm(), HTTPStatus.UNPROCESSABLE_ENTITY, dict[str, str]()
    try:
        form = await parse(request, SignUpForm)
        wish = Wish(form.name, form.email, form.password, form.organization, form.workspace.strip() or form.organization)
        check_wish(wish)  # whoever mistypes does not use up their letters
        await slow_down(request, "sign-up", form.email, LETTERS)
        account = await sign_up(installation_of(request), wish)
    except SignUpClosed:
        return render(request, "account/sign_up_closed.html", status=HTTPStatus.FORBIDDEN)
    except (MemberRefused, WorkspaceRefused) as error:
        words = str(error)
    except Refused as error:
        words, status, headers = error.detail, HTTPStatus(error.status), dict(error.headers or {})
    else:
        return see_other("/sign-up/sent") if account is None else await let_in(request, account, "/inbox")
    response = _form(request, form, words, status)
    response.headers.update(headers)
    return response


@admits(Admits.ANYBODY)
async def sent(request: Request) -> Response:
    """``GET /sign-up/sent``: go and look into the mailbox."""
    return render(request, "account/sign_up_sent.html", mailbox=mailbox_is_open(request))


@admits(Admits.PROOF)
async def confirmation(request: Request) -> Response:
    """``GET /sign-up/TOKEN``: ask for the password that was chosen. Nothing happens yet: programs that look for viruses open links."""
    return await _confirmation(request, "")


@admits(Admits.PROOF)
async def confirm(request: Request) -> Response:
    """``POST /sign-up/TOKEN``: the account is made and signed in."""
    token = request.path_params["token"]
    try:
        await slow_down(request, "sign-up-link", token)
        account = await confirm_sign_up(installation_of(request), token, (await parse(request, ConfirmForm)).password)
    except (LinkRefused, MemberRefused) as error:
        return refused_link(request, str(error), "/session/new")
    except PasswordOfAnother as error:
        return await _confirmation(request, str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    except Refused as error:
        return await _confirmation(request, error.detail, error.status, dict(error.headers or {}))
    return await let_in(request, account, "/inbox")


async def _confirmation(request: Request, error: str, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    try:
        asked = await find_sign_up(installation_of(request), request.path_params["token"])
    except LinkRefused as refused:
        return refused_link(request, str(refused), "/session/new")
    response = render(request, "account/sign_up_confirm.html", status=status, asked=asked, error=error, path=request.url.path)
    response.headers.update(headers or {})
    return response


def _form(request: Request, form: SignUpForm, error: str, status: int = HTTPStatus.OK) -> Response:
    return render(request, "account/sign_up.html", status=status, form=form, error=error)


routes = [
    Route("/sign-up", new),
    Route("/sign-up", create, methods=["POST"]),
    Route("/sign-up/sent", sent),
    Route("/sign-up/{token}", confirmation),
    Route("/sign-up/{token}", confirm, methods=["POST"]),
]
