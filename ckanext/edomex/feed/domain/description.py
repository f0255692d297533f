"""What the catalogue says of a dataset: a list of what goes in, not of what is left out.

The result speaks the language of ckanext-dcat's profiles (`publisher`, `contact`, `temporal_coverage`…). People do not
appear in it: CKAN's author and maintainer are never read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ckanext.edomex.domain.places import name_of
from ckanext.edomex.feed.domain.formats import FILE_TYPE, MEDIA_TYPE, Format
from ckanext.edomex.feed.domain.triples import clean_iri

AUTHORITY = "http://publications.europa.eu/resource/authority/"
#: Where a dataset says nothing: what we publish is Spanish, open, and stays; a withdrawal leaves its mark.
SPANISH, PUBLIC, STABLE = "SPA", "PUBLIC", "STABLE"
SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a description needs to know besides the dataset."""

    #: Address of the catalogue, no slash at the end.
    base: str
    #: Slug of a theme → code of the EU's data theme.
    themes: Mapping[str, str]
    #: Our code of a frequency → code of the EU's.
    frequencies: Mapping[str, str]
    #: INEGI's key of a municipality → its name.
    municipalities: Mapping[str, str]
    #: A word for a format, in capitals → what both registers call it.
    formats: Mapping[str, Format] = field(default_factory=dict[str, Format])
    #: Our code of an access level, a language, an availability → code of the EU's.
    access: Mapping[str, str] = field(default_factory=dict[str, str])
    languages: Mapping[str, str] = field(default_factory=dict[str, str])
    availability: Mapping[str, str] = field(default_factory=dict[str, str])


def describe(dataset: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """The dataset as ckanext-dcat's profiles read one.

    Args:
        dataset: as `package_show` gives it, with `released_at` (ISO 8601 with zone) if that is known.
        around: the catalogue's address and vocabularies.
    """
    iri = dataset_iri(around.base, dataset["id"])
    title = dataset.get("title") or dataset["name"]
    tags, resources = _rows(dataset, "tags"), _rows(dataset, "resources")
    issued = dataset.get("released_at") or _utc(dataset.get("metadata_created"))
    return {
        "id": dataset["id"],
        "identifier": dataset["id"],
        "title": title,
        "notes": dataset.get("notes") or title,
        "url": f"{around.base}/dataset/{dataset['name']}",
        "tags": [{"name": tag["name"]} for tag in tags if tag.get("name")],
        "theme": _themes(dataset, around),
        "language": [_authority("language", around.languages.get(str(dataset.get("language")), SPANISH))],
        "access_rights": _authority("access-right", around.access.get(str(dataset.get("access_level")), PUBLIC)),
        "issued": _day(dataset.get("issued")) or issued,
        "modified": _utc(dataset.get("metadata_modified")),
        "landing_page": clean_iri(str(dataset.get("url") or ""), ("http", "https")),
        "provenance": _together(dataset, "provenance", "method"),
        "version_notes": dataset.get("version_notes"),
        "documentation": [link for row in _rows(dataset, "documentation") if (link := clean_iri(str(row.get("url") or "")))],
        "frequency": _authority("frequency", around.frequencies.get(str(dataset.get("frequency")))),
        "publisher": _publisher(dataset, around.base),
        "contact": _contact(dataset, iri),
        "temporal_coverage": [_period(dataset)],
        "spatial_coverage": _places(dataset, iri, around.municipalities),
        "resources": [_distribution(resource, dataset, around, issued) for resource in resources],
    }


def dataset_iri(base: str, package_id: str) -> str:
    """The dataset's lasting IRI: from its id, which no edit changes."""
    return f"{base}/dataset/{package_id}"


def _rows(dataset: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    return dataset.get(key) or []


def _themes(dataset: Mapping[str, Any], around: Surroundings) -> list[str]:
    codes = {around.themes.get(str(group.get("name"))) for group in _rows(dataset, "groups")}
    return [f"{AUTHORITY}data-theme/{code}" for code in sorted(filter(None, codes))]


def _authority(table: str, code: str | None) -> str | None:
    return f"{AUTHORITY}{table}/{code}" if code else None


def _publisher(dataset: Mapping[str, Any], base: str) -> list[dict[str, Any]]:
    agency = dataset.get("organization")
    if not agency:
        return []
    name = agency.get("title") or agency["name"]
    return [{"uri": f"{base}/organization/{agency['id']}", "name": name, "url": f"{base}/organization/{agency['name']}"}]


def _contact(dataset: Mapping[str, Any], iri: str) -> list[dict[str, Any]]:
    """The unit that answers for the data; its agency where none is named."""
    agency: Mapping[str, Any] = dataset.get("organization") or {}
    name = dataset.get("contact_unit") or agency.get("title") or agency.get("name")
    email = str(dataset.get("contact_email") or "").strip()
    if not name and not email:
        return []
    return [{"uri": f"{iri}#contact", "name": name or email, "email": email if _EMAIL.fullmatch(email) else None}]


def _period(dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {"start": _day(dataset.get("temporal_start")), "end": _day(dataset.get("temporal_end"))}


def _day(value: Any) -> str | None:
    text = str(value or "").strip()
    at_midnight = _MIDNIGHT.fullmatch(text)
    if at_midnight:
        return at_midnight[1]
    return text if _DAY.fullmatch(text) else None


def _places(dataset: Mapping[str, Any], iri: str, municipalities: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each place by its INEGI key; the rectangle and the geometry go with the first."""
    keys: list[str] = dataset.get("spatial_keys") or []
    found: list[dict[str, Any]] = [
        {"uri": f"{iri}#spatial" + (f"-{number}" if number else ""), "text": name, "key": key}
        for number, key in enumerate(keys)
        if (name := name_of(str(key), municipalities))
    ]
    bbox, geom = _rectangle(dataset.get("spatial_bbox")), dataset.get("spatial")
    if bbox or geom:
        first = found[0] if found else {"uri": f"{iri}#spatial"}
        found[:1] = [{**first, "bbox": bbox, "geom": geom}]
    return found or [{}]


def _rectangle(text: Any) -> str | None:
    """A rectangle as a GeoJSON polygon, which is how ckanext-dcat reads one."""
    try:
        west, south, east, north = (float(part) for part in str(text or "").split(","))
    except ValueError:
        return None
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _together(dataset: Mapping[str, Any], *fields: str) -> str | None:
    return "\n\n".join(str(dataset[field]) for field in fields if dataset.get(field)) or None


def _distribution(resource: Mapping[str, Any], dataset: Mapping[str, Any], around: Surroundings, issued: str | None) -> dict[str, Any]:
    page = f"{dataset_iri(around.base, dataset['id'])}/resource/{resource['id']}"
    known = around.formats.get(str(resource.get("format") or "").strip().lstrip(".").upper())
    sha256 = str(resource.get("sha256") or "")
    size = str(resource.get("size") or "")
    return {
        "id": resource["id"],
        "package_id": dataset["id"],
        "uri": page,
        "name": resource.get("name") or resource.get("format") or dataset.get("title"),
        "description": resource.get("description"),
        "license": clean_iri(str(dataset.get("license_url") or "")),
        "rights": resource.get("rights"),
        "issued": issued,
        "modified": _utc(resource.get("last_modified") or resource.get("created")),
        "size": size if size.isascii() and size.isdigit() else None,
        "format": f"{FILE_TYPE}{known.file_type}" if known else None,
        "mimetype": f"{MEDIA_TYPE}{known.media_type}" if known and known.media_type else None,
        "availability": _authority("planned-availability", around.availability.get(str(resource.get("availability")), STABLE)),
        "hash": sha256 if _SHA256.fullmatch(sha256) else None,
        "hash_algorithm": SHA256,
        "other_format": None if known else resource.get("format"),
        "media_type": known.media_type if known else None,
        **_links(resource, page),
    }


def _links(resource: Mapping[str, Any], page: str) -> dict[str, str | None]:
    """Where the data is. A link that is no address leads to the resource's page: DCAT-AP wants an access URL."""
    url = str(resource.get("url") or "")
    if resource.get("url_type") != "upload":
        return {"access": clean_iri(url, ("http", "https", "ftp")) or page, "download": None}
    # Made anew, for CKAN's own address has the reader's language in it.
    file = clean_iri(f"{page}/download/{url.rsplit('/', 1)[-1]}")
    return {"access": file or page, "download": file}


def _utc(value: Any) -> str | None:
    """CKAN's dates are UTC and do not say so."""
    text = str(value or "")
    if not text:
        return None
    return text if re.search(r"(Z|[+-]\d{2}:\d{2})$", text) else f"{text}+00:00"
