"""Tables of the federation room. Out of CKAN's metadata, without foreign keys into it (docs/adr/0004-own-tables.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from ckan.types import AlchemySession as Session
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ckanext.edomex.federation.domain.comparison import Known, State

NOW = sa.text("clock_timestamp()")
STATES = "state IN ('waiting', 'present', 'refused', 'missing', 'deleted')"
#: Rows in one statement.
BUNCH = 500


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB, str: sa.Text()}


class SourceMemory(Base):
    """What the next reading of a source begins with. Written with what was found, in one transaction."""

    __tablename__ = "edomex_federation_source"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    #: Of which address, and under which settings, the rest is remembered.
    url: Mapped[str]
    settings: Mapped[str]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    #: SHA-256 of a document that was the whole source.
    sha256: Mapped[str | None]
    #: Where its change stream goes on.
    changes_url: Mapped[str | None]
    #: When all of it was read last, and when it was asked at all.
    whole_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    #: A person said at this instant that what is missing may go.
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    #: Counts of the last reading that found something, by what became of each record.
    report: Mapped[dict[str, Any]] = mapped_column(server_default=sa.text("'{}'"))


class Entry(Base):
    """One record of one source, and the dataset that is made of it: its id is chosen before the dataset is."""

    __tablename__ = "edomex_federation_record"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    package_id: Mapped[str] = mapped_column(unique=True)
    iri: Mapped[str] = mapped_column(server_default="")
    licence: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    #: Digests of what was imported, or refused, last, and of what is to be.
    digest: Mapped[str | None]
    wanted: Mapped[str | None]
    #: Why it was refused, or is missing.
    reason: Mapped[str | None]
    first_seen: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)
    missing_since: Mapped[datetime | None]
    #: The source itself told that it is gone.
    told: Mapped[bool] = mapped_column(server_default=sa.false())

    __table_args__ = (
        sa.CheckConstraint(STATES, name="edomex_federation_record_state"),
        sa.CheckConstraint("(state = 'missing') = (missing_since IS NOT NULL)", name="edomex_federation_record_missing"),
        sa.Index("edomex_federation_record_open", "source_id", "state", postgresql_where=sa.text("state IN ('waiting', 'missing')")),
    )


class Approval(Base):
    """Somebody approved a source, under the terms that it had then."""

    __tablename__ = "edomex_federation_approval"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    terms: Mapped[str]
    approved_at: Mapped[datetime] = mapped_column(server_default=NOW)
    #: None for those that were harvested before there were approvals.
    approved_by: Mapped[str | None]


class Trial(Base):
    """What a source would have brought when it was read last without being harvested."""

    __tablename__ = "edomex_federation_trial"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    terms: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)
    #: Why it could not be read.
    problem: Mapped[str | None]
    #: Of each outcome.
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=sa.text("'{}'"))
    #: What has to be told of the source as a whole.
    notes: Mapped[list[Any]] = mapped_column(server_default=sa.text("'[]'"))


class TrialRecord(Base):
    """One record of a trial."""

    __tablename__ = "edomex_federation_trial_record"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str]
    outcome: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    iri: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    differences: Mapped[list[Any]] = mapped_column(server_default=sa.text("'[]'"))


_PACKAGES = sa.table("package", sa.column("id"))
#: Whether a record's dataset is here; it is looked for where that says something.
_HAS_DATASET = sa.case(
    (Entry.state == State.REFUSED, sa.exists(sa.select(_PACKAGES.c.id).where(_PACKAGES.c.id == Entry.package_id))), else_=sa.true()
)
#: Entries that stand for a dataset.
WITH_DATASET = (State.PRESENT, State.WAITING, State.MISSING)


def now(session: Session) -> datetime:
    """The database's clock, the only one that decides."""
    return session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()


def lock_source(session: Session, source_id: str) -> None:
    """One at a time works on a source's records, to the end of the transaction, whichever process it is in."""
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"edomex_federation {source_id}"})


def memory_of(session: Session, source_id: str) -> SourceMemory | None:
    """What is remembered of a source."""
    return session.get(SourceMemory, source_id)


def known_of(session: Session, source_id: str, record_ids: Sequence[str] | None = None) -> dict[str, Known]:
    """Records of a source, by their ids: these, or every one."""
    columns = (Entry.record_id, Entry.state, Entry.digest, Entry.wanted, _HAS_DATASET.label("has_dataset"))
    query = sa.select(*columns).where(Entry.source_id == source_id)
    if record_ids is not None:
        query = query.where(Entry.record_id.in_(record_ids))
    rows = session.execute(query)
    return {row[0]: Known(state=row.state, digest=row.digest, wanted=row.wanted, has_dataset=row.has_dataset) for row in rows}


def is_unfinished(session: Session, source_id: str) -> bool:
    """Whether a record still waits to be imported: what is remembered of the source is then no reason to skip it."""
    found = sa.select(sa.literal(1)).where(Entry.source_id == source_id, Entry.state == State.WAITING).limit(1)
    return session.execute(found).scalar() is not None


def expect(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note what is to be imported; a record keeps the dataset's id that it was given first."""
    for start in range(0, len(rows), BUNCH):
        statement = insert(Entry).values(list(rows[start : start + BUNCH]))
        new = statement.excluded
        changed = {
            "wanted": new.wanted, "iri": new.iri, "licence": new.licence, "state": State.WAITING.value, "missing_since": None,
            "told": sa.false(), "reason": None,
        }  # fmt: skip
        session.execute(statement.on_conflict_do_update(index_elements=["source_id", "record_id"], set_=changed))


def mark(session: Session, source_id: str, record_ids: Sequence[str], **values: Any) -> None:
    """Change what is known of some records of a source."""
    for start in range(0, len(record_ids), BUNCH):
        some = list(record_ids[start : start + BUNCH])
        session.execute(sa.update(Entry).where(Entry.source_id == source_id, Entry.record_id.in_(some)).values(**values))


def lose(session: Session, source_id: str, record_ids: Sequence[str], reason: str, *, told: bool) -> None:
    """Note as missing, since when it was first: what a person accepted stays accepted.

    Of what was refused or waits no digest stays: its dataset does not say it, and if it comes back it is tried anew.
    """
    said = sa.case((Entry.state.in_([State.PRESENT, State.MISSING]), Entry.digest))
    since = sa.func.coalesce(Entry.missing_since, now(session))
    mark(session, source_id, record_ids, state=State.MISSING, digest=said, missing_since=since, reason=reason, told=told)


def entries(session: Session, source_id: str, record_ids: Sequence[str]) -> dict[str, Entry]:
    """These records, locked."""
    query = sa.select(Entry).where(Entry.source_id == source_id, Entry.record_id.in_(list(record_ids)))
    return {row.record_id: row for row in session.execute(query.with_for_update().execution_options(populate_existing=True)).scalars()}


def missing_of(session: Session, source_id: str) -> list[Entry]:
    """Records that the source has no more and whose datasets are still here, the longest missing first."""
    query = sa.select(Entry).where(Entry.source_id == source_id, Entry.state == State.MISSING)
    return list(session.execute(query.order_by(Entry.missing_since, Entry.record_id)).scalars())


def counts_of(session: Session, source_id: str) -> dict[str, int]:
    """How many records of a source stand where."""
    query = sa.select(Entry.state, sa.func.count()).where(Entry.source_id == source_id).group_by(Entry.state)
    return {state: count for state, count in session.execute(query)}  # noqa: C416  # rows, not pairs


def packages_of(session: Session, source_id: str) -> list[str]:
    """Datasets that a source's records stand for, or stood for."""
    return list(session.execute(sa.select(Entry.package_id).where(Entry.source_id == source_id)).scalars())


def origin_of(session: Session, package_id: str) -> Entry | None:
    """Where a dataset came from."""
    return session.execute(sa.select(Entry).where(Entry.package_id == package_id)).scalars().first()


def forget(session: Session, source_id: str) -> None:
    """All that is known of a source and its records."""
    forget_trial(session, source_id)
    for table in (Entry, SourceMemory):
        session.execute(sa.delete(table).where(table.source_id == source_id))


def forget_trial(session: Session, source_id: str) -> None:
    """What a source would have brought."""
    for table in (TrialRecord, Trial):
        session.execute(sa.delete(table).where(table.source_id == source_id))


def trial_count(session: Session, source_id: str, outcome: str) -> int:
    """How many records a source's trial has; of one outcome unless it is empty."""
    query = sa.select(sa.func.count()).select_from(TrialRecord).where(TrialRecord.source_id == source_id)
    return session.execute(query.where(TrialRecord.outcome == outcome) if outcome else query).scalar_one()


def trial_records(session: Session, source_id: str, outcome: str, offset: int, limit: int) -> list[TrialRecord]:
    """Some records of a source's trial; of one outcome unless it is empty."""
    query = sa.select(TrialRecord).where(TrialRecord.source_id == source_id)
    if outcome:
        query = query.where(TrialRecord.outcome == outcome)
    return list(session.execute(query.order_by(TrialRecord.number).offset(offset).limit(limit)).scalars())
