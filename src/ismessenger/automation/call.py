"""Makes the calls of runs: claim under a lease, ask outside of any transaction, tell the run what came of it.

A call is made at most `attempt.MOST` times, always under the same key: again where the server did certainly not do it, and after a crash,
where nobody knows, only over HTTP, which carries the key, or where the integration says that its service keeps to it. Its row goes in the
transaction that writes the result, so that a run hears of it once.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import orjson
import structlog
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.automation.attempt import Order, Outcome, attempt
from ismessenger.automation.connections import Opened, opened
from ismessenger.automation.hidden import Secrets
from ismessenger.automation.model import Connection
from ismessenger.automation.secrets import named_secrets, note_use, open_secrets
from ismessenger.contacts.lock import ContactNotFound, lock_contact
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.channel import Rejected, SendFailed
from ismessenger.sdk.integration import HTTP
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=90)
AT_ONCE: Final = 60
AT_ONCE_PER_WORKSPACE: Final = 12
RECORD_TRIES: Final = 5
MAX_WORDS: Final = 500
MAX_DETAILS: Final = 1_200_000
_CALLS: Final = UUID("d9fc94c2-1eed-4b73-8164-7d1463c4657b")

_FIND = text("SELECT DISTINCT workspace_id FROM workflow_call WHERE due_at <= :now LIMIT 1000")
_CLAIM = text(
    "WITH due AS MATERIALIZED (SELECT id FROM workflow_call WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit"
    " FOR NO KEY UPDATE SKIP LOCKED) UPDATE workflow_call AS c SET due_at = :until, attempt = c.attempt + 1 FROM due WHERE c.id = due.id"
    " RETURNING c.id, c.run_id, c.key, c.integration, c.action, c.request, c.connection_id, c.attempt, c.tries, c.at,"
    " (SELECT depth FROM workflow_run WHERE id = c.run_id) AS depth,"
    " (SELECT started_at FROM workflow_run WHERE id = c.run_id) AS began,"
    " (SELECT ended_at IS NOT NULL FROM workflow_run WHERE id = c.run_id) AS over"
)
_CONTACT = text("SELECT r.contact_id FROM workflow_call c JOIN workflow_run r ON r.id = c.run_id WHERE c.id = :id AND c.attempt = :attempt")
_OVER = text("DELETE FROM workflow_call WHERE id = :id AND attempt = :attempt")
_AGAIN = text("UPDATE workflow_call SET due_at = :due, tries = CAST(:tries AS jsonb) WHERE id = :id AND attempt = :attempt RETURNING id")
_TELL = text(
    "INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at)"
    " VALUES (:contact_id, 'result', CAST(:payload AS jsonb), :now, :now)"
)
_SHOW = text(
    "UPDATE workflow_step SET output = output || jsonb_build_object('attempts', CAST(:tries AS jsonb))"
    " WHERE run_id = :run_id AND step = :step AND entry = :entry AND exit IS NULL"
)
_MEND = text("UPDATE connection SET error = NULL WHERE id = :id AND error IS NOT NULL")
_BREAK = text("UPDATE connection SET error = :words WHERE id = :id AND error IS DISTINCT FROM :words")


class _Moved(Exception):
    """The run belongs to another contact by now: look again."""


class Caller:
    """One per worker process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._under_way: dict[int, set[asyncio.Task[None]]] = {}

    async def find(self) -> Sequence[tuple[int, int]]:
        """Workspaces of any home that have a call to make."""
        found: list[tuple[int, int]] = []
        for home in self._installation.tenancy.homes:
            async with self._installation.tenancy.system(home) as connection:
                found += [(row.workspace_id, 0) for row in (await connection.execute(_FIND, {"now": now()})).all()]
        return found

    async def work(self, piece: tuple[int, int]) -> int:
        """Claim what a workspace may call now and begin; a server that hangs holds up its own workspace only."""
        workspace_id, _all = piece
        if sum(map(len, self._under_way.values())) >= AT_ONCE:
            await asyncio.wait(set().union(*self._under_way.values()), return_when=asyncio.FIRST_COMPLETED)
        room = AT_ONCE_PER_WORKSPACE - len(self._under_way.get(workspace_id, ()))
        if room <= 0:
            return 0
        orders = await self._claim(workspace_id, room)
        for order in orders:
            self._begin(workspace_id, order)
        return len(orders)

    async def finish(self) -> None:
        """Wait for the calls that are under way."""
        if self._under_way:
            await asyncio.wait(set().union(*self._under_way.values()))

    def _begin(self, workspace_id: int, order: Order) -> None:
        task = asyncio.create_task(self._do(workspace_id, order))
        under_way = self._under_way.setdefault(workspace_id, set())
        under_way.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            under_way.discard(task)
            if not under_way and self._under_way.get(workspace_id) is under_way:
                del self._under_way[workspace_id]

        task.add_done_callback(ended)

    async def _claim(self, workspace_id: int, limit: int) -> list[Order]:
        async with self._installation.tenancy.workspace(workspace_id) as db:
            rows = (await db.execute(_CLAIM, {"now": now(), "until": now() + LEASE, "limit": limit})).all()
            for row in rows:
                # The run ended because its contact was merged.
                if row.over:
                    await db.execute(_OVER, {"id": row.id, "attempt": row.attempt})
            orders = [await self._order(db, row) for row in rows if not row.over]
            await note_use(db, {name for order in orders for name in order.secrets.values})
        return orders

    async def _order(self, db: WriteSession, row: Row[Any]) -> Order:
        secrets, connection, fault = Secrets(), None, None
        try:
            if row.integration == HTTP:
                secrets = await open_secrets(db, self._installation.vault, named_secrets(_texts(row.request)))
            else:
                connection = await self._opened(db, row.connection_id)
        except SendFailed as error:
            fault = error
        return Order(
            row.id,
            row.run_id,
            row.key,
            _idempotency_key(db.workspace_id, row),
            row.integration,
            row.action,
            row.request,
            row.attempt,
            row.tries,
            secrets,
            connection,
            fault,
            row.depth,
        )

    async def _opened(self, db: WriteSession, connection_id: int | None) -> Opened:
        row = await db.get(Connection, (db.workspace_id, connection_id)) if connection_id is not None else None
        if row is None:
            raise Rejected("connection", gettext("The connection of this step was deleted. Choose another one in the workflow."))
        return opened(self._installation.plugins, self._installation.vault, row)

    async def _do(self, workspace_id: int, order: Order) -> None:
        began = now()
        outcome = await attempt(self._installation, workspace_id, order)
        for tried in range(RECORD_TRIES):
            try:
                return await self._record(workspace_id, order, outcome, began)
            except (SQLAlchemyError, OSError, TimeoutError, _Moved) as error:
                words = (str(error).splitlines() or [""])[0]
                log.warning("call.not_recorded", workspace_id=workspace_id, call_id=order.id, attempt=tried, error=words)
                await asyncio.sleep(0.5 * 2**tried)
        # The lease runs out, and the attempt counts like one that a crash ended.
        return None

    async def _record(self, workspace_id: int, order: Order, outcome: Outcome, began: datetime) -> None:
        tries = [*order.tries, {"at": began.isoformat(), "ms": outcome.milliseconds, "words": outcome.words[:MAX_WORDS]}]
        shown = orjson.dumps(tries).decode()
        async with self._installation.tenancy.workspace(workspace_id) as db:
            if order.connection is not None:
                await _note_connection(db, order.connection.id, outcome)
            if outcome.again is not None:
                values = {"id": order.id, "attempt": order.attempt, "due": now() + outcome.again, "tries": shown}
                done = (await db.execute(_AGAIN, values)).first() is not None
            else:
                done = await _tell(db, order, outcome, tries)
            if done:
                await db.execute(_SHOW, {"run_id": order.run_id, "tries": shown, **_entry(order.key)})
            db.ring("calls")


async def _tell(db: WriteSession, order: Order, outcome: Outcome, tries: Sequence[Mapping[str, Any]]) -> bool:
    """Take the call away and write the run's result. Nothing is told of a call that somebody else ended, or whose run is gone."""
    this = {"id": order.id, "attempt": order.attempt}
    if (contact_id := (await db.execute(_CONTACT, this)).scalar_one_or_none()) is None:
        return False
    try:
        await lock_contact(db, contact_id)
    except ContactNotFound as error:
        raise _Moved("The contact was merged or deleted meanwhile.") from error
    if (now_of := (await db.execute(_CONTACT, this)).scalar_one_or_none()) not in {contact_id, None}:
        raise _Moved("The contact was merged meanwhile.")
    if now_of is None:
        return False
    await db.execute(_OVER, this)
    details = {**outcome.details, "attempts": len(tries)} if _fits(outcome.details) else {"attempts": len(tries)}
    reason = "" if outcome.ok else outcome.words[:MAX_WORDS]
    payload = {"run_id": order.run_id, "key": order.key, "ok": outcome.ok, "reason": reason, "details": details}
    await db.execute(_TELL, {"contact_id": contact_id, "payload": orjson.dumps(payload).decode(), "now": now()})
    db.ring("automation")
    return True


async def _note_connection(db: WriteSession, connection_id: int, outcome: Outcome) -> None:
    if outcome.refused_credentials:
        await db.execute(_BREAK, {"id": connection_id, "words": outcome.words[:MAX_WORDS]})
    elif outcome.ok:
        await db.execute(_MEND, {"id": connection_id})


def _idempotency_key(workspace_id: int, row: Row[Any]) -> str:
    """Ids are alike in all installations. The moments at which run and call began are not, and stay when secret keys are changed."""
    moments = (f"{at.timestamp():.6f}" for at in (row.began, row.at))
    return str(uuid5(_CALLS, "/".join([str(workspace_id), str(row.run_id), row.key, *moments])))


def _entry(key: str) -> dict[str, Any]:
    """Which row of the run's history shows this call: a key ends with ``step/entry`` (`Scene.run_key`)."""
    rest, _slash, entry = key.rpartition("/")
    return {"step": rest.rpartition("/")[2], "entry": int(entry) if entry.isdecimal() and len(entry) < 9 else -1}  # noqa: PLR2004 - fits


def _fits(details: Mapping[str, Any]) -> bool:
    return len(orjson.dumps(details)) <= MAX_DETAILS


def _texts(request: Mapping[str, Any]) -> list[str]:
    headers = request.get("headers")
    texts = [request.get("url"), request.get("body"), *(headers.values() if isinstance(headers, Mapping) else ())]
    return [each for each in texts if isinstance(each, str)]
