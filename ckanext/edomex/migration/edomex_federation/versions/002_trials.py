"""What a source would bring, and who approved it. Sources from before go on as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "002_trials"
down_revision = "001_sources"

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
# The digest of `domain/trials.py`.
APPROVE_ALL = """
DO $$ BEGIN
  IF to_regclass('public.harvest_source') IS NOT NULL THEN
    INSERT INTO edomex_federation_approval (source_id, terms)
    SELECT s.id, encode(sha256(convert_to(
      concat_ws(E'\\n', s.type, s.url, coalesce(s.config, ''), coalesce(p.owner_org, '')), 'UTF8')), 'hex')
    FROM harvest_source s JOIN package p ON p.id = s.id WHERE s.active;
  END IF;
END $$
"""


def upgrade() -> None:
    """Make the tables; what is harvested already stays approved."""
    source = ("source_id", sa.Text)
    op.create_table(
        "edomex_federation_approval",
        sa.Column(*source, primary_key=True),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("approved_by", sa.Text),
    )
    op.create_table(
        "edomex_federation_trial",
        sa.Column(*source, primary_key=True),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("problem", sa.Text),
        sa.Column("counts", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("notes", JSONB, nullable=False, server_default=sa.text("'[]'")),
    )
    op.create_table(
        "edomex_federation_trial_record",
        sa.Column(*source, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("record_id", "outcome")),
        *(sa.Column(name, sa.Text, nullable=False, server_default="") for name in ("title", "iri", "reason")),
        sa.Column("differences", JSONB, nullable=False, server_default=sa.text("'[]'")),
    )
    op.execute(APPROVE_ALL)


def downgrade() -> None:
    """Drop them: every source is harvested without being asked for."""
    for name in ("trial_record", "trial", "approval"):
        op.drop_table(f"edomex_federation_{name}")
