"""Which accounts somebody has to look at: nobody uses them, or their owner has left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

UNUSED_DAYS = 90
#: Days after somebody has left in which their account has to be closed.
GRACE_DAYS = 15


def findings(*, now: datetime, created: datetime, last_active: datetime | None, leaves_on: date | None) -> list[str]:
    """`unused`, `leaver_open`, or nothing. An account that was never used counts from the day it was made."""
    found: list[str] = []
    if now - (last_active or created) >= timedelta(days=UNUSED_DAYS):
        found.append("unused")
    if leaves_on is not None and now.astimezone(UTC).date() - leaves_on > timedelta(days=GRACE_DAYS):
        found.append("leaver_open")
    return found


def may_manage(*, own_agencies: frozenset[str], agencies: frozenset[str], has_state_role: bool) -> bool:
    """Whether an agency's administrator decides on an account: it works for their agencies alone, and not for the state."""
    return bool(agencies) and agencies <= own_agencies and not has_state_role
