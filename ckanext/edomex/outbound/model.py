"""Tables of targets and copies. Out of CKAN's metadata, without foreign keys into it (docs/adr/0004-own-tables.md)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from ckan.types import AlchemySession as Session
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ckanext.edomex.adapters import duties
from ckanext.edomex.outbound.domain.copies import State

#: What a loop does for this room.
DUTY = "federation"

NOW = sa.text("clock_timestamp()")
INSTANT = sa.func.clock_timestamp()


class Base(DeclarativeBase):
    """Metadata of this room's tables alone."""

    type_annotation_map: ClassVar = {datetime: sa.DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB, str: sa.Text()}


class Target(Base):
    """Another portal that takes our datasets, and the agreement under which it does. Its key is never here."""

    __tablename__ = "edomex_outbound_target"

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid.uuid4()))
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    kind: Mapped[str]
    url: Mapped[str]
    #: Name of our organization there.
    organization: Mapped[str]
    #: Formats that it takes, in capitals; empty for all.
    formats: Mapped[list[Any]]
    #: Theme of ours → group there, beside the vocabulary's own.
    groups: Mapped[dict[str, Any]]
    #: Part of the User-Agent with which one that pulls reads our catalogue; empty for others.
    reader: Mapped[str] = mapped_column(server_default="")
    #: Whether it is us who make a copy public there.
    may_publish: Mapped[bool]
    sends_files: Mapped[bool]
    #: Most requests in a minute.
    rate: Mapped[int]
    enabled: Mapped[bool]
    agreement_number: Mapped[str]
    agreement_date: Mapped[date | None]
    agreement_post: Mapped[str]
    agreement_document: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    modified_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Contact(Base):
    """How it goes with a target: whoever works on it holds this row, so that one request is under way at a time."""

    __tablename__ = "edomex_outbound_contact"

    target_id: Mapped[str] = mapped_column(primary_key=True)
    #: The last answer that was one.
    answered_at: Mapped[datetime | None]
    #: Troubles in a row.
    failures: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    rest_until: Mapped[datetime | None]
    #: When all that is public was last compared with what is noted.
    swept_at: Mapped[datetime | None]


class Copy(Base):
    """One dataset at one target."""

    __tablename__ = "edomex_outbound_copy"

    target_id: Mapped[str] = mapped_column(primary_key=True)
    package_id: Mapped[str] = mapped_column(primary_key=True)
    #: Its name there, for the day on which the dataset is gone here.
    remote_name: Mapped[str]
    state: Mapped[str] = mapped_column(default=State.PENDING)
    #: When it is compared next; nothing where only a person can go on.
    due_at: Mapped[datetime | None] = mapped_column(server_default=NOW)
    #: The moment since which the target is behind; nothing while it is in step.
    behind_since: Mapped[datetime | None] = mapped_column(server_default=NOW)
    #: Digest of what was sent last, and of what was there afterwards.
    sent: Mapped[str | None]
    written: Mapped[str | None]
    #: A person said that ours goes over theirs.
    overwrite: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    #: How often somebody asked for a comparison: whoever compares sees whether they asked meanwhile.
    marked: Mapped[int] = mapped_column(default=0)
    #: Code of a trouble, and what a person reads of it.
    trouble: Mapped[str | None]
    reason: Mapped[str | None]
    modified_at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (
        sa.Index("edomex_outbound_copy_due", "target_id", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
        sa.CheckConstraint(sa.column("state").in_(sorted(State)), name="edomex_outbound_copy_state"),
    )


_PACKAGE = sa.table("package", sa.column("id"), sa.column("state"), sa.column("private"))
#: Of a copy: whether its dataset is public here, so that something has to be there. Otherwise it has to go.
PUBLIC_HERE = (
    sa.exists().where(_PACKAGE.c.id == Copy.package_id, _PACKAGE.c.state == "active", _PACKAGE.c.private.is_(False)).correlate(Copy)
)


class Step(Base):
    """What was done at a target, or was not and why. Kept for so many days."""

    __tablename__ = "edomex_outbound_step"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    target_id: Mapped[str]
    package_id: Mapped[str]
    operation: Mapped[str]
    state: Mapped[str]
    trouble: Mapped[str | None]
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)

    __table_args__ = (
        sa.Index("edomex_outbound_step_copy", "target_id", "package_id", "id"),
        sa.Index("edomex_outbound_step_at", "at"),
    )


class Reading(Base):
    """One of our documents, as a portal that pulls read it last."""

    __tablename__ = "edomex_outbound_reading"

    target_id: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[datetime] = mapped_column(server_default=NOW)
    #: 200, or 304 where it had it already.
    status: Mapped[int]
    agent: Mapped[str]


class Bundle(Base):
    """A parcel that was made for a target that takes it by hand, and the receipt that was given for it."""

    __tablename__ = "edomex_outbound_bundle"

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid.uuid4()))
    target_id: Mapped[str]
    #: Name of the agency whose datasets are in it; empty for all.
    agency: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)
    #: Name of the account.
    made_by: Mapped[str]
    datasets: Mapped[int]
    files: Mapped[int]
    left_out: Mapped[int]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str]
    receipt: Mapped[str] = mapped_column(server_default="")
    delivered_on: Mapped[date | None]

    __table_args__ = (sa.Index("edomex_outbound_bundle_target", "target_id", "made_at"),)


_MARK = sa.text("""
INSERT INTO edomex_outbound_copy (target_id, package_id, remote_name, state, overwrite, attempts, marked)
SELECT t.id, p.id, '', 'pending', false, 0, 0 FROM edomex_outbound_target t, unnest(CAST(:ids AS text[])) AS p(id)
WHERE t.kind = 'ckan' AND t.enabled
ON CONFLICT (target_id, package_id) DO UPDATE SET due_at = clock_timestamp(), attempts = 0, marked = edomex_outbound_copy.marked + 1,
    behind_since = COALESCE(edomex_outbound_copy.behind_since, clock_timestamp())
""")
_SWEEP = sa.text("""
INSERT INTO edomex_outbound_copy (target_id, package_id, remote_name, state, overwrite, attempts, marked)
SELECT :target, p.id, '', 'pending', false, 0, 0 FROM package p
WHERE p.type = 'dataset' AND p.state = 'active' AND NOT p.private
ON CONFLICT (target_id, package_id) DO NOTHING
""")
_GONE = sa.text("""
UPDATE edomex_outbound_copy c SET due_at = clock_timestamp(), marked = marked + 1,
    behind_since = COALESCE(behind_since, clock_timestamp())
WHERE c.target_id = :target AND c.state NOT IN ('withdrawn', 'refused') AND NOT EXISTS (
    SELECT 1 FROM package p WHERE p.id = c.package_id AND p.state = 'active' AND NOT p.private)
""")


_READ = sa.text("""
INSERT INTO edomex_outbound_reading AS r (target_id, path, status, agent) VALUES (:target, :path, :status, :agent)
ON CONFLICT (target_id, path) DO UPDATE SET read_at = clock_timestamp(), status = :status, agent = :agent
WHERE r.read_at < clock_timestamp() - make_interval(secs => :every)
""")
_CHANGED = sa.text("""
SELECT count(*), min(metadata_modified AT TIME ZONE 'UTC') FROM package
WHERE type = 'dataset' AND NOT private AND state = 'active' AND metadata_modified > CAST(:since AS timestamptz) AT TIME ZONE 'UTC'
""")
_HIDDEN = sa.text("""
SELECT id FROM package WHERE type = 'dataset' AND private AND metadata_modified > CAST(:since AS timestamptz) AT TIME ZONE 'UTC'
""")


def note_reading(connection: sa.Connection, target_id: str, path: str, status: int, agent: str, every_s: float) -> None:
    """Note that a portal read a document of ours; of many readings in a row one is enough."""
    connection.execute(_READ, {"target": target_id, "path": path, "status": status, "agent": agent, "every": every_s})


def readings_of(session: Session, target_id: str) -> list[Reading]:
    """What a portal that pulls read last, the newest first."""
    return list(session.execute(sa.select(Reading).where(Reading.target_id == target_id).order_by(Reading.read_at.desc())).scalars())


def bundles_of(session: Session, target_id: str) -> list[Bundle]:
    """Parcels that were made for a target, the newest first."""
    return list(session.execute(sa.select(Bundle).where(Bundle.target_id == target_id).order_by(Bundle.made_at.desc())).scalars())


def changed_since(session: Session, since: datetime) -> tuple[int, datetime | None]:
    """How many public datasets changed after an instant, and when the first of them did."""
    row = session.execute(_CHANGED, {"since": since}).one()
    return row[0], row[1]


def hidden_since(session: Session, since: datetime) -> list[str]:
    """Datasets that are not public and were touched after an instant; those that never were public are among them."""
    return list(session.execute(_HIDDEN, {"since": since}).scalars())


def mark(session: Session, package_ids: list[str]) -> None:
    """Note that copies of these datasets have to be compared, at every target that works."""
    session.execute(_MARK, {"ids": package_ids})


def ask(session: Session, *chosen: Any, **more: Any) -> int:
    """Have the copies of this condition compared now, also while somebody is at it; returns how many."""
    asked = {"due_at": INSTANT, "attempts": 0, "marked": Copy.marked + 1, **more}
    anew = sa.update(Copy).where(*chosen).values(asked).returning(Copy.package_id)
    return len(session.execute(anew.execution_options(synchronize_session=False)).all())


def rest_no_more(session: Session, target_id: str) -> None:
    """A person asked: the target is tried at once. Called before copies are touched, for whoever is at it holds its contact first."""
    anew = sa.update(Contact).where(Contact.target_id == target_id).values(rest_until=None, failures=0)
    session.execute(anew.execution_options(synchronize_session=False))
    duties.ask(session, DUTY)


def stuck(session: Session, target_id: str, often: int) -> tuple[int, int]:
    """How many copies were not taken away although their datasets are public no more, and how many others failed so often."""
    tried_in_vain = sa.and_(Copy.state == State.REFUSED, sa.or_(Copy.due_at.is_(None), Copy.attempts > 0))
    fails = sa.and_(Copy.due_at.isnot(None), Copy.attempts >= often)
    left = sa.func.count().filter(~PUBLIC_HERE, sa.or_(tried_in_vain, fails))
    row = session.execute(
        sa.select(left, sa.func.count().filter(PUBLIC_HERE, fails, Copy.state != State.REFUSED)).where(Copy.target_id == target_id)
    ).one()
    return row[0], row[1]


def sweep(session: Session | sa.Connection, target_id: str) -> None:
    """Note what nobody told us of: datasets that are public and have no copy, copies of those that are public no more."""
    session.execute(_SWEEP, {"target": target_id})
    session.execute(_GONE, {"target": target_id})


def now(session: Session | sa.Connection) -> datetime:
    """The database's clock, the only one that decides."""
    return session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
