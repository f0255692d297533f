"""Events of the ledgers, read and hashed by PostgreSQL: a million of them never come to Python as texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from ckan.types import AlchemySession as Session

from ckanext.edomex.adapters.ledgers import As, Ledger, known
from ckanext.edomex.audit.domain.faults import Looked
from ckanext.edomex.audit.model.tables import as_sealed

#: How a column becomes text. jsonb has its keys in one order and one way of writing them.
_TEXTS = {
    As.TEXT: "{column}",
    As.NUMBER: "{column}::text",
    As.INSTANT: """to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    As.JSON: "{column}::text",
}
#: Ids behind the newest sealed one that are compared in every pass. Ids are given out before the commit, so an event may
#: become visible after its successors were sealed; one later than that is found by the pass over everything.
WINDOW = 20_000


def canonical(ledger: Ledger, form: int) -> str:
    """An expression for the one text of an event: each column's length in bytes, a colon, its text, a comma; `-,` for none."""

    def one(column: str, kind: As) -> str:
        text = _TEXTS[kind].format(column=f"e.{column}")
        return f"COALESCE(octet_length({text})::text || ':' || {text} || ',', '-,')"

    return " || ".join(one(column, kind) for column, kind in ledger.forms[form - 1].items())


def hashed(ledger: Ledger, form: int) -> str:
    """An expression for the SHA-256 of that text."""
    return f"encode(sha256(convert_to({canonical(ledger, form)}, 'UTF8')), 'hex')"


def newest_sealed(connection: Session | sa.Connection, ledger: Ledger) -> int:
    """The highest id of this ledger that is sealed; 0 for none."""
    query = "SELECT COALESCE(max(event_id), 0) FROM edomex_audit_seal WHERE ledger = :ledger"
    return connection.execute(sa.text(query), {"ledger": ledger.name}).scalar_one()


def unsealed(connection: sa.Connection, ledger: Ledger, after: int, limit: int) -> Sequence[sa.Row]:
    """Committed events without a seal whose id is higher: `(id, agency_id, at, hash)`, by id."""
    query = f"""
        SELECT e.id, {ledger.agency} AS agency_id, e.at, {hashed(ledger, len(ledger.forms))} AS hash
        FROM {ledger.table} e {ledger.joins} WHERE e.id > :after AND {_WITHOUT_SEAL} ORDER BY e.id LIMIT :limit
    """
    return connection.execute(sa.text(query), {"after": after, "limit": limit, "ledger": ledger.name}).all()


def is_behind(connection: sa.Connection, ledgers: Sequence[Ledger]) -> bool:
    """Whether any event waits for its seal, among the newest of each ledger: one question, asked again and again by every loop."""
    named = {f"ledger_{number}": ledger.name for number, ledger in enumerate(ledgers)}
    waiting = [
        f"""EXISTS (SELECT 1 FROM {ledger.table} e WHERE e.id > (
            SELECT COALESCE(max(event_id), 0) FROM edomex_audit_seal WHERE ledger = :{name}
        ) - {WINDOW} AND NOT EXISTS (SELECT 1 FROM edomex_audit_seal s WHERE s.ledger = :{name} AND s.event_id = e.id))"""
        for name, ledger in zip(named, ledgers, strict=True)
    ]
    return bool(waiting) and connection.execute(sa.text(f"SELECT {' OR '.join(waiting)}"), named).scalar_one()


def lagging(connection: Session | sa.Connection, ledger: Ledger, minutes: float, *, everything: bool) -> tuple[int, float]:
    """How many events have waited for their seal longer than that, 1,000 at most, and the seconds since the oldest of them.

    Args:
        connection: the database's.
        ledger: whose events.
        minutes: that are no delay.
        everything: look at every event there is, and not only at the newest.
    """
    after = 0 if everything else newest_sealed(connection, ledger) - WINDOW
    query = f"""
        SELECT count(*) AS events, COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - min(late.at)), 0)::float AS oldest FROM (
            SELECT e.at FROM {ledger.table} e
            WHERE e.id > :after AND e.at < clock_timestamp() - make_interval(secs => :seconds) AND {_WITHOUT_SEAL} LIMIT 1000
        ) late
    """
    row = connection.execute(sa.text(query), {"after": after, "seconds": minutes * 60, "ledger": ledger.name}).one()
    return row.events, row.oldest


def pages(connection: sa.Connection, after: int, size: int) -> Iterator[list[Looked]]:
    """Seals beyond a position, each with the hash of its event as that is now, so many at a time."""
    ledgers = list(known().values())
    found = "".join(
        f" WHEN '{ledger.name}' THEN (SELECT {_by_form(ledger)} FROM {ledger.table} e WHERE e.id = s.event_id)" for ledger in ledgers
    )
    found = f"CASE s.ledger{found} END" if ledgers else "CAST(NULL AS text)"
    query = sa.text(
        "SELECT s.position, s.ledger, s.form, s.event_id, s.event_hash, s.agency_id, s.event_at, s.sealed_at, s.chain,"
        f" {found} AS found FROM edomex_audit_seal s WHERE s.position > :after ORDER BY s.position LIMIT :size"
    )
    names = {ledger.name for ledger in ledgers}
    while rows := connection.execute(query, {"after": after, "size": size}).all():
        yield [Looked(seal=as_sealed(row), chain=row.chain, found=row.found, known=row.ledger in names) for row in rows]
        after = rows[-1].position


def events_of(session: Session, ledger: Ledger, ids: Iterable[int]) -> dict[int, sa.Row]:
    """Events by their ids, with what the ledger says of them: where they are shown, what they are of."""
    query = f"""
        SELECT e.id, e.move, e.actor, e.reason, {ledger.subject} AS subject, {ledger.path} AS path, {ledger.called} AS called,
            {ledger.datasets} AS datasets, {ledger.content} AS content
        FROM {ledger.table} e {ledger.joins} WHERE e.id = ANY(:ids)
    """
    return {row.id: row for row in session.execute(sa.text(query), {"ids": list(ids)})}


def described(session: Session, ledger: Ledger, form: int, event_id: int) -> str | None:
    """The one text of an event, as it is hashed; None if the event is gone."""
    query = f"SELECT {canonical(ledger, form)} FROM {ledger.table} e WHERE e.id = :id"
    return session.execute(sa.text(query), {"id": event_id}).scalar()


def of_subject(ledger: Ledger) -> Any:
    """The ids of a subject's events, as a condition on seals; takes `subject`."""
    query = f"SELECT e.id FROM {ledger.table} e {ledger.joins} WHERE {ledger.subject} = :subject"
    return sa.text(f"edomex_audit_seal.ledger = '{ledger.name}' AND edomex_audit_seal.event_id IN ({query})")


def _by_form(ledger: Ledger) -> str:
    forms = "".join(f" WHEN {number} THEN {hashed(ledger, number)}" for number in range(1, len(ledger.forms) + 1))
    return f"CASE s.form{forms} END"


# The second bound is implied by the first two; with it PostgreSQL reads the end of an index, and not every seal there is.
_WITHOUT_SEAL = (
    "NOT EXISTS (SELECT 1 FROM edomex_audit_seal s WHERE s.ledger = :ledger AND s.event_id = e.id AND s.event_id > :after)"
)
