"""How releases are doing, for those who run the portal: the outbox's leftovers, and the figures of the engine."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import parameters
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.domain.clock import iso
from ckanext.edomex.release import config
from ckanext.edomex.release.domain import lateness
from ckanext.edomex.release.logic import schema
from ckanext.edomex.release.model import Check, Outbox, wake_loops

Data = dict[str, Any]

_COUNTS = sa.text("SELECT state, count(*) AS releases FROM edomex_release GROUP BY state")
_OVERDUE = sa.text("""
SELECT count(*) AS releases, COALESCE(max(EXTRACT(EPOCH FROM clock_timestamp() - release_at)), 0)::float AS oldest
FROM edomex_release WHERE state = 'scheduled' AND release_at < clock_timestamp()
""")
_LATE = sa.text("""
SELECT EXTRACT(EPOCH FROM released_at - release_at)::float AS late FROM edomex_release
WHERE released_at IS NOT NULL AND kind <> 'withdrawal' AND content_hash <> 'adopted'
  AND released_at > clock_timestamp() - make_interval(days => :days)
""")
_OUTBOX = sa.text("""
SELECT kind, count(*) FILTER (WHERE dead_at IS NULL) AS waiting, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
    COALESCE(max(EXTRACT(EPOCH FROM clock_timestamp() - created_at)) FILTER (WHERE dead_at IS NULL), 0)::float AS oldest
FROM edomex_release_outbox WHERE done_at IS NULL GROUP BY kind ORDER BY kind
""")
_WORKERS = sa.text("""
SELECT count(*) FILTER (WHERE seen_at > clock_timestamp() - interval '45 seconds') AS alive,
    COALESCE(min(EXTRACT(EPOCH FROM clock_timestamp() - seen_at)), -1)::float AS silent FROM edomex_release_worker
""")
# A release that has not been rehearsed yet has JSON's null, which is not SQL's.
_PROBLEMS = sa.text("SELECT count(*) FROM edomex_release WHERE state = 'scheduled' AND jsonb_typeof(problems) = 'array'")
_REPLAY = sa.text("""
UPDATE edomex_release_outbox SET dead_at = NULL, attempts = 0, next_at = clock_timestamp()
WHERE dead_at IS NOT NULL AND (CAST(:id AS bigint) IS NULL OR id = :id) AND (CAST(:kind AS text) IS NULL OR kind = :kind) RETURNING id
""")
#: Lateness is told of so many days.
RECENT_DAYS = 30


@tk.side_effect_free
def edomex_release_status(context: Context, data_dict: Data) -> Data:
    """Figures of the engine: releases by state, lateness, loops, outbox, comparisons, and the alarms that follow from them.

    :returns: `{states, overdue, lateness_s, loops, outbox, checks, problems, alarms}`
    """
    tk.check_access("edomex_release_status", context, data_dict)
    session = model.Session
    overdue, workers = session.execute(_OVERDUE).one(), session.execute(_WORKERS).one()
    found = {
        "states": {row.state: row.releases for row in session.execute(_COUNTS)},
        "overdue": {"releases": overdue.releases, "oldest_s": overdue.oldest},
        "lateness_s": lateness.summary(session.execute(_LATE, {"days": RECENT_DAYS}).scalars().all()),
        "loops": {"alive": workers.alive, "last_seen_s": workers.silent},
        "outbox": [dict(row) for row in session.execute(_OUTBOX).mappings()],
        "checks": [_check(each) for each in session.query(Check).order_by(Check.name)],
        "problems": session.execute(_PROBLEMS).scalar_one(),
    }
    return {**found, "alarms": lateness.alarms(found, late_after_s=config.late_after_s())}


@tk.side_effect_free
def edomex_release_outbox_list(context: Context, data_dict: Data) -> list[Data]:
    """Work that follows releases and is not done: what was given up, or with `dead=false` what waits.

    :param kind: only this kind (optional)
    :param dead: given up (default) or waiting
    :param limit: at most so many (optional, 100)
    :returns: list of `{id, kind, key, attempts, next_at, dead_at, created_at, last_error}`
    """
    tk.check_access("edomex_release_outbox_list", context, data_dict)
    data = parameters.read(schema.outbox(), data_dict)
    query = sa.select(Outbox).where(Outbox.done_at.is_(None))
    query = query.where(Outbox.dead_at.isnot(None) if data["dead"] else Outbox.dead_at.is_(None))
    if data.get("kind"):
        query = query.where(Outbox.kind == data["kind"])
    return [_entry(each) for each in model.Session.execute(query.order_by(Outbox.id).limit(data["limit"])).scalars()]


def edomex_release_outbox_replay(context: Context, data_dict: Data) -> Data:
    """Give what was given up another beginning.

    :param id: only this entry (optional); likewise `kind`
    :returns: `{replayed}`, how many
    """
    tk.check_access("edomex_release_outbox_replay", context, data_dict)
    data = parameters.read(schema.outbox(), data_dict)
    with unit_of_work() as session:
        ids = session.execute(_REPLAY, {"id": data.get("id"), "kind": data.get("kind")}).scalars().all()
        wake_loops(session)
    return {"replayed": len(ids)}


def _entry(entry: Outbox) -> Data:
    return {
        "id": entry.id, "kind": entry.kind, "key": entry.dedupe_key, "attempts": entry.attempts, "next_at": iso(entry.next_at),
        "dead_at": iso(entry.dead_at), "created_at": iso(entry.created_at), "last_error": entry.last_error,
    }  # fmt: skip


def _check(check: Check) -> Data:
    totals = {name: getattr(check, name) for name in ("compared", "hidden", "repaired", "missing")}
    return {"name": check.name, "ran_at": iso(check.ran_at), **totals}
