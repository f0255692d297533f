"""How the catalogue is handed over: whole or not at all, once made, cheap to ask for again."""

import gzip

import pytest
import sqlalchemy as sa
from ckan import model as ckan_model

from ckanext.edomex.adapters.outbox import Entry
from ckanext.edomex.feed import jobs, model, profile
from ckanext.edomex.feed.logic import fragments


@pytest.fixture
def asked(app):
    """Ask for the Turtle catalogue with an ETag; returns status and new ETag."""

    def ask(etag=""):
        answer = app.get("/catalog.ttl", headers={"If-None-Match": etag} if etag else {})
        return answer.status_code, answer.headers["ETag"]

    return ask


def refuse(*_args, **_kwargs):
    raise sa.exc.OperationalError("SELECT", {}, Exception("server closed the connection"))


def touch_title(public, sql, give_theme, dataset):
    sql("UPDATE package SET title = 'Otro', metadata_modified = metadata_modified + interval '1 s' WHERE id = :id", id=dataset["id"])


def rename_agency(public, sql, give_theme, dataset):
    sql("UPDATE \"group\" SET title = 'Otra dependencia' WHERE id = :id", id=dataset["owner_org"])


def join_theme(public, sql, give_theme, dataset):
    give_theme(dataset)


def release_another(public, sql, give_theme, dataset):
    public("Nuevo")


def hide(public, sql, give_theme, dataset):
    sql("UPDATE package SET private = true WHERE id = :id", id=dataset["id"])


def test_nothing_new_costs_nothing(asked, public, monkeypatch):
    public()
    _, etag = asked()
    monkeypatch.setattr(fragments, "stream", refuse)
    assert asked(etag) == (304, etag)
    assert asked(etag[:-1] + '-gzip"') == (304, etag)
    assert asked("W/" + etag) == (304, etag)


@pytest.mark.parametrize("change", [touch_title, rename_agency, join_theme, release_another, hide])
def test_each_change_is_seen_at_once(change, asked, public, sql, give_theme, app):
    dataset = public()
    _, etag = asked()
    before = app.get("/catalog.ttl").data
    change(public, sql, give_theme, dataset)
    status, new = asked(etag)
    assert (status, new != etag) == (200, True)
    assert app.get("/catalog.ttl").data != before


def test_another_version_of_the_profile_makes_it_anew(asked, public, monkeypatch):
    public()
    _, etag = asked()
    monkeypatch.setattr(profile, "VERSION", "next")
    assert asked(etag)[0] == 200


@pytest.mark.parametrize("form", ["ttl", "rdf", "jsonld", "nt"])
def test_fragments_are_made_once(form, app, public, monkeypatch, no_copies):
    public()
    before = app.get(f"/catalog.{form}").data
    no_copies()
    monkeypatch.setattr(fragments, "_described", refuse)
    assert app.get(f"/catalog.{form}").data == before


def test_what_follows_a_release_makes_every_form(app, public, monkeypatch):
    dataset = public()
    jobs.keep([Entry(key=dataset["id"])])
    monkeypatch.setattr(fragments, "_described", refuse)
    for form in ("ttl", "rdf", "xml", "jsonld", "n3", "nt"):
        assert dataset["id"] in app.get(f"/catalog.{form}").text


def test_a_withdrawn_datasets_fragments_go(app, public, sql):
    withdrawn = public()
    app.get("/catalog.ttl")
    sql("UPDATE package SET private = true WHERE id = :id", id=withdrawn["id"])
    kept = public("Otro")
    assert withdrawn["title"] not in app.get("/catalog.ttl").text
    assert {row.package_id for row in sql("SELECT package_id FROM edomex_feed_fragment")} == {kept["id"]}


@pytest.mark.parametrize("name", ["public_datasets", "bodies", "store"])
def test_without_the_database_it_refuses_rather_than_shrinks(name, app, public, monkeypatch):
    public()
    monkeypatch.setattr(model, name, refuse)
    answer = app.get("/catalog.ttl")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "dcat" not in answer.text
    monkeypatch.undo()
    assert app.get("/catalog.ttl").status_code == 200


@pytest.mark.parametrize("made_before", [False, True])
def test_a_dataset_hidden_while_it_is_read_is_not_shown(made_before, app, public, sql, monkeypatch, no_copies):
    kept, hidden = public("Sigue"), public("Se oculta")
    if made_before:
        app.get("/catalog.ttl")
        no_copies()
    there = model.bodies

    def hide_meanwhile(*args):
        found = there(*args)
        sql("UPDATE package SET private = true WHERE id = :id", id=hidden["id"])
        return found

    monkeypatch.setattr(model, "bodies", hide_meanwhile)
    answer = app.get("/catalog.ttl")
    assert answer.status_code == 200
    assert hidden["id"] not in answer.text
    assert kept["id"] in answer.text
    monkeypatch.undo()
    assert app.get(f"/dataset/{hidden['id']}.ttl").status_code == 404


def test_what_changes_faster_than_it_is_read_is_refused(app, public, sql, monkeypatch):
    dataset = public()

    def change_each_time(*_args):
        sql("UPDATE package SET metadata_modified = metadata_modified + interval '1 s' WHERE id = :id", id=dataset["id"])
        return {}

    monkeypatch.setattr(model, "bodies", change_each_time)
    assert app.get("/catalog.ttl").status_code == 503


def test_a_dataset_that_cannot_be_described_is_said_in_short_and_without_an_etag(app, public, monkeypatch):
    bad, good = public("Malo", tags=[{"name": "uno"}]), public("Bueno")
    describe = profile.dataset_triples

    def fail_on_tags(dataset):
        if dataset.get("tags"):
            raise ValueError("a fault of ours")
        return describe(dataset)

    monkeypatch.setattr(profile, "dataset_triples", fail_on_tags)
    answer = app.get("/catalog.ttl")
    assert answer.status_code == 200
    assert bad["id"] in answer.text and good["id"] in answer.text
    assert "ETag" not in answer.headers
    monkeypatch.undo()
    assert app.get("/catalog.ttl").headers["ETag"]


def test_head_has_the_headers_and_makes_nothing(app, public, monkeypatch):
    public()
    monkeypatch.setattr(fragments, "stream", refuse)
    head = app.test_client().head("/catalog.ttl")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"]
    assert "Content-Length" not in head.headers


def test_gzip_is_another_representation_of_the_same(app, public):
    public()
    plain, zipped = app.get("/catalog.jsonld"), app.get("/catalog.jsonld", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert app.get("/catalog.jsonld", headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data


@pytest.mark.parametrize(
    ("form", "kind"),
    [("ttl", "text/turtle"), ("rdf", "application/rdf+xml"), ("xml", "application/rdf+xml"), ("jsonld", "application/ld+json")],
)
def test_headers(form, kind, app, clean_releases):
    answer = app.get(f"/catalog.{form}")
    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "no-cache" in answer.headers["Cache-Control"]


def test_a_dataset_by_itself_is_revalidated_too(app, public):
    dataset = public()
    etag = app.get(f"/dataset/{dataset['id']}.ttl").headers["ETag"]
    answer = app.get(f"/dataset/{dataset['name']}.ttl", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_order_does_not_change_with_an_edit(app, public, sql):
    first, second = public("Primero"), public("Segundo")
    sql("UPDATE package SET metadata_modified = metadata_modified + interval '1 day' WHERE id = :id", id=first["id"])
    text = app.get("/catalog.ttl").text
    begins = [text.index(f"/dataset/{one['id']}> a dcat:Dataset") for one in (first, second)]
    assert begins == sorted(begins)
    ckan_model.Session.remove()
