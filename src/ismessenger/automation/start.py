"""Begin a workflow with a contact from outside of its trigger's events: a shortcut, an incoming webhook, another workflow."""

from collections.abc import Mapping
from typing import Final

import orjson
from sqlalchemy import text

from ismessenger.automation.model import Workflow
from ismessenger.contacts.errors import Refused
from ismessenger.kit.clock import now
from ismessenger.sdk.step import Value
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

LANE: Final = "automation"

_SIGNAL = text(
    "INSERT INTO workflow_signal (contact_id, kind, payload, depth, due_at, attempt, at)"
    " VALUES (:contact_id, 'start', CAST(:payload AS jsonb), :depth, :now, 0, :now) RETURNING id"
)
_INSIDE = text(
    "SELECT EXISTS (SELECT FROM workflow_run WHERE contact_id = :contact_id AND workflow_id = :workflow_id AND ended_at IS NULL)"
)


class NotStarted(Refused):
    """This workflow does not begin with this contact; the text says why."""


async def start(
    db: WriteSession, workflow: Workflow, contact_id: int, variables: Mapping[str, Value], *, by: int | None = None, depth: int = 0
) -> int:
    """Have the contact enter the workflow as soon as this transaction is on disk. ``by`` is the member who did it.

    Returns the signal's id. Raises `NotStarted` for a workflow that is not published, and for a contact that is inside it now. Whether it
    was there before is asked on entering: "once per contact" passes such a start over.
    """
    if workflow.status != "published" or workflow.published_id is None:
        raise NotStarted(gettext("The workflow “%(name)s” is not published. Publish it first.") % {"name": workflow.name})
    if (await db.execute(_INSIDE, {"contact_id": contact_id, "workflow_id": workflow.id})).scalar_one():
        raise NotStarted(is_inside(workflow.name))
    payload = orjson.dumps({"workflow_id": workflow.id, "variables": dict(variables), "by": by}).decode()
    values = {"contact_id": contact_id, "payload": payload, "depth": depth, "now": now()}
    signal_id: int = (await db.execute(_SIGNAL, values)).scalar_one()
    db.ring(LANE)
    return signal_id


def is_inside(name: str) -> str:
    """Why somebody who is inside a workflow does not begin it."""
    return gettext("This contact is inside the workflow “%(name)s” already. Wait until it is done, or end it there.") % {"name": name}
