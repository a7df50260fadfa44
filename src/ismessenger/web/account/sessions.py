"""Your account → Browsers: where the account is signed in, and signing out there."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.browsers import browser_words, sessions_of
from ismessenger.accounts.sign_in import Browser, sign_out_browser, sign_out_everywhere
from ismessenger.sdk.words import gettext
from ismessenger.web.account.frame import account_page
from ismessenger.web.door import installation_of
from ismessenger.web.edge import of_account, see_other

PAGE = "/account/sessions"


@dataclass(frozen=True, slots=True)
class SessionView:
    """A browser that is signed in. ``name`` is the address of its session."""

    name: str
    words: str
    user_agent: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


@of_account
async def index(request: Request, browser: Browser) -> Response:
    """``GET /account/sessions``."""
    rows = [
        SessionView(
            name=session.token_hash.hex(),
            words=browser_words(session.user_agent) or gettext("Unknown browser"),
            user_agent=session.user_agent,
            address=session.address,
            began_at=session.created_at,
            seen_at=session.seen_at,
            is_this=session.token_hash == browser.token_hash,
        )
        for session in await sessions_of(installation_of(request), browser.account.id)
    ]
    rows.sort(key=lambda row: not row.is_this)
    return await account_page(request, browser, "account/sessions.html", sessions=rows, ended="ended" in request.query_params)


@of_account
async def destroy(request: Request, browser: Browser) -> Response:
    """``POST /account/sessions/NAME/end``: sign that browser out."""
    try:
        token_hash = bytes.fromhex(request.path_params["name"])
    except ValueError:
        token_hash = b""
    await sign_out_browser(installation_of(request), browser.account.id, token_hash)
    return see_other(f"{PAGE}?ended=1")


@of_account
async def destroy_others(request: Request, browser: Browser) -> Response:
    """``POST /account/sessions/others/end``: sign all others out."""
    await sign_out_everywhere(installation_of(request), browser.account.id, but=browser.token_hash)
    return see_other(f"{PAGE}?ended=1")


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(f"{PAGE}/others/end", destroy_others, methods=["POST"]),
    Route(f"{PAGE}/{{name}}/end", destroy, methods=["POST"]),
]
