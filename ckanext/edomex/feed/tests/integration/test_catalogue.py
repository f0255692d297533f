"""What is in the catalogue, and for whom."""

import pytest
from ckan.lib import search
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, BNode, Literal, URIRef

SITE = "http://test.ckan.net"
FORMS = ["ttl", "rdf", "xml", "jsonld"]


def datasets(graph):
    return {str(subject).rsplit("/", 1)[-1] for subject in graph.subjects(RDF.type, DCAT.Dataset)}


@pytest.mark.parametrize("form", FORMS)
def test_has_public_datasets_and_no_other(form, read, public, private, sql):
    opened, gone = public(), public("Borrado")
    private()
    sql("UPDATE package SET state = 'deleted' WHERE id = :id", id=gone["id"])
    graph = read(f"/catalog.{form}")
    assert datasets(graph) == {opened["id"]}
    assert set(graph.objects(URIRef(SITE), DCAT.dataset)) == {URIRef(f"{SITE}/dataset/{opened['id']}")}


def test_is_the_same_for_a_sysadmin_and_in_another_language(app, public, private, sysadmin):
    from ckan.tests import factories

    public()
    private()
    token = factories.APIToken(user=sysadmin["name"])["token"]
    anonymous = app.get("/catalog.ttl")
    assert b"Secreto" not in anonymous.data
    assert app.get("/catalog.ttl", headers={"Authorization": token}).data == anonymous.data
    assert app.get("/en/catalog.ttl").data == anonymous.data


def test_does_not_need_solr(read, public):
    dataset = public()
    search.clear_all()
    assert datasets(read("/catalog.ttl")) == {dataset["id"]}


def test_an_empty_portal_has_a_catalogue_all_the_same(read, clean_releases):
    graph = read("/catalog.rdf")
    assert set(graph.subjects(RDF.type, DCAT.Catalog)) == {URIRef(SITE)}
    assert datasets(graph) == set()


def test_the_catalogue_says_who_answers_for_it(read, clean_releases):
    graph = read("/catalog.ttl")
    (publisher,) = graph.objects(URIRef(SITE), DCTERMS.publisher)
    assert (publisher, RDF.type, FOAF.Agent) in graph
    assert next(graph.objects(publisher, FOAF.name)).language == "es"
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.license, FOAF.homepage):
        assert (URIRef(SITE), predicate, None) in graph
    assert (URIRef(SITE), DCTERMS.language, URIRef("http://publications.europa.eu/resource/authority/language/SPA")) in graph


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same_and_nothing_is_blank(form, read, public, give_theme):
    dataset = public(
        "Población", tags=[{"name": "censo"}], frequency="R/P1Y", spatial_keys=["15106"],
        temporal_start="2020-01-01", license_id="libre-uso-mx", author="María Pérez", maintainer_email="maria@example.org",
        resources=[{"url": "https://a.example.org/x,(1).csv", "format": "CSV"}, {"url": "https://a.example.org/y", "format": "Raro"}],
    )  # fmt: skip
    give_theme(dataset)
    graph, turtle = read(f"/catalog.{form}"), read("/catalog.ttl")
    assert (None, DCAT.theme, URIRef("http://publications.europa.eu/resource/authority/data-theme/HEAL")) in graph
    assert set(graph) == set(turtle)
    assert not [node for triple in graph for node in triple if isinstance(node, BNode)]
    assert "María" not in "".join(map(str, graph.objects()))
    assert "maria@example.org" not in " ".join(map(str, graph.objects()))


def test_a_dataset_is_described(read, public, agency):
    dataset = public("Población", resources=[{"url": "https://a.example.org/x,(1).csv", "format": "CSV"}], frequency="R/P1Y")
    graph = read(f"/dataset/{dataset['name']}.ttl")
    node = URIRef(f"{SITE}/dataset/{dataset['id']}")
    assert (node, DCTERMS.identifier, Literal(dataset["id"])) in graph
    assert (node, DCTERMS.title, Literal("Población", lang="es")) in graph
    assert str(next(graph.objects(node, DCTERMS.issued))).startswith("2024-05-06T15:00:00")
    (publisher,) = graph.objects(node, DCTERMS.publisher)
    assert (publisher, FOAF.name, Literal(agency["title"], lang="es")) in graph
    (distribution,) = graph.objects(node, DCAT.distribution)
    assert (distribution, DCAT.accessURL, URIRef("https://a.example.org/x,(1).csv")) in graph
    assert not list(graph.subjects(RDF.type, DCAT.Catalog))


@pytest.mark.parametrize("form", FORMS)
def test_a_hidden_dataset_answers_as_one_that_is_not_there(form, app, private, sysadmin):
    from ckan.tests import factories

    hidden = private()
    token = factories.APIToken(user=sysadmin["name"])["token"]
    for headers in ({}, {"Authorization": token}):
        answers = [app.get(f"/dataset/{ref}.{form}", headers=headers) for ref in ("no-hay-tal", hidden["id"], hidden["name"])]
        absent = (404, answers[0].data, tuple(sorted(answers[0].headers.items())))
        assert {(a.status_code, a.data, tuple(sorted(a.headers.items()))) for a in answers} == {absent}


@pytest.mark.parametrize("form", FORMS)
def test_one_bad_text_or_address_breaks_no_form(form, read, public, sql):
    good = public("Bueno")
    bad = public("Malo", resources=[{"url": "https://a.example.org/x", "format": "CSV"}], tags=[{"name": "uno"}])
    sql(
        "UPDATE package SET title = :title, notes = :notes, extras = CAST(:extras AS jsonb) WHERE id = :id",
        id=bad["id"], title="Con \x0b control \x1f\x85", notes="<b>&amp;]]> \\ \"\"\" '\r\n\x0c",
        extras='{"uri": "no es <una> IRI", "contact_email": "a b@c> d", "spatial_keys": ["\\u0661"], "temporal_start": "ayer"}',
    )  # fmt: skip
    sql("UPDATE resource SET url = :url, format = :f, size = -5 WHERE package_id = :id", id=bad["id"], url="h!t://[\x0b", f="A\x0b<&")
    sql("UPDATE package SET metadata_modified = metadata_modified + interval '1 second' WHERE id = :id", id=bad["id"])
    graph = read(f"/catalog.{form}")
    assert datasets(graph) == {good["id"], bad["id"]}
    assert "Con  control" in {str(title).strip() for title in graph.objects(None, DCTERMS.title)}
    assert "A<&" in set(map(str, graph.objects(None, RDFS.label)))
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        assert (distribution, DCAT.accessURL, None) in graph
