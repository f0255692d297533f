"""The tables, as the migration makes them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from ckan.types import AlchemySession as Session
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ckanext.edomex.audit.domain import chain
from ckanext.edomex.domain.clock import aware

NOW = sa.text("clock_timestamp()")


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True), str: sa.Text()}


class Seal(Base):
    """One event of another room, fixed in the chain. Append-only: neither changed, nor deleted, nor emptied."""

    __tablename__ = "edomex_audit_seal"

    #: 1, 2, 3 …: counted by whoever seals, for a sequence leaves gaps and a gap is a fault.
    position: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    ledger: Mapped[str]
    form: Mapped[int] = mapped_column(sa.SmallInteger)
    event_id: Mapped[int] = mapped_column(sa.BigInteger)
    event_hash: Mapped[str]
    agency_id: Mapped[str | None]
    event_at: Mapped[datetime]
    sealed_at: Mapped[datetime]
    chain: Mapped[str]

    __table_args__ = (
        sa.Index("edomex_audit_seal_once", "ledger", "event_id", unique=True),
        sa.Index("edomex_audit_seal_agency", "agency_id", "position"),
    )


class Check(Base):
    """The last walk along the chain: up to where, and how much was wrong."""

    __tablename__ = "edomex_audit_check"

    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(server_default=NOW)
    position: Mapped[int] = mapped_column(sa.BigInteger)
    chain: Mapped[str]
    faults: Mapped[int] = mapped_column(sa.BigInteger)


def now(session: Session | sa.Connection) -> datetime:
    """The database's clock, the only one that decides."""
    return session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()


def head(session: Session | sa.Connection, before: int | None = None) -> chain.Head:
    """Where the chain ends, or what stands before a position."""
    query = sa.select(Seal.position, Seal.chain)
    if before is not None:
        query = query.where(Seal.position < before)
    row = session.execute(query.order_by(Seal.position.desc()).limit(1)).one_or_none()
    return chain.Head(position=row.position, chain=row.chain) if row else chain.Head(position=0, chain=chain.GENESIS)


def as_sealed(row: sa.Row | Seal) -> chain.Seal:
    """The fields of a row that the chain stands for."""
    return chain.Seal(
        position=row.position, ledger=row.ledger, form=row.form, event_id=row.event_id, event_hash=row.event_hash,
        agency_id=row.agency_id, event_at=aware(row.event_at), sealed_at=aware(row.sealed_at),
    )  # fmt: skip
