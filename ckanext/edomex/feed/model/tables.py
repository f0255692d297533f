"""The tables, as the migrations make them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NOW = sa.text("clock_timestamp()")


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB}


class Fragment(Base):
    """What the catalogue says of one dataset in one form. Only a copy: it may be emptied at any time."""

    __tablename__ = "edomex_feed_fragment"

    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    form: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    #: A fragment with another key than its dataset has now is passed over.
    key: Mapped[str] = mapped_column(sa.Text)
    body: Mapped[str] = mapped_column(sa.Text)
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Entry(Base):
    """What the feed last told of a dataset. Not a copy: what has gone is known from here alone."""

    __tablename__ = "edomex_feed_entry"

    package_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    #: Hash of all that its fragment depends on.
    stamp: Mapped[str] = mapped_column(sa.Text)
    #: Whether it is in the feed.
    present: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Change(Base):
    """One line of the change stream. Written under one lock, so that a number that is read has none before it to come."""

    __tablename__ = "edomex_feed_change"

    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    package_id: Mapped[str] = mapped_column(sa.Text, index=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    #: Of a withdrawal, what its public note says: `withdrawn_at`, `reason`, `legal_ground`.
    note: Mapped[dict[str, Any] | None]


class Run(Base):
    """What a reader of pages began with: the datasets of that moment in their order, kept for some hours."""

    __tablename__ = "edomex_feed_run"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    package_ids: Mapped[list[Any]]
    used_at: Mapped[datetime] = mapped_column(server_default=NOW)
