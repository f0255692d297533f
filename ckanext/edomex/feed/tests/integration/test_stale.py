"""The last good catalogue may stand in for one that cannot be read, if the operator wants it to; and never after a withdrawal."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ckanext.edomex.feed import model
from ckanext.edomex.feed.logic import copies, state


def refuse(*_args, **_kwargs):
    raise sa.exc.OperationalError("SELECT", {}, Exception("server closed the connection"))


@pytest.fixture
def catalogue(app, public, no_copies, setting):
    """Nine datasets and a copy of their catalogue, on a portal that may give an old one."""
    no_copies()
    setting("stale_for_s", 600)
    datasets = [public(f"Conjunto {number}") for number in range(9)]
    return datasets, app.get("/catalog.ttl").data


@pytest.fixture
def broken(monkeypatch):
    """PostgreSQL does not answer."""
    return lambda: monkeypatch.setattr(model, "public_datasets", refuse)


def test_an_old_one_says_so(app, catalogue, broken):
    broken()
    answer = app.get("/catalog.ttl")
    assert (answer.status_code, answer.data) == (200, catalogue[1])
    assert answer.headers["Warning"].startswith("110")
    assert answer.headers["Edomex-Right-Until"].endswith("Z")
    assert ("no-store" in answer.headers["Cache-Control"], "ETag" in answer.headers) == (True, False)
    assert app.get("/catalog/full.ttl", headers={"Range": "bytes=0-6"}).data == b"@prefix"


@pytest.mark.parametrize("path", ["/catalog.rdf", "/catalog.ttl?page=1", "/data.json", "/catalog/changes"])
def test_what_has_no_old_one_is_refused(path, app, catalogue, broken):
    broken()
    assert app.get(path).status_code == 503


def test_nothing_old_is_given_unless_the_operator_says_so(app, catalogue, broken, setting):
    setting("stale_for_s", 0)
    broken()
    assert app.get("/catalog.ttl").status_code == 503


def test_too_old_is_refused_and_asking_again_keeps_it_young(app, catalogue, broken, monkeypatch):
    (path,) = copies.folder().glob("*.ttl")
    os.utime(path, (time.time() - 700, time.time() - 700))
    broken()
    assert app.get("/catalog.ttl").status_code == 503
    monkeypatch.undo()
    etag = app.get("/catalog.ttl").headers["ETag"]
    os.utime(path, (time.time() - 700, time.time() - 700))
    assert app.get("/catalog.ttl", headers={"If-None-Match": etag}).status_code == 304
    assert copies.newest("ttl", datetime.now(UTC) - timedelta(seconds=60))


def test_a_catalogue_that_shrank_is_given_as_it_was(app, catalogue, sql):
    sql("UPDATE package SET private = true WHERE id <> :id", id=catalogue[0][0]["id"])
    answer = app.get("/catalog.ttl")
    assert (answer.status_code, answer.data) == (200, catalogue[1])
    state.accept()
    fresh = app.get("/catalog.ttl")
    assert "Warning" not in fresh.headers
    assert catalogue[0][1]["id"] not in fresh.text


@pytest.mark.parametrize("told", [False, True])
def test_never_what_was_withdrawn(told, app, catalogue, act, manager, sysadmin, broken, sql):
    gone = catalogue[0][0]
    asked = {"dataset_id": gone["id"], "reason": "Error de origen.", "legal_ground": "Artículo 24"}
    act(sysadmin, "edomex_release_withdraw_confirm", id=act(manager, "edomex_release_withdraw", **asked)["id"])
    if told:
        app.get("/catalog/changes")
        broken()
    else:
        sql("UPDATE package SET private = true WHERE id <> :id", id=catalogue[0][1]["id"])
    answer = app.get("/catalog.ttl")
    assert (answer.status_code, gone["id"] in answer.text) == (503, False)
