"""What follows a release, by kind: rooms say what they do after it, and what they can prepare before it.

The entries, and the loops that drain them, are the release room's (docs/adr/0008-outbox.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """What there is to follow."""

    #: Where a release stands, or who may see its dataset, changed.
    CHANGED = "changed"
    #: A dataset became public, or a public one got its new edition.
    RELEASED = "released"
    #: A public dataset was hidden.
    WITHDRAWN = "withdrawn"
    #: A release could not happen, or its rehearsal found something wrong: people have to know.
    FAILED = "failed"


class Subject(StrEnum):
    """What the key of an entry is."""

    DATASET = "dataset"
    RELEASE = "release"
    #: None of ours: whoever makes the entry says.
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing to do: its key, and the text that was prepared for it, if nothing moved since."""

    key: str
    prepared: str | None = None


def nothing_to_prepare(_package_id: str) -> str | None:
    """For a kind that does all its work afterwards."""
    return None


def always() -> bool:
    """For a kind that is always wanted."""
    return True


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """One kind of entry."""

    kind: str
    #: The smaller goes first.
    priority: int
    #: Most entries in one call, and so in one transaction.
    batch: int
    on: frozenset[Moment]
    subject: Subject
    #: Does the work, idempotently. PoisonError for single keys that cannot be done, LaterError to wait; anything else fails the batch.
    handle: Callable[[Sequence[Entry]], None]
    #: In a rehearsal, with the dataset as it will be: the text that `handle` gets at the instant, its stamp replaced.
    prepare: Callable[[str], str | None] = nothing_to_prepare
    #: Whether the operator's settings ask for it.
    wanted: Callable[[], bool] = always


class PoisonError(Exception):
    """Some keys of a batch cannot be done; the others are. `failed` has the name of each one's error."""

    def __init__(self, failed: Mapping[str, str]) -> None:
        super().__init__(f"{len(failed)} of the batch")
        self.failed = dict(failed)


class LaterError(Exception):
    """Nothing is wrong, but this is not the moment; the batch is asked for again in so many seconds, as often as need be."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"in {wait_s:g} s")
        self.wait_s = wait_s


_known: dict[str, FollowUp] = {}


def register(*follow_ups: FollowUp) -> None:
    """Make kinds known; a plugin does so when it is configured. A second time replaces the first."""
    _known.update({one.kind: one for one in follow_ups})


def known() -> Mapping[str, FollowUp]:
    """Every kind, by its name."""
    return _known


def following(moment: Moment) -> list[FollowUp]:
    """The kinds that follow a moment, the most urgent first."""
    return sorted((one for one in _known.values() if moment in one.on and one.wanted()), key=lambda one: one.priority)
