"""The browsers of an account: which are signed in, and which were never seen before."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from ismessenger.accounts import letters
from ismessenger.accounts.change_password import RESET_PAGE
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.tenancy.catalog import Account, KnownBrowser, SignInSession


async def sessions_of(installation: Installation, account_id: int) -> Sequence[SignInSession]:
    """The browsers that are signed in, the last seen first."""
    mine = select(SignInSession).where(col(SignInSession.account_id) == account_id, col(SignInSession.expires_at) > now())
    async with installation.tenancy.catalog() as catalog:
        return list((await catalog.execute(mine.order_by(col(SignInSession.seen_at).desc()))).scalars())


async def recognize(installation: Installation, account: Account, token: str, *, browser: str, address: str) -> str:
    """Remember the browser that signs in; returns the token that its cookie shall hold.

    One that was not seen before is told to the account's owner. An account's first browser is nothing to tell.
    """
    async with installation.tenancy.catalog() as catalog:
        known = update(KnownBrowser).where(col(KnownBrowser.account_id) == account.id, col(KnownBrowser.token_hash) == digest(token))
        if token and (await catalog.execute(known.values(seen_at=now()).returning(col(KnownBrowser.account_id)))).first():
            return token
        others = select(col(KnownBrowser.account_id)).where(col(KnownBrowser.account_id) == account.id).limit(1)
        is_first = (await catalog.execute(others)).first() is None
        # The cookie may stand for other people at this browser too.
        token = token or new_token()
        row = insert(KnownBrowser).values(account_id=account.id, token_hash=digest(token), seen_at=now())
        await catalog.execute(row.on_conflict_do_nothing())
        if not is_first:
            facts = {"browser": browser, "address": address, "at": now(), "reset": installation.settings.address + RESET_PAGE}
            await letters.send(catalog, account.email, letters.UNKNOWN_BROWSER, **facts)
    return token


def browser_words(user_agent: str) -> str:
    """A browser and its system in words that its user recognizes: "Firefox on Windows"; empty where nobody knows."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser or system


# Most of them also name the ones that they descend from: the more special comes first.
_BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox")),
    *(("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS")),
    ("Linux", "Linux"),
)
