"""What was promised in public stays known: the instant and the announced title outlive the approval."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "003_promises"
down_revision = "002_editions"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add both columns; what is scheduled or public now has been promised.

    What was cancelled before stays untold: its reason was given when nobody was told that it becomes public.
    """
    op.add_column("edomex_release", sa.Column("announced_title", sa.Text))
    op.add_column("edomex_release", sa.Column("promised_at", INSTANT))
    op.execute(
        "UPDATE edomex_release SET promised_at = release_at"
        " WHERE kind <> 'withdrawal' AND state IN ('scheduled', 'released', 'superseded', 'withdrawn', 'failed')"
    )
    op.execute(
        "UPDATE edomex_release r SET announced_title = coalesce(nullif(p.title, ''), p.name)"
        " FROM package p WHERE p.id = r.content_id AND r.announced AND r.state = 'scheduled'"
    )
    op.create_index(
        "edomex_release_promised", "edomex_release", ["promised_at"], postgresql_where=sa.text("promised_at IS NOT NULL")
    )


def downgrade() -> None:
    """The calendar shows only what is scheduled or public again."""
    op.drop_index("edomex_release_promised", "edomex_release")
    op.drop_column("edomex_release", "promised_at")
    op.drop_column("edomex_release", "announced_title")
