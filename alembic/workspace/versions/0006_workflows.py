"""Workflows: definitions, runs, signals, calls, secrets, connections, queued assignments"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Run with the rights of the tables' owner: whoever writes an event reaches it through a view. Whatever happens to a contact is an event of
# its timeline; those that a workflow listens to, and what people do to somebody inside of one, become signals in the same transaction.
HEARD = (
    """
    CREATE FUNCTION event_heard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = store, pg_temp AS $$ BEGIN
        INSERT INTO workflow_signal (workspace_id, contact_id, kind, payload, depth, due_at, attempt, at)
        SELECT e.workspace_id, e.contact_id, 'event', jsonb_build_object('event_id', e.id),
            COALESCE(NULLIF(current_setting('app.depth', true), '')::int, 0), e.at, 0, e.at
        FROM added AS e
        WHERE EXISTS (SELECT FROM workflow AS w
                WHERE w.workspace_id = e.workspace_id AND w.status = 'published' AND e.kind = ANY (w.listens))
            OR (e.actor_kind = 'user' AND e.kind IN ('conversation.closed', 'contact.assigned', 'contact.unassigned')
                AND EXISTS (SELECT FROM workflow_run AS r
                    WHERE r.workspace_id = e.workspace_id AND r.contact_id = e.contact_id AND r.ended_at IS NULL))
        ORDER BY e.id;
        -- Whoever commits then rings for the workers.
        IF FOUND THEN
            PERFORM set_config('app.heard', 'on', true);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER event_heard AFTER INSERT ON event REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION event_heard()
    """,
)


def upgrade() -> None:
    op.create_table(
        "assignment_turn",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("turn", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("assignment_turn_pkey")),
        sa.UniqueConstraint("workspace_id", "turn", name=op.f("assignment_turn_workspace_id_turn_key")),
    )
    op.create_table(
        "connection",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("config", JSONB(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("connection_pkey")),
    )
    op.create_index("connection_name_key", "connection", ["workspace_id", "kind", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "workflow",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("draft", JSONB(), nullable=False),
        sa.Column("draft_number", sa.BigInteger(), nullable=False),
        sa.Column("published_id", sa.BigInteger(), nullable=True),
        sa.Column("trigger", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("listens", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("hook_secret", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("hook_sample", JSONB(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_pkey")),
    )
    op.create_index("workflow_listens_idx", "workflow", ["workspace_id"], unique=False, postgresql_where=sa.text("status = 'published'"))
    op.create_index("workflow_name_key", "workflow", ["workspace_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "workflow_secret",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_secret_pkey")),
    )
    op.create_index("workflow_secret_name_key", "workflow_secret", ["workspace_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "workflow_version",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workflow_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", JSONB(), nullable=False),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "workflow_id"],
            ["workflow.workspace_id", "workflow.id"],
            name=op.f("workflow_version_workspace_id_workflow_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_version_pkey")),
        sa.UniqueConstraint("workspace_id", "workflow_id", "number", name=op.f("workflow_version_workspace_id_workflow_id_number_key")),
    )
    op.create_table(
        "workflow_enrolment",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workflow_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("workflow_enrolment_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "workflow_id"],
            ["workflow.workspace_id", "workflow.id"],
            name=op.f("workflow_enrolment_workspace_id_workflow_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_enrolment_pkey")),
        sa.UniqueConstraint(
            "workspace_id", "workflow_id", "contact_id", name=op.f("workflow_enrolment_workspace_id_workflow_id_contact_id_key")
        ),
    )
    op.create_index("workflow_enrolment_contact_idx", "workflow_enrolment", ["workspace_id", "contact_id"], unique=False)
    op.create_table(
        "workflow_run",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workflow_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("standing", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("waits_for", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("state", JSONB(), nullable=False),
        sa.Column("trigger", JSONB(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("workflow_run_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "version_id"],
            ["workflow_version.workspace_id", "workflow_version.id"],
            name=op.f("workflow_run_workspace_id_version_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "workflow_id"],
            ["workflow.workspace_id", "workflow.id"],
            name=op.f("workflow_run_workspace_id_workflow_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_run_pkey")),
    )
    op.create_index("workflow_run_contact_idx", "workflow_run", ["workspace_id", "contact_id", sa.literal_column("id DESC")], unique=False)
    op.create_index(
        "workflow_run_inside_key",
        "workflow_run",
        ["workspace_id", "contact_id", "workflow_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "workflow_run_standing_idx",
        "workflow_run",
        ["workspace_id", "workflow_id", "standing", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "workflow_run_workflow_idx",
        "workflow_run",
        ["workspace_id", "workflow_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "workflow_signal",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("depth", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("workflow_signal_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_signal_pkey")),
    )
    op.create_index("workflow_signal_contact_idx", "workflow_signal", ["workspace_id", "contact_id", "id"], unique=False)
    op.create_index("workflow_signal_due_idx", "workflow_signal", ["due_at"], unique=False)
    op.create_table(
        "queued_assignment",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("pool", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=True),
        sa.Column("logic", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("online_only", sa.Boolean(), nullable=False),
        sa.Column("below", sa.Integer(), nullable=True),
        sa.Column("reassign_offline", sa.Boolean(), nullable=False),
        sa.Column("turn", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("queued_assignment_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["workflow_run.workspace_id", "workflow_run.id"],
            name=op.f("queued_assignment_workspace_id_run_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("queued_assignment_pkey")),
    )
    op.create_index(
        "queued_assignment_contact_key",
        "queued_assignment",
        ["workspace_id", "contact_id", sa.literal_column("COALESCE(run_id, 0)")],
        unique=True,
    )
    op.create_index("queued_assignment_run_idx", "queued_assignment", ["workspace_id", "run_id"], unique=False)
    op.create_table(
        "workflow_call",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("integration", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", JSONB(), server_default="[]", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["workflow_run.workspace_id", "workflow_run.id"],
            name=op.f("workflow_call_workspace_id_run_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_call_pkey")),
        sa.UniqueConstraint("workspace_id", "run_id", "key", name=op.f("workflow_call_workspace_id_run_id_key_key")),
    )
    op.create_index("workflow_call_due_idx", "workflow_call", ["due_at"], unique=False)
    op.create_table(
        "workflow_step",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("workflow_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("exit", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("output", JSONB(), nullable=False),
        sa.Column("variables", JSONB(), nullable=False),
        sa.Column("effects", JSONB(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["workflow_run.workspace_id", "workflow_run.id"],
            name=op.f("workflow_step_workspace_id_run_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("workflow_step_pkey")),
    )
    op.create_index(
        "workflow_step_counts_idx",
        "workflow_step",
        ["workspace_id", "workflow_id", "at"],
        unique=False,
        postgresql_include=["step", "exit", "entered"],
    )
    op.create_index(
        "workflow_step_failed_idx",
        "workflow_step",
        ["workspace_id", "workflow_id", "at"],
        unique=False,
        postgresql_include=["step"],
        postgresql_where=sa.text("error IS NOT NULL"),
    )
    op.create_index("workflow_step_run_idx", "workflow_step", ["workspace_id", "run_id", "id"], unique=False)
    for statement in HEARD:
        op.execute(statement)
