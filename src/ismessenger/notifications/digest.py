"""Letters to members who are away: one about everything that they have not read, never one for each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.accounts.language import language_of
from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import Presence, presences
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.language import speaking
from ismessenger.mail.write import write_letter
from ismessenger.notifications.choices import choices_of
from ismessenger.notifications.listing import Noted, unmailed_of
from ismessenger.notifications.push import notification_url
from ismessenger.notifications.words import said
from ismessenger.sdk.words import gettext, ngettext
from ismessenger.tenancy.catalog import Account, Workspace
from ismessenger.tenancy.doors import WriteSession

MOST = 20
"""So many are named in a letter; of the others it says how many there are."""

OLDEST = timedelta(days=1)
AGAIN = timedelta(minutes=1)
_MAILED = text("UPDATE notification SET mailed_at = :now WHERE id = ANY(:ids) AND member_id = :member_id")
_MAILED_SHARED = text(
    "INSERT INTO notification_mark (member_id, notification_id, count, mailed_at) SELECT :member_id, n.id, 0, :now FROM notification n"
    " WHERE n.id = ANY(:ids) AND n.member_id IS NULL"
    " ON CONFLICT (workspace_id, member_id, notification_id) DO UPDATE SET mailed_at = excluded.mailed_at"
)


async def write_digest(installation: Installation, db: WriteSession, member_id: int) -> datetime | None:
    """Write a member the letter if they are away. Returns when to look again if they are not, ``None`` if there is nothing to tell."""
    member = await db.get(Member, (db.workspace_id, member_id))
    if member is None or member.removed_at is not None:
        return None
    unread = await _unread(db, member)
    if not unread:
        return None
    presence = await _presence(db, installation.redis, member)
    if presence.status != "offline":
        return max(presence.until or now(), now() + AGAIN)
    # Together with the rows, but for a crash between the two commits: then the letter comes twice.
    await _write(installation, member, unread)
    for statement in (_MAILED, _MAILED_SHARED):
        await db.execute(statement, {"member_id": member_id, "ids": [noted.row.id for noted in unread], "now": now()})
    return None


async def _unread(db: WriteSession, member: Member) -> Sequence[Noted]:
    chosen = (await choices_of(db, [member.id]))[member.id]
    kinds = [kind for kind, surfaces in chosen.items() if "email" in surfaces]
    return await unmailed_of(db, member, kinds, now() - OLDEST, MOST + 1)


async def _presence(db: WriteSession, redis: Redis, member: Member) -> Presence:
    return (await presences(db, redis, [member]))[member.id]


async def _write(installation: Installation, member: Member, unread: Sequence[Noted]) -> None:
    async with installation.tenancy.catalog() as catalog:
        account = await catalog.get(Account, member.account_id)
        # Whoever has not confirmed an address may not be whom it belongs to.
        if account is None or account.email_verified_at is None:
            return
        name = (await catalog.execute(select(col(Workspace.name)).where(col(Workspace.id) == member.workspace_id))).scalar_one()
        with speaking(language_of(account)):
            write_letter(catalog, to=account.email, subject=_subject(unread, member, name), text=_text(installation, unread, member, name))


def _subject(unread: Sequence[Noted], member: Member, workspace: str) -> str:
    what = _title(unread[0], member) if len(unread) == 1 else _number(unread)
    return f"{what} · {workspace}"


def _text(installation: Installation, unread: Sequence[Noted], member: Member, workspace: str) -> str:
    lines = [gettext("While you were away from %(workspace)s:") % {"workspace": workspace}, ""]
    for noted in unread[:MOST]:
        lines.append(f"- {_title(noted, member)}")
        if words := _words(noted, member):
            lines.append(f"  > {words}")
        lines += [f"  {notification_url(installation, member.workspace_id, noted.row.id)}", ""]
    if len(unread) > MOST:
        lines += [gettext("There is more: %(link)s") % {"link": f"{installation.settings.address}/notifications"}, ""]
    lines += [gettext("Which letters you get is up to you:"), f"{installation.settings.address}/account/notifications"]
    return "\n".join(lines) + "\n"


def _number(unread: Sequence[Noted]) -> str:
    if len(unread) > MOST:
        return gettext("More than %(most)s things wait for you") % {"most": MOST}
    return ngettext("%(num)s thing waits for you", "%(num)s things wait for you", len(unread)) % {"num": len(unread)}


def _title(noted: Noted, member: Member) -> str:
    row = noted.row
    return said(row.kind, count=noted.count, contact=noted.contact, by=noted.by, about=noted.words, shown=member.notify_words).title


def _words(noted: Noted, member: Member) -> str:
    if noted.row.kind in {"channel_broken", "job_done"}:
        return ""
    return said(noted.row.kind, words=noted.words, shown=member.notify_words).body
