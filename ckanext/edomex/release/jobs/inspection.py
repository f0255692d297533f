"""A look at what a release would publish: its files by their bytes, its tables by their being there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ckanext.edomex.adapters import storage, tables
from ckanext.edomex.release.domain.content import RESOURCES, files_of
from ckanext.edomex.release.domain.problems import Problem, problem
from ckanext.edomex.release.jobs.opening import Claimed

#: Files up to so many bytes are read whole and their hash compared; of larger ones the size.
READ_UP_TO = 64 * 2**20
_WAITING = frozenset({"pending", "running"})
_VERSIONS = sa.text("SELECT release_id, content FROM edomex_release_version WHERE release_id = ANY(:releases)")
_ACTIVE = sa.text("""
SELECT r.id FROM resource r WHERE r.package_id = ANY(:packages) AND r.state = 'active'
  AND (CASE WHEN r.extras IS NULL OR r.extras = '' THEN '{}' ELSE r.extras END)::jsonb ->> 'datastore_active' = 'true'
""")
_STAGED = sa.text("""
SELECT pair.staged, pair.kept FROM edomex_release r
CROSS JOIN LATERAL jsonb_each_text(r.origins) AS pair(staged, kept) WHERE r.id = ANY(:releases)
""")


def inspect(connection: sa.Connection, rows: Sequence[Claimed]) -> dict[str, list[Problem]]:
    """What is wrong with opened releases, within their rehearsal: problems by release."""
    versions = connection.execute(_VERSIONS, {"releases": [row.id for row in rows]})
    resources = {row.release_id: row.content[RESOURCES] or [] for row in versions}
    look = _Tables(connection, rows, [each["id"] for found in resources.values() for each in found])
    return {release: [*_files(found), *look.of(each["id"] for each in found)] for release, found in resources.items()}


def _files(resources: Iterable[dict[str, Any]]) -> Iterator[Problem]:
    for file in files_of(resources):
        size = storage.size_of(file.sha256)
        if size is None:
            yield problem("file_missing", subject=file.resource_id)
        elif (file.size and file.size != size) or (size <= READ_UP_TO and not storage.is_intact(file.sha256)):
            yield problem("file_damaged", subject=file.resource_id)


class _Tables:
    """Which of the resources' tables are there or on their way. An edition's still bear the names of its private resources."""

    def __init__(self, connection: sa.Connection, rows: Sequence[Claimed], resources: Sequence[str]) -> None:
        staged = {pair.kept: pair.staged for pair in connection.execute(_STAGED, {"releases": [row.id for row in rows]})}
        self.names = {resource: {resource, staged.get(resource, resource)} for resource in resources}
        every = {name for found in self.names.values() for name in found}
        self.there, self.jobs = tables.existing(every), tables.loading(every)
        self.active = set(connection.execute(_ACTIVE, {"packages": [row.package_id for row in rows]}).scalars())

    def of(self, resources: Iterable[str]) -> Iterator[Problem]:
        """What is wrong with the tables of these resources."""
        for resource in resources:
            names = self.names[resource]
            if any(self.jobs.get(name) in _WAITING for name in names):
                yield problem("table_loading", subject=resource)
            elif resource in self.active and not names & self.there:
                yield problem("table_missing", subject=resource)
