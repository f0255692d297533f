"""Editions, withdrawals and versions; rehearsals, checks of the copies, and an outbox that can give up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from ckanext.edomex.release.model.content import CONTENT, HASH

revision = "002_editions"
down_revision = "001_releases"

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
OPEN_STATES = "state IN ('changes_requested', 'draft', 'failed', 'in_review', 'scheduled')"
APPROVED = (
    "state NOT IN ('scheduled', 'released') OR"
    " (release_at IS NOT NULL AND due_at >= release_at AND approved_by IS NOT NULL AND content_hash IS NOT NULL)"
)
APPROVED_BEFORE = (
    "state NOT IN ('scheduled', 'released') OR (release_at IS NOT NULL AND approved_by IS NOT NULL AND content_hash IS NOT NULL)"
)
# A withdrawal is a release as well, and opens nothing.
GUARD = """
CREATE OR REPLACE FUNCTION edomex_release_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM edomex_release r WHERE r.package_id = NEW.id AND r.state = 'released'{publications}) THEN
        RAISE EXCEPTION 'edomex: el conjunto % no tiene una liberación publicada y debe seguir privado', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edomex_release_guard';
    END IF;
    RETURN NEW;
END $$;
"""
APPEND_ONLY = """
CREATE FUNCTION edomex_release_version_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'edomex: las versiones no se cambian ni se borran';
END $$;
CREATE TRIGGER edomex_release_version_append_only BEFORE UPDATE OR DELETE ON edomex_release_version
    FOR EACH ROW EXECUTE FUNCTION edomex_release_version_append_only();
"""


def upgrade() -> None:
    """Widen the release row, add the tables, keep a version of what is public already."""
    _releases()
    _outbox()
    _versions()
    _warmup_and_checks()
    op.execute(GUARD.format(publications=" AND r.kind <> 'withdrawal'"))


def downgrade() -> None:
    """Back to first publications only: what editions and withdrawals did to datasets stays done."""
    op.execute(GUARD.format(publications=""))
    for table in ("check", "warmup", "version"):
        op.drop_table(f"edomex_release_{table}")
    op.execute("DROP FUNCTION edomex_release_version_append_only()")
    op.drop_index("edomex_release_outbox_next", "edomex_release_outbox")
    op.drop_column("edomex_release_outbox", "priority")
    op.drop_column("edomex_release_outbox", "dead_at")
    op.create_index("edomex_release_outbox_next", "edomex_release_outbox", ["next_at"], postgresql_where=sa.text("done_at IS NULL"))
    for index in ("open", "current", "due", "warm"):
        op.drop_index(f"edomex_release_{index}", "edomex_release")
    op.drop_constraint("edomex_release_approved", "edomex_release", type_="check")
    op.add_column("edomex_release", sa.Column("next_attempt_at", INSTANT))
    for column in ("content_id", "due_at", "warm_at", "problems", "origins", "legal_ground"):
        op.drop_column("edomex_release", column)
    # What the old index cannot hold: a withdrawal, or an edition, beside another release of the same dataset.
    op.execute(f"UPDATE edomex_release SET state = 'cancelled' WHERE kind <> 'first' AND {OPEN_STATES}")
    op.create_check_constraint("edomex_release_approved", "edomex_release", APPROVED_BEFORE)
    op.create_index("edomex_release_open", "edomex_release", ["package_id"], unique=True, postgresql_where=sa.text(OPEN_STATES))
    op.create_index("edomex_release_due", "edomex_release", ["release_at"], postgresql_where=sa.text("state = 'scheduled'"))


def _releases() -> None:
    for name, kind in (("content_id", sa.Text), ("due_at", INSTANT), ("warm_at", INSTANT), ("problems", JSONB), ("origins", JSONB)):
        op.add_column("edomex_release", sa.Column(name, kind))
    op.add_column("edomex_release", sa.Column("legal_ground", sa.Text))
    op.execute("UPDATE edomex_release SET content_id = package_id, due_at = greatest(release_at, next_attempt_at)")
    op.execute("UPDATE edomex_release SET warm_at = release_at - interval '10 minutes' WHERE state = 'scheduled'")
    op.alter_column("edomex_release", "content_id", nullable=False)
    op.drop_column("edomex_release", "next_attempt_at")
    op.drop_constraint("edomex_release_approved", "edomex_release", type_="check")
    op.create_check_constraint("edomex_release_approved", "edomex_release", APPROVED)
    op.create_index("ix_edomex_release_content_id", "edomex_release", ["content_id"])
    op.drop_index("edomex_release_open", "edomex_release")
    op.create_index(
        "edomex_release_open", "edomex_release", ["package_id", sa.text("(kind = 'withdrawal')")], unique=True,
        postgresql_where=sa.text(OPEN_STATES),
    )
    op.create_index(
        "edomex_release_current", "edomex_release", ["package_id"], unique=True,
        postgresql_where=sa.text("state = 'released' AND kind <> 'withdrawal'"),
    )
    op.drop_index("edomex_release_due", "edomex_release")
    op.create_index("edomex_release_due", "edomex_release", ["due_at"], postgresql_where=sa.text("state = 'scheduled'"))
    op.create_index(
        "edomex_release_warm", "edomex_release", ["warm_at"], postgresql_where=sa.text("state = 'scheduled' AND warm_at IS NOT NULL")
    )


def _outbox() -> None:
    op.add_column("edomex_release_outbox", sa.Column("priority", sa.SmallInteger, nullable=False, server_default="0"))
    op.alter_column("edomex_release_outbox", "priority", server_default=None)
    op.add_column("edomex_release_outbox", sa.Column("dead_at", INSTANT))
    op.drop_index("edomex_release_outbox_next", "edomex_release_outbox")
    op.create_index(
        "edomex_release_outbox_next", "edomex_release_outbox", ["priority", "next_at"],
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )


def _versions() -> None:
    op.create_table(
        "edomex_release_version",
        sa.Column("package_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("release_id", sa.Text, nullable=False, unique=True),
        sa.Column("released_at", INSTANT, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
    )
    op.execute(APPEND_ONLY)
    # As an engine of today would have kept it; the list of machine fields is today's too.
    from ckanext.edomex.release.domain.content import MACHINE_RESOURCE_EXTRAS

    statement = sa.text(
        "INSERT INTO edomex_release_version (package_id, version, release_id, released_at, content, content_hash)"
        f" SELECT r.package_id, r.version, r.id, r.released_at, frozen.content, {HASH.replace('content::', 'frozen.content::')}"
        f" FROM edomex_release r JOIN ({CONTENT} WHERE p.private IS NOT TRUE) AS frozen ON frozen.id = r.package_id"
        " WHERE r.state = 'released'"
    )
    op.get_bind().execute(statement, {"machine": list(MACHINE_RESOURCE_EXTRAS)})


def _warmup_and_checks() -> None:
    op.create_table(
        "edomex_release_warmup",
        sa.Column("release_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("content_modified", sa.DateTime(), nullable=False),
        sa.Column("released_stamp", sa.Text),
        sa.Column("made_at", INSTANT, nullable=False, server_default=NOW),
    )
    counts = [sa.Column(name, sa.BigInteger, nullable=False) for name in ("compared", "hidden", "repaired", "missing")]
    op.create_table(
        "edomex_release_check",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("ran_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("seen_until", INSTANT),
        sa.Column("position", sa.Text, nullable=False),
        *counts,
    )
