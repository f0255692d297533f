"""Seals, which nobody changes, and the last verification."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "001_seals"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
# Unlike the events', this table refuses TRUNCATE too: the one trigger is for rows, the other for the table.
APPEND_ONLY = """
CREATE FUNCTION edomex_audit_seal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'edomex: los sellos no se cambian ni se borran';
END $$;
CREATE TRIGGER edomex_audit_seal_append_only BEFORE UPDATE OR DELETE ON edomex_audit_seal
    FOR EACH ROW EXECUTE FUNCTION edomex_audit_seal_append_only();
CREATE TRIGGER edomex_audit_seal_never_empty BEFORE TRUNCATE ON edomex_audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION edomex_audit_seal_append_only();
"""


def upgrade() -> None:
    """Make the tables, empty; the loops seal what has happened so far."""
    op.create_table(
        "edomex_audit_seal",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ledger", sa.Text, nullable=False),
        sa.Column("form", sa.SmallInteger, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("event_hash", sa.Text, nullable=False),
        sa.Column("agency_id", sa.Text),
        sa.Column("event_at", INSTANT, nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
    )
    op.create_index("edomex_audit_seal_once", "edomex_audit_seal", ["ledger", "event_id"], unique=True)
    op.create_index("edomex_audit_seal_agency", "edomex_audit_seal", ["agency_id", "position"])
    op.execute(APPEND_ONLY)
    op.create_table(
        "edomex_audit_check",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("ran_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("faults", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the chain; the events themselves are other rooms'. Note its head first: folios cannot be proved without it."""
    op.drop_table("edomex_audit_check")
    op.drop_table("edomex_audit_seal")
    op.execute("DROP FUNCTION edomex_audit_seal_append_only()")
