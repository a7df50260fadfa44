"""The inbox: snoozing, closing notes, saved inboxes, snippets, drafts, notifications"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closing_category",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("closing_category_pkey")),
    )
    op.create_index("closing_category_name_key", "closing_category", ["workspace_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "custom_inbox",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("emoji", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("condition", JSONB(), nullable=False),
        sa.Column("sharing", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("member_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("team_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("custom_inbox_workspace_id_owner_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("custom_inbox_pkey")),
    )
    op.create_index("custom_inbox_owner_idx", "custom_inbox", ["workspace_id", "owner_id"], unique=False)
    op.create_table(
        "notification_choice",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("surface", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("notification_choice_workspace_id_member_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("notification_choice_pkey")),
        sa.UniqueConstraint(
            "workspace_id", "member_id", "kind", "surface", name=op.f("notification_choice_workspace_id_member_id_kind_surface_key")
        ),
    )
    op.create_table(
        "push_subscription",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("p256dh", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("auth", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("user_agent", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("push_subscription_workspace_id_member_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("push_subscription_pkey")),
        sa.UniqueConstraint("workspace_id", "member_id", "endpoint", name=op.f("push_subscription_workspace_id_member_id_endpoint_key")),
    )
    op.create_table(
        "snippet",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("file_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("snippet_workspace_id_owner_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("snippet_pkey")),
    )
    op.create_index(
        "snippet_own_key",
        "snippet",
        ["workspace_id", "owner_id", sa.literal_column("lower(slug)")],
        unique=True,
        postgresql_where=sa.text("owner_id IS NOT NULL"),
    )
    op.create_index(
        "snippet_shared_key",
        "snippet",
        ["workspace_id", sa.literal_column("lower(slug)")],
        unique=True,
        postgresql_where=sa.text("owner_id IS NULL"),
    )
    op.create_table(
        "draft",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("draft_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("draft_workspace_id_member_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("draft_pkey")),
        sa.UniqueConstraint(
            "workspace_id", "member_id", "contact_id", "kind", name=op.f("draft_workspace_id_member_id_contact_id_kind_key")
        ),
    )
    op.create_index("draft_contact_idx", "draft", ["workspace_id", "contact_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("folds", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("notification_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("notification_workspace_id_member_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("notification_pkey")),
    )
    op.create_index("notification_contact_idx", "notification", ["workspace_id", "contact_id"], unique=False)
    op.create_index(
        "notification_member_idx",
        "notification",
        ["workspace_id", "member_id", sa.literal_column("at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "notification_unread_idx", "notification", ["workspace_id", "member_id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index(
        "notification_unread_key",
        "notification",
        ["workspace_id", "member_id", "kind", "contact_id"],
        unique=True,
        postgresql_where=sa.text("read_at IS NULL AND folds"),
    )
    op.create_table(
        "scheduled_message",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("tag", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("client_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("scheduled_message_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("scheduled_message_pkey")),
        sa.UniqueConstraint("workspace_id", "client_id", name=op.f("scheduled_message_workspace_id_client_id_key")),
    )
    op.create_index("scheduled_message_contact_idx", "scheduled_message", ["workspace_id", "contact_id", "due_at"], unique=False)
    op.create_table(
        "wakeup",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("wakeup_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("wakeup_pkey")),
        sa.UniqueConstraint(
            "workspace_id", "contact_id", "kind", "subject_id", name=op.f("wakeup_workspace_id_contact_id_kind_subject_id_key")
        ),
    )
    op.create_index("wakeup_due_idx", "wakeup", ["due_at"], unique=False)
    op.add_column("comment", sa.Column("mentioned_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False))
    op.add_column("contact", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contact", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "contact_longest_open_idx",
        "contact",
        ["workspace_id", "status", "opened_at", "id"],
        unique=False,
        postgresql_where=sa.text("opened_at IS NOT NULL"),
    )
    op.create_index(
        "contact_blocked_idx",
        "contact",
        ["workspace_id", sa.text("last_message_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("blocked_at IS NOT NULL"),
    )
    op.add_column("conversation", sa.Column("category_id", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("undo", JSONB(none_as_null=True), nullable=True))
    op.add_column("file", sa.Column("library_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "file_library_idx",
        "file",
        ["workspace_id", sa.literal_column("library_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("library_at IS NOT NULL"),
    )
    op.add_column("member", sa.Column("notify_words", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("member", sa.Column("undo_send", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("preferences", sa.Column("closing_notes", sqlmodel.sql.sqltypes.AutoString(), server_default="optional", nullable=False))
    op.add_column("preferences", sa.Column("auto_close_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("preferences", sa.Column("auto_close_minutes", sa.Integer(), server_default="1440", nullable=False))
    op.execute(
        "UPDATE contact SET opened_at = conversation.opened_at FROM conversation WHERE conversation.workspace_id = contact.workspace_id"
        " AND conversation.contact_id = contact.id AND conversation.closed_at IS NULL"
    )
