"""RDF as plain values, and what is cleaned on the way in: one bad character or address must not break a page.

Every node has an IRI of its own, below its dataset's: fragments of one another know nothing and may be joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from urllib.parse import quote, urlsplit

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
#: Every document declares these, so that any fragment may use them.
PREFIXES = MappingProxyType({
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
})
_NAMESPACES = MappingProxyType({namespace: prefix for prefix, namespace in PREFIXES.items()})
#: What XML 1.0 cannot hold at all, and the control characters that no reader wants (text pasted from a PDF has them).
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What RFC 3987 keeps out of an IRI.
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f-\xa0]")
_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Iri:
    """A node that has an address."""

    value: str


@dataclass(frozen=True)
class Text:
    """A literal, with either a language, or the IRI of a datatype, or neither."""

    value: str
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True)
class Triple:
    """One statement; subject and predicate are IRIs."""

    subject: str
    predicate: str
    object: Iri | Text


def clean_text(value: str) -> str:
    """The text without characters that break a reader; every kind of line end becomes one."""
    return _UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def clean_iri(value: str, schemes: Iterable[str] = ("http", "https", "mailto")) -> str | None:
    """An absolute IRI with what is illegal in one percent-encoded; None where none can be made. Source: RFC 3987 §2.2."""
    text = _NOT_IN_IRI.sub(lambda found: quote(found[0]), _STRAY_PERCENT.sub("%25", clean_text(value).strip()))
    try:
        parts = urlsplit(text)
        known = parts.scheme.lower() in set(schemes) and bool(parts.hostname if parts.scheme != "mailto" else parts.path)
    except ValueError:
        return None
    # Brackets are for an IPv6 host and nowhere else.
    rest = text[len(parts.scheme) + 3 + len(parts.netloc) :] if parts.netloc else text
    return text[: len(text) - len(rest)] + rest.replace("[", "%5B").replace("]", "%5D") if known else None


def shorten(iri: str) -> str | None:
    """`dct:title` for an IRI of a known namespace; None for others."""
    namespace, local = split(iri)
    prefix = _NAMESPACES.get(namespace)
    return f"{prefix}:{local}" if prefix and _LOCAL_NAME.fullmatch(local) else None


def split(iri: str) -> tuple[str, str]:
    """Namespace and local name: after the last `#`, else after the last `/`."""
    cut = max(iri.rfind("#"), iri.rfind("/") if "#" not in iri else -1) + 1
    return iri[:cut], iri[cut:]


def by_subject(triples: Iterable[Triple]) -> Iterator[tuple[str, list[tuple[str, list[Iri | Text]]]]]:
    """Each subject with its predicates and their objects, in an order that depends on the content alone."""
    for subject, group in groupby(sorted(set(triples), key=_order), key=lambda triple: triple.subject):
        yield subject, [(p, [triple.object for triple in some]) for p, some in groupby(group, key=lambda triple: triple.predicate)]


def _order(triple: Triple) -> tuple[str, bool, str, str, str, str]:
    last = triple.object
    language, datatype = (last.language, last.datatype) if isinstance(last, Text) else ("", "")
    return triple.subject, triple.predicate != RDF_TYPE, triple.predicate, last.value, language, datatype
