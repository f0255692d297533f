"""What the public calendar asks of the tables: one condition for what is public, one expression for where a date stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.types import AlchemySession as Session
from sqlalchemy.orm import aliased

from ckanext.edomex.domain.clock import ZONE
from ckanext.edomex.release.domain.calendar import PUBLIC_MOVES, Status, Told, told
from ckanext.edomex.release.domain.lifecycle import OPEN, Kind, State
from ckanext.edomex.release.model.tables import Event, Release

#: States of what has been made public, and is not withdrawn.
DONE = (State.RELEASED, State.SUPERSEDED)
#: A day of the state's zone.
LOCAL_DAY = sa.cast(sa.func.timezone(ZONE.key, Release.promised_at), sa.Date)


#: What was promised before this instant and is not released is overdue; given when a query runs.
EDGE = sa.bindparam("edge", type_=sa.DateTime(timezone=True))
_OPEN = Release.state.in_(sorted(OPEN))
_AWAITED = sa.and_(_OPEN, model.Package.state != "deleted")
#: The condition of each status, of which one is true of any promise. Conditions and not an expression's value: the database knows
#: for each how many rows it means, and which index has them.
STANDING: Mapping[Status, Any] = MappingProxyType({
    Status.RELEASED: Release.state.in_(DONE),
    Status.UPCOMING: sa.and_(_AWAITED, Release.promised_at > EDGE, Release.state == State.SCHEDULED),
    Status.UNCONFIRMED: sa.and_(_AWAITED, Release.promised_at > EDGE, Release.state != State.SCHEDULED),
    Status.OVERDUE: sa.and_(_AWAITED, Release.promised_at <= EDGE),
    Status.CANCELLED: sa.or_(Release.state == State.CANCELLED, sa.and_(_OPEN, model.Package.state == "deleted")),
})
#: A promise's status, as a column.
WHERE_IT_STANDS = sa.case(*((condition, str(status)) for status, condition in STANDING.items())).label("status")


#: Public promises: what was approved once, and is not a withdrawal, nor withdrawn or hidden since.
_PUBLIC = sa.and_(
    Release.promised_at.is_not(None),
    Release.kind != Kind.WITHDRAWAL,
    sa.or_(
        sa.and_(Release.state.in_(DONE), model.Package.private.is_(False), model.Package.state == "active"),
        Release.state.in_([*sorted(OPEN), State.CANCELLED]),
    ),
)


def promises(*columns: Any) -> Any:
    """A query of public promises, with their dataset and its agency."""
    return (
        sa.select(*columns)
        .select_from(Release)
        .join(model.Package, model.Package.id == Release.package_id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .where(_PUBLIC)
    )


def was_withdrawn() -> Any:
    """Whether the dataset of a promise was withdrawn once: what it had been announced as is not said any more."""
    later = aliased(Release)
    done = (later.kind == Kind.WITHDRAWAL, later.state == State.RELEASED)
    return sa.select(later.id).where(later.package_id == Release.package_id, *done).exists()


def has_moved() -> Any:
    """Whether the date of a promise was changed."""
    moved = sa.select(Event.id).where(Event.release_id == Release.id, Event.details["from"].astext.is_not(None))
    return moved.where(Event.details["from"].astext != Event.details["to"].astext).exists()


def histories(session: Session, release_ids: Iterable[str]) -> Mapping[str, Told]:
    """What the history of each of these releases says in public."""
    rows = session.execute(
        sa.select(Event.release_id, Event.move, Event.at, Event.reason, Event.details)
        .where(Event.release_id.in_(list(release_ids)), Event.move.in_(sorted(PUBLIC_MOVES)))
        .order_by(Event.release_id, Event.id)
    ).all()
    events: dict[str, list[Any]] = {}
    for row in rows:
        events.setdefault(row.release_id, []).append(row)
    return {release_id: told(own) for release_id, own in events.items()}


def outcomes(begin: datetime, end: datetime) -> Any:
    """A query of promises whose instant lies in a period, one row each: agency, notice, how late, whether cancelled or moved.

    Datasets that were withdrawn since are counted: that they were released in time stays true. What was public before this
    plugin was nobody's promise.
    """
    first = sa.select(sa.func.min(Event.at)).where(Event.release_id == Release.id, Event.move.in_(["approve", "reschedule"]))
    seconds = sa.func.extract("epoch", Release.released_at - Release.promised_at)
    return (
        sa.select(
            model.Group.name.label("agency"), model.Group.title.label("title"),
            sa.func.extract("epoch", Release.promised_at - first.scalar_subquery()).label("notice_s"),
            (Release.state == State.CANCELLED).label("cancelled"), seconds.label("lateness_s"), has_moved().label("moved"),
        )
        .select_from(Release)
        .join(model.Package, model.Package.id == Release.package_id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .where(
            Release.promised_at >= begin, Release.promised_at < end, Release.kind != Kind.WITHDRAWAL,
            Release.approved_by.is_distinct_from("migration"),
        )
    )  # fmt: skip
