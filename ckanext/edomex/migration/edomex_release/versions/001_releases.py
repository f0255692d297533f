"""Releases, their events, the outbox, loops and roles; the trigger that guards `private`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001_releases"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
OPEN_STATES = "state IN ('changes_requested', 'draft', 'failed', 'in_review', 'scheduled')"

# The last line behind every guard in Python: a row trigger, immediate, for a deferred one fires after CKAN has
# already indexed the dataset as public (docs/adr/0002-private-is-the-release-bit.md).
GUARD = """
CREATE FUNCTION edomex_release_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM edomex_release r WHERE r.package_id = NEW.id AND r.state = 'released') THEN
        RAISE EXCEPTION 'edomex: el conjunto % no tiene una liberación publicada y debe seguir privado', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edomex_release_guard';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edomex_release_guard BEFORE INSERT OR UPDATE ON package FOR EACH ROW
    WHEN (NEW.type = 'dataset' AND NEW.private IS NOT TRUE) EXECUTE FUNCTION edomex_release_guard();
"""
# Rows never change or go; TRUNCATE stays possible, for tests.
APPEND_ONLY = """
CREATE FUNCTION edomex_release_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'edomex: los eventos no se cambian ni se borran';
END $$;
CREATE TRIGGER edomex_release_event_append_only BEFORE UPDATE OR DELETE ON edomex_release_event
    FOR EACH ROW EXECUTE FUNCTION edomex_release_event_append_only();
"""


def upgrade() -> None:
    """Make the tables; keep public what is public already, with a release that says so."""
    _releases()
    _events()
    _outbox()
    _people_and_loops()
    op.execute(APPEND_ONLY)
    _adopt_public_datasets()
    op.execute(GUARD)


def downgrade() -> None:
    """Drop everything; the guard first, or no dataset could be opened any more."""
    op.execute("DROP TRIGGER edomex_release_guard ON package")
    op.execute("DROP FUNCTION edomex_release_guard()")
    for table in ("role", "worker", "outbox", "event"):
        op.drop_table(f"edomex_release_{table}")
    op.execute("DROP FUNCTION edomex_release_event_append_only()")
    op.drop_table("edomex_release")


def _releases() -> None:
    op.create_table(
        "edomex_release",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("calendar_status", sa.Text, nullable=False),
        sa.Column("release_at", INSTANT),
        sa.Column("content_hash", sa.Text),
        sa.Column("announced", sa.Boolean, nullable=False),
        sa.Column("submitted_by", sa.Text),
        sa.Column("approved_by", sa.Text),
        sa.Column("released_at", INSTANT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", INSTANT),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("modified_at", INSTANT, nullable=False, server_default=NOW),
        sa.CheckConstraint(
            "state NOT IN ('scheduled', 'released') OR"
            " (release_at IS NOT NULL AND approved_by IS NOT NULL AND content_hash IS NOT NULL)",
            name="edomex_release_approved",
        ),
        sa.CheckConstraint("approved_by <> submitted_by", name="edomex_release_four_eyes"),
        sa.CheckConstraint("state <> 'released' OR released_at >= release_at", name="edomex_release_never_early"),
    )
    op.create_index("ix_edomex_release_package_id", "edomex_release", ["package_id"])
    op.create_index("edomex_release_open", "edomex_release", ["package_id"], unique=True, postgresql_where=sa.text(OPEN_STATES))
    op.create_index("edomex_release_due", "edomex_release", ["release_at"], postgresql_where=sa.text("state = 'scheduled'"))


def _events() -> None:
    op.create_table(
        "edomex_release_event",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("release_id", sa.Text, nullable=False),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("reason", sa.Text),
        sa.Column("details", JSONB),
    )
    op.create_index("ix_edomex_release_event_release_id", "edomex_release_event", ["release_id"])
    op.create_index(
        "edomex_release_event_once", "edomex_release_event", ["release_id"], unique=True,
        postgresql_where=sa.text("to_state = 'released'"),
    )


def _outbox() -> None:
    op.create_table(
        "edomex_release_outbox",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("dedupe_key", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("done_at", INSTANT),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_index(
        "edomex_release_outbox_next", "edomex_release_outbox", ["next_at"], postgresql_where=sa.text("done_at IS NULL")
    )


def _people_and_loops() -> None:
    op.create_table(
        "edomex_release_worker",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("seen_at", INSTANT, nullable=False, server_default=NOW),
    )
    op.create_table(
        "edomex_release_role",
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("granted_by", sa.Text),
        sa.Column("granted_at", INSTANT, nullable=False, server_default=NOW),
    )


def _adopt_public_datasets() -> None:
    """A portal that already has public datasets keeps them: each gets a released release of its own."""
    op.execute(
        "INSERT INTO edomex_release (id, package_id, kind, version, state, calendar_status, release_at, released_at,"
        " content_hash, announced, submitted_by, approved_by, attempts)"
        " SELECT gen_random_uuid()::text, p.id, 'first', 1, 'released', 'done', p.metadata_created AT TIME ZONE 'UTC',"
        " p.metadata_created AT TIME ZONE 'UTC', 'adopted', false, p.creator_user_id, 'migration', 0"
        " FROM package p WHERE p.type = 'dataset' AND p.private IS NOT TRUE"
    )
    op.execute(
        "INSERT INTO edomex_release_event (release_id, move, from_state, to_state, reason)"
        " SELECT id, 'adopt', NULL, 'released', 'Ya era público antes de instalar edomex_release' FROM edomex_release"
    )
