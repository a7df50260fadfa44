"""Open conversations. The contact's row must be locked by the caller; the database allows one open conversation per contact."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from ismessenger.tenancy.doors import WriteSession

# A contact whose conversation was opened by somebody else meanwhile is open all the same.
_OPEN = text(
    "WITH opened AS (INSERT INTO conversation (contact_id, opened_at, opened_source, opened_by_id, opened_channel_id, contact_type,"
    " first_assignee_id, first_assigned_at, last_assignee_id, last_assigned_at, assignment_count)"
    " SELECT c.id, :at, s, CASE WHEN CAST(:actor AS text) = 'workflow' THEN NULL ELSE CAST(:by AS bigint) END, CAST(:channel_id AS bigint),"
    " CASE WHEN EXISTS (SELECT FROM conversation p WHERE p.contact_id = c.id) THEN 'returning' ELSE 'new' END,"
    " c.assignee_id, CASE WHEN c.assignee_id IS NULL THEN NULL ELSE CAST(:at AS timestamptz) END,"
    " c.assignee_id, CASE WHEN c.assignee_id IS NULL THEN NULL ELSE CAST(:at AS timestamptz) END,"
    " CASE WHEN c.assignee_id IS NULL THEN 0 ELSE 1 END"
    " FROM unnest(CAST(:contacts AS bigint[]), CAST(:sources AS text[])) AS n(id, s) JOIN contact c ON c.id = n.id"
    " ON CONFLICT (workspace_id, contact_id) WHERE closed_at IS NULL DO NOTHING RETURNING contact_id, id, opened_source),"
    " marked AS (UPDATE contact SET status = 'open', opened_at = :at WHERE id = ANY(:contacts) AND status = 'closed'),"
    " told AS (INSERT INTO event (contact_id, conversation_id, kind, actor_kind, actor_id, details, at)"
    " SELECT contact_id, id, 'conversation.opened', CAST(:actor AS text), CAST(:by AS bigint),"
    " jsonb_build_object('source', opened_source), :at FROM opened RETURNING contact_id, id)"
    " SELECT 'conversation' AS what, contact_id, id FROM opened UNION ALL SELECT 'event', contact_id, id FROM told"
)
_CURRENT = text("SELECT contact_id, id FROM conversation WHERE contact_id = ANY(:contacts) AND closed_at IS NULL")


async def open_conversations(
    db: WriteSession,
    contacts: Sequence[int],
    *,
    sources: Sequence[str],
    at: datetime,
    channel_id: int | None = None,
    actor: str = "contact",
    by: int | None = None,
) -> dict[int, int]:
    """Open one for each contact that has none. Returns contact id → id of the conversation that is new."""
    if not contacts:
        return {}
    values = {"contacts": list(contacts), "sources": list(sources), "at": at, "channel_id": channel_id, "by": by, "actor": actor}
    opened: dict[int, int] = {}
    for what, contact_id, id_ in (await db.execute(_OPEN, values)).all():
        if what == "event":
            db.announce("event", contact_id, id=id_)
        else:
            opened[contact_id] = id_
    return opened


async def current_conversations(db: WriteSession, contacts: Sequence[int]) -> dict[int, int]:
    """Contact id → id of its open conversation."""
    rows = (await db.execute(_CURRENT, {"contacts": list(contacts)})).all()
    return dict(rows)
