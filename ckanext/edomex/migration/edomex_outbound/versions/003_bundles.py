"""Parcels for portals that take them by hand, and their receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "003_bundles"
down_revision = "002_readings"


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "edomex_outbound_bundle",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("target_id", "agency")),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("made_by", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("datasets", "files", "left_out")),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False, server_default=""),
        sa.Column("delivered_on", sa.Date),
    )
    op.create_index("edomex_outbound_bundle_target", "edomex_outbound_bundle", ["target_id", "made_at"])


def downgrade() -> None:
    """Drop it, receipts included."""
    op.drop_table("edomex_outbound_bundle")
