"""What the feed told its readers: entries, the change stream, and the runs of those who read page by page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from ckan.types import AlchemySession

from ckanext.edomex.feed.model.tables import Change, Entry, Run

#: Rows that are in memory at a time.
CHUNK = 2000
#: Any number that no other lock of the portal's has.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(3405691582)")
_SNAPSHOT = sa.text("SELECT CAST(pg_current_snapshot() AS text)")
_ENTRIES = sa.text("""
INSERT INTO edomex_feed_entry (package_id, stamp, present)
SELECT w.id, w.stamp, :present FROM unnest(CAST(:ids AS text[]), CAST(:stamps AS text[])) AS w(id, stamp)
ON CONFLICT (package_id) DO UPDATE SET stamp = EXCLUDED.stamp, present = EXCLUDED.present, changed_at = clock_timestamp()
""")
#: The catalogue's own node changes without a line of the stream.
_LAST = sa.text("""
SELECT GREATEST((SELECT at FROM edomex_feed_change ORDER BY seq DESC LIMIT 1),
    (SELECT changed_at FROM edomex_feed_entry WHERE package_id = ''))
""")
_LAST_LOSS = sa.text("SELECT max(at) FROM edomex_feed_change WHERE kind = 'withdrawn'")
_KEEP_RUN = sa.text("""
INSERT INTO edomex_feed_run (id, package_ids) VALUES (:id, CAST(:ids AS jsonb))
ON CONFLICT (id) DO UPDATE SET used_at = clock_timestamp()
""")
_OLD_RUNS = sa.text("DELETE FROM edomex_feed_run WHERE used_at < clock_timestamp() - :age")


class Told(NamedTuple):
    """What the feed told of a dataset: the hash of it, and whether it is in the feed."""

    stamp: str
    present: bool


def moment(session: AlchemySession) -> str:
    """A text that changes whenever anything was committed, whoever did it: equal texts see equal tables."""
    return session.execute(_SNAPSHOT).scalar_one()


def lock(session: AlchemySession) -> None:
    """One at a time until the end of the transaction."""
    session.execute(_LOCK)


def entries(session: AlchemySession) -> dict[str, Told]:
    """Every dataset that was ever in the feed."""
    rows = session.execute(sa.select(Entry.package_id, Entry.stamp, Entry.present), execution_options={"yield_per": CHUNK})
    return {package_id: Told(stamp, present) for package_id, stamp, present in rows}


def keep(session: AlchemySession, stamps: Iterable[tuple[str, str]], *, present: bool) -> None:
    """Remember what was told of these: ids and stamps."""
    rest = iter(stamps)
    while some := list(islice(rest, CHUNK)):
        ids, hashes = zip(*some, strict=True)
        session.execute(_ENTRIES, {"ids": list(ids), "stamps": list(hashes), "present": present})


def add_changes(session: AlchemySession, rows: Iterable[Mapping[str, Any]]) -> None:
    """New lines of the stream, in this order."""
    newest = session.execute(sa.select(sa.func.coalesce(sa.func.max(Change.seq), 0))).scalar_one()
    numbered = ({"note": None, **row, "seq": number} for number, row in enumerate(rows, start=newest + 1))
    while some := list(islice(numbered, CHUNK)):
        session.execute(sa.insert(Change), some)


def changes(session: AlchemySession, after: int, limit: int) -> list[Change]:
    """Lines of the stream after a number, the oldest first."""
    query = sa.select(Change).where(Change.seq > after).order_by(Change.seq).limit(limit)
    return list(session.execute(query).scalars())


def last_change(session: AlchemySession) -> datetime | None:
    """When the feed last told something new."""
    return session.execute(_LAST).scalar()


def last_loss(session: AlchemySession) -> datetime | None:
    """When the feed last told that a dataset has gone."""
    return session.execute(_LAST_LOSS).scalar()


def keep_run(session: AlchemySession, run: str, ids: Sequence[str], age: timedelta) -> None:
    """Keep the order that a reader began with; forget those that nobody has used for so long."""
    session.execute(_KEEP_RUN, {"id": run, "ids": json.dumps(list(ids))})
    session.execute(_OLD_RUNS, {"age": age})


def run_ids(session: AlchemySession, run: str) -> list[str] | None:
    """The order that a reader began with; None once it is forgotten."""
    return session.execute(sa.select(Run.package_ids).where(Run.id == run)).scalar()
