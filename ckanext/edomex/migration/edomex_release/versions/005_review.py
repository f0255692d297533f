"""Observations of a review and their events; what each submission held, and which of them a reviewer has seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "005_review"
down_revision = "004_windows"

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
# Rows never change or go; TRUNCATE stays possible, for tests.
APPEND_ONLY = """
CREATE FUNCTION edomex_release_observation_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'edomex: las respuestas a una observación no se cambian ni se borran';
END $$;
CREATE TRIGGER edomex_release_observation_event_append_only BEFORE UPDATE OR DELETE ON edomex_release_observation_event
    FOR EACH ROW EXECUTE FUNCTION edomex_release_observation_event_append_only();
"""


def upgrade() -> None:
    """Four tables; what is in review goes on without observations."""
    _observations()
    _events()
    op.create_table(
        "edomex_release_submission",
        sa.Column("release_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("submitted_by", sa.Text),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_table(
        "edomex_release_look",
        sa.Column("release_id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
    )


def downgrade() -> None:
    """Notes of a return to its agency stay, as events of the release; observations go."""
    for table in ("look", "submission", "observation_event", "observation"):
        op.drop_table(f"edomex_release_{table}")
    op.execute("DROP FUNCTION edomex_release_observation_event_append_only()")


def _observations() -> None:
    op.create_table(
        "edomex_release_observation",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("release_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("anchor", sa.Text, nullable=False),
        sa.Column("field", sa.Text),
        sa.Column("resource_id", sa.Text),
        sa.Column("row_number", sa.BigInteger),
        sa.Column("column_name", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("modified_at", INSTANT, nullable=False, server_default=NOW),
        sa.CheckConstraint("state IN ('open', 'answered', 'resolved', 'withdrawn')", name="edomex_release_observation_state"),
        sa.CheckConstraint(
            "CASE anchor WHEN 'dataset' THEN num_nonnulls(field, resource_id, row_number, column_name) = 0"
            " WHEN 'field' THEN field IS NOT NULL AND num_nonnulls(row_number, column_name) = 0"
            " WHEN 'resource' THEN resource_id IS NOT NULL AND num_nonnulls(field, row_number) = 0"
            " WHEN 'row' THEN resource_id IS NOT NULL AND field IS NULL AND row_number >= 1 ELSE false END",
            name="edomex_release_observation_anchor",
        ),
    )
    op.create_index("edomex_release_observation_number", "edomex_release_observation", ["release_id", "number"], unique=True)


def _events() -> None:
    op.create_table(
        "edomex_release_observation_event",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("observation_id", sa.Text, nullable=False),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("text", sa.Text),
    )
    op.create_index(
        "ix_edomex_release_observation_event_observation_id", "edomex_release_observation_event", ["observation_id"]
    )
    op.execute(APPEND_ONLY)
