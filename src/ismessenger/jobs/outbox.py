"""Does what outbox rows ask for: publish again what an outage swallowed, acknowledge, look profiles up, forget who and what was erased."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import text

from ismessenger.automation.delete import forget_workflow
from ismessenger.contacts.forget import Order, forget
from ismessenger.contacts.profile import look_up_profile
from ismessenger.files.store import StoreUnavailable
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.acknowledge import acknowledge
from ismessenger.sdk.channel import CredentialsInvalid, SendFailed

log = structlog.get_logger()
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
LEASE = timedelta(minutes=1)

_FIND = text(
    "SELECT workspace_id, id FROM outbox WHERE kind IN ('publish', 'profile', 'acknowledge', 'erase', 'workflow') AND due_at <= :now"
    " ORDER BY due_at LIMIT 200"
)
_CLAIM = text("UPDATE outbox SET due_at = :until, attempt = attempt + 1 WHERE id = :id AND due_at <= :now RETURNING kind, payload, attempt")
_DONE = text("DELETE FROM outbox WHERE id = :id")
_REST = text("UPDATE outbox SET payload = CAST(:payload AS jsonb), due_at = :now, attempt = 0 WHERE id = :id")
_AGAIN = text("UPDATE outbox SET due_at = :now, attempt = 0 WHERE id = :id")
_LATER = text("UPDATE outbox SET due_at = :due WHERE id = :id")


async def find_rows(installation: Installation) -> Sequence[tuple[int, int]]:
    """Rows that are due in any home."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [(row.workspace_id, row.id) for row in (await connection.execute(_FIND, {"now": now()})).all()]
    return found


async def work_row(installation: Installation, piece: tuple[int, int]) -> int:
    """Do one row. It is deleted once it is done, so a crash repeats it."""
    workspace_id, id_ = piece
    async with installation.tenancy.workspace(workspace_id) as db:
        row = (await db.execute(_CLAIM, {"id": id_, "now": now(), "until": now() + LEASE})).one_or_none()
    if row is None:
        return 0
    match row.kind:
        case "publish":
            await installation.publisher.send(workspace_id, row.payload["changes"])
        case "acknowledge":
            await acknowledge(installation, workspace_id, row.payload["channel_id"], row.payload["awaits"])
        case "erase":
            return await _erase(installation, workspace_id, id_, Order.model_validate(row.payload))
        case "workflow":
            if await forget_workflow(installation, workspace_id, row.payload["workflow_id"]):
                return await _go_on(installation, workspace_id, id_)
        case "profile":
            try:
                await look_up_profile(installation, workspace_id, row.payload["contact_channel_id"])
            except SendFailed as error:
                if row.attempt <= len(BACK_OFF) and not isinstance(error, CredentialsInvalid):
                    async with installation.tenancy.workspace(workspace_id) as db:
                        await db.execute(_LATER, {"id": id_, "due": now() + BACK_OFF[row.attempt - 1]})
                    return 0
                log.info("profile.given_up", workspace_id=workspace_id, reason=str(error))
    async with installation.tenancy.workspace(workspace_id) as db:
        await db.execute(_DONE, {"id": id_})
    return 1


async def _go_on(installation: Installation, workspace_id: int, id_: int) -> int:
    """There is more to do of it: at once, and by whoever comes to it."""
    async with installation.tenancy.workspace(workspace_id) as db:
        await db.execute(_AGAIN, {"id": id_, "now": now()})
    return 1


async def _erase(installation: Installation, workspace_id: int, id_: int, order: Order) -> int:
    """Do a piece of an erasure; the row says what is left. It is never given up."""
    try:
        rest = await forget(installation, workspace_id, order)
    except StoreUnavailable as error:
        log.warning("erasure.delayed", workspace_id=workspace_id, error=(str(error).splitlines() or [""])[0])
        return 0
    async with installation.tenancy.workspace(workspace_id) as db:
        if rest is None:
            await db.execute(_DONE, {"id": id_})
        else:
            await db.execute(_REST, {"id": id_, "payload": rest.model_dump_json(), "now": now()})
    return 1
