"""Hearing what became public or was hidden: copies are marked, and the duty that writes to targets is woken."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from ckan import model as ckan_model

from ckanext.edomex.adapters.outbox import Entry, FollowUp, Moment, Subject
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.outbound.jobs import syncing
from ckanext.edomex.outbound.model import Target, mark


def note(entries: Sequence[Entry]) -> None:
    """Mark the copies of these datasets at every target that works."""
    with unit_of_work() as session:
        mark(session, sorted({entry.key for entry in entries}))
    syncing.DUTY.wake.set()


def _has_targets() -> bool:
    """Without a target there is nothing to note, and no entry is made."""
    return ckan_model.Session.execute(sa.select(sa.exists().where(Target.enabled))).scalar_one()


FOLLOW_UP = FollowUp(
    kind="federation", priority=3, batch=200, on=frozenset({Moment.RELEASED, Moment.WITHDRAWN}), subject=Subject.DATASET, handle=note,
    wanted=_has_targets,
)  # fmt: skip
