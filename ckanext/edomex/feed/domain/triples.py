"""RDF as plain values, and what is cleaned on the way in: one bad character or address must not break a page.

Every node has an IRI of its own, below its dataset's: fragments of one another know nothing and may be joined.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from ckanext.edomex.feed.domain.terms import PREFIXES, RDF_TYPE

_NAMESPACES = MappingProxyType({namespace: prefix for prefix, namespace in PREFIXES.items()})
#: What XML 1.0 cannot hold at all, and the control characters that no reader wants (text pasted from a PDF has them).
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What RFC 3987 keeps out of an IRI.
_NOT_IN_IRI = re.compile(
    r"[\x00-\x20<>\"{}|\\^`\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    r"\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff\U000e0000-\U0010ffff]"
)
_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
#: Digits of a host that is a number, and what a port may be: strict readers refuse others.
_HOST = re.compile(r"[^\s/?#@\[\]]+|\[[0-9A-Fa-f:.]+\]")


class Iri(NamedTuple):
    """A node that has an address."""

    value: str


class Text(NamedTuple):
    """A literal, with either a language, or the IRI of a datatype, or neither."""

    value: str
    language: str = ""
    datatype: str = ""


class Triple(NamedTuple):
    """One statement; subject and predicate are IRIs."""

    subject: str
    predicate: str
    object: Iri | Text


def clean_text(value: str) -> str:
    """The text without characters that break a reader; every kind of line end becomes one."""
    return _UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value)


@functools.lru_cache(maxsize=8192)
def clean_iri(value: str, schemes: tuple[str, ...] = ("http", "https", "mailto")) -> str | None:
    """An absolute IRI with what is illegal in one percent-encoded; None where none can be made. Source: RFC 3987 §2.2."""
    text = _NOT_IN_IRI.sub(lambda found: quote(found[0]), _STRAY_PERCENT.sub("%25", clean_text(value).strip()))
    try:
        parts = urlsplit(text)
        known = parts.scheme.lower() in set(schemes) and (_is_host(parts.netloc) if parts.scheme != "mailto" else bool(parts.path))
        known = known and (parts.scheme == "mailto" or parts.port is None or parts.port >= 0)
    except ValueError:
        return None
    # Brackets are for an IPv6 host and nowhere else; a second number sign has no place at all.
    rest = text[len(parts.scheme) + 3 + len(parts.netloc) :] if parts.netloc else text
    before, sign, fragment = rest.replace("[", "%5B").replace("]", "%5D").partition("#")
    return text[: len(text) - len(rest)] + before + sign + fragment.replace("#", "%23") if known else None


def _is_host(netloc: str) -> bool:
    host = netloc.rpartition("@")[2]
    name = host if host.startswith("[") and host.endswith("]") else re.sub(r":\d*$", "", host)
    return bool(_HOST.fullmatch(name)) and not _STRAY_PERCENT.search(netloc) and "@" not in netloc.rpartition("@")[0]


@functools.lru_cache(maxsize=4096)
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
    """Each subject with its predicates and their objects, kinds first, in an order that depends on the content alone."""
    # Sorted within what belongs together: all statements at a time would be compared by their long common beginnings.
    found: dict[str, dict[str, dict[Iri | Text, None]]] = {}
    for subject, predicate, value in triples:
        found.setdefault(subject, {}).setdefault(predicate, {})[value] = None
    for subject in sorted(found):
        said = found[subject]
        kinds = said.pop(RDF_TYPE, None)
        rest = [(predicate, sorted(said[predicate])) for predicate in sorted(said)]
        yield subject, [(RDF_TYPE, sorted(kinds)), *rest] if kinds else rest
