"""Compare the copies with the database, hide first, then repair, and report what no machine can repair.

The index is compared at a loop's start in full, then each minute on what changed and on a rolling sample. Rooms add
their own copies (`adapters/outbox.py` names the kinds that write them). One loop at a time does this, whichever it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.plugins import get_permission_labels

from ckanext.edomex.adapters import index as documents
from ckanext.edomex.adapters import storage
from ckanext.edomex.release import config
from ckanext.edomex.release.model import enqueue

log = logging.getLogger(__name__)

INDEX = "index"
#: Changes younger than this are still on their way to the index, in seconds.
SETTLE_S = 5
#: Datasets compared in one go.
STEP = 200
PUBLIC = "public"
#: Solr keeps milliseconds.
INDEX_GRAIN = timedelta(milliseconds=1)


@dataclass(kw_only=True)
class Findings:
    """What one comparison found."""

    compared: int = 0
    #: Documents that showed what is hidden, taken out at once.
    hidden: int = 0
    #: Datasets that the outbox was asked to write anew.
    repaired: int = 0
    #: What is gone for good, as far as a machine can tell.
    missing: int = 0

    def __add__(self, other: Findings) -> Findings:
        return Findings(
            compared=self.compared + other.compared, hidden=self.hidden + other.hidden,
            repaired=self.repaired + other.repaired, missing=self.missing + other.missing,
        )  # fmt: skip


_ONE_AT_A_TIME = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended('edomex_release_check', 0))")
_STATE = sa.text("SELECT seen_until, position, clock_timestamp() AS now FROM edomex_release_check WHERE name = :name")
_KEEP = sa.text("""
INSERT INTO edomex_release_check (name, seen_until, position, compared, hidden, repaired, missing)
VALUES (:name, :until, :position, :compared, :hidden, :repaired, :missing)
ON CONFLICT (name) DO UPDATE SET ran_at = clock_timestamp(), seen_until = EXCLUDED.seen_until, position = EXCLUDED.position,
    compared = edomex_release_check.compared + EXCLUDED.compared, hidden = edomex_release_check.hidden + EXCLUDED.hidden,
    repaired = edomex_release_check.repaired + EXCLUDED.repaired, missing = EXCLUDED.missing
""")
_CHANGED = sa.text("""
SELECT id FROM package WHERE type = 'dataset' AND metadata_modified >= :since
UNION SELECT content_id FROM edomex_release WHERE modified_at >= :since_aware
UNION SELECT package_id FROM edomex_release WHERE modified_at >= :since_aware
""")
_SAMPLE = sa.text("SELECT id FROM package WHERE type = 'dataset' AND id > :position ORDER BY id LIMIT :size")
_ALL = sa.text("SELECT id FROM package WHERE type = 'dataset' ORDER BY id")
_SHOWN = sa.text("SELECT id FROM package WHERE id = ANY(:ids) AND type = 'dataset' AND state = 'active' AND private IS FALSE")
_FACTS = sa.text("SELECT id, private, state, metadata_modified FROM package WHERE id = ANY(:ids) AND state <> 'deleted'")
_FILES = sa.text("""
SELECT DISTINCT e.extras ->> 'sha256' AS sha256 FROM resource r
CROSS JOIN LATERAL (SELECT (CASE WHEN r.extras IS NULL OR r.extras = '' THEN '{}' ELSE r.extras END)::jsonb AS extras) AS e
WHERE r.package_id = ANY(:ids) AND r.state = 'active' AND r.url_type = 'upload' AND e.extras ->> 'sha256' IS NOT NULL
""")


def run(engine: sa.Engine, *, everything: bool = False) -> Findings:
    """Compare what changed since the last time and the next of the rolling sample; the first time, and if asked, all."""
    # The one who compares holds this and no table: the comparison asks with other connections, and whoever alters a table
    # meanwhile would wait for the one and hold up the others, which PostgreSQL cannot know for a deadlock.
    with engine.begin() as alone:
        if not alone.execute(_ONE_AT_A_TIME).scalar():
            return Findings()
        with engine.begin() as connection:
            state = connection.execute(_STATE, {"name": INDEX}).first()
            now = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
            whole = everything or state is None
            ids, position = _everything(connection) if whole else _part(connection, state)
        found = hide(_index_shows(ids, whole=whole))
        for start in range(0, len(ids), STEP):
            found += compare(ids[start : start + STEP])
            # PostgreSQL may be set to end who says nothing for minutes (docker/db): then another would compare as well.
            alone.execute(sa.text("SELECT 1"))
        found += _strays(ids) if whole else Findings()
        values = {"name": INDEX, "until": now - timedelta(seconds=SETTLE_S), "position": position, **vars(found)}
        with engine.begin() as connection:
            connection.execute(_KEEP, values)
    _report(found)
    return found


def _everything(connection: sa.Connection) -> tuple[list[str], str]:
    return list(connection.execute(_ALL).scalars()), ""


def _part(connection: sa.Connection, state: Any) -> tuple[list[str], str]:
    since = state.seen_until or state.now
    values = {"since": since.replace(tzinfo=None) if since.tzinfo else since, "since_aware": since}
    changed = set(connection.execute(_CHANGED, values).scalars())
    sample = list(connection.execute(_SAMPLE, {"position": state.position, "size": config.check_sample()}).scalars())
    # At the end of the row it begins again.
    position = sample[-1] if len(sample) == config.check_sample() else ""
    return sorted(changed | set(sample)), position


def _index_shows(ids: Sequence[str], *, whole: bool) -> set[str]:
    return documents.public_ids() if whole else documents.with_label(PUBLIC, ids)


def hide(shown: Iterable[str]) -> Findings:
    """Take out of the index what it shows and the database does not; the loops then write what staff may see."""
    shown = list(shown)
    public = set(model.Session.execute(_SHOWN, {"ids": shown}).scalars())
    leaking = sorted(set(shown) - public)
    if leaking:
        documents.remove(leaking)
        _ask_for(leaking)
        log.error("the index showed %d hidden datasets; taken out", len(leaking),
                  extra={"event": "reconciler.hidden", "packages": leaking})  # fmt: skip
    model.Session.remove()
    return Findings(hidden=len(leaking), repaired=len(leaking))


def compare(ids: Sequence[str]) -> Findings:
    """Compare some datasets' documents and files with the database; ask for those that differ to be written anew."""
    facts = {row.id: row for row in model.Session.execute(_FACTS, {"ids": list(ids)})}
    there = documents.stored(list(ids))
    different = {package_id for package_id, fact in facts.items() if not _agrees(fact, there.get(package_id))}
    different |= {package_id for package_id in there if package_id not in facts}
    different |= _wrong_labels([package_id for package_id in facts if package_id not in different])
    waiting = _recent(facts, different)
    if different - waiting:
        _ask_for(sorted(different - waiting))
    missing = [each for each in model.Session.execute(_FILES, {"ids": list(ids)}).scalars() if storage.size_of(each) is None]
    if missing:
        log.error("%d files are gone from the storage", len(missing), extra={"event": "reconciler.file_missing", "sha256": missing})
    model.Session.remove()
    return Findings(compared=len(facts), repaired=len(different - waiting), missing=len(missing))


def _agrees(fact: Any, document: documents.Document | None) -> bool:
    if document is None:
        return False
    capacity = "private" if fact.private else PUBLIC
    apart = datetime.fromisoformat(document["metadata_modified"]).replace(tzinfo=None) - fact.metadata_modified
    return document["capacity"] == capacity and document["state"] == fact.state and abs(apart) <= INDEX_GRAIN


def _wrong_labels(ids: Sequence[str]) -> set[str]:
    """Those whose labels in the index are not what they should be: too few, or one too many of those in use here."""
    labels = get_permission_labels()
    expected: dict[str, set[str]] = {}
    for package in model.Session.query(model.Package).filter(model.Package.id.in_(ids)):
        for label in labels.get_dataset_labels(package):
            expected.setdefault(label, set()).add(package.id)
    return {wrong for label, holders in expected.items() for wrong in documents.with_label(label, ids) ^ holders}


def _recent(facts: dict[str, Any], different: set[str]) -> set[str]:
    """Changed a moment ago: whoever changed them is still indexing, and would be overtaken for nothing."""
    edge = model.Session.execute(sa.text("SELECT clock_timestamp() AT TIME ZONE 'UTC'")).scalar_one() - timedelta(seconds=SETTLE_S)
    return {each for each in different if each in facts and facts[each].metadata_modified > edge}


def _strays(ids: Sequence[str]) -> Findings:
    """Documents of datasets that are not in the database at all."""
    strays = sorted(documents.all_ids() - set(ids))
    if strays:
        documents.remove(strays)
    return Findings(repaired=len(strays))


def _ask_for(ids: Sequence[str]) -> None:
    enqueue(model.Session, "index", ids)
    model.Session.commit()


def _report(found: Findings) -> None:
    if found.repaired or found.missing:
        log.warning("copies differed: %s", found, extra={"event": "reconciler.repaired", **vars(found)})

