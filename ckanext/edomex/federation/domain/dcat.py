"""A dataset in DCAT, as a record. Source: DCAT 3, DCAT-AP 3.0.1, and what older catalogues write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

from ckanext.edomex.federation.domain.records import LONGEST_ID, File, Record, Refused, clean

#: Predicate → object (kind `i`, `b` or `l`; value; language) of one node, in the document's order.
Saying = tuple[str, tuple[str, str, str]]
Look = Callable[[str], Sequence[Saying]]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
DATASET = f"{DCAT}Dataset"
TYPE = f"{RDF}type"
LABELS = ("http://www.w3.org/2004/02/skos/core#prefLabel", "http://www.w3.org/2000/01/rdf-schema#label", f"{DCT}title")
_FOAF, _VCARD, _SCHEMA = "http://xmlns.com/foaf/0.1/", "http://www.w3.org/2006/vcard/ns#", "http://schema.org/"
_SPDX = "http://spdx.org/rdf/terms#"
_NAMES = (f"{_FOAF}name", *LABELS)
_INEGI = re.compile(r"\d{2}(\d{3}(\d{4})?)?")
_SEPARATORS = re.compile(r"[,;]")
NO_TITLE = "no tiene título (dct:title)"
NO_IDENTITY = "no tiene dirección ni identificador (dct:identifier)"


class _Node:
    """What is said of one node, by predicate."""

    def __init__(self, look: Look, node: str) -> None:
        self.look, self.node = look, node
        self.said: dict[str, list[tuple[str, str, str]]] = {}
        for predicate, value in look(node) if node else ():
            self.said.setdefault(predicate, []).append(value)

    def objects(self, *predicates: str) -> list[tuple[str, str, str]]:
        return [value for predicate in predicates for value in self.said.get(predicate, ())]

    def text(self, *predicates: str) -> str:
        """The first that says something: in Spanish, else without a language, else in any."""
        for predicate in predicates:
            found = [(_rank(tag), value.strip()) for kind, value, tag in self.said.get(predicate, ()) if kind != "b" and value.strip()]
            if found:
                return min(found, key=lambda one: one[0])[1]
        return ""

    def texts(self, *predicates: str) -> list[str]:
        found = [value.strip() for kind, value, _ in self.objects(*predicates) if kind != "b"]
        return list(dict.fromkeys(each for each in found if each))

    def nodes(self, *predicates: str) -> list[_Node]:
        """The nodes that a predicate leads to; a text stands for a node of which nothing is said."""
        return [_Node(self.look, value if kind != "l" else "") for kind, value, _ in self.objects(*predicates)]

    def label(self, *predicates: str) -> str:
        """What a node that is a word is called; its address where nothing is said of it."""
        for kind, value, _ in self.objects(*predicates):
            name = _Node(self.look, value).text(*_NAMES) if kind != "l" else value.strip()
            if name or kind == "i":
                return name or value
        return ""


def record_of(node: str, look: Look) -> Record | Refused:
    """What is said of a dataset.

    Args:
        node: it; without an address it begins with `_:`.
        look: what the document says of a node.
    """
    dataset = _Node(look, node)
    iri = "" if node.startswith("_:") else node
    identity = clean(iri or dataset.text(f"{DCT}identifier"))
    title = clean(dataset.text(f"{DCT}title"))
    if not identity or len(identity) > LONGEST_ID:
        return Refused(id=(title or node)[:LONGEST_ID], reason=NO_IDENTITY)
    if not title:
        return Refused(id=identity, reason=NO_TITLE)
    start, end = _period(dataset)
    files = _files(dataset)
    contact = next(iter(dataset.nodes(f"{DCAT}contactPoint")), _Node(look, ""))
    return Record(
        id=identity, iri=iri, title=title, notes=dataset.text(f"{DCT}description"),
        tags=_tags(dataset.texts(f"{DCAT}keyword")), licence=dataset.text(f"{DCT}license") or _shared_licence(files),
        page=dataset.text(f"{DCAT}landingPage", f"{_FOAF}homepage"), publisher=dataset.label(f"{DCT}publisher"),
        contact=contact.text(f"{_VCARD}fn", f"{_VCARD}organization-name"), contact_email=_email(contact),
        issued=dataset.text(f"{DCT}issued"), modified=dataset.text(f"{DCT}modified"),
        frequency=dataset.text(f"{DCT}accrualPeriodicity"), language=dataset.text(f"{DCT}language"), start=start, end=end,
        places=_places(dataset), themes=tuple(sorted(dataset.texts(f"{DCAT}theme"))), access=dataset.text(f"{DCT}accessRights"),
        provenance=dataset.label(f"{DCT}provenance"), version=dataset.text(f"{DCAT}version", "http://www.w3.org/2002/07/owl#versionInfo"),
        documents=tuple(sorted(dataset.texts(f"{_FOAF}page"))), files=files,
    )  # fmt: skip


def next_page(sayings: Iterable[tuple[str, str, str]]) -> str:
    """Where a paged catalogue goes on, by what its document says in Hydra's words; empty for nowhere.

    Args:
        sayings: subject, predicate, value of each statement in a Hydra word.
    """
    found = [value for _, predicate, value in sayings if predicate.rpartition("#")[2] in {"next", "nextPage"}]
    return found[0] if found else ""


def total_items(sayings: Iterable[tuple[str, str, str]]) -> int | None:
    """How many datasets a paged catalogue says that it has."""
    found = [value for _, predicate, value in sayings if predicate.rpartition("#")[2] == "totalItems"]
    return int(found[0]) if found and found[0].isdecimal() else None


def _rank(language: str) -> int:
    if not language:
        return 1
    return 0 if language.lower().startswith("es") else 2


def _files(dataset: _Node) -> tuple[File, ...]:
    return tuple(_file(each) for each in dataset.nodes(f"{DCAT}distribution") if each.node)


def _shared_licence(files: tuple[File, ...]) -> str:
    """DCAT-AP puts licences on distributions: the dataset's is the one that all of them have."""
    found = {each.licence for each in files}
    return next(iter(found)) if len(found) == 1 else ""


def _file(node: _Node) -> File:
    checksum = next(iter(node.nodes(f"{_SPDX}checksum")), None)
    is_sha256 = checksum is not None and checksum.text(f"{_SPDX}algorithm").endswith("sha256")
    return File(
        id="" if node.node.startswith("_:") else node.node,
        url=node.text(f"{DCAT}downloadURL", f"{DCAT}accessURL"), name=node.text(f"{DCT}title"),
        description=node.text(f"{DCT}description"), format=_last(node.label(f"{DCT}format")),
        media_type=_media_type(node.text(f"{DCAT}mediaType", f"{DCT}mediaType")), size=node.text(f"{DCAT}byteSize"),
        sha256=checksum.text(f"{_SPDX}checksumValue") if checksum and is_sha256 else "", licence=node.text(f"{DCT}license"),
        modified=node.text(f"{DCT}modified"),
    )  # fmt: skip


def _period(dataset: _Node) -> tuple[str, str]:
    for period in dataset.nodes(f"{DCT}temporal"):
        start = period.text(f"{DCAT}startDate", f"{_SCHEMA}startDate")
        end = period.text(f"{DCAT}endDate", f"{_SCHEMA}endDate")
        if start or end:
            return start, end
    return "", ""


def _places(dataset: _Node) -> tuple[str, ...]:
    """INEGI's keys of the places, where they are named by them."""
    found = [key for place in dataset.nodes(f"{DCT}spatial") for key in place.texts(f"{DCT}identifier") if _INEGI.fullmatch(key)]
    return tuple(sorted(dict.fromkeys(found)))


def _email(contact: _Node) -> str:
    inner = (each.text(f"{_VCARD}hasValue") for each in contact.nodes(f"{_VCARD}hasEmail"))
    found = contact.text(f"{_VCARD}hasEmail") or next(inner, "")
    return found.removeprefix("mailto:").strip()


def _tags(words: Iterable[str]) -> tuple[str, ...]:
    """Keywords, one by one: some write all of them into one text."""
    found = [part.strip() for word in words for part in _SEPARATORS.split(word)]
    return tuple(dict.fromkeys(part for part in found if part))


def _media_type(text: str) -> str:
    """`text/csv` of IANA's address of it."""
    return text.partition("/media-types/")[2] or text


def _last(text: str) -> str:
    """The last word of an address; anything else as it is."""
    return unquote(text.rstrip("/#").rsplit("/", 1)[-1].rsplit("#", 1)[-1]) if "://" in text else text

