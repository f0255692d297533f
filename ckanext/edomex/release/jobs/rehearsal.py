"""The dress rehearsal: minutes before its instant, each release is done in full and rolled back.

The statements, the triggers and CKAN's own code see the dataset as it will be; what they make (the index's document,
the feed's fragment) is kept for the instant, and what fails is told to people while there is time. Nothing can
commit: CKAN's session lives on a connection whose outer transaction is ours, and a commit inside ends a savepoint.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from psycopg2.extras import Json
from sqlalchemy.exc import DBAPIError, OperationalError

from ckanext.edomex.adapters.outbox import FollowUp, Moment, following
from ckanext.edomex.release.domain.problems import Problem, problem
from ckanext.edomex.release.jobs.engine import judge
from ckanext.edomex.release.jobs.inspection import inspect
from ckanext.edomex.release.jobs.opening import Claimed, open_datasets
from ckanext.edomex.release.model import Subjects, announce

log = logging.getLogger(__name__)

#: Releases in one rehearsal, and so locked at the same time: an editor waits for it at most.
BATCH = 20
#: Seconds before its instant from which a release is not rehearsed any more: longer than a batch takes.
APART_S = 5
#: Seconds until something that went wrong is rehearsed again.
RETRY_S = 60


@dataclass(kw_only=True)
class Rehearsed:
    """What came of one release's rehearsal."""

    release: Any
    stamp: datetime
    #: Kind of follow-up → text.
    prepared: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


# What is due in a moment is left alone: its rows would still be locked when its instant comes.
_CLAIM = sa.text("""
SELECT r.id, r.package_id, r.content_id, r.kind, r.content_hash, r.release_at, r.problems, p.metadata_modified AS content_modified,
    p.state = 'deleted' OR q.state = 'deleted' OR (r.kind = 'edition' AND q.private) AS gone
FROM edomex_release r JOIN package p ON p.id = r.content_id JOIN package q ON q.id = r.package_id
WHERE r.state = 'scheduled' AND r.warm_at <= (SELECT clock_timestamp())
  AND r.due_at > clock_timestamp() + make_interval(secs => :apart)
ORDER BY r.warm_at LIMIT :batch FOR UPDATE OF r, p, q SKIP LOCKED
""")
_KEEP = sa.text("""
INSERT INTO edomex_release_warmup (release_id, kind, body, stamp, content_hash, content_modified)
VALUES (:release, :kind, :body, :stamp, :hash, :modified)
ON CONFLICT (release_id, kind) DO UPDATE SET body = EXCLUDED.body, stamp = EXCLUDED.stamp, content_hash = EXCLUDED.content_hash,
    content_modified = EXCLUDED.content_modified, released_stamp = NULL, made_at = clock_timestamp()
""")
# Only if it is still the release that was rehearsed; what changed since has set its own next rehearsal.
_NOTE = sa.text("""
UPDATE edomex_release SET problems = :problems,
    warm_at = CASE WHEN :again THEN clock_timestamp() + make_interval(secs => :wait) END
WHERE id = :id AND state = 'scheduled' AND content_hash = :hash
  AND (SELECT metadata_modified FROM package WHERE id = content_id) IS NOT DISTINCT FROM :modified
""")


def rehearse_due(engine: sa.Engine) -> int:
    """Rehearse one batch of what comes soon; returns how many releases that were."""
    found = _rehearse(engine)
    for one in found:
        _note(engine, one)
    return len(found)


def _rehearse(engine: sa.Engine) -> list[Rehearsed]:
    with _stage(engine) as connection:
        rows = connection.execute(_CLAIM, {"batch": BATCH, "apart": APART_S}).all()
        found = [Rehearsed(release=row, stamp=_stamp(row.release_at)) for row in rows]
        good, bad = judge(connection, rows)
        wrong = {row.id: reason for reason, refused in bad.items() for row in refused}
        rows_of = {row.id: row for row in good}
        for one in found:
            if one.release.id in wrong:
                one.problems.append(problem(wrong[one.release.id]))
            else:
                _perform(connection, one, rows_of[one.release.id])
    return found


@contextlib.contextmanager
def _stage(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that CKAN's session of this thread shares, and that is rolled back whatever happens."""
    model.Session.remove()
    with engine.connect() as connection:
        transaction = connection.begin()
        model.Session(bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield connection
        finally:
            model.Session.remove()
            transaction.rollback()


def _perform(connection: sa.Connection, one: Rehearsed, row: Claimed) -> None:
    """Open one dataset, look at it, prepare what can be prepared; then take it back for the next."""
    act = connection.begin_nested()
    try:
        open_datasets(connection, [row], one.stamp)
        model.Session.expire_all()
        one.problems += inspect(connection, row)
        for follow_up in following(Moment.RELEASED):
            _prepare(one, row, follow_up)
    except OperationalError:
        raise
    except DBAPIError as error:
        log.warning("rehearsal refused by PostgreSQL: %s", type(error.orig).__name__)
        one.problems.append(problem("refused"))
    finally:
        model.Session.rollback()
        if act.is_active:
            act.rollback()


def _prepare(one: Rehearsed, row: Claimed, follow_up: FollowUp) -> None:
    try:
        text = follow_up.prepare(row.package_id)
    except DBAPIError:
        raise
    except Exception as error:  # whatever a room or a plugin of CKAN does with this dataset, people have to know
        log.exception("rehearsal: %s failed", follow_up.kind, extra={"event": "release.problem", "release": row.id})
        one.problems.append(problem("not_prepared", detail=f"{follow_up.kind}: {type(error).__name__}"))
    else:
        if text is not None:
            one.prepared[follow_up.kind] = text


def _note(engine: sa.Engine, one: Rehearsed) -> None:
    """Keep what was prepared; say what is wrong, once for each new finding, to whoever can mend it."""
    release = one.release
    common = {"release": release.id, "hash": release.content_hash, "modified": release.content_modified}
    known = {each["code"] for each in release.problems or []}
    with engine.begin() as connection:
        for kind, body in one.prepared.items():
            connection.execute(_KEEP, {**common, "kind": kind, "body": body, "stamp": text_of(one.stamp)})
        problems = [each.as_dict() for each in one.problems]
        noted = {"id": release.id, "problems": Json(problems) if problems else None, "again": bool(problems), "wait": RETRY_S}
        changed = connection.execute(_NOTE, {**noted, "hash": release.content_hash, "modified": release.content_modified}).rowcount
        if changed and {each.code for each in one.problems} - known:
            announce(connection, Moment.FAILED, [Subjects(release.id, release.content_id)])
            codes = sorted(each.code for each in one.problems)
            log.error("release has a problem before its instant: %s", ", ".join(codes),
                      extra={"event": "release.problem", "release": release.id, "codes": codes})  # fmt: skip


def text_of(stamp: datetime) -> str:
    """An instant as CKAN's dictionaries have it: naive UTC with all its digits."""
    return stamp.replace(tzinfo=None).isoformat(timespec="microseconds")


def restamped(body: str, rehearsed: str, stamp: str) -> str:
    """A prepared text with the instant that came about in the place of the rehearsed one."""
    return body.replace(rehearsed, stamp)


def _stamp(release_at: datetime) -> datetime:
    """An instant after the promised one whose digits occur nowhere else, so that they can be replaced in any text."""
    return release_at.replace(microsecond=100_000 + secrets.randbelow(899_999)) + timedelta(seconds=1)


def prepared_texts(engine: sa.Engine, kind: str, package_ids: Sequence[str]) -> dict[str, str]:
    """What was prepared of a kind, by dataset, with its stamp replaced: only where nothing moved since the release."""
    with engine.connect() as connection:
        rows = connection.execute(_PREPARED, {"kind": kind, "packages": list(package_ids)})
        return {row.package_id: restamped(row.body, row.stamp, row.released_stamp) for row in rows}


_PREPARED = sa.text("""
SELECT r.package_id, w.body, w.stamp, w.released_stamp FROM edomex_release_warmup w
JOIN edomex_release r ON r.id = w.release_id AND r.state = 'released' JOIN package p ON p.id = r.package_id
WHERE w.kind = :kind AND r.package_id = ANY(:packages)
  AND w.released_stamp = to_char(p.metadata_modified, 'YYYY-MM-DD"T"HH24:MI:SS.US')
""")
