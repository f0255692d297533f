"""Release what is due: claimed, verified, flipped and recorded in one transaction of PostgreSQL.

Exactly once is a property of the database: rows are claimed with SKIP LOCKED, and a unique index allows one
`released` event for each release. The loop's own clock decides nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from ckanext.edomex.release.domain.lifecycle import State, after
from ckanext.edomex.release.model import content_hashes, enqueue

log = logging.getLogger(__name__)

#: Releases in one transaction.
BATCH = 500
#: Seconds to the next attempt of an item that failed by itself: doubled each time, up to the last.
BACKOFF_S = (1, 2, 4, 8, 16, 32, 60)
CONTENT_CHANGED = "content_changed"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one pass did: ids of releases."""

    released: list[str] = field(default_factory=list)
    #: Content differed from what was approved.
    failed: list[str] = field(default_factory=list)
    #: Not possible now; will be tried again.
    postponed: list[str] = field(default_factory=list)


# A package that somebody is writing to this instant is left for the next pass, a moment later: waiting for its
# row here, while its writer waits for our release row, would be a deadlock.
_CLAIM = sa.text("""
SELECT r.id, r.package_id, r.content_hash, p.state = 'deleted' AS deleted FROM edomex_release r JOIN package p ON p.id = r.package_id
WHERE r.state = 'scheduled' AND r.release_at <= clock_timestamp()
  AND (r.next_attempt_at IS NULL OR r.next_attempt_at <= clock_timestamp()) AND (CAST(:only AS text) IS NULL OR r.id = :only)
ORDER BY r.release_at, r.id LIMIT :batch FOR UPDATE OF r, p SKIP LOCKED
""")
_RELEASE = sa.text("""
UPDATE edomex_release SET state = :state, calendar_status = 'done', released_at = clock_timestamp(),
    modified_at = clock_timestamp(), last_error = NULL WHERE id = ANY(:ids)
""")
_RECORD = sa.text("""
INSERT INTO edomex_release_event (release_id, move, from_state, to_state, reason)
SELECT id, :move, 'scheduled', :state, :reason FROM unnest(CAST(:ids AS text[])) AS id
""")
# The change's own instant, not the promised one: a harvester that asks for what changed since its last visit
# must see a release that came late. CKAN's columns are naive UTC.
_FLIP = sa.text("""
UPDATE package SET private = false, state = 'active', metadata_modified = clock_timestamp() AT TIME ZONE 'UTC'
WHERE id = ANY(:packages)
""")
_FAIL = sa.text("""
UPDATE edomex_release SET state = :state, last_error = :error, modified_at = clock_timestamp() WHERE id = ANY(:ids)
""")
_POSTPONE = sa.text("""
UPDATE edomex_release SET attempts = attempts + 1, last_error = :error,
    next_attempt_at = clock_timestamp() + make_interval(secs => (CAST(:waits AS int[]))[least(attempts + 1, :last)])
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


def _one_transaction(engine: sa.Engine, only: str | None) -> Outcome:
    with engine.begin() as connection:
        due = connection.execute(_CLAIM, {"batch": BATCH, "only": only}).all()
        if not due:
            return Outcome()
        current = content_hashes(connection, [row.package_id for row in due])
        as_approved = [row for row in due if row.content_hash == current.get(row.package_id) and not row.deleted]
        changed = sorted({row.id for row in due} - {row.id for row in as_approved})
        if as_approved:
            _flip(connection, as_approved)
        if changed:
            _refuse(connection, changed)
    return Outcome(released=[row.id for row in as_approved], failed=changed)


def _flip(connection: sa.Connection, rows: Any) -> None:
    ids, packages = [row.id for row in rows], [row.package_id for row in rows]
    state = after(State.SCHEDULED, "release")
    # The release first: the trigger on `package` looks for it.
    connection.execute(_RELEASE, {"ids": ids, "state": state})
    connection.execute(_RECORD, {"ids": ids, "state": state, "move": "release", "reason": None})
    connection.execute(_FLIP, {"packages": packages})
    enqueue(connection, "index", packages)


def _refuse(connection: sa.Connection, ids: list[str]) -> None:
    state = after(State.SCHEDULED, "fail")
    reason = "El contenido cambió después de la aprobación; revíselo y envíelo de nuevo."
    connection.execute(_FAIL, {"ids": ids, "state": state, "error": CONTENT_CHANGED})
    connection.execute(_RECORD, {"ids": ids, "state": state, "move": "fail", "reason": reason})
    log.error("release refused: content changed after approval", extra={"event": "release.content_changed", "releases": ids})


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
