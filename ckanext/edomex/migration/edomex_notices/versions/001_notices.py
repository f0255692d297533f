"""Notices, letters and what people chose; what happened before is not told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001_notices"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
DELIVERY = "delivery IN ('now', 'digest', 'portal')"
TABLES = ("notice", "letter", "preference", "mark")


def upgrade() -> None:
    """Make the tables, empty but for the instant from which on happenings are told."""
    _notices()
    _letters()
    op.create_table(
        "edomex_notices_preference",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False, server_default=NOW),
        sa.CheckConstraint(DELIVERY, name="edomex_notices_preference_delivery"),
    )
    op.create_table(
        "edomex_notices_mark",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
    )
    op.execute("INSERT INTO edomex_notices_mark (name) VALUES ('since')")


def downgrade() -> None:
    """Drop everything; CKAN knows nothing of it."""
    for table in TABLES:
        op.drop_table(f"edomex_notices_{table}")


def _notices() -> None:
    op.create_table(
        "edomex_notices_notice",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("recipient", "kind", "happening")),
        sa.Column("agency_id", sa.Text),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.Column("letter_id", sa.BigInteger),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("read_at", INSTANT),
        sa.CheckConstraint(DELIVERY, name="edomex_notices_notice_delivery"),
    )
    op.create_index("edomex_notices_notice_once", "edomex_notices_notice", ["happening", "recipient"], unique=True)
    op.create_index("edomex_notices_notice_inbox", "edomex_notices_notice", ["recipient", "created_at"])
    unread = sa.text("read_at IS NULL")
    op.create_index("edomex_notices_notice_unread", "edomex_notices_notice", ["recipient"], postgresql_where=unread)
    op.create_index("ix_edomex_notices_notice_letter_id", "edomex_notices_notice", ["letter_id"])


def _letters() -> None:
    op.create_table(
        "edomex_notices_letter",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        *(sa.Column(name, INSTANT) for name in ("sent_at", "void_at", "dead_at")),
        sa.CheckConstraint("num_nonnulls(sent_at, void_at, dead_at) <= 1", name="edomex_notices_letter_one_end"),
    )
    daily = {"unique": True, "postgresql_where": sa.text("day IS NOT NULL")}
    op.create_index("edomex_notices_letter_daily", "edomex_notices_letter", ["recipient", "day"], **daily)
    waiting = sa.text("sent_at IS NULL AND void_at IS NULL AND dead_at IS NULL")
    op.create_index("edomex_notices_letter_next", "edomex_notices_letter", ["next_at"], postgresql_where=waiting)
