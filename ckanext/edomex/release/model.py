"""Tables of releases, and the few queries that more than one action needs.

They stay out of CKAN's metadata and have no foreign key into it: CKAN's tests delete whatever they find
there, and append-only events would stop that (docs/adr/0004-own-tables.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from ckan.types import AlchemySession as Session
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ckanext.edomex.release.domain.content import MACHINE_RESOURCE_EXTRAS, PACKAGE_COLUMNS, RESOURCE_COLUMNS
from ckanext.edomex.release.domain.lifecycle import OPEN, State

#: Loops listen here; whoever makes something due sooner notifies.
CHANNEL = "edomex_release"
INSTANT = sa.DateTime(timezone=True)


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: INSTANT, dict[str, Any]: JSONB}


class Release(Base):
    """One release of a dataset: first publication. Later kinds are editions and withdrawals."""

    __tablename__ = "edomex_release"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=lambda: str(uuid.uuid4()))
    package_id: Mapped[str] = mapped_column(sa.Text, index=True)
    kind: Mapped[str] = mapped_column(sa.Text, default="first")
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(sa.Text, default=State.DRAFT)
    calendar_status: Mapped[str] = mapped_column(sa.Text, default="provisional")
    release_at: Mapped[datetime | None]
    #: Hash of the frozen content: when submitted, and what the approval stands for.
    content_hash: Mapped[str | None] = mapped_column(sa.Text)
    #: The calendar names the dataset before its release only if this was asked for.
    announced: Mapped[bool] = mapped_column(default=False)
    submitted_by: Mapped[str | None] = mapped_column(sa.Text)
    approved_by: Mapped[str | None] = mapped_column(sa.Text)
    released_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    #: Code and text of the last failure; never content of the dataset.
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))
    modified_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))

    __table_args__ = (
        sa.Index("edomex_release_open", "package_id", unique=True, postgresql_where=sa.column("state").in_(sorted(OPEN))),
        sa.Index("edomex_release_due", "release_at", postgresql_where=sa.column("state") == "scheduled"),
        sa.CheckConstraint(
            "state NOT IN ('scheduled', 'released') OR"
            " (release_at IS NOT NULL AND approved_by IS NOT NULL AND content_hash IS NOT NULL)",
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
    at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    details: Mapped[dict[str, Any] | None]

    __table_args__ = (
        sa.Index("edomex_release_event_once", "release_id", unique=True, postgresql_where=sa.column("to_state") == "released"),
    )


class Outbox(Base):
    """Work that follows a commit, done at least once: today, bringing the search index up to date."""

    __tablename__ = "edomex_release_outbox"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    #: Entries of one key are never handled at the same time, and together if they wait together.
    dedupe_key: Mapped[str] = mapped_column(sa.Text)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))

    __table_args__ = (
        sa.Index("edomex_release_outbox_next", "next_at", postgresql_where=sa.text("done_at IS NULL")),
    )


class Worker(Base):
    """A release loop and when it was last seen at work."""

    __tablename__ = "edomex_release_worker"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))
    seen_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))


class RoleGrant(Base):
    """Who reviews for the state, and who manages the calendar."""

    __tablename__ = "edomex_release_role"

    user_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    role: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    granted_by: Mapped[str | None] = mapped_column(sa.Text)
    granted_at: Mapped[datetime] = mapped_column(server_default=sa.text("clock_timestamp()"))


def now(session: Session) -> datetime:
    """The database's clock, the only one that decides."""
    return session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()


def open_release(session: Session, package_id: str, *, lock: bool = False) -> Release | None:
    """The release that a dataset has under way."""
    query = sa.select(Release).where(Release.package_id == package_id, Release.state.in_(sorted(OPEN)))
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def is_released(session: Session, package_id: str) -> bool:
    """Whether the dataset is public through a release."""
    query = sa.select(sa.exists().where(Release.package_id == package_id, Release.state == State.RELEASED))
    return bool(session.execute(query).scalar())


def roles_of(session: Session, user_id: str) -> set[str]:
    """Names of the roles granted to a user."""
    return set(session.execute(sa.select(RoleGrant.role).where(RoleGrant.user_id == user_id)).scalars())


def enqueue(session: Session | sa.Connection, kind: str, keys: Iterable[str]) -> None:
    """Add work to the outbox within the caller's transaction; never waits for a loop that has such work in hand."""
    statement = sa.text(
        "INSERT INTO edomex_release_outbox (kind, dedupe_key, attempts)"
        " SELECT :kind, key, 0 FROM unnest(CAST(:keys AS text[])) AS key"
    )
    session.execute(statement, {"kind": kind, "keys": list(keys)})


def wake_loops(session: Session) -> None:
    """Tell every listening loop, once this transaction commits, to look again."""
    session.execute(sa.text(f"NOTIFY {CHANNEL}"))


def content_hashes(session: Session | sa.Connection, package_ids: Iterable[str]) -> Mapping[str, str]:
    """SHA-256 of each dataset's frozen content, computed where the content lies."""
    rows = session.execute(sa.text(_HASHES), {"ids": list(package_ids), "machine": list(MACHINE_RESOURCE_EXTRAS)})
    return {row.id: row.hash for row in rows}


def _object(alias: str, columns: Iterable[str]) -> str:
    return "jsonb_build_object(" + ", ".join(f"'{column}', {alias}.{column}" for column in columns) + ")"


# Only our own column names are put in. jsonb's text form has one order of keys, so equal content gives equal text.
_HASHES = f"""
SELECT p.id, encode(sha256(convert_to(jsonb_build_array(
    {_object("p", PACKAGE_COLUMNS)},
    COALESCE(p.extras, '{{}}'::jsonb),
    (SELECT jsonb_agg({_object("r", RESOURCE_COLUMNS)} || jsonb_build_object('extras',
            (CASE WHEN r.extras IS NULL OR r.extras = '' THEN '{{}}' ELSE r.extras END)::jsonb - CAST(:machine AS text[]))
        ORDER BY r.position, r.id) FROM resource r WHERE r.package_id = p.id AND r.state = 'active'),
    (SELECT jsonb_agg(t.name ORDER BY t.name) FROM package_tag pt JOIN tag t ON t.id = pt.tag_id
        WHERE pt.package_id = p.id AND pt.state = 'active'),
    (SELECT jsonb_agg(m.group_id ORDER BY m.group_id) FROM member m JOIN "group" g ON g.id = m.group_id
        WHERE m.table_id = p.id AND m.table_name = 'package' AND m.state = 'active' AND NOT g.is_organization)
)::text, 'UTF8')), 'hex') AS hash
FROM package p WHERE p.id = ANY(:ids)
"""  # noqa: S608
