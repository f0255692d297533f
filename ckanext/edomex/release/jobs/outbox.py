"""Drain the outbox: each entry at least once, each handler idempotent, a failure kept and tried again.

Entries of one key are handled one after another, whatever the number of loops: two that index a dataset at the same
time may end with the older document in the index. A loop that dies lets go of its entries with its connection.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.edomex.adapters.outbox import Entry, FollowUp, LaterError, PoisonError, known
from ckanext.edomex.release.jobs.rehearsal import prepared_texts

log = logging.getLogger(__name__)

#: Seconds between attempts at most.
LONGEST_WAIT_S = 60
#: Attempts at one key whose trouble is its own, before somebody has to look. A service that is down ends nothing.
MOST_ATTEMPTS = 12
#: Seconds until a loop asks again for what is due and in another loop's hands.
BUSY_S = 1.0
#: How long finished work can be looked up, in days.
KEEP_DAYS = 30

# What people see goes first; kinds whose plugin is not loaded here wait for a loop that has it. The soonest of what
# is still to come stands last, with the seconds until then.
_NEXT = sa.text("""
(SELECT kind, 0::float AS seconds FROM edomex_release_outbox WHERE done_at IS NULL AND dead_at IS NULL
   AND next_at <= (SELECT clock_timestamp()) AND kind = ANY(:kinds) GROUP BY kind ORDER BY min(priority), min(next_at))
UNION ALL
(SELECT NULL, EXTRACT(EPOCH FROM min(next_at) - clock_timestamp())::float FROM edomex_release_outbox
   WHERE done_at IS NULL AND dead_at IS NULL)
""")
# The rows stay locked, and their keys with them, until this transaction ends: done, to be tried again, or dead.
_TAKE = sa.text("""
WITH waiting AS MATERIALIZED (
    SELECT id, kind, dedupe_key FROM edomex_release_outbox
    WHERE done_at IS NULL AND dead_at IS NULL AND next_at <= (SELECT clock_timestamp()) AND kind = :kind
    ORDER BY next_at, id LIMIT :batch FOR UPDATE SKIP LOCKED)
SELECT id, dedupe_key FROM waiting WHERE pg_try_advisory_xact_lock(hashtextextended(kind || ':' || dedupe_key, 0))
""")
# Longer than any handler takes: a loop that says nothing for so long is gone, and its entries are another's.
_DO_NOT_WAIT = sa.text("SET LOCAL idle_in_transaction_session_timeout = '5min'")
_DONE = sa.text("UPDATE edomex_release_outbox SET done_at = clock_timestamp(), last_error = NULL WHERE id = ANY(:ids)")
_AGAIN = sa.text("""
UPDATE edomex_release_outbox SET attempts = attempts + 1, last_error = :error,
    next_at = clock_timestamp() + make_interval(secs => least(power(2, least(attempts, 6)), :longest)),
    dead_at = CASE WHEN :own AND attempts + 1 >= :most THEN clock_timestamp() END
WHERE id = ANY(:ids) RETURNING dead_at IS NOT NULL
""")
_LATER = sa.text("UPDATE edomex_release_outbox SET next_at = clock_timestamp() + make_interval(secs => :wait) WHERE id = ANY(:ids)")
_SWEEP = sa.text("DELETE FROM edomex_release_outbox WHERE done_at < clock_timestamp() - make_interval(days => :days)")
_FORGET = sa.text("DELETE FROM edomex_release_worker WHERE seen_at < clock_timestamp() - make_interval(days => :days)")
_COOL = sa.text("""
DELETE FROM edomex_release_warmup w WHERE NOT EXISTS (
    SELECT 1 FROM edomex_release r WHERE r.id = w.release_id
      AND (r.state = 'scheduled' OR r.released_at > clock_timestamp() - interval '1 day'))
""")


def sweep(engine: sa.Engine) -> int:
    """Delete finished entries, loops that have long been gone, texts that were used; returns how many rows went."""
    with engine.begin() as connection:
        gone = sum(connection.execute(statement, {"days": KEEP_DAYS}).rowcount for statement in (_SWEEP, _FORGET))
        return gone + connection.execute(_COOL).rowcount


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What one look at the outbox came to."""

    #: Entries taken in hand.
    taken: int
    #: Seconds until something is due, if nothing was done; None for nothing in sight.
    wait_s: float | None


def drain(engine: sa.Engine) -> Pass:
    """Do the most urgent kind of work that waits, one batch of it."""
    with engine.begin() as connection:
        *due, coming = connection.execute(_NEXT, {"kinds": list(known())}).all()
        if due:
            connection.execute(_DO_NOT_WAIT)
        for kind in (row.kind for row in due):
            follow_up = known()[kind]
            taken = connection.execute(_TAKE, {"kind": kind, "batch": follow_up.batch}).all()
            if taken:
                _handle(connection, follow_up, taken)
                return Pass(taken=len(taken), wait_s=0.0)
    return Pass(taken=0, wait_s=BUSY_S if due else coming.seconds)


def _handle(connection: sa.Connection, follow_up: FollowUp, taken: Sequence[Any]) -> None:
    keys = sorted({entry.dedupe_key for entry in taken})
    prepared = prepared_texts(connection.engine, follow_up.kind, keys)
    failed: Mapping[str, str] = {}
    try:
        follow_up.handle([Entry(key=key, prepared=prepared.get(key)) for key in keys])
    except PoisonError as error:
        failed = error.failed
        extra = {"event": "outbox.poison", "kind": follow_up.kind, "keys": sorted(failed)}
        log.error("outbox: %s cannot be done for %d", follow_up.kind, len(failed), extra=extra)  # noqa: TRY400  # logged one by one
    except LaterError as error:
        connection.execute(_LATER, {"ids": [entry.id for entry in taken], "wait": error.wait_s})
        return
    except Exception as error:  # the edge of the loop: whatever a handler meets is kept and tried again
        extra = {"event": "outbox.failed", "kind": follow_up.kind, "entries": len(taken)}
        log.exception("outbox: %s failed", follow_up.kind, extra=extra)
        _again(connection, [entry.id for entry in taken], type(error).__name__, own=False)
        return
    finally:
        model.Session.remove()
    connection.execute(_DONE, {"ids": [entry.id for entry in taken if entry.dedupe_key not in failed]})
    for key, name in failed.items():
        _again(connection, [entry.id for entry in taken if entry.dedupe_key == key], name, own=True)


def _again(connection: sa.Connection, ids: list[int], error: str, *, own: bool) -> None:
    values = {"ids": ids, "error": error, "longest": LONGEST_WAIT_S, "own": own, "most": MOST_ATTEMPTS}
    if any(connection.execute(_AGAIN, values).scalars()):
        log.error("outbox: given up", extra={"event": "outbox.dead", "entries": ids, "error": error})
