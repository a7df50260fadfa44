"""Signals as steps hear them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from ismessenger.sdk.content import ContentAdapter, Text
from ismessenger.sdk.step import Answer, Result
from ismessenger.tenancy.doors import ReadSession

_MESSAGES = text("SELECT id, body FROM message WHERE id = ANY(:ids)")


async def answers(db: ReadSession, message_ids: Sequence[int]) -> dict[int, Answer]:
    """Incoming messages by their ids. One that is gone is missing."""
    if not message_ids:
        return {}
    found: dict[int, Answer] = {}
    for row in (await db.execute(_MESSAGES, {"ids": list(message_ids)})).all():
        content = ContentAdapter.validate_python(row.body)
        found[row.id] = Answer(content, row.id, content.payload if isinstance(content, Text) else None)
    return found


def result_of(payload: Mapping[str, Any]) -> Result:
    """What a signal ``result`` says."""
    return Result(bool(payload.get("ok")), str(payload.get("reason") or ""), payload.get("details") or {})
