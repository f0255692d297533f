"""How long a source may go unread: three of its own intervals, and never less than a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

#: ckanext-harvest's word for an interval → after how long somebody has to look. One that is read by hand is nobody's promise.
PATIENCE: Mapping[str, timedelta] = MappingProxyType({
    "ALWAYS": timedelta(days=1), "DAILY": timedelta(days=3), "WEEKLY": timedelta(weeks=3), "BIWEEKLY": timedelta(weeks=6),
    "MONTHLY": timedelta(days=93),
})  # fmt: skip


def is_forgotten(frequency: str, read_at: datetime, now: datetime) -> bool:
    """Whether a source that should be read so often was read too long ago."""
    longest = PATIENCE.get(frequency)
    return longest is not None and now - read_at > longest
