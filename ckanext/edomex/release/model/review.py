"""What a review leaves: observations with their events, what each submission held, and which of them somebody has seen."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan.types import AlchemySession as Session
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.edomex.release.domain.observations import PENDING, State
from ckanext.edomex.release.model.content import CONTENT, HASH, PARAMETERS
from ckanext.edomex.release.model.tables import NOW, Base, Release


class Observation(Base):
    """Something that a reviewer wants looked at, in one place of what was sent."""

    __tablename__ = "edomex_release_observation"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=lambda: str(uuid.uuid4()))
    release_id: Mapped[str] = mapped_column(sa.Text)
    #: Its number among those of the release: what people call it.
    number: Mapped[int]
    #: Where it is: `dataset`, `field`, `resource` or `row`, and what that needs.
    anchor: Mapped[str] = mapped_column(sa.Text)
    field: Mapped[str | None] = mapped_column(sa.Text)
    resource_id: Mapped[str | None] = mapped_column(sa.Text)
    #: A row of data, from 1, the header aside.
    row_number: Mapped[int | None] = mapped_column(sa.BigInteger)
    column_name: Mapped[str | None] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=State.OPEN)
    #: Grows with each event: who answers an older one is told so.
    version: Mapped[int] = mapped_column(default=1)
    author: Mapped[str | None] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    modified_at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (
        sa.Index("edomex_release_observation_number", "release_id", "number", unique=True),
        sa.CheckConstraint("state IN ('open', 'answered', 'resolved', 'withdrawn')", name="edomex_release_observation_state"),
        sa.CheckConstraint(
            "CASE anchor WHEN 'dataset' THEN num_nonnulls(field, resource_id, row_number, column_name) = 0"
            " WHEN 'field' THEN field IS NOT NULL AND num_nonnulls(row_number, column_name) = 0"
            " WHEN 'resource' THEN resource_id IS NOT NULL AND num_nonnulls(field, row_number) = 0"
            " WHEN 'row' THEN resource_id IS NOT NULL AND field IS NULL AND row_number >= 1 ELSE false END",
            name="edomex_release_observation_anchor",
        ),
    )


class ObservationEvent(Base):
    """What happened to an observation; answers are such events. Append-only."""

    __tablename__ = "edomex_release_observation_event"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    observation_id: Mapped[str] = mapped_column(sa.Text, index=True)
    move: Mapped[str] = mapped_column(sa.Text)
    from_state: Mapped[str | None] = mapped_column(sa.Text)
    to_state: Mapped[str] = mapped_column(sa.Text)
    actor: Mapped[str | None] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    text: Mapped[str | None] = mapped_column(sa.Text)


class Submission(Base):
    """What a release held when it was sent to review, each time."""

    __tablename__ = "edomex_release_submission"

    release_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    #: The canonical content (`content.py`), of which `content_hash` is the SHA-256.
    content: Mapped[list[Any]]
    content_hash: Mapped[str] = mapped_column(sa.Text)
    submitted_by: Mapped[str | None] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Look(Base):
    """The newest submission of a release that somebody has gone through."""

    __tablename__ = "edomex_release_look"

    release_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


def pending(session: Session, release_id: str) -> list[Observation]:
    """Observations of a release that are neither resolved nor withdrawn, by their number."""
    query = sa.select(Observation).where(Observation.release_id == release_id, Observation.state.in_(sorted(PENDING)))
    return list(session.execute(query.order_by(Observation.number)).scalars())


def pending_count() -> Any:
    """How many of them the release of a query's row has."""
    counted = sa.select(sa.func.count()).where(Observation.release_id == Release.id, Observation.state.in_(sorted(PENDING)))
    return counted.correlate(Release).scalar_subquery()


def content_of(session: Session, package_id: str) -> list[Any]:
    """The canonical content of a dataset as it stands; an empty one for a dataset that is gone."""
    statement = sa.text(f"SELECT content FROM ({CONTENT} WHERE p.id = :id) AS frozen")  # noqa: S608  # our own column names
    return session.execute(statement, {"id": package_id, **PARAMETERS}).scalar_one_or_none() or [{}, {}, [], [], []]


def keep_submission(session: Session, release: Release) -> None:
    """Keep what a release holds now, as it is sent; what was sent before stays."""
    number = newest_submission(session, release.id) + 1
    columns = "release_id, number, content, content_hash, submitted_by"
    source = f"SELECT :release, :number, content, {HASH}, :by FROM ({CONTENT} WHERE p.id = :id) AS frozen"  # noqa: S608  # likewise
    statement = sa.text(f"INSERT INTO edomex_release_submission ({columns}) {source}")
    given = {"release": release.id, "number": number, "by": release.submitted_by, "id": release.content_id}
    session.execute(statement, {**given, **PARAMETERS})


def newest_submission(session: Session, release_id: str) -> int:
    """Number of the newest submission of a release; 0 for none."""
    newest = sa.select(sa.func.coalesce(sa.func.max(Submission.number), 0)).where(Submission.release_id == release_id)
    return session.execute(newest).scalar_one()


def submissions(session: Session, release_id: str) -> list[Submission]:
    """What was sent, the first first."""
    query = sa.select(Submission).where(Submission.release_id == release_id).order_by(Submission.number)
    return list(session.execute(query).scalars())
