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


class Plan(Base):
    """An agency's opening plan of a year."""

    __tablename__ = "edomex_planning_plan"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str]
    year: Mapped[int]
    state: Mapped[str]
    vision: Mapped[str]
    liaison_name: Mapped[str]
    liaison_post: Mapped[str]
    liaison_mail: Mapped[str]
    admin_name: Mapped[str]
    admin_post: Mapped[str]
    admin_mail: Mapped[str]
    #: `{year, head, lines}` as it was sent, and as the approval stands for.
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: The dataset by which the plan is published, once that was begun.
    dataset_id: Mapped[str | None]
    submitted_by: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    modified_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    modified_at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (
        sa.Index("edomex_planning_plan_year", "agency_id", "year", unique=True),
        sa.CheckConstraint("approved_by <> submitted_by", name="edomex_planning_four_eyes"),
        sa.CheckConstraint(
            "state <> 'approved' OR (submitted_by IS NOT NULL AND approved_by IS NOT NULL AND content IS NOT NULL)",
            name="edomex_planning_approved",
        ),
    )


class Line(Base):
    """A line of a plan: a row of the inventory, and what the plan says of it beyond the inventory."""

    __tablename__ = "edomex_planning_line"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[str]
    agency_id: Mapped[str]
    item_id: Mapped[str] = mapped_column(index=True)
    committed: Mapped[str]
    responsible: Mapped[str]
    priority: Mapped[str]
    audience: Mapped[str]
    importance: Mapped[str]
    format: Mapped[str]
    legal_basis: Mapped[str]
    notes: Mapped[str]
    #: The dataset that the line became.
    dataset_id: Mapped[str | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    modified_by: Mapped[str | None]

    __table_args__ = (sa.Index("edomex_planning_line_item", "plan_id", "item_id", unique=True),)


class Document(Base):
    """A file that belongs to a plan: an oficio, a letter of designation. Its bytes are kept by their SHA-256, never public."""

    __tablename__ = "edomex_planning_document"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    version: Mapped[int] = mapped_column(default=1)
    uploaded_by: Mapped[str | None]
    uploaded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    removed_at: Mapped[datetime | None]
