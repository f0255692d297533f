"""Drain the outbox: each entry at least once, each handler idempotent, a failure kept and tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search

log = logging.getLogger(__name__)

BATCH = 200
#: Seconds after which an entry taken by a loop that died is taken by another.
LEASE_S = 20
#: Seconds between attempts at most.
LONGEST_WAIT_S = 60

_TAKE = sa.text("""
UPDATE edomex_release_outbox SET attempts = attempts + 1, next_at = clock_timestamp() + make_interval(secs => :lease)
WHERE id IN (
    SELECT id FROM edomex_release_outbox WHERE done_at IS NULL AND next_at <= clock_timestamp()
    ORDER BY next_at, id LIMIT :batch FOR UPDATE SKIP LOCKED)
RETURNING id, kind, dedupe_key, attempts
""")
# An entry that was asked for again while we worked has its attempts back at 0, and stays for another round.
_DONE = sa.text("""
UPDATE edomex_release_outbox o SET done_at = clock_timestamp(), last_error = NULL
FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS int[])) AS taken(id, attempts)
WHERE o.id = taken.id AND o.attempts = taken.attempts
""")
_AGAIN = sa.text("""
UPDATE edomex_release_outbox SET last_error = :error,
    next_at = clock_timestamp() + make_interval(secs => least(power(2, least(attempts, 6)), :longest)) WHERE id = ANY(:ids)
""")


def drain(engine: sa.Engine) -> int:
    """Do the work that waits, in one batch; returns how many entries were finished."""
    with engine.begin() as connection:
        taken = connection.execute(_TAKE, {"lease": LEASE_S, "batch": BATCH}).all()
    finished = 0
    for kind in sorted({entry.kind for entry in taken}):
        finished += _handle(engine, kind, [entry for entry in taken if entry.kind == kind])
    return finished


def _handle(engine: sa.Engine, kind: str, entries: list[Any]) -> int:
    try:
        HANDLERS[kind]([entry.dedupe_key for entry in entries])
    except Exception as error:  # the edge of the loop: whatever a handler meets is kept and tried again
        log.exception("outbox: %s failed", kind, extra={"event": "outbox.failed", "kind": kind, "entries": len(entries)})
        again = {"ids": [entry.id for entry in entries], "error": type(error).__name__, "longest": LONGEST_WAIT_S}
        with engine.begin() as connection:
            connection.execute(_AGAIN, again)
        return 0
    finally:
        model.Session.remove()
    with engine.begin() as connection:
        ids, attempts = [entry.id for entry in entries], [entry.attempts for entry in entries]
        connection.execute(_DONE, {"ids": ids, "attempts": attempts})
    return len(entries)


def index(package_ids: list[str]) -> None:
    """Write the datasets' documents anew from the database, with one commit of Solr's for all."""
    model.Session.remove()
    gone = set(package_ids) - {row.id for row in model.Session.query(model.Package.id).filter(model.Package.id.in_(package_ids))}
    for package_id in gone:
        search.clear(package_id)
    search.rebuild(package_ids=[package_id for package_id in package_ids if package_id not in gone])
    search.commit()


#: What does each kind of entry.
HANDLERS: Mapping[str, Callable[[list[str]], None]] = MappingProxyType({"index": index})

