"""Hearing what became public or was hidden: copies are marked, and the duty that writes to targets is woken."""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.edomex.adapters.outbox import Entry, FollowUp, Moment, Subject
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.outbound.jobs import syncing
from ckanext.edomex.outbound.model import mark


def note(entries: Sequence[Entry]) -> None:
    """Mark the copies of these datasets at every target that works; where there is none, nothing."""
    with unit_of_work() as session:
        mark(session, sorted({entry.key for entry in entries}))
    syncing.DUTY.wake.set()


FOLLOW_UP = FollowUp(
    kind="federation", priority=3, batch=200, on=frozenset({Moment.RELEASED, Moment.WITHDRAWN}), subject=Subject.DATASET, handle=note,
)  # fmt: skip
