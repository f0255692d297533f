"""A look at what a release would publish: its files by their bytes, its tables by their being there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from ckanext.edomex.adapters import storage, tables
from ckanext.edomex.release.domain.content import RESOURCES, files_of
from ckanext.edomex.release.domain.lifecycle import Kind
from ckanext.edomex.release.domain.problems import Problem, problem
from ckanext.edomex.release.jobs.opening import Claimed

#: Files up to so many bytes are read whole and their hash compared; of larger ones the size.
READ_UP_TO = 64 * 2**20
_WAITING = frozenset({"pending", "running"})
_VERSION = sa.text("SELECT content FROM edomex_release_version WHERE release_id = :release")
_ACTIVE = sa.text("""
SELECT r.id FROM resource r WHERE r.package_id = :package AND r.state = 'active'
  AND (CASE WHEN r.extras IS NULL OR r.extras = '' THEN '{}' ELSE r.extras END)::jsonb ->> 'datastore_active' = 'true'
""")
_STAGED = sa.text("""
SELECT pair.staged, pair.kept FROM edomex_release r
CROSS JOIN LATERAL jsonb_each_text(r.origins) AS pair(staged, kept) WHERE r.id = :id
""")


def inspect(connection: sa.Connection, row: Claimed) -> list[Problem]:
    """What is wrong with an opened release, within its rehearsal."""
    content = connection.execute(_VERSION, {"release": row.id}).scalar_one()
    return [*_files(content[RESOURCES] or []), *_tables(connection, row, [each["id"] for each in content[RESOURCES] or []])]


def _files(resources: Iterable[dict[str, Any]]) -> Iterator[Problem]:
    for file in files_of(resources):
        size = storage.size_of(file.sha256)
        if size is None:
            yield problem("file_missing", subject=file.resource_id)
        elif (file.size and file.size != size) or (size <= READ_UP_TO and not storage.is_intact(file.sha256)):
            yield problem("file_damaged", subject=file.resource_id)


def _tables(connection: sa.Connection, row: Claimed, resources: list[str]) -> Iterator[Problem]:
    """Tables of an edition still bear the names of its private resources."""
    staged = {pair.kept: pair.staged for pair in connection.execute(_STAGED, {"id": row.id})} if row.kind == Kind.EDITION else {}
    names = {resource: {resource, staged.get(resource, resource)} for resource in resources}
    every = {name for found in names.values() for name in found}
    there, jobs = tables.existing(every), tables.loading(every)
    active = set(connection.execute(_ACTIVE, {"package": row.package_id}).scalars())
    for resource, found in names.items():
        if any(jobs.get(name) in _WAITING for name in found):
            yield problem("table_loading", subject=resource)
        elif resource in active and not found & there:
            yield problem("table_missing", subject=resource)
