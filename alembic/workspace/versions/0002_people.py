"""People, invitations, letters, and what a workspace decides"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inactivity_minutes", sa.Integer(), nullable=False),
        sa.Column("events_open_conversations", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("preferences_pkey")),
        sa.UniqueConstraint("workspace_id", name=op.f("preferences_workspace_id_key")),
    )
    op.add_column("member", sa.Column("picture", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""))
    op.add_column("member", sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="online"))
    op.add_column("member", sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("member", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
