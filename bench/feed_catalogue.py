"""A catalogue of so many public datasets, on ours and on the peer."""

from __future__ import annotations

from bench.datasets import make
from bench.place import Site, wait_until

SIZE = 1600
OK, NOT_MODIFIED = 200, 304
# Released the way the guard of `private` asks for; the engine's own figures are the release room's.
RELEASE = """
INSERT INTO edomex_release (id, package_id, content_id, kind, version, state, calendar_status, release_at, due_at, released_at,
    content_hash, announced, submitted_by, approved_by, attempts)
SELECT gen_random_uuid()::text, id, id, 'first', 1, 'released', 'done', '2024-05-06 15:00Z', '2024-05-06 15:00Z', '2024-05-06 15:00Z',
    'x', false, 'a', 'b', 0 FROM unnest(%(ids)s) AS id
"""
OPEN = "UPDATE package SET private = false WHERE id = ANY(%(ids)s)"


def published(site: Site, tag: str, count: int, *, indexed: bool = False) -> list[str]:
    """Public datasets on one side; on the peer in the index as well, which its feed is read from."""
    batch = make(site, tag, count, indexed=False)
    with site.database() as cursor:
        if site.is_ours:
            cursor.execute(RELEASE, {"ids": batch.ids})
        cursor.execute(OPEN, {"ids": batch.ids})
    if indexed or not site.is_ours:
        site.inside.call("bench.tasks:index", ids=batch.ids)
        wait_until(lambda: _count(site) >= count, 60, "the index has all datasets")
    return batch.ids


def _count(site: Site) -> int:
    return site.visitor().call("package_search", rows=0)["count"]
