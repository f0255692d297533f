"""What the catalogue says of a file: where it is, what it is, how to check it, what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ckanext.edomex.feed.domain.nodes import Statements, instant, rows, web
from ckanext.edomex.feed.domain.places import add_period, add_places
from ckanext.edomex.feed.domain.surroundings import Surroundings
from ckanext.edomex.feed.domain.terms import AUTHORITY, FILE_TYPE, MEDIA_TYPE, SHA256, STABLE, term
from ckanext.edomex.feed.domain.triples import Text, clean_iri

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIZE = re.compile(r"[0-9]{1,18}")
COUNT, HEX = term("xsd:nonNegativeInteger"), term("xsd:hexBinary")
#: Our type of a column → the datatype of tables that says the same. Source: Metadata Vocabulary for Tabular Data §5.11.1.
COLUMN_TYPES = {
    "string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "date": "date", "datetime": "datetime",
    "time": "time", "year": "gYear", "yearmonth": "gYearMonth", "geopoint": "string", "geojson": "json", "any": "any",
}  # fmt: skip


def add_distribution(
    said: Statements, dataset: Mapping[str, Any], resource: Mapping[str, Any], around: Surroundings, issued: Text | None
) -> None:
    """One file or link of a dataset."""
    iri = f"{around.base}/dataset/{dataset['id']}"
    node = said.a(f"{iri}/resource/{resource['id']}", "dcat:Distribution")
    said.link(iri, "dcat:distribution", node)
    said.value(node, "dct:identifier", resource["id"])
    said.say_first(node, "dct:title", resource.get("name"), resource.get("format"), dataset.get("title"), dataset["name"])
    said.say(node, "dct:description", resource.get("description"))
    said.date(node, "dct:issued", issued)
    said.date(node, "dct:modified", instant(resource.get("last_modified") or resource.get("created")))
    _add_links(said, node, resource)
    _add_format(said, node, resource, around)
    _add_terms_of_use(said, node, dataset, resource, around)
    _add_proof(said, node, resource)
    add_period(said, node, resource)
    add_places(said, node, resource, around.municipalities)
    _add_dictionary(said, node, resource)


def _add_links(said: Statements, node: str, resource: Mapping[str, Any]) -> None:
    """Where the data is. A link that is no address leads to the resource's page: DCAT-AP wants an access URL."""
    url, file = str(resource.get("url") or ""), None
    if resource.get("url_type") == "upload":
        # Made anew, for CKAN's own address has the reader's language in it.
        file = clean_iri(f"{node}/download/{url.rsplit('/', 1)[-1]}")
    access = (file if resource.get("url_type") == "upload" else clean_iri(url, ("http", "https", "ftp"))) or node
    said.link(node, "dcat:accessURL", said.a(access, "rdfs:Resource"))
    said.link(node, "dcat:downloadURL", file)


def _add_format(said: Statements, node: str, resource: Mapping[str, Any], around: Surroundings) -> None:
    word = str(resource.get("format") or "").strip()
    known = around.formats.get(word.lstrip(".").upper())
    if known:
        kind = said.a(FILE_TYPE + known.file_type, "dct:MediaTypeOrExtent")
        said.link(node, "dct:format", kind)
        said.value(kind, "rdfs:label", known.file_type)
        if known.media_type:
            # Harvesters that look for `text/csv` find it as the node's label.
            media = said.a(MEDIA_TYPE + known.media_type, "dct:MediaType")
            said.link(node, "dcat:mediaType", media)
            said.value(media, "rdfs:label", known.media_type)
    elif word:
        kind = said.a(f"{node}#format", "dct:MediaTypeOrExtent")
        said.link(node, "dct:format", kind)
        said.value(kind, "rdfs:label", word)


def _add_terms_of_use(
    said: Statements, node: str, dataset: Mapping[str, Any], resource: Mapping[str, Any], around: Surroundings
) -> None:
    licence = web(dataset.get("license_url"))
    if licence:
        said.link(node, "dct:license", said.a(licence, "dct:LicenseDocument"))
        code = around.licences.get(licence)
        said.link(licence, "skos:exactMatch", f"{AUTHORITY}licence/{code}" if code else None)
    if resource.get("rights"):
        said.link(node, "dct:rights", said.a(f"{node}#rights", "dct:RightsStatement"))
        said.say(f"{node}#rights", "rdfs:label", resource["rights"])
    word = str(resource.get("availability") or "estable")
    lasting = said.a(f"{AUTHORITY}planned-availability/{around.availability.get(word, STABLE)}", "skos:Concept")
    said.link(node, "dcatap:availability", lasting)
    said.say(lasting, "skos:prefLabel", around.labels.get(f"disponibilidad/{word}", "Estable"))


def _add_proof(said: Statements, node: str, resource: Mapping[str, Any]) -> None:
    """What a reader can hold the bytes against."""
    size, sha256 = str(resource.get("size") or ""), str(resource.get("sha256") or "")
    said.value(node, "dcat:byteSize", size if _SIZE.fullmatch(size) else None, datatype=COUNT)
    if _SHA256.fullmatch(sha256):
        checksum = said.a(f"{node}#checksum", "spdx:Checksum")
        said.link(node, "spdx:checksum", checksum)
        said.link(checksum, "spdx:algorithm", SHA256)
        said.value(checksum, "spdx:checksumValue", sha256, datatype=HEX)


def _add_dictionary(said: Statements, node: str, resource: Mapping[str, Any]) -> None:
    """The data dictionary, as the schema that the table conforms to; the file's encoding goes with it."""
    columns = rows(resource.get("dictionary"))
    charset = resource.get("charset")
    if not columns and not charset:
        return
    schema = said.a(f"{node}#schema", "csvw:Schema", "dct:Standard")
    said.link(node, "dct:conformsTo", schema)
    said.say(schema, "dct:title", "Diccionario de datos" if columns else "Formato del texto")
    if charset:
        dialect = said.a(f"{node}#dialect", "csvw:Dialect")
        said.link(schema, "csvw:dialect", dialect)
        said.value(dialect, "csvw:encoding", charset)
    for number, column in enumerate(columns, start=1):
        _add_column(said, schema, f"{node}#column-{number}", number, column)


def _add_column(said: Statements, schema: str, node: str, number: int, column: Mapping[str, Any]) -> None:
    said.link(schema, "csvw:column", said.a(node, "csvw:Column"))
    said.value(node, "csvw:number", number, datatype=COUNT)
    said.value(node, "csvw:name", column.get("name"))
    said.value(node, "csvw:datatype", COLUMN_TYPES.get(str(column.get("type"))))
    said.say(node, "dct:description", column.get("meaning"))
    said.say(node, "csvw:note", column.get("allowed"))
    said.value(node, "dct:extent", column.get("unit"))
