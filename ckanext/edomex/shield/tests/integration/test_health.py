"""The health door: true while everything is there, true when something is not, silent about the rest."""

import json
import socket
import threading
import time

import pytest
from ckan.plugins import toolkit as tk
from werkzeug.test import Client

from ckanext.edomex.shield.logic import parts
from ckanext.edomex.shield.logic.parts import LIMIT_S, PARTS, Watch
from ckanext.edomex.shield.middleware import LIVE, READY, HealthDoor

pytestmark = pytest.mark.usefixtures("clean_releases")


def client(watch=None):
    """A visitor of a door of its own, with nothing of an earlier test remembered."""

    def inside(environ, start_response):
        raise AssertionError("the application was asked")

    return Client(HealthDoor(inside, watch or Watch()))


@pytest.fixture
def silent():
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def accept():
            while True:
                try:
                    held.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
    for connection, _ in held:
        connection.close()


def ready(**options):
    answer = client().get(READY, **options)
    return answer.status_code, json.loads(answer.text)


@pytest.mark.parametrize("path", [LIVE, READY])
def test_all_is_well(app, path):
    answer = app.get(path)
    assert answer.status_code == 200, answer.body
    assert json.loads(answer.body)["status"] == "ok"


@pytest.mark.parametrize("path", [LIVE, READY])
def test_it_is_no_session_no_cookie_and_never_kept(app, path):
    answer = app.get(path, headers={"Cookie": "ckan=forged; other=1"})
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"


def test_every_part_is_named():
    status, body = ready()
    assert status == 200
    assert body == {"status": "ok", "parts": dict.fromkeys(PARTS, "ok")}


NOWHERE = {
    "postgresql": ("sqlalchemy.url", "postgresql://ckan:a-secret@127.0.0.1:1/portal", {"postgresql", "migrations"}),
    "solr": ("solr_url", "http://127.0.0.1:1/solr/ckan", {"solr"}),
    "valkey": ("ckan.redis.url", "redis://:a-secret@127.0.0.1:1/0", {"valkey"}),
    "storage": ("ckan.storage_path", "/nowhere/at/all", {"storage"}),
}


@pytest.mark.parametrize("part", NOWHERE)
def test_a_part_that_is_gone_is_named_and_nothing_else_said(monkeypatch, part):
    option, value, expected = NOWHERE[part]
    monkeypatch.setitem(tk.config, option, value)
    answer = client().get(READY)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    body = json.loads(answer.text)
    assert {name for name, word in body["parts"].items() if word == "failed"} == expected
    assert body["status"] == "failed"
    assert not [word for word in ("secret", "127.0.0.1", "nowhere", "Error") if word in answer.text]


@pytest.mark.parametrize("part", ["postgresql", "solr", "valkey"])
def test_a_part_that_says_nothing_is_not_waited_for(monkeypatch, silent, part):
    option, value, expected = NOWHERE[part]
    monkeypatch.setitem(tk.config, option, value.replace(":1/", f":{silent}/"))
    begun = time.monotonic()
    status, body = ready()
    assert time.monotonic() - begun < LIMIT_S + 1
    assert (status, body["parts"][part]) == (503, "failed")
    assert {name for name, word in body["parts"].items() if word == "failed"} == expected


def test_a_part_that_hangs_is_asked_once_and_not_again():
    asked, go = [], threading.Event()

    def hangs():
        asked.append(1)
        go.wait(30)

    watch = Watch({"slow": hangs})
    try:
        assert watch.ask() == {"slow": False}
        watch._asked_at = float("-inf")
        assert watch.ask() == {"slow": False}
        assert len(asked) == 1
    finally:
        go.set()


def test_many_who_ask_cost_one_question():
    asked = []
    watch = Watch({"part": lambda: asked.append(1)})
    visitors = [threading.Thread(target=watch.ask) for _ in range(20)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(asked) == 1


def test_a_missing_migration_is_noticed():
    import sqlalchemy as sa
    from ckan import model

    table = sa.table("edomex_release_alembic_version", sa.column("version_num"))
    with model.meta.engine.begin() as connection:
        newest = connection.execute(sa.select(table.c.version_num)).scalar_one()
        connection.execute(table.update().values(version_num="001"))
    try:
        with pytest.raises(parts.BehindError, match="edomex_release"):
            parts.at_head()
        status, body = ready()
    finally:
        with model.meta.engine.begin() as connection:
            connection.execute(table.update().values(version_num=newest))
    assert (status, body["parts"]["migrations"], body["parts"]["postgresql"]) == (503, "failed", "ok")


def test_it_tells_when_a_part_comes_and_goes(caplog):
    state = {"up": False}

    def part():
        if not state["up"]:
            raise OSError

    watch = Watch({"part": part})
    for up in (False, False, True):
        state["up"] = up
        watch._asked_at = float("-inf")
        watch.ask()
    told = [record.ok for record in caplog.records if getattr(record, "event", None) == "health.changed"]
    assert told == [False, True]


def test_only_reading():
    for path in (LIVE, READY):
        assert client().post(path).status_code == 405
        head = client().head(path)
        assert head.status_code == 200
        assert head.text == ""


def test_other_addresses_are_none_of_its_business():
    with pytest.raises(AssertionError, match="the application was asked"):
        client().get("/edomex/health")
