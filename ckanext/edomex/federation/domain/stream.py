"""A change stream as it is read: what happened last to each dataset. Source: LDES 1.0, ActivityStreams 2.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ckanext.edomex.federation.domain.records import clean

AS = "https://www.w3.org/ns/activitystreams#"
LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_KINDS = {f"{AS}Create": "changed", f"{AS}Update": "changed", f"{AS}Delete": "gone"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """The last that happened to a dataset: `changed` or `gone`, and why, if the source says so."""

    iri: str
    kind: str
    reason: str = ""


def is_stream(said: Iterable[tuple[str, str, str]]) -> bool:
    """Whether a document is part of an event stream."""
    return any(predicate == RDF_TYPE and value == f"{LDES}EventStream" for _, predicate, value in said)


def changes(said: Iterable[tuple[str, str, str]]) -> list[Change]:
    """What happened last to each dataset that a document tells of, the longest ago first.

    Args:
        said: subject, predicate and value of each statement.
    """
    nodes: dict[str, dict[str, str]] = {}
    for subject, predicate, value in said:
        nodes.setdefault(subject, {})[predicate] = value
    lines = sorted(
        (node for node in nodes if nodes[node].get(RDF_TYPE) in _KINDS and nodes[node].get(f"{AS}object")),
        key=lambda node: (nodes[node].get(f"{AS}published", ""), _number(node)),
    )
    last: dict[str, Change] = {}
    for node in lines:
        what = nodes[node]
        iri = clean(what[f"{AS}object"])
        last.pop(iri, None)
        last[iri] = Change(iri=iri, kind=_KINDS[what[RDF_TYPE]], reason=clean(_reason(nodes, what)))
    return list(last.values())


def _reason(nodes: Mapping[str, Mapping[str, str]], what: Mapping[str, str]) -> str:
    return nodes.get(what.get(f"{AS}result", ""), {}).get(f"{AS}summary", "")


def _number(node: str) -> int:
    """A line's number, which our streams have after the sign: of one instant, the higher is later."""
    ending = node.rpartition("#")[2]
    return int(ending) if ending.isdecimal() else 0
