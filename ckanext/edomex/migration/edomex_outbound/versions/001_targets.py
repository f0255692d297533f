"""Targets with their agreements, copies of datasets there, and what was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001_targets"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
STATES = "state IN ('pending', 'private_there', 'public_there', 'refused', 'sent', 'withdrawn')"


def upgrade() -> None:
    """Make the tables, empty."""
    _targets()
    _copies()
    op.create_table(
        "edomex_outbound_step",
        sa.Column("id", sa.BigInteger, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("target_id", "package_id", "operation", "state")),
        sa.Column("trouble", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_index("edomex_outbound_step_copy", "edomex_outbound_step", ["target_id", "package_id", "id"])
    op.create_index("edomex_outbound_step_at", "edomex_outbound_step", ["at"])


def downgrade() -> None:
    """Drop everything; CKAN knows nothing of it."""
    for table in ("step", "copy", "contact", "target"):
        op.drop_table(f"edomex_outbound_{table}")


def _targets() -> None:
    op.create_table(
        "edomex_outbound_target",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "kind", "url", "organization")),
        *(sa.Column(name, JSONB, nullable=False) for name in ("formats", "groups")),
        sa.Column("may_publish", sa.Boolean, nullable=False),
        sa.Column("sends_files", sa.Boolean, nullable=False),
        sa.Column("rate", sa.Integer, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("agreement_number", sa.Text, nullable=False),
        sa.Column("agreement_date", sa.Date),
        sa.Column("agreement_post", sa.Text, nullable=False),
        sa.Column("agreement_document", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("modified_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_table(
        "edomex_outbound_contact",
        sa.Column("target_id", sa.Text, primary_key=True),
        sa.Column("answered_at", INSTANT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("trouble", sa.Text),
        sa.Column("rest_until", INSTANT),
        sa.Column("swept_at", INSTANT),
    )


def _copies() -> None:
    op.create_table(
        "edomex_outbound_copy",
        sa.Column("target_id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("remote_name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", INSTANT, server_default=NOW),
        sa.Column("behind_since", INSTANT, server_default=NOW),
        sa.Column("sent", sa.Text),
        sa.Column("written", sa.Text),
        sa.Column("overwrite", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("marked", sa.Integer, nullable=False),
        sa.Column("trouble", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("modified_at", INSTANT, nullable=False, server_default=NOW),
        sa.CheckConstraint(STATES, name="edomex_outbound_copy_state"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("edomex_outbound_copy_due", "edomex_outbound_copy", ["target_id", "due_at"], postgresql_where=due)
