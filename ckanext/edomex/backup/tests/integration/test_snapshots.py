"""What a backup asks of PostgreSQL, on a real one: one moment, tables that go meanwhile, and what does not fit here."""

import dataclasses
import stat

import pytest
import sqlalchemy as sa
from ckan import model as core
from ckan.tests import factories

from ckanext.edomex.backup import config, model
from ckanext.edomex.backup.domain.errors import BackupError, NewerError, NotEmptyError
from ckanext.edomex.backup.domain.manifest import Manifest
from ckanext.edomex.backup.logic import creating, restoring

pytestmark = pytest.mark.usefixtures("clean_releases")
TABLE = "edomex_backup_probe"


@pytest.fixture
def registered(act, editor, agency):
    """Make a dataset with its resources, as an editor does."""

    def make(*resources):
        return act(editor, "package_create", title="Agua", owner_org=agency["id"], resources=list(resources))

    return make


@pytest.fixture
def database():
    return config.database_url()


@pytest.fixture
def datastore():
    """Address of the datastore, with a table of no resource in it."""
    url = config.datastore_url()
    with model.connected(url) as connection:
        connection.execute(sa.text(f"CREATE TABLE {TABLE} AS SELECT 1 AS a"))
    yield url
    with model.connected(url) as connection:
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {TABLE}"))


@pytest.fixture
def described(database):
    with model.snapshots([database]) as (one,):
        return Manifest(
            moment=one.moment.isoformat(), ckan="2.12.0", postgres=one.server, plugins=[], migrations=one.migrations(),
            rows=one.rows(), tables={}, dumps=[], files=[],
        )  # fmt: skip


def test_a_snapshot_sees_nothing_of_what_comes_after(database, registered):
    with model.snapshots([database]) as (one,):
        before = one.rows()["package"]
        registered()
        assert one.rows()["package"] == before
    assert model.rows(database)["package"] == before + 1


def test_heartbeats_are_no_part_of_it(database):
    with model.snapshots([database]) as (one,):
        assert "edomex_release_event" in one.rows()
        assert "edomex_release_worker" not in one.rows()


def test_a_table_that_goes_before_it_can_be_held_begins_it_anew(datastore, monkeypatch):
    hold, times = model.Snapshot.hold_tables, []

    def hold_late(self):
        times.append(1)
        if len(times) == 1:
            with model.connected(datastore) as connection:
                connection.execute(sa.text(f"DROP TABLE {TABLE}"))
        hold(self)

    monkeypatch.setattr(model.Snapshot, "hold_tables", hold_late)
    with model.snapshots([datastore]) as (one,):
        assert TABLE not in one.rows()
    assert len(times) == 2


def test_a_table_cannot_go_while_it_is_held(datastore):
    with model.snapshots([datastore]) as (one,), model.connected(datastore) as other:
        other.execute(sa.text("SET lock_timeout = '200ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            other.execute(sa.text(f"DROP TABLE {TABLE}"))
        assert one.rows()[TABLE] == 1


def test_schemas_go_aside_and_come_back(datastore):
    before = model.rows(datastore)
    model.put_aside(datastore, "edomex_antes_prueba")
    assert model.rows(datastore) == {}
    model.put_back(datastore, "edomex_antes_prueba")
    assert model.rows(datastore) == before


def test_a_resource_that_lost_its_table_says_that_it_has_none(database, registered):
    fields = {"name": "Agua", "url": "https://datos.example.org/agua.csv", "datastore_active": True}
    kept, lost = (one["id"] for one in registered(fields, fields)["resources"])
    core.Session.commit()
    assert model.without_table(database, [kept]) == [lost]
    core.Session.expire_all()
    assert core.Resource.get(lost).extras["datastore_active"] is False
    assert core.Resource.get(kept).extras["datastore_active"] is True


def test_only_the_sites_own_account_is_nobody(database, datastore, registered):
    factories.User(name=f"not-{config.site_id()}")
    before = model.datasets_and_people(database, config.site_id())
    assert before[0] == 0
    assert model.datasets_and_people(database, f"not-{config.site_id()}")[1] == before[1]
    registered()
    assert model.datasets_and_people(database, config.site_id())[0] == 1
    assert any("conjuntos" in line for line in restoring.occupied())
    assert any("tablas" in line for line in restoring.occupied())


def test_what_is_of_this_version_fits(described):
    restoring._ensure_it_fits(described)


def test_a_migration_that_nobody_here_knows_is_refused(described):
    later = {**described.migrations, "edomex_release_alembic_version": "999_later"}
    with pytest.raises(NewerError, match="999_later"):
        restoring._ensure_it_fits(dataclasses.replace(described, migrations=later))


def test_tables_of_an_absent_plugin_are_refused(described):
    foreign = {**described.migrations, "pages_alembic_version": "1"}
    with pytest.raises(BackupError, match="pages_alembic_version"):
        restoring._ensure_it_fits(dataclasses.replace(described, migrations=foreign))


def test_a_newer_server_is_refused_before_anything_changes(described):
    with pytest.raises(BackupError, match="19"):
        restoring._ensure_it_fits(dataclasses.replace(described, postgres=190000))


def test_an_interrupted_backup_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(creating, "_publish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        creating.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_backup_of_this_portal_is_checked_and_refused_over_it(tmp_path, registered):
    registered()
    made = creating.create(tmp_path / "new" / "folder", keep=1)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert made.manifest.rows["package"] == 1
    assert made.deleted == []
    with pytest.raises(NotEmptyError, match="1 conjuntos de datos"):
        restoring.prepare(made.folder, replace=False)
