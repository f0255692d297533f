"""File formats as the EU's file types and IANA's media types name them.

Source: EU authority table `file-type`; IANA media types registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True)
class Format:
    """What a format is called in both registers; `media_type` is empty where IANA has none."""

    file_type: str
    media_type: str


_KNOWN = MappingProxyType({
    "CSV": Format("CSV", "text/csv"),
    "TSV": Format("TSV", "text/tab-separated-values"),
    "TXT": Format("TXT", "text/plain"),
    "XLS": Format("XLS", "application/vnd.ms-excel"),
    "XLSX": Format("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ODS": Format("ODS", "application/vnd.oasis.opendocument.spreadsheet"),
    "DOC": Format("DOC", "application/msword"),
    "DOCX": Format("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ODT": Format("ODT", "application/vnd.oasis.opendocument.text"),
    "PDF": Format("PDF", "application/pdf"),
    "JSON": Format("JSON", "application/json"),
    "GEOJSON": Format("GEOJSON", "application/geo+json"),
    "JSON-LD": Format("JSON_LD", "application/ld+json"),
    "XML": Format("XML", "application/xml"),
    "RDF": Format("RDF_XML", "application/rdf+xml"),
    "TTL": Format("RDF_TURTLE", "text/turtle"),
    "HTML": Format("HTML", "text/html"),
    "KML": Format("KML", "application/vnd.google-earth.kml+xml"),
    "KMZ": Format("KMZ", "application/vnd.google-earth.kmz"),
    "SHP": Format("SHP", "application/vnd.shp"),
    "DBF": Format("DBF", "application/vnd.dbf"),
    "GML": Format("GML", "application/gml+xml"),
    "GPKG": Format("GPKG", "application/geopackage+sqlite3"),
    "TIFF": Format("TIFF", "image/tiff"),
    "PNG": Format("PNG", "image/png"),
    "JPEG": Format("JPEG", "image/jpeg"),
    "ZIP": Format("ZIP", "application/zip"),
    "WMS": Format("WMS_SRVC", ""),
    "WFS": Format("WFS_SRVC", ""),
})
_ALIASES = MappingProxyType({
    "JPG": "JPEG", "TIF": "TIFF", "TURTLE": "TTL", "RDF+XML": "RDF", "JSONLD": "JSON-LD", "SHAPEFILE": "SHP", "GEOTIFF": "TIFF",
    "GEOPACKAGE": "GPKG", "EXCEL": "XLSX", "TEXT": "TXT",
})


def known_format(name: object) -> Format | None:
    """The format that a publisher's word means, whatever its case, with or without a dot; None for an unknown one."""
    word = str(name or "").strip().lstrip(".").upper()
    return _KNOWN.get(_ALIASES.get(word, word))
