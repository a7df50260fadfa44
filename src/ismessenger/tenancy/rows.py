"""How every table is declared: catalog rows, and workspace rows keyed ``(workspace_id, id)``."""

from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Identity, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}

catalog_metadata = MetaData(schema="catalog", naming_convention=NAMING)
workspace_metadata = MetaData(naming_convention=NAMING)


class CatalogRow(SQLModel):
    """A row of the catalog: one per installation, shared by all workspaces."""

    metadata = catalog_metadata


class WorkspaceRow(SQLModel):
    """A row that belongs to one workspace. Reached through the view of the same name, which shows that workspace only."""

    metadata = workspace_metadata

    workspace_id: int = Field(default=None, primary_key=True, sa_type=BigInteger, nullable=False)
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()], nullable=False)


def moment(*, nullable: bool = False, default_factory: Any = None) -> Any:
    """A point in time, stored with its zone."""
    kind = DateTime(timezone=True)
    if default_factory is not None:
        return Field(default_factory=default_factory, sa_type=kind, nullable=nullable)
    return Field(default=None, sa_type=kind, nullable=nullable)


def ref(*, nullable: bool = False) -> Any:
    """The id of another row of the same workspace; the foreign key comes from `belongs_to` or `may_point_to`."""
    return Field(default=None, sa_type=BigInteger, nullable=nullable)


def json(default_factory: Any = dict) -> Any:
    """A ``jsonb`` column."""
    return Field(default_factory=default_factory, sa_type=JSONB, nullable=False)


def belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    """The row goes with the one it belongs to."""
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"], ondelete="CASCADE")


def may_point_to(table: str, column: str) -> ForeignKeyConstraint:
    """The reference is blanked when what it points to goes."""
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"], ondelete=f"SET NULL ({column})")
