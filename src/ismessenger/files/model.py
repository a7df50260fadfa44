"""Files that members uploaded."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, moment


class StoredFile(WorkspaceRow, table=True):
    """One uploaded file; ``path`` is its key in the store, ``mime`` its true type as found in its bytes."""

    __tablename__ = "file"
    path: str
    name: str
    mime: str
    size: int = Field(sa_type=BigInteger)
    uploaded_by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)
