"""Whether the search index and the feed say what PostgreSQL says: the question at the end of every fault."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

TIMEOUT_S = 60
#: More documents than any test makes.
ROWS = 100_000
LABELS = "permission_labels"
REVIEW = "edomex-review"
#: What the index has to know of each dataset. Labels are CKAN's (`get_dataset_labels`) and ours (release/logic/labels.py),
#: said in SQL a second time on purpose: the index was filled by the code that is under test.
_EXPECTED = sa.text("""
SELECT p.id, p.state, CASE WHEN p.private THEN 'private' ELSE 'public' END AS capacity,
    CASE WHEN NOT p.private AND p.state = 'active' THEN ARRAY['public']
         ELSE ARRAY[COALESCE('member-' || p.owner_org, 'creator-' || p.creator_user_id)]
              || CASE WHEN p.private AND EXISTS (
                      SELECT FROM edomex_release r WHERE r.package_id = p.id
                      AND r.state IN ('in_review', 'changes_requested', 'scheduled', 'failed'))
                 THEN ARRAY['edomex-review'] ELSE ARRAY[]::text[] END
    END AS permission_labels,
    to_char(date_trunc('milliseconds', p.metadata_modified), 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS metadata_modified
FROM package p WHERE p.type = 'dataset' AND p.state <> 'deleted'
""")
_WAITING = sa.text("SELECT count(*) FROM edomex_release_outbox WHERE done_at IS NULL")


def waiting(engine: sa.Engine) -> int:
    """How many entries of the outbox are not done."""
    with engine.connect() as connection:
        return int(connection.execute(_WAITING).scalar_one())


def disagreements(engine: sa.Engine, solr: str, portal: str) -> list[str]:
    """What index and feed say otherwise than the database, a sentence for each; empty if they agree.

    Args:
        engine: the portal's database.
        solr: address of the portal's core.
        portal: address of the portal.
    """
    with engine.connect() as connection:
        truth = {row["id"]: dict(row) for row in connection.execute(_EXPECTED).mappings()}
    public = {key for key, row in truth.items() if row["permission_labels"] == ["public"]}
    return [*_of_index(truth, _indexed(solr)), *_of_feed(public, _in_feed(portal))]


def _of_index(truth: Mapping[str, Mapping[str, Any]], indexed: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    for key in sorted(truth.keys() - indexed.keys()):
        yield f"index: {key} is missing"
    for key in sorted(indexed.keys() - truth.keys()):
        yield f"index: {key} is not in the database (capacity {indexed[key]['capacity']})"
    for key in sorted(truth.keys() & indexed.keys()):
        for field, value in truth[key].items():
            if indexed[key][field] != value:
                yield f"index: {key} has {field} {indexed[key][field]!r}, the database {value!r}"


def _of_feed(public: set[str], in_feed: set[str]) -> Iterable[str]:
    for key in sorted(public - in_feed):
        yield f"feed: {key} is missing"
    for key in sorted(in_feed - public):
        yield f"feed: {key} is not public"


def _indexed(solr: str) -> dict[str, dict[str, Any]]:
    found = _select(solr, fl="id,state,capacity,metadata_modified", facet="true", **{"facet.field": LABELS, "facet.limit": "-1"})
    documents = {document["id"]: _as_in_sql(document) for document in found["response"]["docs"]}
    # Labels are searched by and not kept: ask who has each. Facets are a list of label, count, label, count…
    for label in sorted(found["facet_counts"]["facet_fields"][LABELS][::2], key=lambda name: name == REVIEW):
        for document in _select(solr, fl="id", fq=f"{{!term f={LABELS}}}{label}")["response"]["docs"]:
            if document["id"] in documents:
                documents[document["id"]][LABELS].append(label)
    return documents


def _select(solr: str, **parameters: str) -> dict[str, Any]:
    query = urllib.parse.urlencode({"q": "dataset_type:dataset", "rows": ROWS, "wt": "json", **parameters})
    with urllib.request.urlopen(f"{solr}/select?{query}", timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def _as_in_sql(document: Mapping[str, Any]) -> dict[str, Any]:
    # Solr leaves out zeros at the end of a second's fraction.
    second, _, fraction = str(document.get("metadata_modified", "")).rstrip("Z").partition(".")
    return {**document, LABELS: [], "metadata_modified": f"{second}.{fraction:0<3.3}"}


def _in_feed(portal: str) -> set[str]:
    with urllib.request.urlopen(f"{portal}/catalog.jsonld", timeout=TIMEOUT_S) as answer:
        graph = json.load(answer)
    nodes = graph["@graph"] if isinstance(graph, dict) else graph
    of_kind = [node for node in nodes if any("Dataset" in kind and "Catalog" not in kind for kind in _kinds(node))]
    return {str(node["@id"]).rsplit("/", 1)[-1] for node in of_kind}


def _kinds(node: Mapping[str, Any]) -> list[str]:
    kinds = node.get("@type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)
