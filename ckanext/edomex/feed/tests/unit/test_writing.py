"""Whatever is written is read back by rdflib as what was meant, alone and joined."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef

from ckanext.edomex.feed.domain.terms import PREFIXES, RDF_TYPE
from ckanext.edomex.feed.domain.triples import Iri, Text, Triple, clean_iri, clean_text, shorten
from ckanext.edomex.feed.domain.writing import FORMS

READERS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt"}
DCT = PREFIXES["dct"]
DATASET = "https://datos.example.org/dataset/1"

texts = st.text().map(clean_text)
iris = st.sampled_from([DATASET, f"{DATASET}#contact", "https://example.org/a?b=1&c='2'", "http://example.org/ñ", "mailto:a@b.org"])
objects = st.one_of(
    iris.map(Iri),
    texts.map(Text),
    texts.map(lambda value: Text(value, language="es")),
    st.dates().map(lambda day: Text(day.isoformat(), datatype=PREFIXES["xsd"] + "date")),
)
predicates = st.sampled_from([f"{DCT}title", f"{DCT}subject", "http://other.example.org/terms/a", "http://other.example.org/terms#b"])
triples = st.lists(st.builds(Triple, subject=iris, predicate=predicates, object=objects), min_size=1, max_size=8)


def meant(wanted):
    def node(value):
        if isinstance(value, Iri):
            return URIRef(value.value)
        return Literal(value.value, lang=value.language or None, datatype=URIRef(value.datatype) if value.datatype else None)

    return {(URIRef(t.subject), URIRef(t.predicate), node(t.object)) for t in wanted}


def read(form, pieces):
    frame = FORMS[form]
    text = frame.opening + frame.joint.join(pieces) + frame.closing
    graph = Graph()
    graph.parse(data=text, format=READERS[form])
    return set(graph)


@pytest.mark.parametrize("form", FORMS)
@given(fragments=st.lists(triples, min_size=1, max_size=3))
def test_joined_fragments_are_read_as_meant(form, fragments):
    written = [FORMS[form].write(some) for some in fragments]
    assert read(form, written) == meant([triple for some in fragments for triple in some])


@pytest.mark.parametrize("form", FORMS)
@given(some=triples, data=st.data())
def test_order_of_statements_makes_no_difference(form, some, data):
    assert FORMS[form].write(data.draw(st.permutations(some))) == FORMS[form].write(some + some)


@pytest.mark.parametrize("form", FORMS)
def test_a_document_without_fragments_is_well_formed(form):
    assert read(form, []) == set()


def test_types_are_written_short_in_turtle():
    written = FORMS["ttl"].write([Triple(DATASET, RDF_TYPE, Iri(PREFIXES["dcat"] + "Dataset"))])
    assert written == f"<{DATASET}> a dcat:Dataset .\n"


def test_the_context_of_json_ld_is_written_out():
    opening = FORMS["jsonld"].opening + FORMS["jsonld"].closing
    assert json.loads(opening)["@context"] == dict(PREFIXES)


@given(st.text())
def test_cleaned_text_is_legal_in_xml_and_stays_the_same_when_cleaned_again(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert not {c for c in cleaned if ord(c) < 0x20 and c not in "\t\n"}


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://a.example.org/x,(y)?q=1;2#z", "https://a.example.org/x,(y)?q=1;2#z"),
        (" https://a.example.org/con espacio<>\x0b ", "https://a.example.org/con%20espacio%3C%3E"),
        ("https://a.example.org/100%", "https://a.example.org/100%25"),
        ("https://a.example.org/a%20b", "https://a.example.org/a%20b"),
        ("https://a.example.org/x[1]", "https://a.example.org/x%5B1%5D"),
        ("http://[::1]:5000/x", "http://[::1]:5000/x"),
        ("http://[::1/x", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("no es una dirección", None),
        ("/relativa", None),
        ("https://", None),
        ("", None),
    ],
)
def test_addresses_are_made_legal_or_dropped(given_url, expected):
    assert clean_iri(given_url) == expected


@example("\u16800")
@given(st.text())
def test_a_cleaned_address_can_be_written_in_every_form(text):
    iri = clean_iri(f"https://a.example.org/{text}")
    if iri is None:
        return
    triple = Triple(DATASET, f"{DCT}subject", Iri(iri))
    for form in FORMS:
        assert read(form, [FORMS[form].write([triple])]) == meant([triple])


def test_only_known_namespaces_are_shortened():
    assert shorten(f"{DCT}title") == "dct:title"
    assert shorten("http://example.org/title") is None
    assert shorten(f"{DCT}a/b") is None
