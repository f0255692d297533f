"""A reading of a source against what is known of it: what is new, changed, the same, and gone; and what going may mean.

Nothing is deleted for being missing once. It is noted as missing, and after days of grace it may go, if so few are missing
that it looks like somebody's decision. Otherwise a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a record stands."""

    #: It is to be imported.
    WAITING = "waiting"
    #: Its dataset says what the source said last.
    PRESENT = "present"
    #: What it says cannot be a dataset here.
    REFUSED = "refused"
    #: The source has it no more.
    MISSING = "missing"
    #: Its dataset is gone with it.
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a record: its state, and the digests that were imported last and are to be."""

    state: str
    digest: str | None
    wanted: str | None
    #: Its dataset is here: what was refused may have had none.
    has_dataset: bool = True

    @property
    def can_go(self) -> bool:
        """Whether there is, or will be, anything of it here that can go."""
        return self.state != State.DELETED and (self.state != State.REFUSED or self.has_dataset)


@dataclass(frozen=True, kw_only=True)
class Grace:
    """When what is missing may go."""

    days: int = 7
    #: Of a hundred records, and in all, that may be missing without a person's word.
    percent: int = 10
    most: int = 20


def is_to_import(known: Known | None, wanted: str) -> bool:
    """Whether a record has to be imported: it is new, changed, back, or was never finished."""
    if known is None or known.state in {State.MISSING, State.DELETED, State.WAITING}:
        return True
    return known.digest != wanted


def is_back(known: Known | None, wanted: str) -> bool:
    """Whether a missing record is there again as it was: its dataset never went, so nothing has to be imported."""
    return known is not None and known.state == State.MISSING and known.digest == wanted


def tolerated(count: int, grace: Grace) -> int:
    """How many of so many records may be missing without a person's word: one of a few, never all of them."""
    return min(max(1, count * grace.percent // 100), grace.most, max(0, count - 1))


def may_go(*, count: int, missing: int, accepted: bool, grace: Grace) -> bool:
    """Whether what is missing may be deleted, its days of grace apart.

    Args:
        count: records that have a dataset, the missing ones among them.
        missing: those.
        accepted: a person said so, after the last of them was found missing.
        grace: of the source.
    """
    return accepted or missing <= tolerated(count, grace)


def is_over(missing_since: datetime, now: datetime, grace: Grace, *, told: bool) -> bool:
    """Whether the days of grace are over; what the source itself told of has none."""
    return told or now - missing_since >= timedelta(days=grace.days)


def gone(known: Mapping[str, Known], seen: set[str]) -> list[str]:
    """Records that a whole reading did not have and that were not known to be missing."""
    return [each for each, what in known.items() if each not in seen and what.can_go and what.state != State.MISSING]
