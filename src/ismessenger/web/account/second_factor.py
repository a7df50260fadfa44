"""Your account → Two-step sign-in: set up an authenticator application, recovery codes, switch it off."""

from collections.abc import Sequence
from http import HTTPStatus
from io import BytesIO

import segno
from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.change_password import PasswordWrong
from ismessenger.accounts.sign_in import Browser
from ismessenger.accounts.totp import (
    CodeWrong,
    begin_totp,
    codes_left,
    pending_secret,
    provisioning_uri,
    renew_codes,
    switch_off,
    switch_on,
)
from ismessenger.web.account.frame import account_page
from ismessenger.web.door import installation_of, slow_down
from ismessenger.web.edge import TOTP_PAGE, of_account, see_other
from ismessenger.web.errors import TooMany
from ismessenger.web.forms import parse
from ismessenger.web.ratelimit import CODES
from ismessenger.web.session import MAX_PASSWORD
from ismessenger.web.templating import render


class PasswordForm(BaseModel):
    """The password, as a proof."""

    password: str = Field("", max_length=MAX_PASSWORD)


class CodeForm(BaseModel):
    """A code of the application that was just set up."""

    code: str = Field("", max_length=100)


@of_account
async def show(request: Request, browser: Browser) -> Response:
    """``GET /account/second-factor``: off, being set up, or on."""
    return await _page(request, browser)


@of_account
async def begin(request: Request, browser: Browser) -> Response:
    """``POST /account/second-factor``: a new secret, to be scanned."""
    form = await parse(request, PasswordForm)
    try:
        await slow_down(request, "password", browser.account.id)
        await begin_totp(installation_of(request), browser.account, form.password)
    except PasswordWrong as error:
        return await _page(request, browser, error=str(error))
    except TooMany as error:
        return await _page(request, browser, error=error.detail, status=error.status)
    return see_other(TOTP_PAGE)


@of_account
async def confirm(request: Request, browser: Browser) -> Response:
    """``POST /account/second-factor/confirmation``: a code shows that the application works; the recovery codes are shown once."""
    form = await parse(request, CodeForm)
    try:
        await slow_down(request, "second-step", browser.account.id, CODES)
        codes = await switch_on(installation_of(request), browser.account.id, form.code)
    except CodeWrong as error:
        return await _page(request, browser, error=str(error))
    except TooMany as error:
        return await _page(request, browser, error=error.detail, status=error.status)
    return _codes(request, codes)


@of_account
async def renew(request: Request, browser: Browser) -> Response:
    """``POST /account/second-factor/codes``: new recovery codes in place of the old ones."""
    form = await parse(request, PasswordForm)
    try:
        await slow_down(request, "password", browser.account.id)
        codes = await renew_codes(installation_of(request), browser.account, form.password)
    except PasswordWrong as error:
        return await _page(request, browser, codes_error=str(error))
    except TooMany as error:
        return await _page(request, browser, codes_error=error.detail, status=error.status)
    return _codes(request, codes)


@of_account
async def end(request: Request, browser: Browser) -> Response:
    """``POST /account/second-factor/end``: the password alone again."""
    form = await parse(request, PasswordForm)
    try:
        await slow_down(request, "password", browser.account.id)
        await switch_off(installation_of(request), browser.account, form.password)
    except PasswordWrong as error:
        return await _page(request, browser, off_error=str(error))
    except TooMany as error:
        return await _page(request, browser, off_error=error.detail, status=error.status)
    return see_other(TOTP_PAGE)


@of_account
async def back(_request: Request, _browser: Browser) -> Response:
    """``GET`` of what is only posted to: a browser that goes back to codes that are not shown again."""
    return see_other(TOTP_PAGE)


async def _page(
    request: Request,
    browser: Browser,
    *,
    status: int | None = None,
    error: str = "",
    codes_error: str = "",
    off_error: str = "",
) -> Response:
    installation, account = installation_of(request), browser.account
    secret = pending_secret(installation, account)
    wrong = bool(error or codes_error or off_error)
    return await account_page(
        request,
        browser,
        "account/second_factor.html",
        status=status or (HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK),
        is_on=account.totp_enabled_at is not None,
        required=browser.lacks_totp,
        secret=secret or "",
        qr=_qr(provisioning_uri(account, secret)) if secret else "",
        left=await codes_left(installation, account.id) if account.totp_enabled_at else 0,
        error=error,
        codes_error=codes_error,
        off_error=off_error,
    )


def _codes(request: Request, codes: Sequence[str]) -> Response:
    # Nothing keeps this page: neither the browser's cache nor Turbo's, from which a back button would show the codes again.
    response = render(request, "account/recovery_codes.html", codes=codes)
    response.headers["Cache-Control"] = "no-store"
    return response


def _qr(text: str) -> Markup:
    """The QR code as SVG. Its colours are those of its class: the content-security policy allows no styles in it."""
    drawn = BytesIO()
    segno.make(text, error="m").save(
        drawn, kind="svg", border=2, svgclass="qr", lineclass="qr-dark", omitsize=True, xmldecl=False, nl=False
    )
    return Markup(drawn.getvalue().decode("utf-8"))  # noqa: S704 - drawn here, out of modules


routes: list[BaseRoute] = [
    Route(TOTP_PAGE, show),
    Route(TOTP_PAGE, begin, methods=["POST"]),
    Route(f"{TOTP_PAGE}/confirmation", confirm, methods=["POST"]),
    Route(f"{TOTP_PAGE}/codes", renew, methods=["POST"]),
    Route(f"{TOTP_PAGE}/confirmation", back),
    Route(f"{TOTP_PAGE}/codes", back),
    Route(f"{TOTP_PAGE}/end", end, methods=["POST"]),
]
