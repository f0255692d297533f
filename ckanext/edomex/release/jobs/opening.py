"""Opening datasets in SQL, in the caller's transaction: the same statements for the instant and for its rehearsal.

A first publication turns `private` off. An edition puts the content of its private dataset in the place of the public
one's: ids and addresses stay, new resources bring their own. What the dataset then holds is kept as a version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckanext.edomex.adapters.outbox import Moment
from ckanext.edomex.release.domain.lifecycle import Kind, State, after
from ckanext.edomex.release.jobs.swap import SWAP
from ckanext.edomex.release.model import Subjects, announce, enqueue
from ckanext.edomex.release.model.content import CONTENT, HASH, PARAMETERS


class Claimed(NamedTuple):
    """A release in hand, its rows locked."""

    id: str
    package_id: str
    content_id: str
    kind: str


def open_datasets(connection: sa.Connection, rows: Sequence[Claimed], stamp: datetime) -> None:
    """Make these releases happen at `stamp`, an aware instant of the database's clock; what follows is in the outbox."""
    ids, editions = [row.id for row in rows], [row for row in rows if row.kind == Kind.EDITION]
    values = {"ids": ids, "stamp": stamp, "modified": stamp.replace(tzinfo=None), **PARAMETERS}
    _use_warmups(connection, values)
    if editions:
        _supersede(connection, [row.package_id for row in editions])
    # The release first: the trigger on `package` looks for it.
    connection.execute(_RELEASE, {**values, "state": after(State.SCHEDULED, "release")})
    connection.execute(RECORD, {"ids": ids, "from": State.SCHEDULED, "state": State.RELEASED, "move": "release", "reason": None})
    connection.execute(_FLIP, {**values, "packages": [row.package_id for row in rows if row.kind == Kind.FIRST]})
    if editions:
        _swap(connection, editions, values)
    connection.execute(_KEEP_VERSION, values)
    announce(connection, Moment.RELEASED, [Subjects(row.id, row.package_id) for row in rows])


def _use_warmups(connection: sa.Connection, values: dict[str, Any]) -> None:
    """Mark what was prepared as good for this instant, where nothing moved since; before anything moves."""
    connection.execute(_MARK_WARM, {**values, "text": values["modified"].isoformat()})


def _supersede(connection: sa.Connection, packages: list[str]) -> None:
    state = after(State.RELEASED, "supersede")
    gone = connection.execute(_SUPERSEDE, {"packages": packages, "state": state}).scalars().all()
    connection.execute(RECORD, {"ids": gone, "from": State.RELEASED, "state": state, "move": "supersede", "reason": None})


def _swap(connection: sa.Connection, editions: Sequence[Claimed], values: dict[str, Any]) -> None:
    given = {**values, "ids": [row.id for row in editions], "packages": [row.package_id for row in editions]}
    for statement in SWAP:
        connection.execute(statement, {name: given[name] for name in statement.compile().params})
    enqueue(connection, "discard", [row.content_id for row in editions])


RECORD = sa.text("""
INSERT INTO edomex_release_event (release_id, move, from_state, to_state, reason)
SELECT id, :move, :from, :state, :reason FROM unnest(CAST(:ids AS text[])) AS id
""")
_MARK_WARM = sa.text("""
UPDATE edomex_release_warmup w SET released_stamp = :text FROM edomex_release r JOIN package p ON p.id = r.content_id
WHERE w.release_id = r.id AND r.id = ANY(:ids) AND w.content_hash = r.content_hash AND w.content_modified = p.metadata_modified
""")
_RELEASE = sa.text("""
UPDATE edomex_release SET state = :state, calendar_status = 'done', released_at = :stamp, modified_at = :stamp, last_error = NULL
WHERE id = ANY(:ids)
""")
_SUPERSEDE = sa.text("""
UPDATE edomex_release SET state = :state, modified_at = clock_timestamp()
WHERE package_id = ANY(:packages) AND state = 'released' AND kind <> 'withdrawal' RETURNING id
""")
# The change's own instant, not the promised one: a harvester that asks for what changed since its last visit
# must see a release that came late. CKAN's columns are naive UTC.
_FLIP = sa.text("""
UPDATE package SET private = false, state = 'active', metadata_modified = :modified WHERE id = ANY(:packages)
""")
_KEEP_VERSION = sa.text(f"""
INSERT INTO edomex_release_version (package_id, version, release_id, released_at, content, content_hash)
SELECT r.package_id, r.version, r.id, r.released_at, frozen.content, {HASH}
FROM ({CONTENT} WHERE p.id IN (SELECT package_id FROM edomex_release WHERE id = ANY(:ids))) AS frozen
JOIN edomex_release r ON r.package_id = frozen.id WHERE r.id = ANY(:ids)
""")  # noqa: S608  # only our own column names are put in
