"""Pages behind links that were mailed. Opening one shows a button; only that does something."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.accounts.change_email import change_email
from ismessenger.accounts.links import LinkRefused, find_link
from ismessenger.accounts.verify import verify_email
from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.web.door import installation_of
from ismessenger.web.edge import Admits, admits, browser_at
from ismessenger.web.templating import render

ACCESS_PAGE = "/account/access"


def refused_link(request: Request, words: str, way: str) -> Response:
    """A link that does not work: why, and the way on."""
    return render(request, "account/link_refused.html", status=HTTPStatus.GONE, words=words, way=way)


@admits(Admits.PROOF)
async def verification(request: Request) -> Response:
    """``GET /verification/TOKEN``."""
    try:
        link = await find_link(installation_of(request), request.path_params["token"], "verify_email")
    except LinkRefused as error:
        return refused_link(request, str(error), ACCESS_PAGE)
    title, button = gettext("Confirm your e-mail address"), gettext("Confirm the address")
    return render(request, "account/mailed_button.html", title=title, email=link.email, button=button)


@admits(Admits.PROOF)
async def verify(request: Request) -> Response:
    """``POST /verification/TOKEN``."""
    return await _carry_out(request, verify_email, gettext("Your e-mail address is confirmed"))


@admits(Admits.PROOF)
async def email_change(request: Request) -> Response:
    """``GET /email-changes/TOKEN``."""
    try:
        link = await find_link(installation_of(request), request.path_params["token"], "change_email")
    except LinkRefused as error:
        return refused_link(request, str(error), ACCESS_PAGE)
    title, button = gettext("Use this e-mail address from now on"), gettext("Use this address")
    return render(request, "account/mailed_button.html", title=title, email=link.email, button=button)


@admits(Admits.PROOF)
async def take_email_change(request: Request) -> Response:
    """``POST /email-changes/TOKEN``."""
    return await _carry_out(request, change_email, gettext("Your e-mail address is changed"))


async def _carry_out(request: Request, verb: Callable[[Installation, str], Awaitable[None]], title: str) -> Response:
    try:
        await verb(installation_of(request), request.path_params["token"])
    except LinkRefused as error:
        return refused_link(request, str(error), ACCESS_PAGE)
    return render(request, "account/mailed_done.html", title=title, signed_in=await browser_at(request) is not None)


routes = [
    Route("/verification/{token}", verification),
    Route("/verification/{token}", verify, methods=["POST"]),
    Route("/email-changes/{token}", email_change),
    Route("/email-changes/{token}", take_email_change, methods=["POST"]),
]
