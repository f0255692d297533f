"""Release what is due: claimed, verified, opened and recorded in one transaction of PostgreSQL.

Exactly once is a property of the database: rows are claimed with SKIP LOCKED, and a unique index allows one
`released` event for each release. The loop's own clock decides nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from ckanext.edomex.adapters.outbox import Moment
from ckanext.edomex.domain.clock import aware
from ckanext.edomex.release.domain.lifecycle import State, after
from ckanext.edomex.release.jobs.opening import RECORD, Claimed, open_datasets
from ckanext.edomex.release.model import Subjects, announce, content_hashes

log = logging.getLogger(__name__)

#: Releases in one transaction.
BATCH = 1000
#: Seconds to the next attempt of an item that failed by itself: doubled each time, up to the last.
BACKOFF_S = (1, 2, 4, 8, 16, 32, 60)
#: How long PostgreSQL waits for a loop that claimed releases and then says nothing: its host is gone, or it hangs, and
#: another loop has to have them.
SILENCE = "10s"
#: Why a release failed for good → what people are told.
REASONS: Mapping[str, str] = MappingProxyType({
    "content_changed": "El contenido cambió después de la aprobación; revíselo y envíelo de nuevo.",
    "dataset_gone": "El conjunto ya no está, o dejó de ser público; la edición no tiene dónde publicarse.",
})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one pass did: ids of releases."""

    released: list[str] = field(default_factory=list)
    #: Content differed from what was approved, or there is nothing left to release.
    failed: list[str] = field(default_factory=list)
    #: Not possible now; will be tried again.
    postponed: list[str] = field(default_factory=list)


# A package that somebody is writing to this instant is left for the next pass, a moment later: waiting for its
# row here, while its writer waits for our release row, would be a deadlock. `p` holds the content; `q` is what
# everybody sees: the same but for an edition. The clock is asked in a query of its own, or PostgreSQL, which must ask
# it anew for each row, could not use the index: 0.2 s among a million dates instead of 0.3 ms.
_CLAIM = sa.text("""
SELECT r.id, r.package_id, r.content_id, r.kind, r.content_hash,
    p.state = 'deleted' OR q.state = 'deleted' OR (r.kind = 'edition' AND q.private) AS gone
FROM edomex_release r JOIN package p ON p.id = r.content_id JOIN package q ON q.id = r.package_id
WHERE r.state = 'scheduled' AND r.due_at <= (SELECT clock_timestamp()) AND r.release_at <= clock_timestamp()
  AND (CAST(:only AS text) IS NULL OR r.id = :only)
ORDER BY r.due_at, r.id LIMIT :batch FOR UPDATE OF r, p, q SKIP LOCKED
""")
# Rows whose content was purged join nothing; without this they would wait for ever, unseen.
_ORPHANS = sa.text("""
SELECT r.id, r.package_id, r.content_id, r.kind FROM edomex_release r
WHERE r.state = 'scheduled' AND r.due_at <= (SELECT clock_timestamp())
  AND (NOT EXISTS (SELECT 1 FROM package p WHERE p.id = r.content_id)
       OR NOT EXISTS (SELECT 1 FROM package q WHERE q.id = r.package_id))
LIMIT :batch FOR UPDATE OF r SKIP LOCKED
""")
_DO_NOT_WAIT = sa.text(f"SET LOCAL idle_in_transaction_session_timeout = '{SILENCE}'")
_FAIL = sa.text("""
UPDATE edomex_release SET state = :state, last_error = :error, modified_at = clock_timestamp() WHERE id = ANY(:ids)
""")
_POSTPONE = sa.text("""
UPDATE edomex_release SET attempts = attempts + 1, last_error = :error,
    due_at = clock_timestamp() + make_interval(secs => (CAST(:waits AS int[]))[least(attempts + 1, :last)])
WHERE id = :id AND state = 'scheduled'
""")


def release_due(engine: sa.Engine) -> Outcome:
    """Release everything that is due now and free to claim; returns what became of it.

    A batch that fails as a whole is tried item by item, so that one bad item delays nobody.
    Errors of the connection itself are the caller's: nothing was changed then.
    """
    try:
        return _one_transaction(engine, None)
    except OperationalError:
        raise
    except DBAPIError as error:
        log.warning("release batch refused, trying item by item: %s", type(error.orig).__name__)
        return _one_by_one(engine)


def judge(connection: sa.Connection, due: Sequence[Any]) -> tuple[list[Claimed], dict[str, list[Claimed]]]:
    """Which of the claimed rows may be opened, and which not, by the reason (a key of `REASONS`)."""
    current = content_hashes(connection, [row.content_id for row in due])
    good: list[Claimed] = []
    bad: dict[str, list[Claimed]] = {}
    for row in due:
        claimed = Claimed(row.id, row.package_id, row.content_id, row.kind)
        if row.gone:
            bad.setdefault("dataset_gone", []).append(claimed)
        elif row.content_hash != current.get(row.content_id):
            bad.setdefault("content_changed", []).append(claimed)
        else:
            good.append(claimed)
    return good, bad


def instant(connection: sa.Connection) -> datetime:
    """The database's clock; never on a whole second, so that its text has all its digits wherever it is written."""
    found = connection.execute(sa.text("SELECT clock_timestamp() AT TIME ZONE 'UTC'")).scalar_one()
    return aware(found if found.microsecond else found + timedelta(microseconds=1))


def _one_transaction(engine: sa.Engine, only: str | None) -> Outcome:
    with engine.begin() as connection:
        connection.execute(_DO_NOT_WAIT)
        due = connection.execute(_CLAIM, {"batch": BATCH, "only": only}).all()
        if not due:
            return Outcome()
        good, bad = judge(connection, due)
        if good:
            open_datasets(connection, good, instant(connection))
        for reason, rows in bad.items():
            _refuse(connection, rows, reason)
    return Outcome(released=[row.id for row in good], failed=sorted(row.id for rows in bad.values() for row in rows))


def fail_orphans(engine: sa.Engine) -> list[str]:
    """Fail what is due and has no dataset any more; returns the releases. Rare, so the housekeeping looks for it."""
    with engine.begin() as connection:
        gone = [Claimed(*row) for row in connection.execute(_ORPHANS, {"batch": BATCH})]
        if gone:
            _refuse(connection, gone, "dataset_gone")
    return [row.id for row in gone]


def _refuse(connection: sa.Connection, rows: Sequence[Claimed], error: str) -> None:
    state, ids = after(State.SCHEDULED, "fail"), [row.id for row in rows]
    connection.execute(_FAIL, {"ids": ids, "state": state, "error": error})
    connection.execute(RECORD, {"ids": ids, "from": State.SCHEDULED, "state": state, "move": "fail", "reason": REASONS[error]})
    announce(connection, Moment.FAILED, [Subjects(row.id, row.content_id) for row in rows])
    log.error("release refused: %s", error, extra={"event": "release.refused", "reason": error, "releases": ids})


def _one_by_one(engine: sa.Engine) -> Outcome:
    with engine.connect() as connection:
        ids = [row.id for row in connection.execute(_CLAIM, {"batch": BATCH, "only": None})]
    done = Outcome()
    for release_id in ids:
        try:
            one = _one_transaction(engine, release_id)
        except OperationalError:
            raise
        except DBAPIError as error:
            _postpone(engine, release_id, error)
            done.postponed.append(release_id)
        else:
            done.released.extend(one.released)
            done.failed.extend(one.failed)
    return done


def _postpone(engine: sa.Engine, release_id: str, error: DBAPIError) -> None:
    # The class of the error only: its text may quote the dataset.
    name = type(error.orig).__name__
    with engine.begin() as connection:
        connection.execute(_POSTPONE, {"id": release_id, "error": name, "waits": list(BACKOFF_S), "last": len(BACKOFF_S)})
    log.error("release postponed", extra={"event": "release.postponed", "release": release_id, "error": name})
