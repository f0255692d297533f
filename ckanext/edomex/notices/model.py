"""Tables of notices. Out of CKAN's metadata, without foreign keys into it (docs/adr/0004-own-tables.md)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from ckan.types import AlchemySession as Session
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NOW = sa.text("clock_timestamp()")


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True), dict[str, Any]: JSONB, str: sa.Text()}


class Notice(Base):
    """One happening, told to one person. What it is called is looked up when it is read, with the reader's rights."""

    __tablename__ = "edomex_notices_notice"

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid.uuid4()))
    #: Id of an account, or an operator's address with `mailto:` before it.
    recipient: Mapped[str]
    kind: Mapped[str]
    happening: Mapped[str]
    agency_id: Mapped[str | None]
    #: Ids and instants, never content.
    facts: Mapped[dict[str, Any]]
    #: How it is told beside the inbox: `now`, `digest`, `portal`.
    delivery: Mapped[str]
    letter_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    read_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index("edomex_notices_notice_once", "happening", "recipient", unique=True),
        sa.Index("edomex_notices_notice_inbox", "recipient", "created_at"),
        sa.Index("edomex_notices_notice_unread", "recipient", postgresql_where=sa.text("read_at IS NULL")),
        sa.CheckConstraint("delivery IN ('now', 'digest', 'portal')", name="edomex_notices_notice_delivery"),
    )


class Letter(Base):
    """One letter to one person: of one notice, or of a day's. «Sent» is said once the mail server took it, and not before."""

    __tablename__ = "edomex_notices_letter"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    recipient: Mapped[str]
    #: Of a daily letter: its day in the state's zone.
    day: Mapped[date | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(server_default=NOW)
    #: Class of the last error; never what the server said of a person.
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    sent_at: Mapped[datetime | None]
    #: Nothing in it concerned its recipient any more.
    void_at: Mapped[datetime | None]
    #: Given up: somebody has to look, and may have it sent again.
    dead_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index("edomex_notices_letter_daily", "recipient", "day", unique=True, postgresql_where=sa.text("day IS NOT NULL")),
        sa.Index(
            "edomex_notices_letter_next", "next_at",
            postgresql_where=sa.text("sent_at IS NULL AND void_at IS NULL AND dead_at IS NULL"),
        ),
        sa.CheckConstraint("num_nonnulls(sent_at, void_at, dead_at) <= 1", name="edomex_notices_letter_one_end"),
    )  # fmt: skip


class Preference(Base):
    """What somebody chose for a topic; no row is the portal's proposal."""

    __tablename__ = "edomex_notices_preference"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    delivery: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (sa.CheckConstraint("delivery IN ('now', 'digest', 'portal')", name="edomex_notices_preference_delivery"),)


class Mark(Base):
    """What has been done up to when: since when happenings are told, and the last day of the daily work."""

    __tablename__ = "edomex_notices_mark"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)


#: Names of marks.
SINCE, DAILY = "since", "daily"


def now(session: Session | sa.Connection) -> datetime:
    """The database's clock, the only one that decides."""
    return session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()


def mark_of(session: Session, name: str) -> datetime | None:
    """The instant that was noted under this name."""
    return session.execute(sa.select(Mark.at).where(Mark.name == name)).scalar()


def is_open() -> Any:
    """The condition of a letter that is still to be sent."""
    return sa.and_(Letter.sent_at.is_(None), Letter.void_at.is_(None), Letter.dead_at.is_(None))
