"""What the catalogue says of itself, and how its pages hang together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ckanext.edomex.feed.domain.description import dataset_iri
from ckanext.edomex.feed.domain.nodes import Statements, instant, web
from ckanext.edomex.feed.domain.terms import AUTHORITY, SPANISH, term
from ckanext.edomex.feed.domain.triples import Iri, Triple

INTEGER = term("xsd:integer")
DATASET = term("dcat:dataset")
#: What ckanext-dcat calls each link of a page, both names: its harvester reads the older one.
LINKS = {
    "next": ("hydra:nextPage", "hydra:next"), "previous": ("hydra:previousPage", "hydra:previous"),
    "first": ("hydra:firstPage", "hydra:first"), "last": ("hydra:lastPage", "hydra:last"),
}  # fmt: skip
COUNTS = {"count": "hydra:totalItems", "items_per_page": "hydra:itemsPerPage"}


def describe_catalogue(itself: Mapping[str, str], base: str, package_ids: Iterable[str]) -> list[Triple]:
    """The catalogue: title, description, homepage, language, publisher, licence, dates, and the link to each dataset.

    Args:
        itself: `title`, `description`, `publisher_name`, and `license`, `issued`, `modified` where they are known.
        base: its address.
        package_ids: what is in it.
    """
    said = Statements()
    said.a(base, "dcat:Catalog")
    said.say_first(base, "dct:title", itself["title"], base)
    said.say_first(base, "dct:description", itself["description"], base)
    # With the slash: the page about the catalogue is not the catalogue.
    said.link(base, "foaf:homepage", said.a(f"{base}/", "foaf:Document"))
    said.link(base, "dct:language", said.a(f"{AUTHORITY}language/{SPANISH}", "dct:LinguisticSystem"))
    publisher = said.a(f"{base}#publisher", "foaf:Agent")
    said.link(base, "dct:publisher", publisher)
    said.say_first(publisher, "foaf:name", itself["publisher_name"], base)
    licence = web(itself.get("license"))
    if licence:
        said.link(base, "dct:license", said.a(licence, "dct:LicenseDocument"))
    themes = said.a(f"{AUTHORITY}data-theme", "skos:ConceptScheme")
    said.link(base, "dcat:themeTaxonomy", themes)
    said.say(themes, "dct:title", "Temas de datos de la Unión Europea")
    said.date(base, "dct:issued", instant(itself.get("issued")))
    said.date(base, "dct:modified", instant(itself.get("modified")))
    return [*said, *(Triple(base, DATASET, Iri(dataset_iri(base, package_id))) for package_id in package_ids)]


def describe_page(page: str, paging: Mapping[str, str | int]) -> list[Triple]:
    """A page of the catalogue, as ckanext-dcat says it: addresses of other pages are literals, for its harvester opens them.

    Args:
        page: its own address.
        paging: addresses by the names in `LINKS`, and numbers by those in `COUNTS`.
    """
    said = Statements()
    said.a(page, "hydra:PagedCollection")
    for name, predicates in LINKS.items():
        for predicate in predicates:
            said.value(page, predicate, paging.get(name))
    for name, predicate in COUNTS.items():
        said.value(page, predicate, paging.get(name), datatype=INTEGER)
    return said
