"""The tables, as the migrations make them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NOW = sa.text("clock_timestamp()")


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {
        datetime: sa.DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB, str: sa.Text(),
    }  # fmt: skip


def new_id() -> str:
    """An id that says nothing."""
    return str(uuid.uuid4())


class Item(Base):
    """A row of an agency's inventory: something that it holds, to be opened or not."""

    __tablename__ = "edomex_planning_item"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str]
    name: Mapped[str]
    #: The name as names are compared: one of an agency has it once.
    name_key: Mapped[str]
    description: Mapped[str]
    responsible: Mapped[str]
    system: Mapped[str]
    personal: Mapped[bool]
    personal_ground: Mapped[str]
    reserved: Mapped[bool]
    reserved_ground: Mapped[str]
    #: A month or a day in ISO 8601, or nothing.
    expected: Mapped[str]
    frequency: Mapped[str]
    decision: Mapped[str]
    resources: Mapped[list[Any]]
    #: Counts the changes: a form that was filled in over an older one is told.
    version: Mapped[int] = mapped_column(default=1)
    modified_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    modified_at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (sa.Index("edomex_planning_item_name", "agency_id", "name_key", unique=True),)


class Event(Base):
    """What happened to a row, a plan or a line of one. Append-only; what was deleted is still told here."""

    __tablename__ = "edomex_planning_event"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    subject_id: Mapped[str] = mapped_column(index=True)
    #: `item`, `plan`, `line` or `document`.
    kind: Mapped[str]
    agency_id: Mapped[str]
    move: Mapped[str]
    version: Mapped[int]
    #: Field → what it was and what it is.
    changes: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    #: User id; None for the machine.
    actor: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
