"""What the feed told its readers, so that a deletion travels and a run of pages skips nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "002_ledger"
down_revision = "001_fragments"

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Make the tables; the first reading fills them."""
    op.create_table(
        "edomex_feed_entry",
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_table(
        "edomex_feed_change",
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("note", JSONB, nullable=True),
    )
    op.create_table(
        "edomex_feed_run",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_ids", JSONB, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False, server_default=NOW),
    )


def downgrade() -> None:
    """Drop them: readers of the change stream begin anew."""
    for table in ("edomex_feed_run", "edomex_feed_change", "edomex_feed_entry"):
        op.drop_table(table)
