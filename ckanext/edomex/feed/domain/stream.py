"""The change stream in RDF: what appeared, changed and went, each at its moment. Source: LDES 1.0, TREE 1.0, ActivityStreams 2.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.edomex.feed.domain.description import dataset_iri
from ckanext.edomex.feed.domain.nodes import Statements, instant
from ckanext.edomex.feed.domain.terms import term
from ckanext.edomex.feed.domain.triples import Triple

#: What happened → its kind of activity.
KINDS = {"created": "as:Create", "changed": "as:Update", "withdrawn": "as:Delete"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the stream."""

    seq: int
    package_id: str
    kind: str
    #: ISO 8601, with a zone.
    at: str
    #: Of a withdrawal that was recorded: `withdrawn_at`, `reason`, `legal_ground`.
    note: Mapping[str, Any] | None = None


def describe_changes(base: str, page: str, following: str | None, lines: Sequence[Line]) -> list[Triple]:
    """A page of the stream.

    Args:
        base: address of the catalogue.
        page: the page's own address.
        following: address of what comes after these lines; None where nothing does yet.
        lines: the oldest first.
    """
    said = Statements()
    stream = said.a(f"{base}/catalog/changes", "ldes:EventStream", "tree:Collection")
    said.say(stream, "dct:title", "Cambios del catálogo")
    said.link(stream, "ldes:timestampPath", term("as:published"))
    said.link(stream, "ldes:versionOfPath", term("as:object"))
    said.link(stream, "tree:view", said.a(page, "tree:Node"))
    if following:
        relation = said.a(f"{page}#next", "tree:GreaterThanOrEqualToRelation")
        said.link(page, "tree:relation", relation)
        said.link(relation, "tree:node", following)
        said.link(relation, "tree:path", term("as:published"))
        said.date(relation, "tree:value", instant(lines[-1].at))
    for line in lines:
        _add_line(said, base, stream, line)
    return said


def _add_line(said: Statements, base: str, stream: str, line: Line) -> None:
    node = said.a(f"{stream}#{line.seq}", KINDS[line.kind])
    said.link(stream, "tree:member", node)
    said.link(node, "as:object", dataset_iri(base, line.package_id))
    said.date(node, "as:published", instant(line.at))
    if line.kind != "withdrawn":
        return
    note = line.note or {}
    stone = said.a(f"{node}-tombstone", "as:Tombstone")
    said.link(node, "as:result", stone)
    said.link(stone, "as:formerType", term("dcat:Dataset"))
    said.date(stone, "as:deleted", instant(note.get("withdrawn_at")) or instant(line.at))
    said.say(stone, "as:summary", note.get("reason"))
    said.say(stone, "as:content", note.get("legal_ground"))
