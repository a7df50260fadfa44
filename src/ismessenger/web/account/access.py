"""Your account → E-mail and password."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.change_email import ask_to_change_email
from ismessenger.accounts.change_password import PasswordWrong, change_password
from ismessenger.accounts.join import MemberRefused
from ismessenger.accounts.passwords import PasswordRefused
from ismessenger.accounts.sign_in import Browser
from ismessenger.accounts.verify import ask_to_verify
from ismessenger.sdk.words import gettext
from ismessenger.web.account.frame import account_page
from ismessenger.web.account.mailed import ACCESS_PAGE
from ismessenger.web.door import installation_of, slow_down
from ismessenger.web.edge import of_account, see_other
from ismessenger.web.errors import TooMany
from ismessenger.web.forms import parse
from ismessenger.web.mailbox import mailbox_is_open
from ismessenger.web.ratelimit import LETTERS
from ismessenger.web.session import MAX_PASSWORD


class EmailForm(BaseModel):
    """The new address, and the password as a proof."""

    email: str = Field("", max_length=300)
    password: str = Field("", max_length=MAX_PASSWORD)


class PasswordForm(BaseModel):
    """The old password and the new one."""

    old: str = Field("", max_length=MAX_PASSWORD)
    new: str = Field("", max_length=MAX_PASSWORD)


@of_account
async def show(request: Request, browser: Browser) -> Response:
    """``GET /account/access``."""
    notices = {
        "email": gettext("A link is on its way to the new address. Your address changes once it is opened."),
        "password": gettext("Your password is changed, and all other browsers are signed out."),
        "verification": gettext("A new link is on its way to your address."),
    }
    return await _page(request, browser, notice=next((words for name, words in notices.items() if name in request.query_params), ""))


@of_account
async def put_email(request: Request, browser: Browser) -> Response:
    """``POST /account/email``: a letter goes to the new address, which counts once it is confirmed."""
    form = await parse(request, EmailForm)
    try:
        await slow_down(request, "email-change", browser.account.id, LETTERS)
        await ask_to_change_email(installation_of(request), browser.account, password=form.password, email=form.email)
    except (PasswordWrong, MemberRefused) as error:
        return await _page(request, browser, email=form.email, email_error=str(error))
    except TooMany as error:
        return await _page(request, browser, email=form.email, email_error=error.detail, status=error.status)
    return see_other(f"{ACCESS_PAGE}?email")


@of_account
async def put_password(request: Request, browser: Browser) -> Response:
    """``POST /account/password``: this browser stays signed in, all others are not."""
    form = await parse(request, PasswordForm)
    try:
        await slow_down(request, "password", browser.account.id)
        await change_password(installation_of(request), browser.account, old=form.old, new=form.new, session=browser.token_hash)
    except (PasswordWrong, PasswordRefused) as error:
        return await _page(request, browser, password_error=str(error))
    except TooMany as error:
        return await _page(request, browser, password_error=error.detail, status=error.status)
    return see_other(f"{ACCESS_PAGE}?password")


@of_account
async def verify(request: Request, browser: Browser) -> Response:
    """``POST /account/verification``: the link once more."""
    await slow_down(request, "verification", browser.account.id, LETTERS)
    await ask_to_verify(installation_of(request), browser.account.id)
    return see_other(f"{ACCESS_PAGE}?verification")


async def _page(
    request: Request,
    browser: Browser,
    *,
    status: int | None = None,
    notice: str = "",
    email: str = "",
    email_error: str = "",
    password_error: str = "",
) -> Response:
    wrong = bool(email_error or password_error)
    return await account_page(
        request,
        browser,
        "account/access.html",
        status=status or (HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK),
        notice=notice,
        email=email,
        email_error=email_error,
        password_error=password_error,
        mailbox=mailbox_is_open(request),
    )


routes: list[BaseRoute] = [
    Route(ACCESS_PAGE, show),
    Route("/account/email", put_email, methods=["POST"]),
    Route("/account/password", put_password, methods=["POST"]),
    Route("/account/verification", verify, methods=["POST"]),
]
