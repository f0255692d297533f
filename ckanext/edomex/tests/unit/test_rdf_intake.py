"""RDF from elsewhere: what is read, and what is refused before it costs anything."""

import io
import json
import time

import pytest

from ckanext.edomex.adapters.rdf import Caps, Form, RdfError, form_of, is_html, statements

TURTLE = '<http://a.example.org/1> <http://purl.org/dc/terms/title> "Pozos de agua"@es .'
XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">
<rdf:Description rdf:about="http://a.example.org/1"><dct:title xml:lang="es">{}</dct:title></rdf:Description></rdf:RDF>"""


def read(text, form=Form.TURTLE, caps=None, content_type=""):
    body = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return list(statements(body, form, "http://a.example.org/catalog", content_type, caps))


def title_of(*arguments, **more):
    [one] = read(*arguments, **more)
    return one.object.value


def test_every_form_says_the_same():
    document = {"@id": "http://a.example.org/1", "http://purl.org/dc/terms/title": {"@value": "Pozos de agua", "@language": "es"}}
    said = [
        read(TURTLE), read(TURTLE, Form.N_TRIPLES), read(XML.format("Pozos de agua"), Form.XML),
        read(json.dumps(document), Form.JSON_LD),
    ]  # fmt: skip
    assert all(one == said[0] for one in said)
    [one] = said[0]
    assert (one.subject, one.object) == ("http://a.example.org/1", ("l", "Pozos de agua", "es"))


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8-sig"])
def test_encodings(encoding):
    text = TURTLE.replace("Pozos", "Panteón de niños")
    assert title_of(text.encode(encoding)) == "Panteón de niños de agua"
    assert title_of(text.encode(encoding), content_type=f"text/turtle; charset={encoding}") == "Panteón de niños de agua"


@pytest.mark.parametrize("declared", ["ISO-8859-1", "UTF-8", "windows-1252", "utf-16", "desconocida"])
def test_what_an_xml_document_says_of_its_encoding(declared):
    encoding = "utf-8" if declared == "desconocida" else declared
    text = f'<?xml version="1.0" encoding="{declared}"?>' + XML.format("Panteón de niños")
    if declared == "desconocida":
        with pytest.raises(RdfError):
            read(text.encode(), Form.XML)
        return
    assert title_of(text.encode(encoding), Form.XML) == "Panteón de niños"


def test_controls_are_left_out_in_every_form():
    assert title_of(XML.format("Po\x0bzos"), Form.XML) == "Pozos"
    assert title_of(TURTLE.replace("Pozos", "Po\x0bzos")) == "Pozos de agua"
    assert title_of('{"@id": "http://a.example.org/1", "http://a.example.org/t": "Po\x0bzos"}', Form.JSON_LD) == "Pozos"


LAUGHS = "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'ja'>" + "".join(
    f"<!ENTITY a{n} '{('&a' + (str(n - 1) if n else '') + ';') * 10}'>" for n in range(9)
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS + "]>" + XML.format("&a8;"),
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">' + XML.format("x"),
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + XML.format("&x;"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_dtd_and_no_entity(text, encoding):
    begun = time.monotonic()
    with pytest.raises(RdfError, match="DTD"):
        read(text.encode(encoding), Form.XML)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("context", ["http://127.0.0.1:1/contexto", "file:///etc/passwd", ["https://a.example.org/c.jsonld"]])
def test_no_context_of_another_address(context):
    with pytest.raises(RdfError, match="contexto"):
        read(json.dumps({"@context": context, "@id": "http://a.example.org/1", "title": "x"}), Form.JSON_LD)


def test_no_file_of_this_machine(tmp_path):
    secret = tmp_path / "c.jsonld"
    secret.write_text('{"@context": {"title": "http://purl.org/dc/terms/title"}}')
    with pytest.raises(RdfError):
        read(json.dumps({"@context": f"file://{secret}", "@id": "http://a.example.org/1", "title": "x"}), Form.JSON_LD)


def test_depth_is_capped():
    deep = "<r:a xmlns:r='http://r/'>" * 100_000
    with pytest.raises(RdfError, match="dentro de otro"):
        read(deep, Form.XML)
    with pytest.raises(RdfError):
        read('{"http://a.example.org/p":' * 100_000 + "1" + "}" * 100_000, Form.JSON_LD)


def test_triples_and_seconds_are_capped():
    many = "".join(f'<http://a.example.org/{n}> <http://a.example.org/p> "x" .\n' for n in range(20))
    assert len(read(many, caps=Caps(most_triples=20))) == 20
    with pytest.raises(RdfError, match="enunciados"):
        read(many, caps=Caps(most_triples=19))
    with pytest.raises(RdfError, match="no se acaba"):
        read(many, caps=Caps(seconds=-1))


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("text", ["<html><body>No", "{", "\x00\x01", "<a", '<http://a> <http://b> "sin fin', "[[[["])
def test_what_is_ill_formed_is_an_error_with_its_reason(text, form):
    with pytest.raises(RdfError, match="bien formado"):
        read(text + " ...", form)


def test_an_address_that_is_none_keeps_nothing_else_out():
    text = f'{TURTLE}\n<http://a.example.org/2> <http://purl.org/dc/terms/license> <Libre Uso> .'
    assert {one.subject for one in read(text)} >= {"http://a.example.org/1"}


@pytest.mark.parametrize(
    ("kind", "path", "head", "form"),
    [
        ("text/turtle", "/x", b"@prefix", Form.TURTLE), ("text/html", "/catalog.ttl", b"@prefix a: <b>", Form.TURTLE),
        ("text/turtle", "/x", b" \n<!DOCTYPE html><html>", None),
        ("application/octet-stream", "/a/catalog.rdf", b"<rdf:RDF", Form.XML),
        ("application/json", "/x", b'{"@graph"', Form.JSON_LD), ("text/plain", "/x.nt", b"<http://a>", Form.N_TRIPLES),
        ("text/plain", "/x", b"hola", None), ("text/turtle", "/x", b"[] a <b>", Form.TURTLE),
        ("text/turtle", "/x", b"\xef\xbb\xbf<?xml ?>", Form.XML),
    ],
)  # fmt: skip
def test_what_form_it_is(kind, path, head, form):
    assert form_of(kind, path, head) is form


@pytest.mark.parametrize(
    "head", [b"<html>", b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC", b"<!-- x --><!doctype HTML>", b"\xef\xbb\xbf <HTML lang>"]
)
def test_pages(head):
    assert is_html(head)
