"""Messages as a visitor's page gets them: what the person may know, with files under links that expire."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping

from ismessenger.channels.route import Target
from ismessenger.channels.visitors import HostsVisitors
from ismessenger.files.links import file_url
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.media import LINK_LIFE

# The inside of these says nothing to a person.
_OPAQUE = frozenset({"template", "custom_payload", "unsupported"})


def shown_messages(installation: Installation, target: Target, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """Rows of `channels.visitors` as JSON. ``at`` is exact to the microsecond: receipts bring it back."""
    return [_shown(installation, target, row) for row in rows]


def _shown(installation: Installation, target: Target, row: RowMapping) -> dict[str, Any]:
    incoming = row["traffic"] == "incoming"
    message = {
        "id": row["id"],
        "from": "visitor" if incoming else "agent" if row["sender_id"] is not None else "bot",
        "at": row["sent_at"].isoformat(),
        "status": "sent" if incoming else row["status"],
        "content": _content(installation, target, row, incoming=incoming),
    }
    if incoming and isinstance(target.adapter, HostsVisitors):
        message["client_id"] = target.adapter.client_id(row["identifier"], row["external_id"] or "")
    elif row["sender_name"]:
        message["name"] = row["sender_name"]
    return message


def _content(installation: Installation, target: Target, row: RowMapping, *, incoming: bool) -> dict[str, Any]:
    body: dict[str, Any] = row["body"]
    if body["type"] in _OPAQUE:
        return {"type": body["type"]}
    if body["type"] != "attachment":
        return body
    content = {name: body[name] for name in ("type", "kind", "caption") if body.get(name) is not None}
    name = row["file_name"] or body.get("file_name")
    content |= {"file_name": name, "mime": row["mime"] or body.get("mime"), "size": row["size"] or body.get("size")}
    if row["path"]:
        content["url"] = file_url(installation, target.workspace_id, row["path"], name or "file", expires_at=now() + LINK_LIFE)
    elif not incoming:
        content["url"] = body.get("url")
    return content
