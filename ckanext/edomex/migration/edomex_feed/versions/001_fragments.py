"""What the feed says of each dataset, kept in every form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "001_fragments"
down_revision = None


def upgrade() -> None:
    """Make the table; it fills itself as the catalogue is read."""
    op.create_table(
        "edomex_feed_fragment",
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    )


def downgrade() -> None:
    """Drop the copies; nothing is lost by it."""
    op.drop_table("edomex_feed_fragment")
