"""The lanes that tell members: what happened in a workspace, at once for many of them; pushes to browsers, one by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.notifications.carry_out import carry_out
from ismessenger.notifications.digest import write_digest
from ismessenger.notifications.orders import ORDER, Order
from ismessenger.notifications.push import PushOrder, push
from ismessenger.tenancy.doors import WriteSession

log = structlog.get_logger()

TOGETHER = 200
"""So many orders of a workspace are carried out in one transaction."""

LEASE = timedelta(minutes=2)
BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))

_FIND = text("SELECT DISTINCT workspace_id FROM outbox WHERE kind IN ('notify', 'digest') AND due_at <= :now LIMIT 1000")
_TAKE = text(
    "SELECT id, kind, payload FROM outbox WHERE kind IN ('notify', 'digest') AND due_at <= :now ORDER BY due_at, id LIMIT :most"
    " FOR UPDATE SKIP LOCKED"
)
_DONE = text("DELETE FROM outbox WHERE id = ANY(:ids)")
_LATER = text("UPDATE outbox SET due_at = :due WHERE id = :id")
_FIND_PUSHES = text("SELECT workspace_id, id FROM outbox WHERE kind = 'push' AND due_at <= :now ORDER BY due_at LIMIT 200")
_CLAIM_PUSH = text(
    "UPDATE outbox SET due_at = :until, attempt = attempt + 1 WHERE id = :id AND kind = 'push' AND due_at <= :now"
    " RETURNING payload, attempt"
)
_PUSH_LATER = text("UPDATE outbox SET due_at = :due, payload = CAST(:payload AS jsonb) WHERE id = :id")


async def find_orders(installation: Installation) -> Sequence[tuple[int, int]]:
    """Workspaces of any home in which there is something to tell."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [(row.workspace_id, 0) for row in (await connection.execute(_FIND, {"now": now()})).all()]
    return found


async def work_orders(installation: Installation, piece: tuple[int, int]) -> int:
    """Carry out what is due in a workspace, together with taking its rows away: so each is done once.

    A row that brings out a bug is thrown away, so that the others are not held up by it.
    """
    workspace_id, _all = piece
    try:
        return await _carry_out(installation, workspace_id, TOGETHER)
    except (SQLAlchemyError, OSError):
        raise
    except Exception:
        log.exception("notify.broken", workspace_id=workspace_id)
    return await _one_by_one(installation, workspace_id)


async def _carry_out(installation: Installation, workspace_id: int, most: int) -> int:
    async with installation.tenancy.workspace(workspace_id) as db:
        rows = (await db.execute(_TAKE, {"now": now(), "most": most})).all()
        await carry_out(db, [order for row in rows if row.kind == "notify" and (order := _order(workspace_id, row)) is not None])
        later = {row.id: due for row in rows if row.kind == "digest" and (due := await _digest(installation, db, row)) is not None}
        for id_, due in later.items():
            await db.execute(_LATER, {"id": id_, "due": due})
        await db.execute(_DONE, {"ids": [row.id for row in rows if row.id not in later]})
    return len(rows)


async def _one_by_one(installation: Installation, workspace_id: int) -> int:
    done = 0
    for _each in range(TOGETHER):
        try:
            if not await _carry_out(installation, workspace_id, 1):
                break
        except (SQLAlchemyError, OSError):
            raise
        except Exception:
            log.exception("notify.dropped", workspace_id=workspace_id)
            async with installation.tenancy.workspace(workspace_id) as db:
                rows = (await db.execute(_TAKE, {"now": now(), "most": 1})).all()
                await db.execute(_DONE, {"ids": [row.id for row in rows]})
        done += 1
    return done


def _order(workspace_id: int, row: Row[tuple[int, str, object]]) -> Order | None:
    try:
        return ORDER.validate_python(row.payload)
    except ValidationError:
        log.exception("notify.not_understood", workspace_id=workspace_id)
        return None


async def _digest(installation: Installation, db: WriteSession, row: Row[tuple[int, str, object]]) -> datetime | None:
    return await write_digest(installation, db, row.payload["member_id"])


async def find_pushes(installation: Installation) -> Sequence[tuple[int, int]]:
    """Pushes that are due in any home."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [(row.workspace_id, row.id) for row in (await connection.execute(_FIND_PUSHES, {"now": now()})).all()]
    return found


async def work_push(installation: Installation, piece: tuple[int, int]) -> int:
    """Send one. Browsers whose push service is away are tried again; after that they have seen it otherwise."""
    workspace_id, id_ = piece
    async with installation.tenancy.workspace(workspace_id) as db:
        row = (await db.execute(_CLAIM_PUSH, {"id": id_, "now": now(), "until": now() + LEASE})).one_or_none()
    if row is None:
        return 0
    order = PushOrder.model_validate(row.payload)
    again = await push(installation, workspace_id, order)
    async with installation.tenancy.workspace(workspace_id) as db:
        if again and row.attempt <= len(BACK_OFF):
            rest = order.model_copy(update={"browsers": again})
            await db.execute(_PUSH_LATER, {"id": id_, "due": now() + BACK_OFF[row.attempt - 1], "payload": rest.model_dump_json()})
        else:
            await db.execute(_DONE, {"ids": [id_]})
    return 1
