"""Terms of the vocabularies that the catalogue speaks, as whole addresses. Source: DCAT-AP 3.0.1 and what it names."""

from __future__ import annotations

from types import MappingProxyType

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
#: Every document declares these, so that any fragment may use them.
PREFIXES = MappingProxyType({
    "adms": "http://www.w3.org/ns/adms#",
    "as": "https://www.w3.org/ns/activitystreams#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gsp": "http://www.opengis.net/ont/geosparql#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "ldes": "https://w3id.org/ldes#",
    "locn": "http://www.w3.org/ns/locn#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "tree": "https://w3id.org/tree#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
})
AUTHORITY = "http://publications.europa.eu/resource/authority/"
FILE_TYPE = f"{AUTHORITY}file-type/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
#: Where a dataset says nothing: what we publish is Spanish, open, and stays; a withdrawal leaves its mark.
SPANISH, PUBLIC, STABLE = "SPA", "PUBLIC", "STABLE"


def term(short: str) -> str:
    """The whole address of `dct:title`."""
    prefix, local = short.split(":")
    return PREFIXES[prefix] + local


XSD_DATE, XSD_DATETIME, XSD_YEAR, XSD_MONTH = (
    term(f"xsd:{name}") for name in ("date", "dateTime", "gYear", "gYearMonth")
)
