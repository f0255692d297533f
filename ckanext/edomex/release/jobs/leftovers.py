"""Files that nothing refers to: an upload that was rolled back, an edition that was discarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ckanext.edomex.adapters import storage
from ckanext.edomex.release import config

_REFERRED = sa.text("""
SELECT DISTINCT (CASE WHEN extras IS NULL OR extras = '' THEN '{}' ELSE extras END)::jsonb ->> 'sha256' AS sha256 FROM resource
UNION
SELECT DISTINCT each -> 'extras' ->> 'sha256' FROM edomex_release_version
CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(content -> 2) WHEN 'array' THEN content -> 2 ELSE '[]' END) AS each
""")


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep did: files kept and deleted, and bytes that came free."""

    kept: int
    swept: int
    size: int


def sweep(engine: sa.Engine, *, dry_run: bool = False) -> Swept:
    """Delete what nothing refers to and is old enough: a younger file's resource may be about to be committed."""
    edge = datetime.now(UTC) - timedelta(days=config.keep_files_days())
    old = {file.name: file for file in storage.scan() if file.modified < edge}
    every = sum(1 for _ in storage.scan())
    with engine.connect() as connection:
        # After the scan: what came to be referred to meanwhile stays.
        referred = set(connection.execute(_REFERRED).scalars())
        referred |= {each for query in storage.REFERENCES for each in connection.execute(sa.text(query)).scalars()}
    gone = [file for name, file in old.items() if name not in referred]
    for file in [] if dry_run else gone:
        storage.remove_at(file.location)
    return Swept(kept=every - len(gone), swept=len(gone), size=sum(file.size for file in gone))
