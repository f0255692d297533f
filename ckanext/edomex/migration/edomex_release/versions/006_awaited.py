"""What is promised and not there yet, what waits, and withdrawals, each found without a look at all that was ever released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "006_awaited"
down_revision = "005_review"

OPEN_STATES = "state IN ('changes_requested', 'draft', 'failed', 'in_review', 'scheduled')"


def upgrade() -> None:
    """Three partial indexes."""
    op.create_index(
        "edomex_release_awaited", "edomex_release", ["promised_at"],
        postgresql_where=sa.text(f"promised_at IS NOT NULL AND {OPEN_STATES}"),
    )  # fmt: skip
    op.create_index(
        "edomex_release_waiting", "edomex_release", ["state", "modified_at", "id"], postgresql_where=sa.text(OPEN_STATES)
    )
    op.create_index("edomex_release_withdrawal", "edomex_release", ["package_id"], postgresql_where=sa.text("kind = 'withdrawal'"))


def downgrade() -> None:
    """The queries go on without them."""
    for index in ("awaited", "waiting", "withdrawal"):
        op.drop_index(f"edomex_release_{index}", "edomex_release")
