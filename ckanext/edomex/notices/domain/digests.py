"""The daily letter: when it is due, and what it lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from ckanext.edomex.domain.clock import local

#: Addresses of one kind that are written out; the rest is in the inbox.
MOST_ADDRESSES = 10


def due(now: datetime, at: time, last: date | None) -> date | None:
    """The day, in the state's zone, whose letter is due now; none where it went out, or it is too early.

    A day on which no loop ran is passed over, not made up for: what it would have said stands in the next one.
    """
    moment = local(now)
    return moment.date() if moment.time() >= at and (last is None or last < moment.date()) else None


def seconds_until(now: datetime, at: time) -> float:
    """Seconds until that time of the day comes next in the state's zone."""
    moment = local(now)
    begins = moment.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return (begins + timedelta(days=begins <= moment) - moment).total_seconds()


def listed(rows: Sequence[tuple[str, str]]) -> str:
    """Lines with how often each occurs, and the addresses below it: `(line, address)` in the order in which they happened."""
    places: dict[str, list[str]] = {}
    for line, address in rows:
        places.setdefault(line, []).append(address)
    blocks: list[str] = []
    for line, addresses in places.items():
        more = len(addresses) - MOST_ADDRESSES
        written = [f"  {address}" for address in addresses[:MOST_ADDRESSES]] + ([f"  y {more} más"] if more > 0 else [])
        blocks.append("\n".join([f"{line} ({len(addresses)})", *written]))
    return "\n\n".join(blocks)
