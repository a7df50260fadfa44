"""Let a person in at this browser, and slow down whoever tries many keys."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ismessenger.accounts.browsers import browser_words, recognize
from ismessenger.accounts.sign_in import sign_out, start_session
from ismessenger.installation import Installation
from ismessenger.kit.crypto import digest
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account
from ismessenger.web.edge import SESSION_COOKIE, see_other
from ismessenger.web.ratelimit import SIGN_IN, Limit

BROWSER_COOKIE: Final = "ismessenger_browser"
REMEMBERED: Final = timedelta(days=365)
_OF_PROXIES: Final = frozenset({"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via"})


async def let_in(request: Request, account: Account, target: str, *, workspace_id: int | None = None) -> Response:
    """Start a session of whoever proved to be this person, and go on to ``target``. The one that the browser had before ends."""
    installation = installation_of(request)
    agent, address = request.headers.get("user-agent", ""), address_of(request)
    token, expires_at = await start_session(installation, account.id, workspace_id=workspace_id, user_agent=agent, address=address)
    seen_as = browser_words(agent) or gettext("unknown")
    known = await recognize(installation, account, request.cookies.get(BROWSER_COOKIE, ""), browser=seen_as, address=address)
    if before := request.cookies.get(SESSION_COOKIE):
        await sign_out(installation, before)
    response = see_other(target)
    secure = installation.settings.address.startswith("https:")
    response.set_cookie(SESSION_COOKIE, token, expires=expires_at, path="/", secure=secure, httponly=True, samesite="lax")
    age = int(REMEMBERED.total_seconds())
    response.set_cookie(BROWSER_COOKIE, known, max_age=age, path="/", secure=secure, httponly=True, samesite="lax")
    return response


async def slow_down(request: Request, door: str, who: object, limit: Limit = SIGN_IN) -> None:
    """Raises `TooMany`: guessing is slow both for one account from many addresses and for many accounts from one address."""
    limiter = request.app.state.limiter
    words = gettext("Too many attempts. Wait a minute and try again.")
    await limiter.require(f"{door}/account/{digest(str(who).strip().lower()).hex()}", limit, words=words)
    await limiter.require(f"{door}/address/{address_of(request)}", SIGN_IN, words=words)


def installation_of(request: Request) -> Installation:
    """The installation that serves the request."""
    installation: Installation = request.app.state.installation
    return installation


def address_of(request: Request) -> str:
    """The network address that the request came from."""
    return request.client.host if request.client else "?"


def is_passed_on(request: Request) -> bool:
    """Whether it carries a header that only a proxy adds: then somebody elsewhere may be the one who asks."""
    return not _OF_PROXIES.isdisjoint(request.headers.keys())
