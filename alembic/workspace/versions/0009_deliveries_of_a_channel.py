"""What is due on a channel is found in its order, however much waits there"""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "delivery_due_idx",
        "delivery",
        ["lane", "workspace_id", "channel_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    op.drop_index("delivery_open_idx", table_name="delivery", postgresql_where=sa.text("state IN ('due', 'leased')"))


def downgrade() -> None:
    op.create_index(
        "delivery_open_idx", "delivery", ["lane", "due_at"], unique=False, postgresql_where=sa.text("state IN ('due', 'leased')")
    )
    op.drop_index("delivery_due_idx", table_name="delivery", postgresql_where=sa.text("state = 'due'"))
