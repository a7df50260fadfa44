"""What is told to everybody is one line, with a mark for each member who did something with it"""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_mark",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("notification_id", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("notification_mark_workspace_id_member_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "notification_id"],
            ["notification.workspace_id", "notification.id"],
            name=op.f("notification_mark_workspace_id_notification_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("notification_mark_pkey")),
        sa.UniqueConstraint(
            "workspace_id", "member_id", "notification_id", name=op.f("notification_mark_workspace_id_member_id_notification_id_key")
        ),
    )
    op.create_index("notification_mark_notification_idx", "notification_mark", ["workspace_id", "notification_id"], unique=False)
    op.alter_column("notification", "member_id", nullable=True)
    op.drop_index("notification_unread_key", "notification")
    op.create_index(
        "notification_unread_key",
        "notification",
        ["workspace_id", "member_id", "kind", "contact_id"],
        unique=True,
        postgresql_where=sa.text("read_at IS NULL AND folds"),
        postgresql_nulls_not_distinct=True,
    )
