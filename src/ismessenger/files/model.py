"""Files that members uploaded, for one message or for the library."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, moment


class StoredFile(WorkspaceRow, table=True):
    """One uploaded file; ``path`` is its key in the store, ``mime`` its true type as found in its bytes.

    Since ``library_at`` it is in the library: it stays, whether a message holds it or
    not. Messages that hold it name the same path: the bytes go when neither row nor message names them.
    """

    __tablename__ = "file"
    __table_args__ = (
        Index(
            "file_library_idx", "workspace_id", text("library_at DESC"), text("id DESC"), postgresql_where=text("library_at IS NOT NULL")
        ),
    )
    path: str
    name: str
    mime: str
    size: int = Field(sa_type=BigInteger)
    uploaded_by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)
    library_at: datetime | None = moment(nullable=True)
