"""What whoever watches the portal is told of its sources: which are not read any more, and which wait for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from ckan import model as ckan_model
from ckan.types import AlchemySession as Session
from ckanext.harvest.model import HarvestSource

from ckanext.edomex.federation import model
from ckanext.edomex.federation.domain.comparison import State
from ckanext.edomex.federation.domain.intervals import is_forgotten
from ckanext.edomex.federation.domain.trials import TRIABLE
from ckanext.edomex.federation.logic import approvals, deletion, sources


def status() -> dict[str, Any]:
    """How many `sources` there are, how many `unread` for three of their intervals, how many `held` for a person; `alarms`."""
    session = ckan_model.Session
    source: Any = HarvestSource
    found = session.query(source).filter(source.active.is_(True), source.type.in_(TRIABLE)).all()
    counts = {"unread": len(list(_unread(session, found))), "held": len(list(_held(session, found)))}
    return {"sources": len(found), **counts, "alarms": [f"sources_{name}" for name, count in counts.items() if count]}


def _unread(session: Session, found: list[Any]) -> Iterator[Any]:
    now = model.now(session)
    asked = session.execute(sa.select(model.SourceMemory.source_id, model.SourceMemory.asked_at))
    read = {row.source_id: row.asked_at for row in asked}
    for each in found:
        # One that nobody has approved is not read, and somebody was told.
        if is_forgotten(each.frequency, read.get(each.id) or each.created.replace(tzinfo=UTC), now) and approvals.may_start(each):
            yield each


def _held(session: Session, found: list[Any]) -> Iterator[Any]:
    missing = set(session.execute(sa.select(model.Entry.source_id).where(model.Entry.state == State.MISSING).distinct()).scalars())
    for each in found:
        if each.id in missing and deletion.held(session, each.id, sources.grace_of(each), model.missing_of(session, each.id)):
            yield each
