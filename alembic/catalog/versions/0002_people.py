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
        "letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("to", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("letter_pkey")),
        schema="catalog",
    )
    op.create_index(
        "letter_due_at_idx", "letter", ["due_at"], unique=False, schema="catalog", postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_table(
        "account_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["catalog.account.id"], name=op.f("account_link_account_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("account_link_pkey")),
        schema="catalog",
    )
    op.create_table(
        "sign_up",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organization", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("workspace", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sign_up_pkey")),
        schema="catalog",
    )
    op.create_table(
        "known_browser",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["catalog.account.id"], name=op.f("known_browser_account_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "token_hash", name=op.f("known_browser_pkey")),
        schema="catalog",
    )
    op.create_table(
        "organization_member",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["catalog.account.id"], name=op.f("organization_member_account_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["catalog.organization.id"], name=op.f("organization_member_organization_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "account_id", name=op.f("organization_member_pkey")),
        schema="catalog",
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["catalog.account.id"], name=op.f("recovery_code_account_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("recovery_code_pkey")),
        schema="catalog",
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("restrictions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("invited_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["catalog.organization.id"], name=op.f("invitation_organization_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["catalog.workspace.id"], name=op.f("invitation_workspace_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("invitation_pkey")),
        schema="catalog",
    )
    op.create_index(
        "invitation_open_key",
        "invitation",
        ["workspace_id", "email"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("accepted_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_index("invitation_organization_id_idx", "invitation", ["organization_id"], unique=False, schema="catalog")
    op.create_index("invitation_token_hash_key", "invitation", ["token_hash"], unique=True, schema="catalog")
    op.create_index("invitation_workspace_id_idx", "invitation", ["workspace_id"], unique=False, schema="catalog")
    op.add_column("account", sa.Column("picture", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""), schema="catalog")
    op.add_column("account", sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""), schema="catalog")
    op.add_column("account", sa.Column("timezone", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""), schema="catalog")
    op.add_column("account", sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True), schema="catalog")
    op.add_column("account", sa.Column("totp_secret", sa.LargeBinary(), nullable=True), schema="catalog")
    op.add_column("account", sa.Column("totp_enabled_at", sa.DateTime(timezone=True), nullable=True), schema="catalog")
    op.add_column("account", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"), schema="catalog")
    op.add_column("api_token", sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False), schema="catalog")
    op.add_column("api_token", sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"), schema="catalog")
    op.add_column(
        "api_token", sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""), schema="catalog"
    )
    op.add_column("api_token", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True), schema="catalog")
    op.create_unique_constraint(op.f("api_token_id_key"), "api_token", ["id"], schema="catalog")
    op.create_index("api_token_workspace_id_idx", "api_token", ["workspace_id"], unique=False, schema="catalog")
    op.add_column(
        "organization", sa.Column("logo", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""), schema="catalog"
    )
    op.add_column("organization", sa.Column("totp_required_at", sa.DateTime(timezone=True), nullable=True), schema="catalog")
    op.add_column(
        "sign_in_session", sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""), schema="catalog"
    )
    op.add_column("workspace", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True), schema="catalog")
    op.add_column("workspace", sa.Column("purge_at", sa.DateTime(timezone=True), nullable=True), schema="catalog")
    # Whoever has an account so far got it from the operator; tokens could do everything.
    op.execute("UPDATE catalog.account SET email_verified_at = created_at")
    op.execute("UPDATE catalog.api_token SET scopes = '{contacts:read,contacts:write,messages:read,messages:write,conversations:write}'")
    # The first person of an organization made it: roles in its workspaces are not known here.
    op.execute(
        "INSERT INTO catalog.organization_member (organization_id, account_id, role, created_at)"
        " SELECT w.organization_id, m.account_id,"
        " CASE WHEN m.account_id = min(m.account_id) OVER (PARTITION BY w.organization_id) THEN 'admin' ELSE 'member' END, now()"
        " FROM catalog.membership m JOIN catalog.workspace w ON w.id = m.workspace_id GROUP BY w.organization_id, m.account_id"
    )
