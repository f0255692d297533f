"""Blackout windows, and when each agency usually publishes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "004_windows"
down_revision = "003_promises"

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Two tables; by default nothing is held."""
    op.create_table(
        "edomex_release_schedule",
        sa.Column("agency_id", sa.Text, primary_key=True),
        sa.Column("time", sa.Time, nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger), nullable=False),
        sa.Column("updated_by", sa.Text),
        sa.Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_table(
        "edomex_release_blackout",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("agency_id", sa.Text),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("effect", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("ended_by", sa.Text),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("ends_at > starts_at", name="edomex_release_blackout_order"),
        sa.CheckConstraint("effect IN ('warn', 'hold')", name="edomex_release_blackout_effect"),
    )
    op.create_index("edomex_release_blackout_period", "edomex_release_blackout", ["ends_at", "starts_at"])


def downgrade() -> None:
    """Nothing is held any more, and every agency publishes alike."""
    op.drop_table("edomex_release_blackout")
    op.drop_table("edomex_release_schedule")
