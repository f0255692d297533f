"""Opening plans, their lines and their documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "002_plans"
down_revision = "001_inventory"

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Make the tables, empty."""
    _plans()
    _lines()
    _documents()


def downgrade() -> None:
    """Drop them; datasets that lines became stay as they are."""
    for table in ("document", "line", "plan"):
        op.drop_table(f"edomex_planning_{table}")


def _plans() -> None:
    words = ("vision", "liaison_name", "liaison_post", "liaison_mail", "admin_name", "admin_post", "admin_mail")
    op.create_table(
        "edomex_planning_plan",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("agency_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in words),
        sa.Column("content", JSONB),
        sa.Column("dataset_id", sa.Text),
        sa.Column("submitted_by", sa.Text),
        sa.Column("submitted_at", INSTANT),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", INSTANT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("modified_by", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("modified_at", INSTANT, nullable=False, server_default=NOW),
        sa.CheckConstraint("approved_by <> submitted_by", name="edomex_planning_four_eyes"),
        sa.CheckConstraint(
            "state <> 'approved' OR (submitted_by IS NOT NULL AND approved_by IS NOT NULL AND content IS NOT NULL)",
            name="edomex_planning_approved",
        ),
    )
    op.create_index("edomex_planning_plan_year", "edomex_planning_plan", ["agency_id", "year"], unique=True)


def _lines() -> None:
    words = ("committed", "responsible", "priority", "audience", "importance", "format", "legal_basis", "notes")
    op.create_table(
        "edomex_planning_line",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("plan_id", "agency_id", "item_id", *words)),
        sa.Column("dataset_id", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("modified_by", sa.Text),
    )
    op.create_index("edomex_planning_line_item", "edomex_planning_line", ["plan_id", "item_id"], unique=True)
    op.create_index("ix_edomex_planning_line_item_id", "edomex_planning_line", ["item_id"])
    op.create_index("ix_edomex_planning_line_dataset_id", "edomex_planning_line", ["dataset_id"])


def _documents() -> None:
    words = ("plan_id", "agency_id", "kind", "title", "filename", "sha256")
    op.create_table(
        "edomex_planning_document",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in words),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("uploaded_by", sa.Text),
        sa.Column("uploaded_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("removed_at", INSTANT),
    )
    op.create_index("ix_edomex_planning_document_plan_id", "edomex_planning_document", ["plan_id"])
