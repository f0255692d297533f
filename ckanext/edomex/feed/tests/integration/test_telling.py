"""The change stream, the guard, and the catalogue in the words of others."""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from ckan.plugins import toolkit as tk
from rdflib import DCAT, DCTERMS, RDF, SKOS, Graph, Namespace, URIRef

from ckanext.edomex.feed.logic import state

SITE = "http://test.ckan.net"
AS = Namespace("https://www.w3.org/ns/activitystreams#")
LDES, TREE = Namespace("https://w3id.org/ldes#"), Namespace("https://w3id.org/tree#")


@pytest.fixture
def stream(app):
    """Lines of the stream after a number, as (kind, dataset's id), and the number to go on from."""

    def get(since=0, form=""):
        answer = app.get(f"/catalog/changes{form}?since={since}")
        assert answer.status_code == 200, answer.text
        graph = Graph()
        graph.parse(data=answer.data, format="turtle")
        members = graph.objects(URIRef(f"{SITE}/catalog/changes"), TREE.member)
        lines = sorted(members, key=lambda each: int(str(each).rsplit("#", 1)[-1]))
        kinds = [str(graph.value(each, RDF.type)).rsplit("#", 1)[-1] for each in lines]
        found = list(zip(kinds, [str(graph.value(each, AS.object)).rsplit("/", 1)[-1] for each in lines], strict=True))
        following = re.fullmatch(r'<(.*since=(\d+))>; rel="next"', answer.headers["Link"])
        return found, int(following[2]), graph

    return get


@pytest.fixture
def withdraw(act, manager, sysadmin):
    """Withdraw a public dataset as two people do."""

    def go(dataset):
        asked = {"dataset_id": dataset["id"], "reason": "Error de origen.", "legal_ground": "Artículo 24"}
        proposed = act(manager, "edomex_release_withdraw", **asked)
        act(sysadmin, "edomex_release_withdraw_confirm", id=proposed["id"])

    return go


def test_what_appears_changes_and_goes_is_told_in_order(stream, public, sql, withdraw):
    first, second = public("Primero"), public("Segundo")
    begun, number, graph = stream()
    assert sorted(begun) == sorted([("Create", first["id"]), ("Create", second["id"])])
    assert (URIRef(f"{SITE}/catalog/changes"), RDF.type, LDES.EventStream) in graph
    assert stream(number)[0] == []
    sql("UPDATE package SET title = 'Otro', metadata_modified = metadata_modified + interval '1 s' WHERE id = :id", id=first["id"])
    changed, number, _ = stream(number)
    assert changed == [("Update", first["id"])]
    withdraw(second)
    gone, number, graph = stream(number)
    assert gone == [("Delete", second["id"])]
    (stone,) = graph.subjects(RDF.type, AS.Tombstone)
    assert str(graph.value(stone, AS.summary)) == "Error de origen."
    assert graph.value(stone, AS.deleted) is not None
    assert "Segundo" not in "".join(map(str, graph.objects()))
    public("Tercero")
    assert [kind for kind, _ in stream(number)[0]] == ["Create"]


def test_a_dataset_that_comes_back_is_told_again(stream, public, sql):
    dataset = public()
    number = stream()[1]
    sql("UPDATE package SET private = true WHERE id = :id", id=dataset["id"])
    number = stream(number)[1]
    sql("UPDATE package SET private = false WHERE id = :id", id=dataset["id"])
    assert stream(number)[0] == [("Create", dataset["id"])]


def test_a_hidden_dataset_is_in_no_line(app, private):
    hidden = private()
    assert hidden["id"] not in app.get("/catalog/changes").text


@pytest.mark.parametrize("since", ["x", "-1", "1e3", "9" * 30, "%D9%A1"])
def test_a_place_in_the_stream_is_a_number(since, app, clean_releases):
    assert app.get(f"/catalog/changes?since={since}").status_code == 400


def test_more_than_a_page_goes_on(stream, public, monkeypatch):
    from ckanext.edomex.feed.logic import listings

    monkeypatch.setattr(listings, "PAGE", 2)
    ids = {public(f"Conjunto {n}")["id"] for n in range(5)}
    found, number, graph = stream()
    assert list(graph.objects(None, TREE.node)) == [URIRef(f"{SITE}/catalog/changes?since=2")]
    while more := stream(number)[0]:
        found += more
        number = stream(number)[1]
    assert {each for _, each in found} == ids and len(found) == 5


def lose(sql, datasets):
    sql("UPDATE package SET private = true WHERE id = ANY(:ids)", ids=[each["id"] for each in datasets])


def test_it_refuses_rather_than_shrinks_and_a_person_decides(app, public, sql, caplog):
    datasets = [public(f"Conjunto {n}") for n in range(8)]
    assert app.get("/catalog.ttl").status_code == 200
    lose(sql, datasets[:6])
    answer = app.get("/catalog.ttl")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    others = ("/catalog/full.nt", "/catalog/changes", "/catalogo.json", "/catalog.rdf?page=1")
    assert {app.get(path).status_code for path in others} == {503}
    assert "feed.shrunk" in {getattr(record, "event", None) for record in caplog.records}
    assert state.accept() == 2
    assert app.get("/catalog.ttl").status_code == 200


def test_what_was_withdrawn_may_go(app, public, withdraw):
    datasets = [public(f"Conjunto {n}") for n in range(7)]
    assert app.get("/catalog.ttl").status_code == 200
    for dataset in datasets[:6]:
        withdraw(dataset)
    assert app.get("/catalog.ttl").status_code == 200


ADELA = {
    "catalogue": {"title", "description", "homepage", "issued", "modified", "language", "license", "dataset"},
    "dataset": {
        "id", "title", "description", "issued", "modified", "identifier", "theme", "keyword", "language", "contactPoint", "temporal",
        "spatial", "govType", "accrualPeriodicity", "landingPage", "openessRating", "comments", "quality", "publisher", "public",
        "publishDate", "distribution",
    },
    "publisher": {"name", "position", "mbox"},
    "distribution": {
        "id", "title", "description", "issued", "modified", "license", "spatial", "downloadURL", "mediaType", "format", "byteSize",
        "temporal", "tools", "publishDate",
    },
}  # fmt: skip


def test_adelas_catalogue_key_for_key(app, public, private, agency):
    dataset = public("Censo", resources=[{"url": "https://a.example.org/x.csv", "format": "CSV"}], temporal_start="2020-01-01")
    private()
    for path in ("/catalogo.json", f"/{agency['name']}/catalogo.json"):
        found = app.get(path).json
        assert set(found) == ADELA["catalogue"]
        (told,) = found["dataset"]
        assert (told["id"], told["temporal"], set(told)) == (dataset["id"], "2020-01-01", ADELA["dataset"])
        assert set(told["publisher"]) == ADELA["publisher"]
        (file,) = told["distribution"]
        assert set(file) == ADELA["distribution"]
        assert (file["mediaType"], file["downloadURL"]) == ("text/csv", "https://a.example.org/x.csv")
    assert found["title"] == f"Catálogo de datos abiertos de {agency['title']}"


def test_an_agency_that_published_nothing_has_an_empty_object(app, private, agency, stranger):
    private()
    assert app.get(f"/{agency['name']}/catalogo.json").json == {}
    assert app.get("/no-hay-tal/catalogo.json").status_code == 404
    assert app.get("/dataset/catalogo.json").status_code == 404


def test_data_json_is_dcat_us(app, public):
    public("Censo", tags=[{"name": "censo"}], resources=[{"url": "https://a.example.org/x.csv", "format": "CSV"}], frequency="R/P1Y")
    found = app.get("/data.json").json
    assert found["conformsTo"] == "https://project-open-data.cio.gov/v1.1/schema"
    (told,) = found["dataset"]
    required = {"@type", "title", "description", "keyword", "modified", "publisher", "contactPoint", "identifier", "accessLevel"}
    assert required <= set(told)
    assert (told["keyword"], told["accrualPeriodicity"], told["accessLevel"]) == (["censo"], "R/P1Y", "public")


def test_the_map_has_public_pages_only(app, public, private):
    shown, hidden = public(), private()
    root = ET.fromstring(app.get("/sitemap.xml").text)
    places = [place.text for place in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert places == [f"{SITE}/dataset/{shown['name']}"]
    assert hidden["name"] not in app.get("/sitemap.xml").text
    assert f"Sitemap: {SITE}/sitemap.xml" in app.get("/robots.txt").text


def test_a_map_that_is_full_becomes_several(app, public, monkeypatch):
    from ckanext.edomex.feed.logic import listings

    monkeypatch.setattr(listings, "MOST_IN_MAP", 2)
    names = [public(f"Conjunto {number}")["name"] for number in range(3)]
    place = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    maps = [each.text for each in ET.fromstring(app.get("/sitemap.xml").text).iter(place)]
    assert maps == [f"{SITE}/sitemap-1.xml", f"{SITE}/sitemap-2.xml"]
    pages = [each.text for each_map in maps for each in ET.fromstring(app.get(each_map.removeprefix(SITE)).text).iter(place)]
    assert sorted(pages) == sorted(f"{SITE}/dataset/{name}" for name in names)
    assert app.get("/sitemap-3.xml").status_code == 404


@pytest.mark.parametrize("path", ["/vocabularios/periodicidad.ttl", "/vocabularios/periodicidad", "/vocabularios/periodicidad/R/P1Y"])
def test_a_word_has_an_address_and_a_meaning(path, app, clean_releases):
    graph = Graph()
    graph.parse(data=app.get(path).data, format="turtle")
    word = URIRef(f"{SITE}/vocabularios/periodicidad/R/P1Y")
    assert (word, RDF.type, SKOS.Concept) in graph
    assert (word, SKOS.exactMatch, URIRef("http://publications.europa.eu/resource/authority/frequency/ANNUAL")) in graph
    assert app.get("/vocabularios/no-hay.ttl").status_code == 404


def test_every_vocabulary_is_there(app, clean_releases):
    graph = Graph()
    graph.parse(data=app.get("/vocabularios.ttl").data, format="turtle")
    names = {str(scheme).rsplit("/", 1)[-1] for scheme in graph.subjects(RDF.type, SKOS.ConceptScheme)}
    assert names == {each["name"] for each in tk.get_action("edomex_vocabulary_list")({"user": ""}, {})}


def from_page(text):
    """The JSON-LD inside a page."""
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])


def test_a_page_tells_search_engines_what_it_is(app, public):
    dataset = public("Censo </script><b>", notes="Corto", tags=[{"name": "censo"}], temporal_start="2020-01-01")
    page = app.get(f"/dataset/{dataset['name']}").text
    told = from_page(page)
    assert (told["name"], told["temporalCoverage"], told["keywords"]) == ("Censo </script><b>", "2020-01-01/..", ["censo"])
    assert 50 <= len(told["description"]) <= 5000
    assert f'href="{SITE}/dataset/{dataset["id"]}.ttl"' in page
    folder = os.environ.get("EDOMEX_JUDGES")
    if folder:
        import pyshacl

        graph = Graph()
        told["@context"] = {"@vocab": "http://schema.org/"}
        graph.parse(data=json.dumps(told), format="json-ld")
        shapes = Graph().parse(Path(folder, "google-dataset-required.ttl"), format="turtle")
        conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes, inference="none")
        assert conforms, text


def test_a_hidden_page_tells_nothing(app, private, sysadmin):
    from ckan.tests import factories

    hidden = private()
    token = factories.APIToken(user=sysadmin["name"])["token"]
    page = app.get(f"/dataset/{hidden['name']}", headers={"Authorization": token}).text
    assert "Secreto" in page
    assert "application/ld+json" not in page


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/turtle", "text/turtle"), ("application/rdf+xml", "application/rdf+xml"), ("*/*", "text/html"),
        ("application/ld+json;q=0.9", "application/ld+json"), ("application/pdf", "text/html"),
        ("text/turtle;q=0.5, application/n-triples", "application/n-triples"), ("text/html, text/turtle", "text/html"),
    ],
)  # fmt: skip
def test_the_same_address_in_the_form_that_is_asked_for(accept, kind, app, public):
    dataset = public()
    for path in (f"/dataset/{dataset['name']}", "/"):
        answer = app.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert "Accept" in answer.headers["Vary"]
    assert any(f"<{SITE}/catalog.ttl>" in value for value in app.get("/").headers.getlist("Link"))


def test_a_hidden_dataset_is_negotiated_away(app, private, sysadmin):
    from ckan.tests import factories

    hidden = private()
    token = factories.APIToken(user=sysadmin["name"])["token"]
    answer = app.get(f"/dataset/{hidden['name']}", headers={"Accept": "text/turtle", "Authorization": token})
    assert answer.status_code == 404
    assert "Secreto" not in answer.text


def test_the_dataset_alone_has_no_catalogue(app, public):
    dataset = public()
    graph = Graph()
    graph.parse(data=app.get(f"/dataset/{dataset['id']}", headers={"Accept": "text/turtle"}).data, format="turtle")
    assert not list(graph.subjects(RDF.type, DCAT.Catalog))
    assert list(graph.objects(URIRef(f"{SITE}/dataset/{dataset['id']}"), DCTERMS.title))
