"""What the benchmarks know of the release engine: its rows, its queries, its warm-up. The one place to change with it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.datasets import Batch
from bench.figures import BenchError
from bench.place import Site
from ckanext.edomex.release.jobs.engine import _CLAIM, BATCH
from ckanext.edomex.release.jobs.loop import NEXT_RELEASE
from ckanext.edomex.release.model import CHANNEL
from stack.places import Stack
from stack.programs import Supervisor

#: What a loop asks at each pass: what is due, and when the next is.
CLAIM, NEXT = _CLAIM, sa.text(NEXT_RELEASE)
CLAIM_PARAMETERS = {"batch": BATCH, "only": None}
#: The stack's programs that are release loops.
LOOPS = ("portal-release-1", "portal-release-2")
#: From scheduling, or from the end of the warm-up, to the instant: enough for the loops to sleep again.
LEAD_S = 3.0
#: The date until everything is warm, and then it is moved nearer: a reviewer's approval ten minutes before.
WARM_LEAD_S = 600.0
#: Longest that anything here may take before the run is given up.
PATIENCE_S = 180.0
#: Every loop has beaten since a moment ago.
_ALIVE = "SELECT count(*) >= %(loops)s FROM edomex_release_worker WHERE seen_at > clock_timestamp() - interval '16 seconds'"

#: A scheduled row as an approval leaves it: column and SQL of its value. Columns that this engine's table has not are left out.
_ROW = {
    "id": "gen_random_uuid()::text", "package_id": "b.id", "content_id": "b.id", "kind": "'first'", "version": "1",
    "state": "'scheduled'", "calendar_status": "'confirmed'", "release_at": "b.at", "due_at": "b.at",
    "content_hash": "b.hash", "announced": "false", "submitted_by": "'bench-enlace'", "approved_by": "'bench-revisor'",
    "attempts": "0",
}  # fmt: skip
_INDEX = """
INSERT INTO edomex_release_outbox (kind, dedupe_key, priority, attempts)
SELECT 'index', id, 0, 0 FROM unnest(%(ids)s::text[]) AS id
"""
#: Begins the warm-up: until then nothing is to be rehearsed.
_WARM = "UPDATE edomex_release SET warm_at = clock_timestamp() WHERE package_id = ANY(%(ids)s) AND state = 'scheduled'"
_MOVE = """
UPDATE edomex_release r SET release_at = given.at, due_at = given.at FROM (
    SELECT id, to_timestamp(%(at)s + %(apart)s * (n - 1)) AS at FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS given (id, n)) AS given
WHERE r.package_id = given.id AND r.state = 'scheduled'
"""
_SCHEDULE = """
INSERT INTO edomex_release ({columns}) SELECT {values}
FROM (SELECT id, hash, to_timestamp(%(at)s + %(apart)s * (n - 1)) AS at
      FROM unnest(%(ids)s::text[], %(hashes)s::text[]) WITH ORDINALITY AS given (id, hash, n)) AS b
"""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A batch with its date."""

    batch: Batch
    #: The first instant, in seconds since the epoch.
    at: float
    #: Seconds of warm-up that its loops spent before that; None where the engine has none.
    warm_up_s: float | None


def promise(site: Site, batch: Batch, apart: float = 0.0) -> Promise:
    """Have a batch released soon, all at one instant or so many seconds apart; returns once it is warm."""
    known = site.inside.call("bench.tasks:hashes", ids=batch.ids)
    warms = bool(site.value("SELECT to_regclass('edomex_release_warmup') IS NOT NULL"))
    at = time.time() + (WARM_LEAD_S if warms else LEAD_S)
    with site.database() as cursor:
        columns = row_columns(site)
        names, values = ", ".join(columns), ", ".join(columns.values())
        cursor.execute(
            _SCHEDULE.format(columns=names, values=values),
            {"at": at, "apart": apart, "ids": batch.ids, "hashes": [known[dataset_id] for dataset_id in batch.ids]},
        )
        cursor.execute("ANALYZE edomex_release")
        # As an approval does: reviewers see it from now on, and the index has to know.
        cursor.execute(_INDEX, {"ids": batch.ids})
        cursor.execute(f"NOTIFY {CHANNEL}")
    wait_until_followed(site)
    if not warms:
        return Promise(batch=batch, at=at, warm_up_s=None)
    spent = _warm_up(site, batch)
    at = time.time() + LEAD_S
    with site.database() as cursor:
        cursor.execute(_MOVE, {"at": at, "apart": apart, "ids": batch.ids})
        cursor.execute(f"NOTIFY {CHANNEL}")
    return Promise(batch=batch, at=at, warm_up_s=spent)


def row_columns(site: Site) -> dict[str, str]:
    """Columns of a scheduled row that this engine's table has, each with the SQL of its value."""
    with site.database() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'edomex_release'")
        there = {row[0] for row in cursor.fetchall()}
    return {column: value for column, value in _ROW.items() if column in there}


def _warm_up(site: Site, batch: Batch) -> float:
    """Seconds that one loop alone needs until all are warm, as the peer's process is alone with its batch."""
    loops = Supervisor(Stack.load(Path(os.environ["EDOMEX_STACK_DIR"]), throwaway=True))
    loops.stop(*LOOPS[1:])
    begun = time.time()
    with site.database() as cursor:
        cursor.execute(_WARM, {"ids": batch.ids})
        cursor.execute(f"NOTIFY {CHANNEL}")
    warm = (
        "SELECT count(DISTINCT r.id) = %(count)s FROM edomex_release r JOIN edomex_release_warmup w ON w.release_id = r.id"
        " WHERE r.package_id = ANY(%(ids)s)"
    )
    site.wait_for(warm, {"ids": batch.ids, "count": len(batch.ids)}, PATIENCE_S, "the batch was not warm")
    spent = time.time() - begun
    loops.start(*LOOPS[1:])
    site.wait_for(_ALIVE, {"loops": len(LOOPS)}, PATIENCE_S, "the other loops did not start again")
    return spent


def lateness(site: Site, batch: Batch) -> list[float]:
    """Seconds from promise to release of each, as the database has them."""
    with site.database() as cursor:
        cursor.execute(
            "SELECT EXTRACT(EPOCH FROM released_at - release_at)::float FROM edomex_release"
            " WHERE package_id = ANY(%s) AND state = 'released'",
            [batch.ids],
        )
        found = [row[0] for row in cursor.fetchall()]
    if len(found) != len(batch.ids):
        raise BenchError(f"{len(batch.ids) - len(found)} of {len(batch.ids)} were not released; see the logs of the loops.")
    return found


def wait_until_released(site: Site, batch: Batch) -> None:
    """Wait until the loops released them all, whatever follows."""
    all_of_them = "SELECT bool_and(state = 'released') FROM edomex_release WHERE package_id = ANY(%(ids)s)"
    site.wait_for(all_of_them, {"ids": batch.ids}, PATIENCE_S, "the loops did not release everything")


def wait_until_followed(site: Site) -> None:
    """Wait until nothing is left of what follows releases."""
    empty = "SELECT NOT EXISTS (SELECT 1 FROM edomex_release_outbox WHERE done_at IS NULL)"
    site.wait_for(empty, None, PATIENCE_S, "the outbox was not empty")


def last_follow_up(site: Site) -> float:
    """When the last piece of follow-up was done, in seconds since the epoch."""
    return site.value("SELECT EXTRACT(EPOCH FROM max(done_at))::float FROM edomex_release_outbox")
