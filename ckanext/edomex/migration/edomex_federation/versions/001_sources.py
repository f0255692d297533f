"""What is known of each source's records, and what the next reading of it begins with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001_sources"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
STATES = "state IN ('waiting', 'present', 'refused', 'missing', 'deleted')"


def upgrade() -> None:
    """Make the tables, empty."""
    op.create_table(
        "edomex_federation_source",
        sa.Column("source_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "settings")),
        *(sa.Column(name, sa.Text) for name in ("etag", "last_modified", "sha256", "changes_url")),
        *(sa.Column(name, INSTANT) for name in ("whole_at", "asked_at", "accepted_at")),
        sa.Column("accepted_by", sa.Text),
        sa.Column("report", JSONB, nullable=False, server_default=sa.text("'{}'")),
    )
    op.create_table(
        "edomex_federation_record",
        sa.Column("source_id", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False, server_default="") for name in ("iri", "licence")),
        sa.Column("state", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("digest", "wanted", "reason")),
        *(sa.Column(name, INSTANT, nullable=False, server_default=NOW) for name in ("first_seen", "changed_at")),
        sa.Column("missing_since", INSTANT),
        sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint(STATES, name="edomex_federation_record_state"),
        sa.CheckConstraint("(state = 'missing') = (missing_since IS NOT NULL)", name="edomex_federation_record_missing"),
    )
    still_open = sa.text("state IN ('waiting', 'missing')")
    op.create_index(
        "edomex_federation_record_open", "edomex_federation_record", ["source_id", "state"], postgresql_where=still_open
    )


def downgrade() -> None:
    """Drop everything; the datasets stay, and a harvester would make them anew."""
    op.drop_table("edomex_federation_record")
    op.drop_table("edomex_federation_source")
