"""Durable to-do rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, json, moment


class OutboxRow(WorkspaceRow, table=True):
    """Something to do after the commit that wrote it.

    ``publish`` changes to the screens, ``acknowledge`` what was pressed, look up a ``profile``, ``erase`` files, ``notify`` members,
    ``push`` to their browsers, write those who are away a ``digest``.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_due_idx", "kind", "due_at"),)
    kind: str
    payload: dict[str, Any] = json()
    due_at: datetime = moment(default_factory=now)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
