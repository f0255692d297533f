"""Our vocabularies as SKOS: each word at an address of its own."""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.edomex.feed.domain.description import concept_iri
from ckanext.edomex.feed.domain.nodes import Statements
from ckanext.edomex.feed.domain.terms import AUTHORITY
from ckanext.edomex.feed.domain.triples import Triple

#: Column of a vocabulary → table of the EU's that its codes are of.
EXACT = {
    "eu_theme": "data-theme", "eu_frequency": "frequency", "eu_licence": "licence", "eu_access_right": "access-right",
    "eu_availability": "planned-availability", "eu_language": "language", "eu_file_type": "file-type",
}  # fmt: skip


def describe_scheme(base: str, name: str, title: str, words: Mapping[str, tuple[str, Mapping[str, str]]]) -> list[Triple]:
    """One vocabulary.

    Args:
        base: address of the catalogue.
        name: of the vocabulary.
        title: what people call it.
        words: code → its label, and its row.
    """
    said = Statements()
    scheme = said.a(f"{base}/vocabularios/{name}", "skos:ConceptScheme")
    said.say_first(scheme, "dct:title", title, name)
    for code, (label, row) in words.items():
        word = concept_iri(base, name, code)
        if word is None:
            continue
        said.a(word, "skos:Concept")
        said.link(word, "skos:inScheme", scheme)
        said.link(word, "skos:topConceptOf", scheme)
        said.link(scheme, "skos:hasTopConcept", word)
        said.value(word, "skos:notation", code)
        said.say_first(word, "skos:prefLabel", label, code)
        said.say(word, "skos:definition", row.get("help"))
        for column, table in EXACT.items():
            theirs = row.get(column)
            said.link(word, "skos:exactMatch", f"{AUTHORITY}{table}/{theirs}" if theirs else None)
    return said
