"""The catalogue in the JSON that others agreed on: ADELA's DCAT-MX, and DCAT-US 1.1, which Latin American harvesters read.

Source: ADELA's `/<slug>/catalogo.json`, key for key; Project Open Data Metadata Schema 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ckanext.edomex.domain.places import name_of
from ckanext.edomex.feed.domain.nodes import day, instant, items, rows, web
from ckanext.edomex.feed.domain.surroundings import Surroundings
from ckanext.edomex.feed.domain.triples import clean_iri, clean_text

Data = dict[str, Any]
ACCESS = {"publico": "public", "restringido": "restricted public", "reservado": "non-public"}


def adela_heading(itself: Mapping[str, str], base: str, agency: str | None) -> Data:
    """What ADELA says of a catalogue, without its datasets."""
    title = f"Catálogo de datos abiertos de {agency}" if agency else itself["title"]
    return {
        "title": title, "description": itself["description"], "homepage": f"{base}/", "issued": itself.get("issued"),
        "modified": itself.get("modified"), "language": "es", "license": itself.get("license"),
    }  # fmt: skip


def adela_dataset(dataset: Mapping[str, Any], around: Surroundings) -> Data:
    """A dataset as ADELA's catalogue has it."""
    page, agency = f"{around.base}/dataset/{dataset['name']}", _agency(dataset)
    words = [_text(tag.get("name")) for tag in rows(dataset.get("tags"))] + [agency.get("kind"), agency.get("sector")]
    themes = [around.federal_themes.get(str(group.get("name"))) for group in rows(dataset.get("groups"))]
    return {
        "id": dataset["id"],
        "title": _text(dataset.get("title")) or dataset["name"],
        "description": _text(dataset.get("notes")),
        "issued": _date(dataset.get("issued"), dataset.get("released_at"), dataset.get("metadata_created")),
        "modified": _date(dataset.get("modified"), dataset.get("metadata_modified")),
        "identifier": dataset["id"],
        "theme": next(filter(None, themes), None),
        "keyword": [word for word in words if word],
        "language": "es",
        "contactPoint": f"{page}.ttl",
        "temporal": _period(dataset),
        "spatial": _places(dataset, around),
        "govType": agency.get("kind"),
        "accrualPeriodicity": dataset.get("frequency"),
        "landingPage": web(dataset.get("url")) or page,
        "openessRating": None,
        "comments": _text(dataset.get("version_notes")),
        "quality": _text(dataset.get("method")),
        "publisher": {
            "name": _text(agency.get("acronym") or agency.get("title") or agency.get("name")),
            "position": _text(dataset.get("contact_unit")), "mbox": _text(dataset.get("contact_email")),
        },
        "public": True,
        "publishDate": _date(dataset.get("released_at"), dataset.get("metadata_created")),
        "distribution": [_adela_distribution(each, dataset, around) for each in rows(dataset.get("resources"))],
    }  # fmt: skip


def us_heading() -> Data:
    """What DCAT-US says of a catalogue, without its datasets."""
    schema = "https://project-open-data.cio.gov/v1.1/schema"
    return {
        "@context": f"{schema}/catalog.jsonld", "@type": "dcat:Catalog", "conformsTo": schema, "describedBy": f"{schema}/catalog.json",
    }  # fmt: skip


def us_dataset(dataset: Mapping[str, Any], around: Surroundings) -> Data:
    """A dataset as DCAT-US 1.1 has it; what is not known is left out, as it asks."""
    agency, email = _agency(dataset), _text(dataset.get("contact_email"))
    title = _text(dataset.get("title")) or dataset["name"]
    contact: Data = {"@type": "vcard:Contact", "fn": _text(dataset.get("contact_unit") or agency.get("title")) or title}
    tags = [_text(tag.get("name")) for tag in rows(dataset.get("tags"))]
    found: Data = {
        "@type": "dcat:Dataset",
        "identifier": f"{around.base}/dataset/{dataset['id']}",
        "title": title,
        "description": _text(dataset.get("notes")) or title,
        "keyword": [tag for tag in tags if tag] or [title],
        "modified": _date(dataset.get("modified"), dataset.get("metadata_modified")),
        "issued": _date(dataset.get("issued"), dataset.get("released_at"), dataset.get("metadata_created")),
        "publisher": {"@type": "org:Organization", "name": _text(agency.get("title") or agency.get("name")) or title},
        "contactPoint": {**contact, **({"hasEmail": clean_iri(f"mailto:{email}")} if email else {})},
        "accessLevel": ACCESS.get(str(dataset.get("access_level")), "public"),
        "rights": _text(dataset.get("access_reason")),
        "license": web(dataset.get("license_url")),
        "landingPage": web(dataset.get("url")) or f"{around.base}/dataset/{dataset['name']}",
        "theme": [str(group["name"]) for group in rows(dataset.get("groups"))],
        "temporal": _period(dataset),
        "spatial": _places(dataset, around),
        "accrualPeriodicity": dataset.get("frequency") if str(dataset.get("frequency")).startswith("R/") else None,
        "language": ["es-MX"],
        "distribution": [_us_distribution(each, dataset, around) for each in rows(dataset.get("resources"))],
    }
    return {key: value for key, value in found.items() if value}


def file_address(resource: Mapping[str, Any], dataset: Mapping[str, Any], base: str) -> str:
    """Where a resource's bytes are: the portal's own file, the link, or else the resource's page."""
    page = f"{base}/dataset/{dataset['id']}/resource/{resource['id']}"
    url = str(resource.get("url") or "")
    if resource.get("url_type") == "upload":
        return clean_iri(f"{page}/download/{url.rsplit('/', 1)[-1]}") or page
    return clean_iri(url, ("http", "https", "ftp")) or page


def _adela_distribution(resource: Mapping[str, Any], dataset: Mapping[str, Any], around: Surroundings) -> Data:
    return {
        "id": resource["id"],
        "title": _text(resource.get("name")),
        "description": _text(resource.get("description")),
        "issued": _date(resource.get("created")),
        "modified": _date(resource.get("last_modified"), resource.get("created")),
        "license": web(dataset.get("license_url")),
        "spatial": _places(resource, around),
        "downloadURL": file_address(resource, dataset, around.base),
        "mediaType": _media_type(resource, around),
        "format": _text(resource.get("format")),
        "byteSize": resource.get("size"),
        "temporal": _period(resource),
        "tools": None,
        "publishDate": _date(dataset.get("released_at"), dataset.get("metadata_created")),
    }


def _us_distribution(resource: Mapping[str, Any], dataset: Mapping[str, Any], around: Surroundings) -> Data:
    media = _media_type(resource, around)
    address = file_address(resource, dataset, around.base)
    is_file = bool(media) and resource.get("url_type") == "upload"
    where: Data = {"downloadURL": address, "mediaType": media} if is_file else {"accessURL": address}
    found: Data = {
        "@type": "dcat:Distribution", "title": _text(resource.get("name")), "description": _text(resource.get("description")),
        "format": _text(resource.get("format")), **where,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _agency(dataset: Mapping[str, Any]) -> Mapping[str, Any]:
    nobody: Mapping[str, Any] = {}
    return next(iter(rows([dataset.get("organization")])), nobody)


def _text(value: Any) -> str | None:
    return clean_text(str(value)).strip() or None if value else None


def _date(*values: Any) -> str | None:
    found: Sequence[Any] = [text for value in values if (text := day(value) or instant(value))]
    return found[0].value if found else None


def _period(fields: Mapping[str, Any]) -> str | None:
    ends = [end.value if (end := day(fields.get(name))) else "" for name in ("temporal_start", "temporal_end")]
    return "/".join(end for end in ends if end) or None


def _places(fields: Mapping[str, Any], around: Surroundings) -> str | None:
    return ", ".join(name for key in items(fields.get("spatial_keys")) if (name := name_of(str(key), around.municipalities))) or None


def _media_type(resource: Mapping[str, Any], around: Surroundings) -> str | None:
    known = around.formats.get(str(resource.get("format") or "").strip().lstrip(".").upper())
    return known.media_type or None if known else None
