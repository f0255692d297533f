"""Triples as Turtle, RDF/XML, JSON-LD and N-Triples, in pieces that may be joined: an opening, fragments, a closing.

Written by hand and not by rdflib, whose writers begin each piece with a whole document's frame and are slower by an
order of magnitude. Tests read everything back with rdflib.
Source: Turtle 1.1; RDF 1.1 XML Syntax; JSON-LD 1.1.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ckanext.edomex.feed.domain.terms import PREFIXES, RDF_TYPE
from ckanext.edomex.feed.domain.triples import Iri, Text, Triple, by_subject, shorten, split

#: The backslash first, for the others become one.
_TURTLE_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))


@dataclass(frozen=True, kw_only=True)
class Form:
    """A way to write the catalogue. A document is `opening`, fragments joined by `joint`, `closing`."""

    name: str
    content_type: str
    opening: str
    joint: str
    closing: str
    #: One fragment: whole nodes, nothing of the frame. Never empty for triples that are not.
    write: Callable[[Iterable[Triple]], str]


def turtle(triples: Iterable[Triple]) -> str:
    """Nodes in Turtle, with the prefixes of the opening."""
    lines: list[str] = []
    for subject, properties in by_subject(triples):
        said = [_turtle_name(predicate) + ", ".join([_turtle_object(value) for value in values]) for predicate, values in properties]
        lines.append(f"<{subject}> " + " ;\n    ".join(said) + " .\n")
    return "".join(lines)


def rdf_xml(triples: Iterable[Triple]) -> str:
    """Nodes as `rdf:Description` elements."""
    lines: list[str] = []
    for subject, properties in by_subject(triples):
        lines.append(f"<rdf:Description rdf:about={quoteattr(subject)}>")
        lines += [_xml_property(predicate, value) for predicate, values in properties for value in values]
        lines.append("</rdf:Description>")
    return "\n".join(lines) + "\n"


def json_ld(triples: Iterable[Triple]) -> str:
    """Node objects, comma between them, with the context of the opening."""
    return ",\n".join(
        json.dumps({"@id": subject, **dict(_json_property(*some) for some in properties)}, ensure_ascii=False)
        for subject, properties in by_subject(triples)
    )


def n_triples(triples: Iterable[Triple]) -> str:
    """One statement on each line."""
    return "".join(
        f"<{subject}> <{predicate}> {_nt_object(value)} .\n"
        for subject, properties in by_subject(triples)
        for predicate, values in properties
        for value in values
    )


def _nt_object(value: Iri | Text) -> str:
    if isinstance(value, Iri):
        return f"<{value[0]}>"
    text, language, datatype = value
    return f"{_quoted(text)}@{language}" if language else f"{_quoted(text)}^^<{datatype}>" if datatype else _quoted(text)


@functools.lru_cache(maxsize=512)
def _turtle_name(predicate: str) -> str:
    return "a " if predicate == RDF_TYPE else f"{_turtle_iri(predicate)} "


def _turtle_object(value: Iri | Text) -> str:
    if isinstance(value, Iri):
        return _turtle_iri(value[0])
    text, language, datatype = value
    return f"{_quoted(text)}@{language}" if language else f"{_quoted(text)}^^{_turtle_iri(datatype)}" if datatype else _quoted(text)


@functools.lru_cache(maxsize=4096)
def _turtle_iri(iri: str) -> str:
    return shorten(iri) or f"<{iri}>"


def _quoted(text: str) -> str:
    """The text between quotation marks. Searching it five times is faster than looking up each letter once."""
    for letter, escaped in _TURTLE_ESCAPES:
        if letter in text:
            text = text.replace(letter, escaped)
    return f'"{text}"'


def _xml_property(predicate: str, value: Iri | Text) -> str:
    namespace, local = split(predicate)
    short = shorten(predicate)
    name, declared = (short, "") if short else (f"n:{local}", f" xmlns:n={quoteattr(namespace)}")
    if isinstance(value, Iri):
        return f"  <{name}{declared} rdf:resource={quoteattr(value.value)}/>"
    kind = f' xml:lang="{value.language}"' if value.language else ""
    kind += f" rdf:datatype={quoteattr(value.datatype)}" if value.datatype else ""
    return f"  <{name}{declared}{kind}>{escape(value.value)}</{name}>"


def _json_property(predicate: str, values: list[Iri | Text]) -> tuple[str, list[Any]]:
    if predicate == RDF_TYPE:
        return "@type", [shorten(value.value) or value.value for value in values]
    return shorten(predicate) or predicate, [_json_value(value) for value in values]


def _json_value(value: Iri | Text) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": value.value}
    kind = {"@language": value.language} if value.language else {}
    return {"@value": value.value, **kind, **({"@type": shorten(value.datatype) or value.datatype} if value.datatype else {})}


_XMLNS = "".join(f"\n  xmlns:{prefix}={quoteattr(namespace)}" for prefix, namespace in PREFIXES.items())
#: In the order in which they are made and kept.
FORMS = MappingProxyType({
    form.name: form
    for form in (
        Form(
            name="ttl",
            content_type="text/turtle; charset=utf-8",
            opening="".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()) + "\n",
            joint="\n",
            closing="",
            write=turtle,
        ),
        Form(
            name="rdf",
            content_type="application/rdf+xml; charset=utf-8",
            opening=f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{_XMLNS}>\n',
            joint="",
            closing="</rdf:RDF>\n",
            write=rdf_xml,
        ),
        Form(
            name="jsonld",
            content_type="application/ld+json; charset=utf-8",
            # The context is written out: a reader fetches nothing to understand us.
            opening=f'{{"@context": {json.dumps(dict(PREFIXES))},\n"@graph": [\n',
            joint=",\n",
            closing="\n]}\n",
            write=json_ld,
        ),
        Form(name="nt", content_type="application/n-triples; charset=utf-8", opening="", joint="", closing="", write=n_triples),
    )
})
#: What may stand behind the dot of an address. Turtle is also N3, and so called by who asks for that.
SUFFIXES = MappingProxyType({
    "ttl": FORMS["ttl"],
    "rdf": FORMS["rdf"],
    "xml": FORMS["rdf"],
    "jsonld": FORMS["jsonld"],
    "n3": replace(FORMS["ttl"], content_type="text/n3; charset=utf-8"),
    "nt": FORMS["nt"],
})
