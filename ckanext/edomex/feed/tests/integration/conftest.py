"""Datasets that are public by the only way there is: a release in the database. No other room is called."""

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from rdflib import Graph

RELEASE = sa.text("""
INSERT INTO edomex_release (id, package_id, content_id, kind, version, state, calendar_status, release_at, due_at, released_at,
    content_hash, announced, submitted_by, approved_by, attempts)
VALUES (gen_random_uuid()::text, :id, :id, 'first', 1, 'released', 'done', '2024-05-06 15:00Z', '2024-05-06 15:00Z',
    '2024-05-06 15:00Z', 'x', false, 'a', 'b', 0)
""")
OPEN = sa.text("""
UPDATE package SET private = false, state = 'active', metadata_modified = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = :id
""")
READERS = {"ttl": "turtle", "rdf": "xml", "xml": "xml", "jsonld": "json-ld", "n3": "n3", "nt": "nt"}


@pytest.fixture
def private(act, editor, agency):
    """Make a dataset that nobody outside sees."""

    def make(title="Secreto", **fields):
        return act(editor, "package_create", owner_org=agency["id"], **{"title": title, "notes": f"Descripción de {title}", **fields})

    return make


@pytest.fixture
def public(private):
    """Make a dataset that is released."""

    def make(title="Abierto", **fields):
        dataset = private(title, **fields)
        with model.meta.engine.begin() as connection:
            connection.execute(RELEASE, {"id": dataset["id"]})
            connection.execute(OPEN, {"id": dataset["id"]})
        model.Session.remove()
        return dataset

    return make


@pytest.fixture
def give_theme(sysadmin):
    """Put a dataset under the theme of health, past its own form: CKAN moves no date of the dataset then."""

    def give(dataset):
        theme = factories.Group(name="salud")
        member = {"id": theme["id"], "object": dataset["id"], "object_type": "package", "capacity": "public"}
        tk.get_action("member_create")({"ignore_auth": True, "user": sysadmin["name"]}, member)

    return give


@pytest.fixture
def sql():
    """Change the database behind CKAN's back."""

    def run(statement, **parameters):
        with model.meta.engine.begin() as connection:
            result = connection.execute(sa.text(statement), parameters)
            rows = result.all() if result.returns_rows else []
        model.Session.remove()
        return rows

    return run


@pytest.fixture
def read(app):
    """Read an address of the feed as a graph."""

    def get(path, **headers):
        answer = app.get(path, headers=headers)
        assert answer.status_code == 200, answer.text[:500]
        assert "ETag" in answer.headers, "something in it was said in short only"
        graph = Graph()
        graph.parse(data=answer.data, format=READERS[path.rsplit(".", 1)[-1]])
        return graph

    return get


@pytest.fixture
def no_copies():
    """Forget this machine's copies of documents: they have to be put together anew."""
    from ckanext.edomex.feed.logic import copies

    def forget():
        for path in copies.folder().iterdir():
            path.unlink()

    return forget


@pytest.fixture
def setting(monkeypatch):
    """Give a setting of the feed another value for this test."""
    return lambda name, value: monkeypatch.setitem(tk.config, f"ckanext.edomex.feed.{name}", value)
