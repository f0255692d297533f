"""Adding work to the outbox, within the transaction that it follows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from ckan.types import AlchemySession as Session

from ckanext.edomex.adapters.outbox import Moment, Subject, following, known


class Subjects(NamedTuple):
    """A release and the dataset it is of."""

    release_id: str
    package_id: str


_ADD = sa.text(
    "INSERT INTO edomex_release_outbox (kind, dedupe_key, priority, attempts)"
    " SELECT :kind, key, :priority, 0 FROM unnest(CAST(:keys AS text[])) AS key"
)


_HOLD = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_OWED = sa.text(
    "SELECT EXISTS (SELECT 1 FROM edomex_release_outbox"
    " WHERE kind = :kind AND dedupe_key = ANY(:keys) AND done_at IS NULL AND dead_at IS NULL)"
)


def enqueue(session: Session | sa.Connection, kind: str, keys: Iterable[str]) -> None:
    """Add entries of one kind; never waits for a loop that has such work in hand."""
    session.execute(_ADD, {"kind": kind, "priority": known()[kind].priority, "keys": list(keys)})


def announce(session: Session | sa.Connection, moment: Moment, subjects: Iterable[Subjects]) -> None:
    """Add an entry of every kind that follows this moment, for each of the releases."""
    rows = list(subjects)
    keys = {Subject.DATASET: [row.package_id for row in rows], Subject.RELEASE: [row.release_id for row in rows]}
    for follow_up in following(moment):
        enqueue(session, follow_up.kind, keys[follow_up.subject])


def hold(session: Session, kind: str, key: str) -> None:
    """Wait for whoever handles this key, and keep every loop from it until the caller's transaction ends."""
    session.execute(_HOLD, {"name": f"{kind}:{key}"})


def owed(session: Session, kind: str, keys: Iterable[str]) -> bool:
    """Whether work of this kind is still to be done, or being done, for one of the keys."""
    return session.execute(_OWED, {"kind": kind, "keys": list(keys)}).scalar_one()
