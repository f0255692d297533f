"""`edomex_dcat_ap_3`: our description as a profile of ckanext-dcat, so that its tools and its harvesters work with it.

What is said stands in `domain/description.py`, for the feed and for this profile alike; reading foreign RDF stays ckanext-dcat's.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.dcat.profiles import EuropeanDCATAP3Profile
from rdflib import Graph, Literal, URIRef

from ckanext.edomex.adapters.vocabularies import choices, mapping, vocabulary
from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.description import describe
from ckanext.edomex.feed.domain.formats import known_formats
from ckanext.edomex.feed.domain.heading import describe_catalogue
from ckanext.edomex.feed.domain.keys import digest
from ckanext.edomex.feed.domain.surroundings import Surroundings
from ckanext.edomex.feed.domain.triples import Iri, Text, Triple

#: To be raised with every change of what is said: kept fragments of another version are made anew.
VERSION = "3"
#: Vocabularies whose words are said with their labels.
LABELLED = ("disponibilidad", "temas-ue", "desagregacion", "prioridad-federal", "fundamentos")


class EdomexProfile(EuropeanDCATAP3Profile):
    """One dataset, or the catalogue's own node, as a graph without blank nodes."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Add the dataset as the domain describes it; its IRI is ours whatever the caller thought of."""
        _fill(self.g, dataset_triples(dataset_dict))

    def graph_from_catalog(self, catalog_dict: dict[str, Any] | None, catalog_ref: URIRef) -> None:
        """Add the catalogue as the domain describes it."""
        _fill(self.g, catalogue_triples(catalog_dict or {}, []))


def dataset_triples(dataset: Mapping[str, Any]) -> list[Triple]:
    """What the catalogue says of a dataset."""
    return describe(dataset, surroundings())


def catalogue_triples(itself: Mapping[str, str], package_ids: Iterable[str]) -> list[Triple]:
    """What the catalogue says of itself, with the link to each of its datasets; settings stand for what is not given."""
    settled = {
        "title": config.title(), "description": config.description(), "publisher_name": config.publisher_name(),
        "license": config.license_url(),
    }  # fmt: skip
    return describe_catalogue({**settled, **itself}, config.base(), package_ids)


def surroundings() -> Surroundings:
    """The catalogue's address and the vocabularies as they are now."""
    return _surroundings(config.base())


def fingerprint() -> str:
    """What every fragment depends on besides its dataset."""
    return digest([VERSION, config.base(), _vocabularies_digest()])


@functools.cache
def _surroundings(base: str) -> Surroundings:
    return Surroundings(base=base, **_vocabularies())


@functools.cache
def _vocabularies_digest() -> str:
    """Of tables that do not change while a process runs: every reader of the feed asks for it."""
    return digest(f"{name}={sorted(table.items())!r}" for name, table in sorted(_vocabularies().items()))


@functools.cache
def _vocabularies() -> dict[str, Mapping[str, Any]]:
    return {
        "themes": mapping("temas", "eu_theme"),
        "frequencies": mapping("periodicidad", "eu_frequency"),
        "municipalities": choices("municipios-edomex"),
        "formats": known_formats(vocabulary("formatos")),
        "access": mapping("niveles-de-acceso", "eu_access_right"),
        "languages": mapping("idiomas", "eu_language"),
        "availability": mapping("disponibilidad", "eu_availability"),
        "licences": {row["url"]: row["eu_licence"] for row in vocabulary("licencias") if row["eu_licence"]},
        "federal_themes": mapping("temas", "federal_2015"),
        "labels": {f"{name}/{code}": label for name in LABELLED for code, label in choices(name).items()},
    }


def _fill(graph: Graph, triples: Iterable[Triple]) -> None:
    for subject, predicate, value in triples:
        graph.add((URIRef(subject), URIRef(predicate), _node(value)))


def _node(value: Iri | Text) -> URIRef | Literal:
    if isinstance(value, Iri):
        return URIRef(value.value)
    return Literal(value.value, lang=value.language or None, datatype=URIRef(value.datatype) if value.datatype else None)
