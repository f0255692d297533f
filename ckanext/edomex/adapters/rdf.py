"""RDF from elsewhere, through one intake: no DTD, no entity, no remote context; caps on bytes, depth, triples and time.

Parsed as a stream by pyoxigraph, which opens no address by itself. What it is not told to refuse, this does before.
"""

from __future__ import annotations

import codecs
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, NamedTuple
from xml.parsers import expat

import pyoxigraph

_PIECE = 2**18
#: Bytes of a document that say what it is.
_HEAD = 2048
#: Triples between two looks at the clock.
_OFTEN = 2048


class RdfError(Exception):
    """A document that is not read; the text, in Spanish, says why."""


class Form(StrEnum):
    """The forms of RDF that are read."""

    TURTLE = "text/turtle"
    N_TRIPLES = "application/n-triples"
    XML = "application/rdf+xml"
    JSON_LD = "application/ld+json"


class Node(NamedTuple):
    """What a statement says: an address (`i`), a node without one (`b`), or a text (`l`) with its language."""

    kind: str
    value: str
    language: str = ""


class Statement(NamedTuple):
    """Subject (a node without an address begins with `_:`), predicate, object."""

    subject: str
    predicate: str
    object: Node


@dataclass(frozen=True, kw_only=True)
class Caps:
    """What one document may hold and take."""

    most_triples: int = 20_000_000
    deepest: int = 200
    seconds: float = 600.0


_FORMATS = {
    Form.TURTLE: pyoxigraph.RdfFormat.TURTLE, Form.N_TRIPLES: pyoxigraph.RdfFormat.N_TRIPLES,
    Form.XML: pyoxigraph.RdfFormat.RDF_XML, Form.JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
}  # fmt: skip
_TYPES = {
    **{form.value: form for form in Form}, "text/n3": Form.TURTLE, "application/x-turtle": Form.TURTLE, "text/rdf+n3": Form.TURTLE,
    "application/xml": Form.XML, "text/xml": Form.XML, "application/json": Form.JSON_LD,
}  # fmt: skip
_SUFFIXES = {
    ".ttl": Form.TURTLE, ".n3": Form.TURTLE, ".nt": Form.N_TRIPLES, ".rdf": Form.XML, ".xml": Form.XML, ".owl": Form.XML,
    ".jsonld": Form.JSON_LD, ".json": Form.JSON_LD,
}  # fmt: skip
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_HTML = re.compile(rb"^\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL)
#: Characters that no form of RDF may hold as they are; people's texts have them from PDF and Word.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ERROR_LENGTH = 200


def is_html(head: bytes) -> bool:
    """Whether a document is a page: an error, a log-in, a captive portal."""
    return bool(_HTML.match(head.lstrip(codecs.BOM_UTF8)))


def head_of(body: IO[bytes]) -> bytes:
    """The first bytes of a document, left where it was."""
    body.seek(0)
    head = body.read(_HEAD)
    body.seek(0)
    return head


def form_of(content_type: str, path: str, head: bytes) -> Form | None:
    """The form of a document: what it looks like, else what its server calls it, else how its address ends; None for no RDF."""
    start = head.lstrip(codecs.BOM_UTF8).lstrip()
    if is_html(head):
        return None
    if start.startswith((b"<?xml", b"<rdf:", b"<!DOCTYPE")):
        return Form.XML
    if start.startswith((b"{", b"[")) and not start.startswith((b"[]", b"[ ")):
        return Form.JSON_LD
    named = _TYPES.get(content_type.partition(";")[0].strip().lower())
    suffix = "." + path.rsplit("/", 1)[-1].rpartition(".")[2].lower()
    return named or _SUFFIXES.get(suffix)


def statements(body: IO[bytes], form: Form, base: str, content_type: str = "", caps: Caps | None = None) -> Iterator[Statement]:
    """What a document says, statement by statement.

    Args:
        body: a file that can be sought.
        form: from `form_of`.
        base: the address it came from; relative addresses in it begin there.
        content_type: as its server gave it, for the encoding.
        caps: limits.

    Raises:
        RdfError: it is ill-formed, unsafe or over a cap; what was given before stands for nothing.
    """
    caps = caps or Caps()
    deadline = time.monotonic() + caps.seconds
    with mended(body, form, content_type) as text:
        if form is Form.XML:
            _check_xml(text, caps.deepest, deadline)
        try:
            parsed = pyoxigraph.parse(input=text, format=_FORMATS[form], base_iri=base, lenient=True)
            for number, quad in enumerate(parsed):
                if not number % _OFTEN and time.monotonic() > deadline:
                    raise RdfError(f"El documento no se acaba de leer en {caps.seconds:g} s; pídalo por páginas.")
                if number >= caps.most_triples:
                    raise RdfError(f"El documento tiene más de {caps.most_triples} enunciados; pídalo por páginas.")
                yield Statement(_subject(quad.subject), quad.predicate.value, _object(quad.object))
        except (SyntaxError, ValueError, OSError) as error:
            raise RdfError(_told(str(error), form)) from None


def _told(error: str, form: Form) -> str:
    if "LoadDocumentCallback" in error:
        return "El documento JSON-LD remite a un contexto de otra dirección, que no se abre; publíquelo con su contexto dentro."
    return f"El documento no es {form.value} bien formado: {error[:_ERROR_LENGTH]}"


def _subject(node: object) -> str:
    return node.value if type(node) is pyoxigraph.NamedNode else f"_:{getattr(node, 'value', '')}"


def _object(node: object) -> Node:
    kind = type(node)
    if kind is pyoxigraph.Literal:
        return Node("l", node.value, node.language or "")  # type: ignore[attr-defined]
    if kind is pyoxigraph.NamedNode:
        return Node("i", node.value)  # type: ignore[attr-defined]
    return Node("b", f"_:{getattr(node, 'value', '')}")


def mended(body: IO[bytes], form: Form, content_type: str) -> IO[bytes]:
    """The document in UTF-8 without a mark of its own or controls: itself where it is that, which is nearly always."""
    head = head_of(body)
    encoding = _encoding(head, form, content_type)
    if encoding == "utf-8" and _is_clean(body):
        return _Kept(body)  # type: ignore[return-value]  # a file that survives its `with`
    if encoding == "utf-8" and not _decodes(body, "utf-8"):
        # A server that does not say what it sends, and does not send UTF-8: in Spanish it is this.
        encoding = "cp1252"
    mended = tempfile.TemporaryFile()  # noqa: SIM115  # the caller's `with` closes it
    body.seek(0)
    decoder, first = codecs.getincrementaldecoder(encoding)("replace"), True
    while piece := body.read(_PIECE):
        text = _CONTROLS.sub("", decoder.decode(piece))
        mended.write((_DECLARATION.sub("", text.lstrip("\ufeff")) if first and form is Form.XML else text).encode())
        first = False
    mended.seek(0)
    return mended


class _Kept:
    """A file that is someone else's: leaving its `with` closes nothing."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self.read, self.seek = file.read, file.seek

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        return


def _encoding(head: bytes, form: Form, content_type: str) -> str:
    """What the document says of itself, then what its server says; `utf-8` where neither says what Python knows."""
    for mark, name in _BOMS.items():
        if head.startswith(mark):
            return name
    declared = _DECLARED.match(head.lstrip()) if form is Form.XML else None
    named = declared[1].decode() if declared else ""
    if not named and (given := _CHARSET.search(content_type)):
        named = given[1]
    try:
        found = codecs.lookup(named or "utf-8").name
        "".encode(found)
    except (LookupError, TypeError):
        return "utf-8"
    return {"iso8859-1": "cp1252", "ascii": "utf-8"}.get(found, found)


def _is_clean(body: IO[bytes]) -> bool:
    return _decodes(body, "utf-8", forbidden=_CONTROLS)


def _decodes(body: IO[bytes], encoding: str, forbidden: re.Pattern[str] | None = None) -> bool:
    body.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while piece := body.read(_PIECE):
            if forbidden is not None and forbidden.search(decoder.decode(piece)):
                return False
            if forbidden is None:
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _check_xml(text: IO[bytes], deepest: int, deadline: float) -> None:
    """Refuse a DTD, and with it every entity, and elements too deep within one another; leaves the file at its beginning."""
    depth = 0

    def refuse_dtd(*_: object) -> None:
        raise RdfError("El documento XML trae un DTD (<!DOCTYPE …>), que no se admite; publíquelo sin él.")

    def begin(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > deepest:
            raise RdfError(f"El documento XML tiene más de {deepest} elementos uno dentro de otro.")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler, parser.EndElementHandler = refuse_dtd, begin, end
    try:
        while piece := text.read(_PIECE):
            if time.monotonic() > deadline:
                raise RdfError("El documento XML tarda demasiado en leerse; pídalo por páginas.")
            parser.Parse(piece, False)  # noqa: FBT003  # the parser's own
        parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise RdfError(_told(str(error), Form.XML)) from None
    text.seek(0)
