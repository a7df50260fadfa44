"""Send what is to be pushed to a member's browsers. Nothing is sent that they have read meanwhile, or whose session has ended."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Literal

import httpx
import orjson
import structlog
from pydantic import BaseModel
from sqlalchemy import Select, select, text
from sqlmodel import col

from ismessenger.accounts.language import language_of_account
from ismessenger.accounts.model import Member
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.guard import AddressRefused
from ismessenger.language import speaking
from ismessenger.mail.message import sender_of
from ismessenger.notifications.kinds import KINDS
from ismessenger.notifications.listing import Noted, unread_among
from ismessenger.notifications.model import PushSubscription
from ismessenger.notifications.push_key import KeyPair, push_key
from ismessenger.notifications.web_push import KeysRefused, authorization, base64url, encrypt
from ismessenger.notifications.words import said, said_together
from ismessenger.tenancy.catalog import SignInSession

log = structlog.get_logger()

SEND_SECONDS = 10
LASTS = timedelta(hours=4)
"""So long a push service keeps a message for a browser that is not there."""

Outcome = Literal["sent", "gone", "refused", "later"]
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_FORGET = text("DELETE FROM push_subscription WHERE id = ANY(:ids)")
_FAILED = text("UPDATE push_subscription SET failed_at = :now WHERE id = ANY(:ids)")


class PushOrder(BaseModel):
    """What stands in the outbox. ``ids`` are the newest of ``count`` notifications; ``browsers``: only these are still to be told."""

    member_id: int
    ids: list[int]
    count: int = 1
    browsers: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser shows. One with the ``tag`` of an earlier one takes its place."""

    title: str
    body: str
    url: str
    tag: str


async def push(installation: Installation, workspace_id: int, order: PushOrder) -> list[int]:
    """Tell the member's browsers; returns those that are to be told again later. Nothing is locked while the network is asked."""
    async with installation.tenancy.reading(workspace_id) as db:
        member = await db.get(Member, (workspace_id, order.member_id))
        if member is None or member.removed_at is not None:
            return []
        unread = await unread_among(db, member, order.ids)
        browsers = (await db.execute(_browsers(order))).scalars().all()
    if not unread or not browsers:
        return []
    with speaking(await language_of_account(installation, member.account_id)):
        shown = _shown(installation, member, unread, order.count)
    outcomes = await _send_to_all(installation, browsers, shown)
    async with installation.tenancy.workspace(workspace_id) as db:
        await db.execute(_FORGET, {"ids": [id_ for id_, outcome in outcomes.items() if outcome == "gone"]})
        await db.execute(_FAILED, {"ids": [id_ for id_, outcome in outcomes.items() if outcome == "refused"], "now": now()})
    return [id_ for id_, outcome in outcomes.items() if outcome == "later"]


def notification_url(installation: Installation, workspace_id: int, notification_id: int) -> str:
    """Where somebody who is told outside of the application gets to it, whichever workspace they have open there."""
    return f"{installation.settings.address}/notifications/{notification_id}?workspace={workspace_id}"


async def _send_to_all(installation: Installation, browsers: Sequence[PushSubscription], shown: Sequence[Shown]) -> dict[int, Outcome]:
    signed_in = await _sessions(installation, browsers)
    key = await push_key(installation)
    outcomes: dict[int, Outcome] = {}
    for browser in browsers:
        outcomes[browser.id] = "gone"
        for message in shown if browser.session in signed_in else ():
            outcomes[browser.id] = await _send(installation, key, browser, message)
            if outcomes[browser.id] != "sent":
                break
    return outcomes


async def _sessions(installation: Installation, browsers: Sequence[PushSubscription]) -> set[str]:
    """The sessions that go on, of those that these browsers had."""
    hashes = [bytes.fromhex(browser.session) for browser in browsers]
    statement = select(SignInSession.token_hash).where(col(SignInSession.token_hash).in_(hashes), col(SignInSession.expires_at) > now())  # type: ignore[call-overload]
    async with installation.tenancy.catalog() as catalog:
        return {token_hash.hex() for token_hash in (await catalog.execute(statement)).scalars()}


async def _send(installation: Installation, key: KeyPair, browser: PushSubscription, message: Shown) -> Outcome:
    try:
        body = encrypt(orjson.dumps(asdict(message)), browser.p256dh, browser.auth)
        answer = await installation.outside.post(
            browser.endpoint,
            content=body,
            headers=_headers(installation, key, browser.endpoint, message),
            follow_redirects=False,
            timeout=SEND_SECONDS,
        )
    except KeysRefused:
        return "gone"
    except (AddressRefused, httpx.InvalidURL, httpx.UnsupportedProtocol):
        return "refused"
    except (httpx.TransportError, TimeoutError):
        return "later"
    return _judge(browser, answer.status_code)


def _headers(installation: Installation, key: KeyPair, endpoint: str, message: Shown) -> dict[str, str]:
    contact = f"mailto:{sender_of(installation.settings).addr_spec}"
    return {
        "Authorization": authorization(endpoint, public=key.public, private=key.private, contact=contact),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(LASTS.total_seconds())),
        "Urgency": "high",
        # A later message of the same topic replaces one that was not delivered yet. Source: RFC 8030, section 5.4: at most 32 characters
        "Topic": base64url(hashlib.sha256(message.tag.encode()).digest()[:24]),
    }


def _judge(browser: PushSubscription, status: int) -> Outcome:
    """What a push service's answer means. Source: RFC 8030, section 7.3."""
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return "gone"
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return "sent"
    log.warning("push.not_taken", workspace_id=browser.workspace_id, subscription_id=browser.id, status=status)
    return "later" if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER else "refused"


def _browsers(order: PushOrder) -> Select[PushSubscription]:
    statement = select(PushSubscription).where(col(PushSubscription.member_id) == order.member_id)
    if order.browsers is not None:
        statement = statement.where(col(PushSubscription.id).in_(order.browsers))
    return statement.order_by(col(PushSubscription.id))


def _shown(installation: Installation, member: Member, unread: Sequence[Noted], count: int) -> list[Shown]:
    if count > len(unread) and count > 1:
        words = said_together(count)
        return [Shown(words.title, words.body, f"{installation.settings.address}/notifications", f"{member.workspace_id}/all")]
    return [_one(installation, member, noted) for noted in reversed(unread)]


def _one(installation: Installation, member: Member, noted: Noted) -> Shown:
    row = noted.row
    words = said(
        row.kind, count=noted.count, contact=noted.contact, by=noted.by, about=noted.words, words=noted.words, shown=member.notify_words
    )
    place = f"{row.kind}/{row.contact_id}" if KINDS[row.kind].folds else str(row.id)
    return Shown(words.title, words.body, notification_url(installation, member.workspace_id, row.id), f"{member.workspace_id}/{place}")
