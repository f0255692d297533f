"""Tables of the door. They have no foreign key into CKAN's: an account that is purged leaves nothing that matters."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NOW = sa.text("clock_timestamp()")


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True), str: sa.Text()}


class Factor(Base):
    """The second factor of an account; until it is confirmed it asks for nothing."""

    __tablename__ = "edomex_shield_factor"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    #: Encrypted with the operator's key (`model/vault.py`).
    secret: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    confirmed_at: Mapped[datetime | None]
    #: The newest interval of which a code was accepted: none is accepted twice.
    last_step: Mapped[int | None] = mapped_column(sa.BigInteger)


class Recovery(Base):
    """One recovery code, by its hash; it goes when it is used."""

    __tablename__ = "edomex_shield_recovery"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)


class Account(Base):
    """What CKAN does not know of an account: when its owner leaves, who closed it."""

    __tablename__ = "edomex_shield_account"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    leaves_on: Mapped[date | None]
    noted_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
