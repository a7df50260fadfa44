"""The browsers of a member that want to be told while no page of ours is open."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import delete, select, text
from sqlmodel import col

from ismessenger.contacts.errors import Refused
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.notifications.model import PushSubscription
from ismessenger.notifications.web_push import KeysRefused, check_keys
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MOST = 20
"""So many browsers a member may have; a further one takes the place of the oldest."""

MAX_ENDPOINT = 1000
MAX_AGENT = 300
_KEEP = text(
    "INSERT INTO push_subscription (member_id, endpoint, p256dh, auth, session, user_agent, created_at)"
    " VALUES (:member_id, :endpoint, :p256dh, :auth, :session, :user_agent, :now)"
    " ON CONFLICT (workspace_id, member_id, endpoint) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth,"
    " session = excluded.session, user_agent = excluded.user_agent, failed_at = NULL"
)
# A browser has one endpoint: whoever is signed in there now is told, nobody who was before.
_TAKE_OVER = text("DELETE FROM push_subscription WHERE endpoint = :endpoint AND member_id <> :member_id")
_BOUND = text(
    "DELETE FROM push_subscription WHERE member_id = :member_id AND id NOT IN"
    " (SELECT id FROM push_subscription WHERE member_id = :member_id ORDER BY created_at DESC, id DESC LIMIT :most)"
)


async def subscribe(
    db: WriteSession, member_id: int, *, endpoint: str, p256dh: str, auth: str, session: str, user_agent: str, secure: bool
) -> None:
    """Tell this browser from now on, as long as its ``session`` lasts. ``secure`` endpoints only, but for tests. Raises `Refused`."""
    _check_endpoint(endpoint, secure=secure)
    try:
        check_keys(p256dh, auth)
    except KeysRefused as error:
        raise Refused(str(error)) from error
    await db.execute(_TAKE_OVER, {"endpoint": endpoint, "member_id": member_id})
    values = {"member_id": member_id, "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "session": session, "now": now()}
    await db.execute(_KEEP, values | {"user_agent": clean(user_agent)[:MAX_AGENT]})
    await db.execute(_BOUND, {"member_id": member_id, "most": MOST})


async def unsubscribe(db: WriteSession, member_id: int, endpoint: str) -> None:
    """Tell this browser nothing more."""
    statement = delete(PushSubscription).where(col(PushSubscription.member_id) == member_id, col(PushSubscription.endpoint) == endpoint)
    await db.execute(statement)


async def forget_browser(db: WriteSession, member_id: int, subscription_id: int) -> None:
    """The same for one of the list."""
    statement = delete(PushSubscription).where(col(PushSubscription.member_id) == member_id, col(PushSubscription.id) == subscription_id)
    await db.execute(statement)


async def browsers_of(db: ReadSession, member_id: int) -> Sequence[PushSubscription]:
    """A member's browsers, the newest first."""
    statement = select(PushSubscription).where(col(PushSubscription.member_id) == member_id)
    return (await db.execute(statement.order_by(col(PushSubscription.created_at).desc(), col(PushSubscription.id).desc()))).scalars().all()


def _check_endpoint(endpoint: str, *, secure: bool) -> None:
    try:
        parts = urlsplit(endpoint)
        fine = parts.scheme in ({"https"} if secure else {"https", "http"}) and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        fine = False
    if not fine or len(endpoint) > MAX_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        raise Refused(gettext("This browser's address for notifications is not one that we can send to."))
