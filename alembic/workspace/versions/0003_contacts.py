"""Fields, tags, lifecycle stages, segments, long jobs"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Run with the rights of the tables' owner: whoever changes a contact reaches it through a view.
WORDS = (
    """
    CREATE FUNCTION contact_grams(workspace_id bigint, words text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
        prefix text := workspace_id || ':';
        grams text[] := '{}';
    BEGIN
        FOR at IN 1 .. length(words) - 2 LOOP
            grams := grams || (prefix || substr(words, at, 3));
        END LOOP;
        IF words ~ '[^ -~]' THEN
            FOR at IN 1 .. length(words) LOOP
                IF substr(words, at, 2) ~ '[^ -~]' THEN
                    grams := grams || (prefix || substr(words, at, 1)) || (prefix || substr(words, at, 2));
                END IF;
            END LOOP;
        END IF;
        RETURN grams;
    END $$
    """,
    """
    CREATE FUNCTION contact_order(first_name text, last_name text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT NULLIF(lower(left(concat_ws(' ', first_name, last_name), 100)), '')
    $$
    """,
    """
    CREATE FUNCTION contact_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = store, pg_temp AS $$ BEGIN
        INSERT INTO contact_words (workspace_id, contact_id, words, grams, name)
        SELECT workspace_id, id, words, contact_grams(workspace_id, words), contact_order(first_name, last_name)
        FROM (SELECT *, lower(concat_ws(' ', first_name, last_name, phone)) AS words FROM added) AS named;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION contact_renamed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = store, pg_temp AS $$ BEGIN
        UPDATE contact_words AS kept SET words = named.words, grams = contact_grams(NEW.workspace_id, named.words),
            name = contact_order(NEW.first_name, NEW.last_name)
        FROM (SELECT lower(concat_ws(' ', NEW.first_name, NEW.last_name, NEW.phone)) AS words) AS named
        WHERE kept.workspace_id = NEW.workspace_id AND kept.contact_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    INSERT INTO contact_words (workspace_id, contact_id, words, grams, name)
    SELECT workspace_id, id, words, contact_grams(workspace_id, words), contact_order(first_name, last_name)
    FROM (SELECT *, lower(concat_ws(' ', first_name, last_name, phone)) AS words FROM contact) AS named
    """,
    """
    CREATE TRIGGER contact_added AFTER INSERT ON contact REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION contact_added()
    """,
    """
    CREATE TRIGGER contact_renamed AFTER UPDATE OF first_name, last_name, phone ON contact FOR EACH ROW
    WHEN ((OLD.first_name, OLD.last_name, OLD.phone) IS DISTINCT FROM (NEW.first_name, NEW.last_name, NEW.phone))
    EXECUTE FUNCTION contact_renamed()
    """,
)


def upgrade() -> None:
    op.create_table(
        "contact_field",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("options", JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("agent_access", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("contact_field_pkey")),
        sa.UniqueConstraint("workspace_id", "slug", name=op.f("contact_field_workspace_id_slug_key")),
    )
    op.create_table(
        "erasure",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("erasure_pkey")),
    )
    op.create_table(
        "job",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("position", JSONB(), nullable=False),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("result_path", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("result_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("result_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("job_pkey")),
    )
    op.create_index(
        "job_due_idx", "job", ["lease_until"], unique=False, postgresql_where=sa.text("state IN ('waiting', 'running', 'cancelling')")
    )
    op.create_index("job_kind_idx", "job", ["workspace_id", "kind", sa.literal_column("id DESC")], unique=False)
    op.create_table(
        "lifecycle_stage",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("emoji", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("lifecycle_stage_pkey")),
    )
    op.create_index("lifecycle_stage_default_key", "lifecycle_stage", ["workspace_id"], unique=True, postgresql_where=sa.text("is_default"))
    op.create_index("lifecycle_stage_name_key", "lifecycle_stage", ["workspace_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "segment",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("condition", JSONB(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("segment_pkey")),
    )
    op.create_index("segment_name_key", "segment", ["workspace_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "tag",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("emoji", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("color", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("tag_pkey")),
    )
    op.create_index("tag_name_key", "tag", ["workspace_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "contact_table",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("columns", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "member_id"],
            ["member.workspace_id", "member.id"],
            name=op.f("contact_table_workspace_id_member_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("contact_table_pkey")),
        sa.UniqueConstraint("workspace_id", "member_id", name=op.f("contact_table_workspace_id_member_id_key")),
    )
    op.create_table(
        "imported_contact",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("imported_contact_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "job_id"],
            ["job.workspace_id", "job.id"],
            name=op.f("imported_contact_workspace_id_job_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("imported_contact_pkey")),
        sa.UniqueConstraint("workspace_id", "job_id", "contact_id", name=op.f("imported_contact_workspace_id_job_id_contact_id_key")),
    )
    op.create_table(
        "merge_dismissal",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "first_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("merge_dismissal_workspace_id_first_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "second_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("merge_dismissal_workspace_id_second_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("merge_dismissal_pkey")),
        sa.UniqueConstraint("workspace_id", "first_id", "second_id", name=op.f("merge_dismissal_workspace_id_first_id_second_id_key")),
    )
    op.add_column("contact", sa.Column("lifecycle_id", sa.BigInteger(), nullable=True))
    op.add_column("contact", sa.Column("tag_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False))
    op.add_column("contact", sa.Column("fields", JSONB(), server_default="{}", nullable=False))
    # Whoever is erased takes these rows along.
    op.create_index("merge_dismissal_second_idx", "merge_dismissal", ["workspace_id", "second_id"], unique=False)
    op.create_index("imported_contact_contact_idx", "imported_contact", ["workspace_id", "contact_id"], unique=False)
    op.create_index("read_mark_contact_idx", "read_mark", ["workspace_id", "contact_id"], unique=False)
    op.create_index(
        "event_merged_idx",
        "event",
        ["workspace_id", sa.literal_column("(details ->> 'merged')")],
        unique=False,
        postgresql_where=sa.text("kind = 'contact.merged'"),
    )
    op.create_index(
        "contact_newest_idx",
        "contact",
        ["workspace_id", sa.literal_column("last_message_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("last_message_at IS NOT NULL"),
    )
    op.create_index(
        "contact_fields_idx",
        "contact",
        ["fields"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"fields": "jsonb_path_ops"},
        postgresql_where=sa.text("fields <> '{}'"),
    )
    op.create_index(
        "contact_lifecycle_idx",
        "contact",
        ["workspace_id", "lifecycle_id", "id"],
        unique=False,
        postgresql_where=sa.text("lifecycle_id IS NOT NULL"),
    )
    op.create_index(
        "contact_tags_idx", "contact", ["tag_ids"], unique=False, postgresql_using="gin", postgresql_where=sa.text("tag_ids <> '{}'")
    )
    op.create_foreign_key(
        op.f("contact_workspace_id_lifecycle_id_fkey"),
        "contact",
        "lifecycle_stage",
        ["workspace_id", "lifecycle_id"],
        ["workspace_id", "id"],
        ondelete="SET NULL (lifecycle_id)",
    )
    op.add_column("preferences", sa.Column("lifecycle_enabled", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "contact_words",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("grams", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("contact_words_workspace_id_contact_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("contact_words_pkey")),
    )
    for statement in WORDS:
        op.execute(statement)
    op.create_index("contact_words_contact_idx", "contact_words", ["workspace_id", "contact_id"], unique=False)
    op.create_index("contact_words_grams_idx", "contact_words", ["grams"], unique=False, postgresql_using="gin")
    op.create_index(
        "contact_words_name_idx",
        "contact_words",
        ["workspace_id", "name", "contact_id"],
        unique=False,
        postgresql_where=sa.text("name IS NOT NULL"),
    )
