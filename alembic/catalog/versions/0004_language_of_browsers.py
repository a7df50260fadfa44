"""The language of the browser that an account signed in with, for letters to who chose none"""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column("browser_language", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False),
        schema="catalog",
    )
