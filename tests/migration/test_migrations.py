"""Each plugin's migrations make what its models say, go down, and come up again."""

from __future__ import annotations

import importlib

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ckan import model
from ckan.cli import db

MODELS = {
    "edomex_audit": "ckanext.edomex.audit.model",
    "edomex_release": "ckanext.edomex.release.model",
    "edomex_federation": "ckanext.edomex.federation.model",
    "edomex_feed": "ckanext.edomex.feed.model",
    "edomex_notices": "ckanext.edomex.notices.model",
    "edomex_outbound": "ckanext.edomex.outbound.model",
    "edomex_planning": "ckanext.edomex.planning.model",
    "edomex_shield": "ckanext.edomex.shield.model.tables",
}


@pytest.fixture(params=sorted(MODELS))
def plugin(request, clean_releases):
    model.Session.remove()
    yield request.param
    model.Session.remove()
    db._run_migrations(request.param)


def tables(connection, plugin):
    names = sa.inspect(connection).get_table_names()
    return {name for name in names if name.startswith(plugin) and not name.endswith("alembic_version")}


def test_migrations_make_what_the_models_say(plugin):
    metadata = importlib.import_module(MODELS[plugin]).Base.metadata

    def ours(_object, name, kind, _reflected, _compared):
        return kind != "table" or name in metadata.tables

    with model.meta.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_down_and_up_again(plugin):
    with model.meta.engine.connect() as connection:
        before = tables(connection, plugin)
    assert before
    db._run_migrations(plugin, "base", forward=False)
    with model.meta.engine.connect() as connection:
        assert tables(connection, plugin) == set()
        assert connection.execute(sa.text("SELECT count(*) FROM pg_trigger WHERE tgname = 'edomex_release_guard'")).scalar() == (
            0 if plugin == "edomex_release" else 1
        )
    db._run_migrations(plugin)
    with model.meta.engine.connect() as connection:
        assert tables(connection, plugin) == before


def test_what_was_public_before_the_plugin_stays_public(clean_releases):
    db._run_migrations("edomex_release", "base", forward=False)
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO package (id, name, type, private, state, metadata_created)"
                " VALUES ('old', 'old', 'dataset', false, 'active', '2018-12-01')"
            )
        )
    db._run_migrations("edomex_release")
    with model.meta.engine.begin() as connection:
        row = connection.execute(sa.text("SELECT state, approved_by FROM edomex_release WHERE package_id = 'old'")).one()
        assert tuple(row) == ("released", "migration")
        connection.execute(sa.text("UPDATE package SET title = 'still' WHERE id = 'old'"))
