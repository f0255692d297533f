"""The dress rehearsal: minutes before its instant, each release is done in full and rolled back.

The statements, the triggers and CKAN's own code see the dataset as it will be; what they make (the index's document,
the feed's fragment) is kept for the instant, and what fails is told to people while there is time. Nothing can
commit: CKAN's session lives on a connection whose outer transaction is ours, and a commit inside ends a savepoint.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from psycopg2.extras import Json
from sqlalchemy.exc import DBAPIError, OperationalError

from ckanext.edomex.adapters import packages
from ckanext.edomex.adapters.outbox import FollowUp, Moment, following
from ckanext.edomex.adapters.rehearsed import session_on
from ckanext.edomex.release.domain.problems import PASSING, Problem, problem
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
WHERE id = :release AND state = 'scheduled' AND content_hash = :hash
  AND (SELECT metadata_modified FROM package WHERE id = content_id) IS NOT DISTINCT FROM :modified
""")


def rehearse_due(engine: sa.Engine) -> int:
    """Rehearse one batch of what comes soon; returns how many releases that were."""
    found = _rehearse(engine)
    if found:
        _note(engine, found)
    return len(found)


def _rehearse(engine: sa.Engine) -> list[Rehearsed]:
    with _stage(engine) as connection:
        rows = connection.execute(_CLAIM, {"batch": BATCH, "apart": APART_S}).all()
        if not rows:
            return []
        stamp = _stamp(max(row.release_at for row in rows))
        found = {row.id: Rehearsed(release=row, stamp=stamp) for row in rows}
        good, bad = judge(connection, rows)
        for reason, refused in bad.items():
            for row in refused:
                found[row.id].problems.append(problem(reason))
        if good and not _perform(connection, found, good):
            # One of them is refused: each by itself, so that it is known which.
            for row in good:
                if not _perform(connection, found, [row]):
                    found[row.id].problems.append(problem("refused"))
    return list(found.values())


@contextlib.contextmanager
def _stage(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that CKAN's session of this thread shares, and that is rolled back whatever happens."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            with session_on(connection):
                yield connection
        finally:
            transaction.rollback()


def _perform(connection: sa.Connection, found: Mapping[str, Rehearsed], rows: Sequence[Claimed]) -> bool:
    """Open datasets, look at them, prepare what can be prepared, and take it back; False if PostgreSQL refuses."""
    act = connection.begin_nested()
    try:
        open_datasets(connection, rows, found[rows[0].id].stamp)
        model.Session.expire_all()
        for release_id, problems in inspect(connection, rows).items():
            found[release_id].problems += problems
        with packages.read_once():
            for row in rows:
                for follow_up in following(Moment.RELEASED):
                    _prepare(found[row.id], row, follow_up)
    except OperationalError:
        raise
    except DBAPIError as error:
        log.warning("rehearsal refused by PostgreSQL: %s", type(error.orig).__name__)
        return False
    finally:
        model.Session.rollback()
        if act.is_active:
            act.rollback()
    return True


def _prepare(one: Rehearsed, row: Claimed, follow_up: FollowUp) -> None:
    try:
        text = follow_up.prepare(row.package_id)
    except OperationalError:
        raise
    except Exception as error:  # whatever a room or a plugin of CKAN does with this dataset, people have to know
        # To the savepoint with which CKAN's session began: the dataset is still open.
        model.Session.rollback()
        log.exception("rehearsal: %s failed", follow_up.kind, extra={"event": "release.problem", "release": row.id})
        one.problems.append(problem("not_prepared", detail=f"{follow_up.kind}: {type(error).__name__}"))
    else:
        if text is not None:
            one.prepared[follow_up.kind] = text


def _note(engine: sa.Engine, found: Sequence[Rehearsed]) -> None:
    """Keep what was prepared; say what is wrong, once for each new finding, to whoever can mend it."""
    with engine.begin() as connection:
        texts = [text for one in found for text in _texts(one)]
        if texts:
            connection.execute(_KEEP, texts)
        for one in found:
            _note_problems(connection, one)


def _texts(one: Rehearsed) -> list[dict[str, Any]]:
    return [{**_basis(one), "kind": kind, "body": body, "stamp": text_of(one.stamp)} for kind, body in one.prepared.items()]


def _note_problems(connection: sa.Connection, one: Rehearsed) -> None:
    release, codes = one.release, sorted({each.code for each in one.problems})
    problems = Json([each.as_dict() for each in one.problems]) if codes else None
    changed = connection.execute(_NOTE, {**_basis(one), "problems": problems, "again": bool(codes), "wait": RETRY_S}).rowcount
    if changed and set(codes) - PASSING - {each["code"] for each in release.problems or []}:
        announce(connection, Moment.FAILED, [Subjects(release.id, release.content_id)])
        extra = {"event": "release.problem", "release": release.id, "codes": codes}
        log.error("release has a problem before its instant: %s", ", ".join(codes), extra=extra)


def _basis(one: Rehearsed) -> dict[str, Any]:
    """What a rehearsal stands on: of another content, or one that somebody wrote to since, it says nothing."""
    return {"release": one.release.id, "hash": one.release.content_hash, "modified": one.release.content_modified}


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
