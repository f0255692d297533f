"""What portals that pull read of us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "002_readings"
down_revision = "001_targets"


def upgrade() -> None:
    """Make the table, empty; targets from before are known by nothing."""
    op.add_column("edomex_outbound_target", sa.Column("reader", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "edomex_outbound_reading",
        sa.Column("target_id", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("edomex_outbound_reading")
    op.drop_column("edomex_outbound_target", "reader")
