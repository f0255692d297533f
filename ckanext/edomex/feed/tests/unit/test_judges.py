"""The feed before judges that others wrote, and before two readers that others wrote. `EDOMEX_JUDGES` is their folder."""

import pyoxigraph
import pytest
from rdflib import DCAT, DCTERMS, RDF, BNode, Graph, Literal, URIRef

from ckanext.edomex.feed.domain.description import describe
from ckanext.edomex.feed.domain.heading import describe_catalogue
from ckanext.edomex.feed.domain.writing import FORMS
from ckanext.edomex.feed.tests.judging import BASE, RANGES, judged

READERS = {
    "ttl": ("turtle", pyoxigraph.RdfFormat.TURTLE),
    "rdf": ("xml", pyoxigraph.RdfFormat.RDF_XML),
    "jsonld": ("json-ld", pyoxigraph.RdfFormat.JSON_LD),
    "nt": ("nt", pyoxigraph.RdfFormat.N_TRIPLES),
}
HEADING = {
    "title": "Datos", "description": "Catálogo", "publisher_name": "Estado", "license": "https://datos.gob.mx/libreusomx",
    "issued": "2024-01-01T00:00:00Z", "modified": "2024-01-01T00:00:00.000001Z",
}  # fmt: skip


def document(form, datasets, around):
    frame = FORMS[form]
    head = describe_catalogue(HEADING, around.base, [each["id"] for each in datasets])
    pieces = [frame.write(head), *(frame.write(describe(each, around)) for each in datasets)]
    return frame.opening + frame.joint.join(pieces) + frame.closing


def read(form, text):
    graph = Graph()
    graph.parse(data=text, format=READERS[form][0])
    return graph


def oxigraph_statements(form, text):
    """The same through the other reader, as rdflib's own terms."""
    def node(value):
        if isinstance(value, pyoxigraph.NamedNode):
            return URIRef(value.value)
        if isinstance(value, pyoxigraph.BlankNode):
            return BNode(value.value)
        kind = None if value.language or value.datatype.value.endswith("#string") else URIRef(value.datatype.value)
        return Literal(value.value, lang=value.language, datatype=kind)

    quads = pyoxigraph.parse(text.encode(), READERS[form][1])
    return {(node(quad.subject), node(quad.predicate), node(quad.object)) for quad in quads}


def lexical(graph):
    """Statements with literals as they are written: `01` and `1` are two."""
    return {(s, p, (str(o), o.language, str(o.datatype)) if isinstance(o, Literal) else str(o)) for s, p, o in graph}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_graph_to_both_readers(form, generated, around):
    datasets = generated(40)
    wanted = read("nt", document("nt", datasets, around))
    text = document(form, datasets, around)
    graph = read(form, text)
    assert lexical(graph) == lexical(wanted)
    assert lexical(oxigraph_statements(form, text)) == lexical(wanted)
    assert not [node for triple in graph for node in triple if isinstance(node, BNode)]
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == len(datasets)


def test_nothing_is_lost_but_what_is_nothing(generated, around):
    datasets = generated(40)
    graph = read("ttl", document("ttl", datasets, around))
    for dataset in datasets:
        node = URIRef(f"{around.base}/dataset/{dataset['id']}")
        assert len(set(graph.objects(node, DCAT.distribution))) == len(dataset["resources"])
        for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.issued, DCTERMS.modified):
            assert list(graph.objects(node, predicate)), (predicate, dataset["title"])
        assert all(title.language == "es" for title in graph.objects(node, DCTERMS.title))
    assert "María" not in "".join(map(str, graph.objects()))


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.long)])
def test_dcat_ap_finds_no_violation(count, generated, around):
    assert judged(read("nt", document("nt", generated(count), around)), BASE) == {}


@pytest.mark.parametrize("count", [6, pytest.param(60, marks=pytest.mark.long)])
def test_everything_is_what_dcat_ap_says_it_has_to_be(count, generated, around):
    assert judged(read("nt", document("nt", generated(count), around)), RANGES, with_background=True) == {}


def test_the_judge_does_find_what_is_wrong(generated, around):
    graph = read("nt", document("nt", generated(3), around))
    node = next(graph.subjects(RDF.type, DCAT.Dataset))
    graph.remove((node, DCTERMS.title, None))
    assert sum(judged(graph, BASE).values()) == 1
