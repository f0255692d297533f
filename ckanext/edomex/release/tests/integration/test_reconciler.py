"""The copies are compared with the database: what must be hidden first, then what differs, and what is gone is reported."""

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.search.common import make_connection

from ckanext.edomex.adapters import index, storage
from ckanext.edomex.release.jobs import reconciler
from ckanext.edomex.release.jobs.housekeeping import Housekeeper
from ckanext.edomex.release.model import Check, Release


@pytest.fixture
def settled():
    """Make every change old enough to be compared."""

    def settle():
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE package SET metadata_modified = metadata_modified - interval '1 minute'"))

    return settle


@pytest.fixture
def compare():
    def run(**options):
        model.Session.commit()
        return reconciler.run(model.meta.engine, **options)

    return run


def write(package_id, **fields):
    """Spoil one dataset's document, as a bug or an operator might."""
    document = index.build(package_id)
    make_connection().add(docs=[{**document, **fields}], commit=True)


def test_when_they_agree_nothing_is_done(public, compare, drain):
    public()
    drain()
    found = compare(everything=True)
    assert (found.compared, found.hidden, found.repaired, found.missing) == (1, 0, 0, 0)


def test_what_must_be_hidden_is_hidden_before_anything_else_happens(act, due, drain, compare):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    drain()
    write(release["dataset_id"], permission_labels=["public"], capacity="public")
    assert act(None, "package_search", q="Conjunto")["count"] == 1
    found = compare(everything=True)
    assert found.hidden == 1
    assert act(None, "package_search", q="Conjunto")["count"] == 0
    drain()
    assert index.stored([release["dataset_id"]])[release["dataset_id"]]["capacity"] == "private"


def test_a_label_too_many_is_found(act, due, drain, compare, stranger, settled):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    due(at="2031-01-01T09:00:00-06:00")
    drain()
    settled()
    package = model.Package.get(release["dataset_id"])
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE edomex_release SET state = 'draft' WHERE content_id = :id"), {"id": package.id})
    assert compare(everything=True).repaired >= 1
    drain()
    assert package.id not in index.with_label("edomex-review")


@pytest.mark.parametrize("spoilt", [{"state": "draft"}, {"metadata_modified": "2020-01-01T00:00:00Z"}, {"capacity": "private"}])
def test_what_differs_is_written_anew(public, drain, compare, settled, spoilt):
    dataset = public()
    settled()
    write(dataset["id"], **spoilt)
    assert compare(everything=True).repaired == 1
    drain()
    assert compare(everything=True).repaired == 0


def test_a_document_that_is_lost_comes_back(act, public, drain, compare, settled):
    dataset = public()
    settled()
    index.remove([dataset["id"]])
    assert compare(everything=True).repaired == 1
    drain()
    assert act(None, "package_search", q="Agua")["count"] == 1


def test_a_document_of_nothing_goes(public, compare, drain):
    dataset = public()
    document = index.build(dataset["id"])
    make_connection().add(docs=[{**document, "id": "stray", "index_id": "stray", "permission_labels": ["public"]}], commit=True)
    compare(everything=True)
    assert "stray" not in index.all_ids()


def test_a_file_that_is_gone_is_reported_and_an_alarm(act, public, compare, manager):
    dataset = public()
    storage.remove_at(str(storage.location(dataset["resources"][0]["sha256"])))
    assert compare(everything=True).missing == 1
    assert "file_missing" in act(manager, "edomex_release_status")["alarms"]


def test_twice_is_as_once(due, drain, compare):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    drain()
    write(release["dataset_id"], permission_labels=["public"], capacity="public")
    compare(everything=True)
    drain()
    second = compare(everything=True)
    assert (second.hidden, second.repaired) == (0, 0)


def test_after_the_first_time_only_changes_and_a_sample_are_compared(public, compare, drain, monkeypatch):
    from ckanext.edomex.release import config

    for number in range(3):
        public(title=f"Agua {number}")
    compare()
    assert model.Session.get(Check, "index").compared == 3
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE package SET metadata_modified = now() - interval '1 day'"))
        connection.execute(sa.text("UPDATE edomex_release SET modified_at = now() - interval '1 day'"))
    monkeypatch.setattr(config, "check_sample", lambda: 2)
    assert [compare().compared for _ in range(3)] == [2, 1, 2]


def test_one_loop_at_a_time(public, compare):
    public()
    with model.meta.engine.begin() as other:
        other.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('edomex_release_check', 0))"))
        assert compare(everything=True).compared == 0
    assert compare(everything=True).compared == 1


def test_it_is_due_again_after_the_time_that_the_operator_set(public, drain):
    public()
    house = Housekeeper(model.meta.engine)
    assert house.work() == 60
    assert model.Session.get(Check, "index").compared == 1
    model.Session.remove()
    assert 50 < house.work() <= 60
    assert model.Session.get(Check, "index").compared == 1


def test_what_is_late_is_an_alarm_and_what_has_no_dataset_fails(due, caplog, manager, act):
    late, gone = due(2)
    with model.meta.engine.begin() as connection:
        before = "now() - interval '2 minutes'"
        connection.execute(sa.text(f"UPDATE edomex_release SET release_at = {before}, due_at = {before}"))
        connection.execute(sa.text("DELETE FROM package WHERE id = :id"), {"id": gone["dataset_id"]})
    Housekeeper(model.meta.engine).work()
    assert "release.overdue" in [getattr(record, "event", "") for record in caplog.records]
    assert model.Session.get(Release, gone["id"]).last_error == "dataset_gone"
    assert "overdue" in act(manager, "edomex_release_status")["alarms"]
    assert model.Session.get(Release, late["id"]).state == "scheduled"


def test_whoever_alters_a_table_meanwhile_waits_for_no_comparison(public, monkeypatch):
    """A migration beside running loops: it waited for the comparison, which then waited for it, and with them every loop."""
    public()
    compare, altered = reconciler.compare, []

    def alter_and_compare(ids):
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(sa.text("LOCK TABLE edomex_release, edomex_release_check, package IN ACCESS EXCLUSIVE MODE"))
        altered.append(ids)
        return compare(ids)

    monkeypatch.setattr(reconciler, "compare", alter_and_compare)
    assert reconciler.run(model.meta.engine, everything=True).compared == 1
    assert len(altered) == 1
