"""Drain the outbox: each entry at least once, each handler idempotent, a failure kept and tried again.

Entries of one key are handled one after another, whatever the number of loops: two that index a dataset at the same
time may end with the older document in the index. A loop that dies lets go of its entries with its connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search

from ckanext.edomex.release.model import enqueue

log = logging.getLogger(__name__)

BATCH = 200
#: Seconds between attempts at most.
LONGEST_WAIT_S = 60
#: How long finished work can be looked up, in days.
KEEP_DAYS = 30

# The rows stay locked, and their keys with them, until this transaction ends: done, to be tried again, or dead.
_TAKE = sa.text("""
WITH waiting AS MATERIALIZED (
    SELECT id, kind, dedupe_key FROM edomex_release_outbox WHERE done_at IS NULL AND next_at <= clock_timestamp()
    ORDER BY next_at, id LIMIT :batch FOR UPDATE SKIP LOCKED)
SELECT id, kind, dedupe_key FROM waiting WHERE pg_try_advisory_xact_lock(hashtextextended(kind || ':' || dedupe_key, 0))
""")
_DONE = sa.text("UPDATE edomex_release_outbox SET done_at = clock_timestamp(), last_error = NULL WHERE id = ANY(:ids)")
_AGAIN = sa.text("""
UPDATE edomex_release_outbox SET attempts = attempts + 1, last_error = :error,
    next_at = clock_timestamp() + make_interval(secs => least(power(2, least(attempts, 6)), :longest)) WHERE id = ANY(:ids)
""")
_SWEEP = sa.text("DELETE FROM edomex_release_outbox WHERE done_at < clock_timestamp() - make_interval(days => :days)")
_FORGET = sa.text("DELETE FROM edomex_release_worker WHERE seen_at < clock_timestamp() - make_interval(days => :days)")


def sweep(engine: sa.Engine) -> int:
    """Delete finished entries, and loops that have long been gone; returns how many rows went."""
    with engine.begin() as connection:
        return sum(connection.execute(statement, {"days": KEEP_DAYS}).rowcount for statement in (_SWEEP, _FORGET))


def drain(engine: sa.Engine) -> int:
    """Do the work that waits, in one batch; returns how many entries were finished."""
    finished = 0
    with engine.begin() as connection:
        taken = connection.execute(_TAKE, {"batch": BATCH}).all()
        for kind in sorted({entry.kind for entry in taken}):
            finished += _handle(connection, kind, [entry for entry in taken if entry.kind == kind])
    return finished


def _handle(connection: sa.Connection, kind: str, entries: list[Any]) -> int:
    ids = [entry.id for entry in entries]
    try:
        HANDLERS[kind](sorted({entry.dedupe_key for entry in entries}))
    except Exception as error:  # the edge of the loop: whatever a handler meets is kept and tried again
        log.exception("outbox: %s failed", kind, extra={"event": "outbox.failed", "kind": kind, "entries": len(entries)})
        connection.execute(_AGAIN, {"ids": ids, "error": type(error).__name__, "longest": LONGEST_WAIT_S})
        return 0
    finally:
        model.Session.remove()
    connection.execute(_DONE, {"ids": ids})
    return len(entries)


def index(package_ids: list[str]) -> None:
    """Write the datasets' documents anew from the database, with one commit of Solr's for all.

    CKAN's own edits index too, without asking anybody: what changed while we wrote is written once more.
    """
    model.Session.remove()
    before = _modified(package_ids)
    for package_id in set(package_ids) - before.keys():
        search.clear(package_id)
    search.rebuild(package_ids=sorted(before))
    search.commit()
    model.Session.remove()
    changed = [package_id for package_id, instant in _modified(package_ids).items() if before.get(package_id) != instant]
    if changed:
        enqueue(model.Session, "index", changed)
        model.Session.commit()


def _modified(package_ids: list[str]) -> dict[str, Any]:
    rows = model.Session.query(model.Package.id, model.Package.metadata_modified).filter(model.Package.id.in_(package_ids))
    return {row.id: row.metadata_modified for row in rows}


#: What does each kind of entry.
HANDLERS: Mapping[str, Callable[[list[str]], None]] = MappingProxyType({"index": index})
