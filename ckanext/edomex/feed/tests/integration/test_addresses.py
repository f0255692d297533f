"""Pages, parameters, dumps and headers: as ckanext-dcat gives them, and better where it loses something."""

import gzip
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from ckan.lib import search
from rdflib import DCAT, RDF, Graph, Namespace

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")


@pytest.fixture
def turn(app):
    """Read one page: the ids on it, and the addresses that it names."""

    def get(address):
        answer = app.get(address)
        assert answer.status_code == 200, answer.text
        graph = Graph()
        graph.parse(data=answer.data, format="turtle")
        ids = [str(each).rsplit("/", 1)[-1] for each in graph.subjects(RDF.type, DCAT.Dataset)]
        return ids, {str(p).rsplit("#", 1)[-1]: str(o) for p, o in graph.predicate_objects(None) if str(p).startswith(str(HYDRA))}

    return get


def local(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def walk(turn, address):
    found, pages = [], 0
    while address:
        ids, links = turn(local(address))
        found += ids
        pages, address = pages + 1, links.get("nextPage")
    return found, pages


def test_pages_together_are_the_whole(setting, turn, public):
    setting("per_page", 2)
    ids = [public(f"Conjunto {n}")["id"] for n in range(5)]
    first, links = turn("/catalog.ttl?page=1")
    assert (len(first), links["totalItems"], links["itemsPerPage"]) == (2, "5", "2")
    assert links["next"] == links["nextPage"]
    found, pages = walk(turn, "/catalog.ttl?page=1")
    assert (sorted(found), pages) == (sorted(ids), 3)
    assert turn("/catalog.ttl?page=9")[0] == []


def test_a_run_skips_nothing_while_things_come_go_and_change(setting, turn, public, sql):
    setting("per_page", 2)
    ids = [public(f"Conjunto {n}")["id"] for n in range(6)]
    begun, links = turn("/catalog.ttl?page=1")
    assert "snapshot" in dict(parse_qsl(urlsplit(links["next"]).query))
    # One of the page that was read is withdrawn, one is edited, and one appears before all others.
    sql("UPDATE package SET private = true WHERE id = :id", id=begun[0])
    sql("UPDATE package SET metadata_modified = metadata_modified + interval '1 day' WHERE id = :id", id=ids[-1])
    early = public("Anterior")["id"]
    sql("UPDATE package SET metadata_created = '2000-01-01' WHERE id = :id", id=early)
    rest, _ = walk(turn, links["next"])
    assert sorted(begun + rest) == sorted(ids)
    fresh, _ = walk(turn, "/catalog.ttl?page=1")
    assert sorted(fresh) == sorted([*(set(ids) - {begun[0]}), early])


def test_what_is_hidden_during_a_run_is_on_no_page_of_it(setting, turn, public, sql):
    setting("per_page", 2)
    for number in range(4):
        public(f"Conjunto {number}")
    _, links = turn("/catalog.ttl?page=1")
    last, _ = turn(local(links["next"]))
    sql("UPDATE package SET private = true WHERE id = :id", id=last[0])
    assert turn(local(links["next"]))[0] == [last[1]]


def test_a_large_catalogue_comes_in_pages_and_whole_as_a_dump(setting, turn, public):
    setting("whole_up_to", 1)
    setting("per_page", 1)
    ids = {public()["id"], public()["id"]}
    assert len(turn("/catalog.ttl")[0]) == 1
    assert set(walk(turn, "/catalog.ttl")[0]) == ids
    assert set(turn("/catalog/full.ttl")[0]) == ids


@pytest.mark.parametrize("wrong", ["page=0", "page=-1", "page=x", "page=1%00", "modified_since=ayer", "page=2&snapshot=no-hay"])
def test_what_nobody_can_read_is_said_in_a_sentence(wrong, app, clean_releases):
    answer = app.get(f"/catalog.ttl?{wrong}")
    assert (answer.status_code, answer.text.endswith(".\n")) == (400, True)


@pytest.mark.parametrize("zone", ["Z", "%2B00:00", "-06:00", "", "+00:00"])
def test_modified_since_with_any_zone(zone, turn, public, sql):
    old, new = public("Viejo")["id"], public("Nuevo")["id"]
    sql("UPDATE package SET metadata_modified = '2020-01-01' WHERE id = :id", id=old)
    assert turn(f"/catalog.ttl?modified_since=2021-05-01T00:00:00{zone}")[0] == [new]
    assert len(turn(f"/catalog.ttl?modified_since=2019-05-01T00:00:00{zone}")[0]) == 2


def test_searched_as_anybody(turn, public, private, agency):
    found = public("Mercados")["id"]
    private("Mercados secretos")
    public("Otra cosa")
    search.rebuild()
    assert turn("/catalog.ttl?q=mercados")[0] == [found]
    assert turn(f"/catalog.ttl?fq=organization:{agency['name']}%20AND%20title:mercados")[0] == [found]
    assert turn("/catalog.ttl?fq=capacity:private")[0] == []


def test_an_index_that_lost_everything_is_no_empty_answer(app, public):
    for number in range(7):
        public(f"Conjunto {number}")
    search.clear_all()
    answer = app.get("/catalog.ttl?q=conjunto")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert app.get("/catalog.ttl").status_code == 200


@pytest.mark.parametrize("form", ["nt", "ttl", "rdf", "jsonld"])
def test_dumps_come_in_ranges_and_compressed(form, app, public):
    public()
    whole = app.get(f"/catalog/full.{form}")
    some = app.get(f"/catalog/full.{form}", headers={"Range": "bytes=10-29"})
    assert (some.status_code, some.data) == (206, whole.data[10:30])
    assert some.headers["Content-Range"] == f"bytes 10-29/{len(whole.data)}"
    assert whole.headers["Accept-Ranges"] == "bytes"
    zipped = app.get(f"/catalog/full.{form}", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data) == whole.data
    both = app.get(f"/catalog/full.{form}", headers={"Accept-Encoding": "gzip", "Range": "bytes=10-29"})
    assert ("Content-Encoding" not in both.headers, both.data) == (True, whole.data[10:30])
    assert app.get(f"/catalog/full.{form}", headers={"Range": "bytes=10-29", "If-Range": '"otro"'}).status_code == 200


def test_a_date_is_as_good_as_an_etag_once_it_is_settled(app, public, sql):
    dataset = public()
    assert "Last-Modified" not in app.get("/catalog.ttl").headers, "it may change again within this second"
    sql("UPDATE edomex_feed_change SET at = at - :age", age=timedelta(hours=1))
    sql("UPDATE edomex_feed_entry SET changed_at = changed_at - :age", age=timedelta(hours=1))
    seen = app.get("/catalog.ttl").headers["Last-Modified"]
    assert app.get("/catalog.ttl", headers={"If-Modified-Since": seen}).status_code == 304
    assert app.get("/catalog.ttl", headers={"If-Modified-Since": seen, "If-None-Match": '"otro"'}).status_code == 200
    sql("UPDATE package SET private = true WHERE id = :id", id=dataset["id"])
    assert app.get("/catalog.ttl", headers={"If-Modified-Since": seen}).status_code == 200


def test_no_cache_keeps_it_over_a_release(setting, app, public):
    setting("max_age_s", 3600)
    public()
    control = app.get("/catalog.ttl").cache_control
    assert control.public
    assert 0 < control.max_age <= 300


def test_nobody_gets_a_cookie(app, public):
    public()
    for path in ("/catalog.ttl", "/catalog/full.nt", "/catalog.ttl?page=1"):
        assert "Set-Cookie" not in app.get(path).headers


def test_n3_is_turtle_by_another_name(app, public):
    public()
    answer = app.get("/catalog.n3")
    assert answer.headers["Content-Type"] == "text/n3; charset=utf-8"
    assert answer.data == app.get("/catalog.ttl").data
