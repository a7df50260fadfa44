"""Events of the timeline as triggers see them: with what their conversations know."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from ismessenger.sdk.step import Fact
from ismessenger.tenancy.doors import ReadSession

MAX_WORDS: Final = 2000

_EVENTS = text(
    "SELECT e.id, e.kind, e.at, e.details, e.actor_kind, e.actor_id, v.opened_source, v.opened_channel_id, v.contact_type, v.opened_at,"
    " v.closed_at, v.category_id, v.category, v.summary, v.closed_source, v.incoming_count, v.outgoing_count,"
    " CAST(extract(epoch FROM v.first_response_at - v.opened_at) AS bigint) AS first_response_seconds,"
    " CAST(extract(epoch FROM v.closed_at - v.opened_at) AS bigint) AS resolution_seconds,"
    " (SELECT name FROM channel WHERE id = v.opened_channel_id) AS channel,"
    " (SELECT name FROM member WHERE id = v.first_assignee_id) AS first_assignee,"
    " (SELECT name FROM member WHERE id = v.last_assignee_id) AS last_assignee,"
    " CASE WHEN e.actor_kind = 'user' THEN (SELECT name FROM member WHERE id = e.actor_id) END AS actor,"
    " CASE WHEN e.kind = 'conversation.opened' THEN (SELECT left(words, :most) FROM message m WHERE m.conversation_id = v.id"
    " AND m.contact_id = e.contact_id AND traffic = 'incoming' ORDER BY m.id LIMIT 1) END AS first_message"
    " FROM event e LEFT JOIN conversation v ON v.id = e.conversation_id AND e.kind IN ('conversation.opened', 'conversation.closed')"
    " WHERE e.id = ANY(:ids)"
)


class Happened:
    """An event with its facts: one, or of a change of several fields one for each."""

    def __init__(self, row: Any) -> None:
        self.kind: str = row.kind
        self.by_user: bool = row.actor_kind == "user"
        self.actor: str = row.actor or ""
        self.workflow_id: int | None = row.actor_id if row.actor_kind == "workflow" else None
        self.facts: Sequence[Fact] = [Fact(row.kind, row.at, details) for details in _details(row)]


async def facts_of_events(db: ReadSession, event_ids: Sequence[int]) -> dict[int, Happened]:
    """These events by their ids. One that is gone is missing."""
    if not event_ids:
        return {}
    return {row.id: Happened(row) for row in (await db.execute(_EVENTS, {"ids": list(event_ids), "most": MAX_WORDS})).all()}


def _details(row: Any) -> list[dict[str, Any]]:
    match row.kind:
        case "conversation.opened":
            return [{**row.details, **_opening(row)}]
        case "conversation.closed":
            return [{**row.details, **_opening(row), **_closing(row)}]
        case "tag.added" | "tag.removed":
            return [{**row.details, "action": row.kind.removeprefix("tag.")}]
        case "contact.updated":
            return [
                {"key": field["key"], "name": field["name"], "old": field.get("from"), "new": field.get("to")}
                for field in row.details.get("fields", [])
            ]
        case _:
            return [dict(row.details)]


def _opening(row: Any) -> dict[str, Any]:
    return {
        "source": row.opened_source or row.details.get("source"),
        "channel_id": row.opened_channel_id,
        "channel": row.channel,
        "contact_type": row.contact_type,
        "first_message": row.first_message,
    }


def _closing(row: Any) -> dict[str, Any]:
    return {
        "source": row.details.get("source") or row.closed_source,
        "category": row.details.get("category"),
        "category_id": row.category_id,
        "summary": row.details.get("summary"),
        "opened_at": _written(row.opened_at),
        "closed_at": _written(row.at),
        "closed_by": row.actor or None,
        "first_response_seconds": row.first_response_seconds,
        "resolution_seconds": int((row.at - row.opened_at).total_seconds()) if row.opened_at else row.resolution_seconds,
        "incoming_count": row.incoming_count,
        "outgoing_count": row.outgoing_count,
        "first_assignee": row.first_assignee,
        "last_assignee": row.last_assignee,
    }


def _written(at: Any) -> str | None:
    return at.isoformat() if at else None
