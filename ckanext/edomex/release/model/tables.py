"""The tables, as the migrations make them."""

from __future__ import annotations

import uuid
from datetime import datetime
from datetime import time as clock_time
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ckanext.edomex.release.domain.lifecycle import OPEN, Kind, State

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: INSTANT, dict[str, Any]: JSONB, list[Any]: JSONB}


class Release(Base):
    """One release of a dataset: its first publication, an edition of it, or its withdrawal."""

    __tablename__ = "edomex_release"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=lambda: str(uuid.uuid4()))
    #: The dataset that everybody knows, or will know.
    package_id: Mapped[str] = mapped_column(sa.Text, index=True)
    #: The dataset whose content is released: a private one of its own for an edition, otherwise the same.
    content_id: Mapped[str] = mapped_column(sa.Text, index=True)
    kind: Mapped[str] = mapped_column(sa.Text, default=Kind.FIRST)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(sa.Text, default=State.DRAFT)
    calendar_status: Mapped[str] = mapped_column(sa.Text, default="provisional")
    release_at: Mapped[datetime | None]
    #: When the engine may try next: the promised instant, or later after it failed.
    due_at: Mapped[datetime | None]
    #: When it is rehearsed next; nothing once that went well.
    warm_at: Mapped[datetime | None]
    #: What the last rehearsal found wrong: `[{code, message}]`, for people to see before the instant.
    problems: Mapped[list[Any] | None]
    #: Hash of the frozen content: when submitted, and what the approval stands for.
    content_hash: Mapped[str | None] = mapped_column(sa.Text)
    #: Of an edition: resource in the private dataset → resource of the public one whose place it takes.
    origins: Mapped[dict[str, Any] | None]
    #: The calendar names the dataset before its release only if this was asked for.
    announced: Mapped[bool] = mapped_column(default=False)
    #: The title that was approved with that: what the dataset is called later is not announced with it.
    announced_title: Mapped[str | None] = mapped_column(sa.Text)
    #: The instant that everybody was told last. It outlives the approval: what was promised stays known.
    promised_at: Mapped[datetime | None]
    #: Of a withdrawal, and public with it.
    legal_ground: Mapped[str | None] = mapped_column(sa.Text)
    submitted_by: Mapped[str | None] = mapped_column(sa.Text)
    approved_by: Mapped[str | None] = mapped_column(sa.Text)
    released_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    #: Code and text of the last failure; never content of the dataset.
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    modified_at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (
        # One publication under way and one withdrawal: what must go does not wait for what is being written.
        sa.Index(
            "edomex_release_open", "package_id", sa.text("(kind = 'withdrawal')"), unique=True,
            postgresql_where=sa.column("state").in_(sorted(OPEN)),
        ),
        sa.Index(
            "edomex_release_current", "package_id", unique=True,
            postgresql_where=sa.text("state = 'released' AND kind <> 'withdrawal'"),
        ),
        sa.Index("edomex_release_due", "due_at", postgresql_where=sa.column("state") == "scheduled"),
        sa.Index(
            "edomex_release_warm", "warm_at", postgresql_where=sa.text("state = 'scheduled' AND warm_at IS NOT NULL"),
        ),
        sa.Index("edomex_release_promised", "promised_at", postgresql_where=sa.text("promised_at IS NOT NULL")),
        sa.Index(
            "edomex_release_awaited", "promised_at",
            postgresql_where=sa.and_(sa.column("promised_at").is_not(None), sa.column("state").in_(sorted(OPEN))),
        ),
        sa.Index("edomex_release_waiting", "state", "modified_at", "id", postgresql_where=sa.column("state").in_(sorted(OPEN))),
        sa.Index("edomex_release_withdrawal", "package_id", postgresql_where=sa.column("kind") == "withdrawal"),
        sa.CheckConstraint(
            "state NOT IN ('scheduled', 'released') OR"
            " (release_at IS NOT NULL AND due_at >= release_at AND approved_by IS NOT NULL AND content_hash IS NOT NULL)",
            name="edomex_release_approved",
        ),
        sa.CheckConstraint("approved_by <> submitted_by", name="edomex_release_four_eyes"),
        sa.CheckConstraint("state <> 'released' OR released_at >= release_at", name="edomex_release_never_early"),
    )


class Event(Base):
    """What happened to a release. Append-only; one `released` for each release is what makes it happen once."""

    __tablename__ = "edomex_release_event"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    release_id: Mapped[str] = mapped_column(sa.Text, index=True)
    move: Mapped[str] = mapped_column(sa.Text)
    from_state: Mapped[str | None] = mapped_column(sa.Text)
    to_state: Mapped[str] = mapped_column(sa.Text)
    #: User id; None for the engine.
    actor: Mapped[str | None] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    details: Mapped[dict[str, Any] | None]

    __table_args__ = (
        sa.Index("edomex_release_event_once", "release_id", unique=True, postgresql_where=sa.column("to_state") == "released"),
    )


class Version(Base):
    """What a dataset held when it was released, exactly as it was approved. Kept for good, also after a withdrawal."""

    __tablename__ = "edomex_release_version"

    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[str] = mapped_column(sa.Text, unique=True)
    released_at: Mapped[datetime]
    #: The canonical content (`content.py`), of which `content_hash` is the SHA-256.
    content: Mapped[list[Any]]
    content_hash: Mapped[str] = mapped_column(sa.Text)


class Outbox(Base):
    """Work that follows a commit, done at least once."""

    __tablename__ = "edomex_release_outbox"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    #: Entries of one key are never handled at the same time, and together if they wait together.
    dedupe_key: Mapped[str] = mapped_column(sa.Text)
    #: The smaller goes first: what people see before what machines note.
    priority: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(server_default=NOW)
    done_at: Mapped[datetime | None]
    #: Given up: somebody has to look, and may replay it.
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (
        sa.Index(
            "edomex_release_outbox_next", "priority", "next_at", postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
        ),
    )


class Warmup(Base):
    """A text that was prepared for the instant, by kind of follow-up, with the stamp to be replaced in it."""

    __tablename__ = "edomex_release_warmup"

    release_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    #: Empty where the room made nothing.
    body: Mapped[str] = mapped_column(sa.Text)
    #: The instant of the rehearsal, as it stands in `body`.
    stamp: Mapped[str] = mapped_column(sa.Text)
    content_hash: Mapped[str] = mapped_column(sa.Text)
    #: `metadata_modified` of the content then: machines write too, and what they wrote later is not in `body`.
    content_modified: Mapped[datetime] = mapped_column(sa.DateTime())
    #: The instant of the release, if nothing had moved until then: only then is `body` used.
    released_stamp: Mapped[str | None] = mapped_column(sa.Text)
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Check(Base):
    """A comparison of the copies with the truth: when it last ran, where it goes on, and what it found."""

    __tablename__ = "edomex_release_check"

    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(server_default=NOW)
    #: Everything that changed before this was looked at.
    seen_until: Mapped[datetime | None]
    #: Id after which the rolling sample goes on.
    position: Mapped[str] = mapped_column(sa.Text, default="")
    #: Totals since the beginning.
    compared: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    hidden: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    repaired: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    #: Of the last run: what cannot be repaired by a machine.
    missing: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class Worker(Base):
    """A release loop and when it was last seen at work."""

    __tablename__ = "edomex_release_worker"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)


class RoleGrant(Base):
    """Who reviews for the state, and who manages the calendar."""

    __tablename__ = "edomex_release_role"

    user_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    role: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    granted_by: Mapped[str | None] = mapped_column(sa.Text)
    granted_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Schedule(Base):
    """When an agency usually publishes, where it is not as everybody else."""

    __tablename__ = "edomex_release_schedule"

    agency_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    #: In the state's zone.
    time: Mapped[clock_time]
    #: As ISO has them: 1 is Monday.
    weekdays: Mapped[list[int]] = mapped_column(sa.ARRAY(sa.SmallInteger))
    updated_by: Mapped[str | None] = mapped_column(sa.Text)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Blackout(Base):
    """A period in which dates are warned of, or held. Never changed: it is ended, and another one made."""

    __tablename__ = "edomex_release_blackout"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=lambda: str(uuid.uuid4()))
    #: None for every agency.
    agency_id: Mapped[str | None] = mapped_column(sa.Text)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    effect: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    created_by: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ended_by: Mapped[str | None] = mapped_column(sa.Text)
    #: It is over from then on, if that is earlier than its end.
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index("edomex_release_blackout_period", "ends_at", "starts_at"),
        sa.CheckConstraint("ends_at > starts_at", name="edomex_release_blackout_order"),
        sa.CheckConstraint("effect IN ('warn', 'hold')", name="edomex_release_blackout_effect"),
    )
