"""Second factors and their recovery codes; who leaves when, and who has left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "001_accounts"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Make the tables, empty: nobody has a second factor, nobody leaves."""
    op.create_table(
        "edomex_shield_factor",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("last_step", sa.BigInteger),
    )
    op.create_table(
        "edomex_shield_recovery",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("code_hash", sa.Text, primary_key=True),
    )
    op.create_table(
        "edomex_shield_account",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("leaves_on", sa.Date),
        sa.Column("noted_by", sa.Text),
        sa.Column("closed_at", INSTANT),
        sa.Column("closed_by", sa.Text),
    )


def downgrade() -> None:
    """Drop them: whoever had a second factor logs in without one, closed accounts stay closed in CKAN."""
    for table in ("edomex_shield_account", "edomex_shield_recovery", "edomex_shield_factor"):
        op.drop_table(table)
