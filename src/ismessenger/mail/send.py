"""Send letters over SMTP. A letter that was accepted is never sent again; one that is refused is tried for a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import aiosmtplib
import structlog
from aiosmtplib import SMTPException, SMTPRecipientRefused, SMTPRecipientsRefused, SMTPResponseException
from sqlalchemy import Row, TextClause, text

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.mail.message import message_of, server_of

log = structlog.get_logger()

PATIENCE = timedelta(days=1)
SEND_SECONDS = 30
# Longer than an attempt takes, so that no two workers send the same letter.
LEASE = timedelta(minutes=5)
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
MAX_PROBLEM = 500
PERMANENT = 500
TOO_LATE = "It could not be sent within a day."

_FIND = text("SELECT id FROM catalog.letter WHERE due_at <= :now ORDER BY due_at LIMIT 50")
_CLAIM = text(
    "UPDATE catalog.letter SET due_at = :until, attempts = attempts + 1"
    " WHERE id = (SELECT id FROM catalog.letter WHERE id = :id AND due_at <= :now FOR UPDATE SKIP LOCKED)"
    ' RETURNING id, "to", subject, text, created_at, attempts, problem'
)
# The links in a letter are keys: once it is on its way nobody finds them here any more.
_SENT = text("UPDATE catalog.letter SET sent_at = :now, due_at = NULL, text = '', problem = '' WHERE id = :id")
_LATER = text("UPDATE catalog.letter SET due_at = :due, problem = :problem WHERE id = :id")
_GIVEN_UP = text("UPDATE catalog.letter SET due_at = NULL, text = '', problem = :problem WHERE id = :id")


async def find_letters(installation: Installation) -> Sequence[tuple[int, int]]:
    """Letters that are due, as pieces of a lane; none while there is no mail server."""
    if installation.settings.smtp_url is None:
        return ()
    async with installation.tenancy.catalog() as catalog:
        return [(0, row.id) for row in (await catalog.execute(_FIND, {"now": now()})).all()]


async def send_letter(installation: Installation, piece: tuple[int, int]) -> int:
    """Try to send one letter, and note what came of it; returns how many were sent."""
    letter = await _claimed(installation, piece[1])
    if letter is None:
        return 0
    if letter.created_at < now() - PATIENCE:
        await _note(installation, _GIVEN_UP, letter.id, problem=letter.problem or TOO_LATE)
        return 0
    try:
        await aiosmtplib.send(message_of(installation.settings, letter), timeout=SEND_SECONDS, **server_of(installation.settings))
    except (SMTPException, OSError, ValueError) as error:
        await _failed(installation, letter, error)
        return 0
    await _note(installation, _SENT, letter.id, now=now())
    log.info("letter.sent", letter_id=letter.id, attempts=letter.attempts)
    return 1


async def _claimed(installation: Installation, letter_id: int) -> Row[tuple[object, ...]] | None:
    async with installation.tenancy.catalog() as catalog:
        return (await catalog.execute(_CLAIM, {"id": letter_id, "now": now(), "until": now() + LEASE})).one_or_none()


async def _failed(installation: Installation, letter: Row[tuple[object, ...]], error: Exception) -> None:
    problem, due = _words(error)[:MAX_PROBLEM], _next_try(letter.attempts, letter.created_at)
    if due is None or _is_final(error):
        await _note(installation, _GIVEN_UP, letter.id, problem=problem)
    else:
        await _note(installation, _LATER, letter.id, problem=problem, due=due)
    log.warning("letter.not_sent", letter_id=letter.id, attempts=letter.attempts, problem=problem, given_up=due is None or _is_final(error))


def _next_try(attempts: int, created_at: datetime) -> datetime | None:
    """When a letter is tried again after so many attempts; ``None`` if it would be too late."""
    due = now() + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    return due if due <= created_at + PATIENCE else None


def _is_final(error: Exception) -> bool:
    """Whether the address or the letter itself is what is wrong: waiting mends neither. Source: RFC 5321, section 4.2.1."""
    match error:
        case SMTPRecipientsRefused():
            return all(refused.code >= PERMANENT for refused in error.recipients)
        case SMTPRecipientRefused():
            return error.code >= PERMANENT
        case _:
            return isinstance(error, ValueError)


def _words(error: Exception) -> str:
    match error:
        case SMTPRecipientsRefused():
            return "; ".join(f"{refused.code} {refused.message}" for refused in error.recipients)
        case SMTPResponseException():
            return f"{error.code} {error.message}"
        case _:
            return str(error) or type(error).__name__


async def _note(installation: Installation, statement: TextClause, letter_id: int, **values: object) -> None:
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(statement, {"id": letter_id, **values})
