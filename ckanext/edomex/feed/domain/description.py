"""What the catalogue says of a dataset, statement by statement: a list of what goes in, not of what is left out.

People do not appear in it: CKAN's author and maintainer are never read. Source: DCAT-AP 3.0.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ckanext.edomex.feed.domain.distribution import add_distribution
from ckanext.edomex.feed.domain.nodes import Statements, day, instant, items, rows, web
from ckanext.edomex.feed.domain.places import add_period, add_places
from ckanext.edomex.feed.domain.surroundings import Surroundings
from ckanext.edomex.feed.domain.terms import AUTHORITY, PUBLIC, SPANISH
from ckanext.edomex.feed.domain.triples import Triple, clean_iri

Dataset = Mapping[str, Any]
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_NAME = re.compile(r"[a-z0-9_-]{2,100}")
#: Fields that hold a word of one of our vocabularies, which everybody may read at an address of ours.
WORDS = {"disaggregation": "desagregacion", "federal_priority": "prioridad-federal"}


def describe(dataset: Dataset, around: Surroundings) -> list[Triple]:
    """Everything that is said of a dataset.

    Args:
        dataset: as `package_show` gives it, with `released_at` (ISO 8601 with zone) and `versions` if they are known.
        around: the catalogue's address and vocabularies.
    """
    said = Statements()
    node = said.a(dataset_iri(around.base, dataset["id"]), "dcat:Dataset")
    issued = instant(dataset.get("released_at")) or instant(dataset.get("metadata_created"))
    said.value(node, "dct:identifier", dataset["id"])
    said.say_first(node, "dct:title", dataset.get("title"), dataset["name"])
    said.say_first(node, "dct:description", dataset.get("notes"), dataset.get("title"), dataset["name"])
    said.date(node, "dct:issued", day(dataset.get("issued")) or issued)
    said.date(node, "dct:modified", day(dataset.get("modified")) or instant(dataset.get("metadata_modified")))
    for tag in rows(dataset.get("tags")):
        said.say(node, "dcat:keyword", tag.get("name"))
    _add_codes(said, node, dataset, around)
    _add_access(said, node, dataset, around)
    _add_people(said, node, dataset, around)
    _add_pages(said, node, dataset, around)
    _add_origin(said, node, dataset)
    _add_versions(said, node, dataset)
    add_period(said, node, dataset)
    add_places(said, node, dataset, around.municipalities)
    for resource in rows(dataset.get("resources")):
        add_distribution(said, dataset, resource, around, issued)
    return said


def dataset_iri(base: str, package_id: str) -> str:
    """The dataset's lasting IRI: from its id, which no edit changes."""
    return f"{base}/dataset/{package_id}"


def concept_iri(base: str, vocabulary: str, code: str) -> str | None:
    """The address of a word of one of our vocabularies."""
    return clean_iri(f"{base}/vocabularios/{vocabulary}/{code}")


def _add_codes(said: Statements, node: str, dataset: Dataset, around: Surroundings) -> None:
    """What is said with a word of a register."""
    codes = {around.themes.get(str(group.get("name"))) for group in rows(dataset.get("groups"))}
    for code in sorted(filter(None, codes)):
        theme = said.a(f"{AUTHORITY}data-theme/{code}", "skos:Concept")
        said.link(node, "dcat:theme", theme)
        said.say(theme, "skos:prefLabel", around.labels.get(f"temas-ue/{code}", code))
    language = f"{AUTHORITY}language/{around.languages.get(str(dataset.get('language')), SPANISH)}"
    said.link(node, "dct:language", said.a(language, "dct:LinguisticSystem"))
    frequency = around.frequencies.get(str(dataset.get("frequency")))
    if frequency:
        said.link(node, "dct:accrualPeriodicity", said.a(f"{AUTHORITY}frequency/{frequency}", "dct:Frequency"))
    for field, vocabulary in WORDS.items():
        label = around.labels.get(f"{vocabulary}/{dataset.get(field)}")
        word = concept_iri(around.base, vocabulary, str(dataset.get(field))) if label else None
        if word:
            said.link(node, "dct:subject", said.a(word, "skos:Concept"))
            said.say(word, "skos:prefLabel", label)


def _add_access(said: Statements, node: str, dataset: Dataset, around: Surroundings) -> None:
    """Who may see the data, and on what ground not everybody."""
    rights = f"{AUTHORITY}access-right/{around.access.get(str(dataset.get('access_level')), PUBLIC)}"
    said.link(node, "dct:accessRights", said.a(rights, "dct:RightsStatement"))
    code = str(dataset.get("access_ground") or "")
    why = "\n\n".join(filter(None, [around.labels.get(f"fundamentos/{code}", code), str(dataset.get("access_reason") or "")]))
    if why:
        said.link(node, "dct:rights", said.a(f"{node}#rights", "dct:RightsStatement"))
        said.say(f"{node}#rights", "rdfs:label", why)
    if dataset.get("legal_basis"):
        said.link(node, "dcatap:applicableLegislation", said.a(f"{node}#legislation", "eli:LegalResource"))
        said.say(f"{node}#legislation", "dct:title", dataset["legal_basis"])


def _add_people(said: Statements, node: str, dataset: Dataset, around: Surroundings) -> None:
    """The agency, and the unit that answers for the data; its agency where none is named."""
    nobody: Mapping[str, Any] = {}
    agency = next(iter(rows([dataset.get("organization")])), nobody)
    name = agency.get("title") or agency.get("name")
    if agency:
        publisher = said.a(f"{around.base}/organization/{agency['id']}", "foaf:Agent")
        said.link(node, "dct:publisher", publisher)
        said.say_first(publisher, "foaf:name", name, agency["name"])
        said.link(publisher, "foaf:homepage", clean_iri(f"{around.base}/organization/{agency['name']}"))
    unit, email = dataset.get("contact_unit") or name, str(dataset.get("contact_email") or "").strip()
    if unit or email:
        contact = said.a(f"{node}#contact", "vcard:Kind", "vcard:Organization")
        said.link(node, "dcat:contactPoint", contact)
        said.say_first(contact, "vcard:fn", unit, name, email)
        said.link(contact, "vcard:hasEmail", clean_iri(f"mailto:{email}") if _EMAIL.fullmatch(email) else None)


def _add_pages(said: Statements, node: str, dataset: Dataset, around: Surroundings) -> None:
    """Pages about it, here and elsewhere, and datasets beside it."""
    page = web(dataset.get("url")) or clean_iri(f"{around.base}/dataset/{dataset['name']}")
    if page:
        said.link(node, "dcat:landingPage", said.a(page, "foaf:Document"))
    for row in rows(dataset.get("documentation")):
        link = web(row.get("url"))
        if link:
            said.link(node, "foaf:page", said.a(link, "foaf:Document"))
            said.say(link, "dct:title", row.get("title"))
    for each in items(dataset.get("related")):
        name = _NAME.fullmatch(str(each))
        said.link(node, "dct:relation", f"{around.base}/dataset/{each}" if name else web(each))


def _add_origin(said: Statements, node: str, dataset: Dataset) -> None:
    text = "\n\n".join(str(dataset[field]) for field in ("provenance", "method") if dataset.get(field))
    if text:
        said.link(node, "dct:provenance", said.a(f"{node}#provenance", "dct:ProvenanceStatement"))
        said.say(f"{node}#provenance", "rdfs:label", text)


def _add_versions(said: Statements, node: str, dataset: Dataset) -> None:
    """Each released version at its lasting address, the oldest first. They are no datasets of their own to a harvester."""
    said.say(node, "adms:versionNotes", dataset.get("version_notes"))
    versions = sorted(rows(dataset.get("versions")), key=lambda row: int(row["version"]))
    before: str | None = None
    for row in versions:
        version = f"{node}/version/{int(row['version'])}"
        said.link(node, "dcat:hasVersion", version)
        said.link(version, "dcat:isVersionOf", node)
        said.value(version, "dcat:version", str(row["version"]))
        said.date(version, "dct:issued", instant(row.get("released_at")))
        said.link(version, "dcat:previousVersion", before)
        before = version
    if versions:
        said.value(node, "dcat:version", str(versions[-1]["version"]))
