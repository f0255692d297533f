"""Triples as Turtle, RDF/XML, JSON-LD and N-Triples, in pieces that may be joined: an opening, fragments, a closing.

Written by hand and not by rdflib, whose writers begin each piece with a whole document's frame and are slower by an
order of magnitude. Tests read everything back with rdflib.
Source: Turtle 1.1; RDF 1.1 XML Syntax; JSON-LD 1.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ckanext.edomex.feed.domain.terms import PREFIXES, RDF_TYPE
from ckanext.edomex.feed.domain.triples import Iri, Text, Triple, by_subject, shorten, split

_TURTLE_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


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
    return "".join(
        f"<{subject}> " + " ;\n    ".join(_turtle_property(*some) for some in properties) + " .\n"
        for subject, properties in by_subject(triples)
    )


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
    quoted = f'"{text.translate(_TURTLE_ESCAPES)}"'
    return f"{quoted}@{language}" if language else f"{quoted}^^<{datatype}>" if datatype else quoted


def _turtle_property(predicate: str, values: list[Iri | Text]) -> str:
    name = "a" if predicate == RDF_TYPE else _turtle_iri(predicate)
    return f"{name} " + ", ".join(_turtle_iri(v[0]) if isinstance(v, Iri) else _turtle_text(v) for v in values)


def _turtle_iri(iri: str) -> str:
    return shorten(iri) or f"<{iri}>"


def _turtle_text(text: Text) -> str:
    value, language, datatype = text
    quoted = f'"{value.translate(_TURTLE_ESCAPES)}"'
    if language:
        return f"{quoted}@{language}"
    return f"{quoted}^^{_turtle_iri(datatype)}" if datatype else quoted


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
