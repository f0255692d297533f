"""`edomex_dcat_ap_3`: ckanext-dcat's DCAT-AP 3 profile, with what it leaves out and without what it gets wrong.

Added: language tags, the catalogue's publisher and language as an IRI, formats as IRIs, IRIs instead of blank nodes.
Taken away: every question to Solr and every cache.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.dcat.profiles import DCAT, DCT, FOAF, RDF, RDFS, SKOS, VCARD, EuropeanDCATAP3Profile
from rdflib import BNode, Graph, Literal, URIRef

from ckanext.edomex.adapters.vocabularies import choices, mapping, vocabulary
from ckanext.edomex.feed import config
from ckanext.edomex.feed.domain.description import AUTHORITY, Surroundings, dataset_iri, describe
from ckanext.edomex.feed.domain.formats import known_formats
from ckanext.edomex.feed.domain.keys import digest
from ckanext.edomex.feed.domain.triples import Iri, Text, Triple, clean_iri, clean_text, split

#: To be raised with every change of what is said: kept fragments of another version are made anew.
VERSION = "2"
LANGUAGE = "es"
#: Predicates whose literals are for people.
SPOKEN = frozenset({DCT.title, DCT.description, DCAT.keyword, FOAF.name, VCARD.fn, SKOS.prefLabel})
THEMES = URIRef(f"{AUTHORITY}data-theme")
#: ckanext-dcat says of every licence that its kind is unknown.
UNKNOWN_LICENCE = URIRef("http://purl.org/adms/licencetype/UnknownIPR")


class EdomexProfile(EuropeanDCATAP3Profile):
    """One dataset, or the catalogue's own node, as a graph without blank nodes."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Add the dataset as the domain describes it."""
        described = describe(dataset_dict, surroundings())
        super().graph_from_dataset(described, dataset_ref)
        for resource in described["resources"]:
            self._add_links_and_formats(resource)
        for place in (each for each in described["spatial_coverage"] if "key" in each):
            self.g.add((URIRef(place["uri"]), DCT.identifier, Literal(place["key"])))
        self.g.remove((None, DCT.type, UNKNOWN_LICENCE))
        _tag_language(self.g)
        _name_blank_nodes(self.g)

    def graph_from_catalog(self, catalog_dict: dict[str, Any] | None, catalog_ref: URIRef) -> None:
        """Add the catalogue: title, description, homepage, language IRI, publisher, licence, dates."""
        given = catalog_dict or {}
        super().graph_from_catalog(given, catalog_ref)
        publisher = URIRef(f"{catalog_ref}#publisher")
        if given.get("publisher_name"):
            self.g.add((catalog_ref, DCT.publisher, publisher))
            self.g.add((publisher, RDF.type, FOAF.Agent))
            self.g.add((publisher, FOAF.name, Literal(given["publisher_name"])))
        for key, predicate, kind in (("license", DCT.license, DCT.LicenseDocument), ("homepage", FOAF.homepage, FOAF.Document)):
            if given.get(key):
                self.g.add((catalog_ref, predicate, URIRef(given[key])))
                self.g.add((URIRef(given[key]), RDF.type, kind))
        self.g.add((catalog_ref, DCAT.themeTaxonomy, THEMES))
        self.g.add((THEMES, RDF.type, SKOS.ConceptScheme))
        self.g.add((THEMES, DCT.title, Literal("Temas de datos de la Unión Europea")))
        self._add_date_triples_from_dict(
            given, catalog_ref, [("issued", DCT.issued, None, Literal), ("modified", DCT.modified, None, Literal)]
        )
        _tag_language(self.g)

    def _last_catalog_modification(self) -> None:
        """The stock one asks Solr, which may be empty; the caller gives the date instead."""

    def _add_links_and_formats(self, resource: Mapping[str, Any]) -> None:
        distribution = URIRef(resource["uri"])
        for key, predicate in (("access", DCAT.accessURL), ("download", DCAT.downloadURL)):
            if resource[key]:
                # Not through the stock code: it also encodes commas and brackets, which changes some addresses.
                self.g.add((distribution, predicate, URIRef(resource[key])))
                self.g.add((URIRef(resource[key]), RDF.type, RDFS.Resource))
        self.g.add((URIRef(resource["availability"]), RDF.type, SKOS.Concept))
        self.g.add((URIRef(resource["availability"]), SKOS.prefLabel, Literal("Estable")))
        if resource["media_type"]:
            # Harvesters that look for `text/csv` find it as the node's label.
            self.g.add((URIRef(resource["mimetype"]), RDFS.label, Literal(resource["media_type"])))
        if resource["other_format"]:
            named = URIRef(f"{distribution}#format")
            self.g.add((distribution, DCT["format"], named))
            self.g.add((named, RDF.type, DCT.MediaTypeOrExtent))
            self.g.add((named, RDFS.label, Literal(resource["other_format"])))


def dataset_triples(dataset: dict[str, Any]) -> list[Triple]:
    """What the catalogue says of a dataset. The stock serializer is not used: it costs 10 ms each time to find its profiles."""
    graph = Graph()
    EdomexProfile(graph).graph_from_dataset(dataset, URIRef(dataset_iri(surroundings().base, dataset["id"])))
    return list(_plain(graph))


def catalogue_triples(catalogue: dict[str, Any], package_ids: Iterable[str]) -> list[Triple]:
    """What the catalogue says of itself, with the link to each of its datasets."""
    graph, base = Graph(), surroundings().base
    EdomexProfile(graph).graph_from_catalog(catalogue, URIRef(base))
    links = [Triple(base, str(DCAT.dataset), Iri(dataset_iri(base, package_id))) for package_id in package_ids]
    return [*_plain(graph), *links]


def surroundings() -> Surroundings:
    """The catalogue's address and the vocabularies as they are now."""
    return Surroundings(base=config.base(), **_vocabularies())


def fingerprint() -> str:
    """What every fragment depends on besides its dataset."""
    return digest([VERSION, config.base(), _vocabularies_digest()])


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
    }


def _tag_language(graph: Graph) -> None:
    for predicate in SPOKEN:
        for subject, value in list(graph.subject_objects(predicate)):
            if isinstance(value, Literal) and not value.language and not value.datatype:
                graph.remove((subject, predicate, value))
                graph.add((subject, predicate, Literal(str(value), lang=LANGUAGE)))


def _name_blank_nodes(graph: Graph) -> None:
    """Give each an IRI below the node that points to it: the same every time, and no other fragment's."""

    def order(found: tuple[Any, Any, Any]) -> tuple[str, str, list[str]]:
        subject, predicate, node = found
        return str(subject), str(predicate), sorted(f"{p} {o}" for p, o in graph.predicate_objects(node) if not isinstance(o, BNode))

    while found := sorted((t for t in graph if isinstance(t[2], BNode) and not isinstance(t[0], BNode)), key=order):
        for subject, predicate, node in found:
            _rename(graph, node, _free_name(graph, f"{subject}{'-' if '#' in str(subject) else '#'}{split(str(predicate))[1]}"))


def _free_name(graph: Graph, wanted: str) -> URIRef:
    names = itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
    return next(URIRef(name) for name in names if (URIRef(name), None, None) not in graph)


def _rename(graph: Graph, node: Any, name: URIRef) -> None:
    for predicate, value in list(graph.predicate_objects(node)):
        graph.remove((node, predicate, value))
        graph.add((name, predicate, value))
    for subject, predicate in list(graph.subject_predicates(node)):
        graph.remove((subject, predicate, node))
        graph.add((subject, predicate, name))


def _plain(graph: Graph) -> Iterable[Triple]:
    """The graph's triples as plain values; one with an illegal IRI, or with nothing left of its text, is dropped."""
    for subject, predicate, value in graph:
        about = clean_iri(str(subject))
        found = _plain_object(value)
        if about and found:
            yield Triple(about, str(predicate), found)


def _plain_object(value: Any) -> Iri | Text | None:
    if isinstance(value, Literal):
        text = clean_text(str(value))
        return Text(text, value.language or "", str(value.datatype or "")) if text.strip() else None
    iri = clean_iri(str(value), ("http", "https", "mailto", "ftp"))
    return Iri(iri) if iri else None
