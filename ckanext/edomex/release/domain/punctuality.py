"""How an agency keeps its promises, from where each of them stands. Only dates that were told ahead count.

What was approved «now», or hours before, was no promise that anybody could wait for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

#: Seconds from promise to instant that make it one.
LEAST_NOTICE_S = 3600
#: Seconds after the instant until which it was kept on time; a minute is what the calendar promises.
ON_TIME_S = 60


@dataclass(kw_only=True)
class Record:
    """Promises of a period by what became of them."""

    on_time: int = 0
    late: int = 0
    #: The instant passed, and nothing was released.
    missed: int = 0
    cancelled: int = 0
    #: Among all of these, those whose date was changed before.
    moved: int = 0

    @property
    def due(self) -> int:
        """Promises whose instant has come, and that were not cancelled."""
        return self.on_time + self.late + self.missed

    @property
    def share(self) -> float | None:
        """Of what was due, what was kept on time; none of nothing."""
        return self.on_time / self.due if self.due else None

    def as_dict(self) -> dict[str, Any]:
        """As it is shown and handed out."""
        share = round(self.share, 4) if self.share is not None else None
        return {**asdict(self), "due": self.due, "share": share}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one promise."""

    agency: str
    notice_s: float
    cancelled: bool
    #: Seconds after the promised instant; none if it has not been released.
    lateness_s: float | None
    moved: bool


def records(outcomes: Iterable[Outcome]) -> dict[str, Record]:
    """The record of each agency."""
    found: dict[str, Record] = {}
    for outcome in outcomes:
        if outcome.notice_s < LEAST_NOTICE_S:
            continue
        record = found.setdefault(outcome.agency, Record())
        record.moved += outcome.moved
        if outcome.cancelled:
            record.cancelled += 1
        elif outcome.lateness_s is None:
            record.missed += 1
        elif outcome.lateness_s <= ON_TIME_S:
            record.on_time += 1
        else:
            record.late += 1
    return found
