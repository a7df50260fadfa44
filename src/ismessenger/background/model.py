"""The row of a long job."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, json, moment


class Job(WorkspaceRow, table=True):
    """Work that takes long, done piece by piece: a bulk action, an import, an export. What is done is on the row with the piece itself.

    ``state`` is draft (an import that is being prepared), waiting, running, cancelling, done, cancelled or failed. ``total`` is unknown
    until somebody counted. ``position`` is where to go on, in the kind's own words. ``error`` is a sentence for people.
    ``result_path`` is the key of a file in the store, which goes at ``expires_at``.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("job_kind_idx", "workspace_id", "kind", text("id DESC")),
        Index("job_due_idx", "lease_until", postgresql_where=text("state IN ('waiting', 'running', 'cancelling')")),
    )
    kind: str
    params: dict[str, Any] = json()
    state: str = "waiting"
    total: int | None = None
    done: int = 0
    failed: int = 0
    counts: dict[str, int] = json()
    position: dict[str, Any] = json()
    error: str = ""
    attempt: int = 0
    result_path: str | None = None
    result_name: str = ""
    result_bytes: int = Field(default=0, sa_type=BigInteger)
    created_by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)
    started_at: datetime | None = moment(nullable=True)
    finished_at: datetime | None = moment(nullable=True)
    lease_until: datetime | None = moment(nullable=True)
    expires_at: datetime | None = moment(nullable=True)
