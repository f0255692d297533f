"""Whether Solr says what PostgreSQL says. Nothing is repaired here: that is the reconciler's work."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import requests
import sqlalchemy as sa

from ckanext.edomex.adapters import index as documents
from ckanext.edomex.shield import config
from ckanext.edomex.shield.domain.findings import Finding

PUBLIC = "public"
#: Fields that decide who finds what.
FIELDS = frozenset({"id", "index_id", "site_id", "permission_labels", "capacity", "state", "dataset_type", "metadata_modified"})
#: What changed within so many seconds is still on its way.
SETTLE_S = 60
SHOWN = 3
_FACTS = sa.text("""
SELECT id, state = 'active' AND NOT private AS shown,
    metadata_modified < (clock_timestamp() AT TIME ZONE 'UTC') - make_interval(secs => :settle) AS settled
FROM package WHERE type = 'dataset' AND state <> 'deleted'
""")


def look(connection: sa.Connection) -> Iterator[Finding]:
    """Compare ids and labels of all datasets, the index first: what is released meanwhile is in the database by then."""
    missing = FIELDS - fields()
    if missing:
        yield Finding(code="index_schema", seen=", ".join(sorted(missing)))
        return
    found, everything = documents.public_ids(), documents.all_ids()
    facts = {row.id: row for row in connection.execute(_FACTS, {"settle": SETTLE_S})}
    hidden = found - {each for each, fact in facts.items() if fact.shown}
    # Asked again, for what was withdrawn between the two questions.
    hidden &= documents.public_ids() if hidden else hidden
    behind = {each for each, fact in facts.items() if fact.settled and (each not in everything or (fact.shown and each not in found))}
    for code, ids in (("index_shows_hidden", hidden), ("index_behind", behind), ("index_strays", everything - set(facts) - hidden)):
        if ids:
            yield Finding(code=code, seen=some(ids))


def fields() -> set[str]:
    """Names of the index's fields."""
    answer = requests.get(f"{config.solr_url()}/schema/fields", auth=config.solr_account(), timeout=10)
    answer.raise_for_status()
    return {field["name"] for field in answer.json()["fields"]}


def some(ids: Collection[str]) -> str:
    """How many, and the first of them."""
    first = sorted(ids)[:SHOWN]
    return f"{len(ids)}: {', '.join(first)}{', …' if len(ids) > SHOWN else ''}"
