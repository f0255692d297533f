"""A dataset for search engines. Source: schema.org/Dataset, and what Google's dataset search asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.edomex.domain.places import name_of
from ckanext.edomex.feed.domain.json_catalogues import file_address
from ckanext.edomex.feed.domain.nodes import day, instant, items, rows, web
from ckanext.edomex.feed.domain.surroundings import Surroundings
from ckanext.edomex.feed.domain.triples import clean_text

#: Google takes descriptions of so many characters and no others.
SHORTEST, LONGEST = 50, 5000


def schema_org(dataset: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """What a page says of its dataset, as JSON-LD.

    Args:
        dataset: as `package_show` gives it.
        around: the catalogue's address and vocabularies.
    """
    iri, page = f"{around.base}/dataset/{dataset['id']}", f"{around.base}/dataset/{dataset['name']}"
    nobody: Mapping[str, Any] = {}
    agency = next(iter(rows([dataset.get("organization")])), nobody)
    publisher = {"@type": "GovernmentOrganization", "name": _text(agency.get("title")) or _text(agency.get("name"))}
    start, end = _end(dataset.get("temporal_start")), _end(dataset.get("temporal_end"))
    changed = day(dataset.get("modified")) or instant(dataset.get("metadata_modified"))
    found: dict[str, Any] = {
        "@context": "http://schema.org/",
        "@type": "Dataset",
        "@id": iri,
        "identifier": iri,
        "url": page,
        "name": _text(dataset.get("title")) or dataset["name"],
        "description": _description(dataset, publisher["name"]),
        "keywords": [_text(tag.get("name")) for tag in rows(dataset.get("tags"))],
        "inLanguage": "es",
        "license": web(dataset.get("license_url")),
        "isAccessibleForFree": str(dataset.get("access_level") or "publico") == "publico",
        "creator": publisher if publisher["name"] else None,
        "publisher": publisher if publisher["name"] else None,
        "dateModified": changed.value if changed else None,
        "temporalCoverage": f"{start}/{end}" if {start, end} != {".."} else None,
        "spatialCoverage": [{"@type": "Place", "name": name} for name in _places(dataset, around)],
        "variableMeasured": sorted({str(column["name"]) for column in _columns(dataset) if column.get("name")}),
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": around.base, "url": f"{around.base}/"},
        "distribution": [_download(each, dataset, around) for each in rows(dataset.get("resources"))],
    }
    return {key: value for key, value in found.items() if value not in (None, [], "")}


def _download(resource: Mapping[str, Any], dataset: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    known = around.formats.get(str(resource.get("format") or "").strip().lstrip(".").upper())
    found = {
        "@type": "DataDownload", "name": _text(resource.get("name")), "contentUrl": file_address(resource, dataset, around.base),
        "encodingFormat": known.media_type if known and known.media_type else _text(resource.get("format")),
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _description(dataset: Mapping[str, Any], publisher: str | None) -> str:
    text = _text(dataset.get("notes")) or _text(dataset.get("title")) or str(dataset["name"])
    if len(text) < SHORTEST:
        by = f" de {publisher}" if publisher else ""
        text = f"{text} Conjunto de datos abiertos{by}, en el portal del Estado de México."
    return text[:LONGEST]


def _columns(dataset: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [column for each in rows(dataset.get("resources")) for column in rows(each.get("dictionary"))]


def _end(value: Any) -> str:
    """An end of a period; two dots where it is open. Source: ISO 8601-2."""
    found = day(value)
    return found.value if found else ".."


def _places(dataset: Mapping[str, Any], around: Surroundings) -> list[str]:
    return [name for key in items(dataset.get("spatial_keys")) if (name := name_of(str(key), around.municipalities))]


def _text(value: Any) -> str | None:
    return clean_text(str(value)).strip() or None if value else None
