"""Inventories and their append-only history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001_inventory"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
# Rows never change or go; TRUNCATE stays possible, for tests.
APPEND_ONLY = """
CREATE FUNCTION edomex_planning_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'edomex: la historia no se cambia ni se borra';
END $$;
CREATE TRIGGER edomex_planning_event_append_only BEFORE UPDATE OR DELETE ON edomex_planning_event
    FOR EACH ROW EXECUTE FUNCTION edomex_planning_event_append_only();
"""


def upgrade() -> None:
    """Make the tables, empty."""
    words = ("name", "name_key", "description", "responsible", "system")
    op.create_table(
        "edomex_planning_item",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("agency_id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in words),
        sa.Column("personal", sa.Boolean, nullable=False),
        sa.Column("personal_ground", sa.Text, nullable=False),
        sa.Column("reserved", sa.Boolean, nullable=False),
        sa.Column("reserved_ground", sa.Text, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("frequency", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("resources", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("modified_by", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("modified_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_index("edomex_planning_item_name", "edomex_planning_item", ["agency_id", "name_key"], unique=True)
    op.create_table(
        "edomex_planning_event",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("agency_id", sa.Text, nullable=False),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changes", JSONB, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_index("ix_edomex_planning_event_subject_id", "edomex_planning_event", ["subject_id"])
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    """Drop everything; CKAN knows nothing of it."""
    op.drop_table("edomex_planning_event")
    op.execute("DROP FUNCTION edomex_planning_event_append_only()")
    op.drop_table("edomex_planning_item")
