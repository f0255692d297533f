"""The release itself: at the instant, once, of what was approved, and everything that follows from it."""

import threading

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories

from ckanext.edomex.release.jobs import engine
from ckanext.edomex.release.model import Event, Release


def states():
    model.Session.expire_all()
    return sorted(model.Session.query(Release.state).all())


def test_releases_what_is_due(act, due, reviewer, pass_once, drain):
    (release,) = due()
    outcome = pass_once()
    assert outcome.released == [release["id"]]
    drain()
    shown = act(None, "package_show", id=release["dataset_id"])
    assert (shown["private"], shown["state"]) == (False, "active")
    found = act(None, "package_search", q="Conjunto")
    assert [row["id"] for row in found["results"]] == [release["dataset_id"]]
    told = act(reviewer, "edomex_release_show", id=release["id"])
    assert (told["state"], told["calendar_status"]) == ("released", "done")
    assert told["lateness_s"] >= 0


def test_leaves_what_is_not_due(act, due, pass_once):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    assert pass_once() == engine.Outcome()
    assert model.Package.get(release["dataset_id"]).private


def test_a_second_pass_does_nothing(due, pass_once):
    due(3)
    assert len(pass_once().released) == 3
    assert pass_once() == engine.Outcome()
    assert model.Session.query(Event).filter_by(to_state="released").count() == 3


def test_eight_loops_release_each_once(due):
    made = due(24)
    barrier, outcomes, errors = threading.Barrier(8), [], []

    def loop():
        barrier.wait()
        try:
            for _ in range(4):
                outcomes.append(engine.release_due(model.meta.engine))
        except Exception as error:  # noqa: BLE001  # shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=loop) for _ in range(8)]
    model.Session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(release for outcome in outcomes for release in outcome.released) == sorted(r["id"] for r in made)
    assert model.Session.query(Event).filter_by(to_state="released").count() == len(made)


def test_content_changed_behind_the_guard_is_not_released_and_says_so(act, due, editor, pass_once):
    (release,) = due()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE package SET title = 'Otro' WHERE id = :id"), {"id": release["dataset_id"]})
    assert pass_once().failed == [release["id"]]
    told = act(editor, "edomex_release_show", id=release["id"])
    assert (told["state"], told["last_error"]) == ("failed", "content_changed")
    assert "cambió después de la aprobación" in told["note"]
    assert model.Package.get(release["dataset_id"]).private
    assert act(editor, "edomex_release_submit", dataset_id=release["dataset_id"])["state"] == "in_review"


def test_a_deleted_dataset_does_not_come_back(due, pass_once):
    (release,) = due()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE package SET state = 'deleted' WHERE id = :id"), {"id": release["dataset_id"]})
    assert pass_once().failed == [release["id"]]
    model.Session.expire_all()
    assert model.Package.get(release["dataset_id"]).state == "deleted"


@pytest.fixture
def poison():
    """A trigger that refuses one dataset's flip, as a broken row of another extension would."""
    create = """
        CREATE FUNCTION test_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE TRIGGER test_poison BEFORE UPDATE OF private ON package FOR EACH ROW
            WHEN (NEW.title = 'Conjunto 1' AND NOT NEW.private) EXECUTE FUNCTION test_poison()"""
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(create))
    yield
    model.Session.remove()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER test_poison ON package; DROP FUNCTION test_poison()"))


def test_a_bad_item_is_postponed_and_delays_nobody(due, poison, pass_once):
    made = due(3)
    outcome = pass_once()
    assert outcome.released == [made[0]["id"], made[2]["id"]]
    assert outcome.postponed == [made[1]["id"]]
    stored = model.Session.get(Release, made[1]["id"])
    assert (stored.state, stored.attempts) == ("scheduled", 1)
    assert stored.due_at > stored.release_at
    assert "Conjunto" not in stored.last_error


def test_a_dataset_that_is_being_written_waits_for_the_next_pass(due, pass_once):
    (release,) = due()
    with model.meta.engine.begin() as writer:
        writer.execute(sa.text("SELECT 1 FROM package WHERE id = :id FOR UPDATE"), {"id": release["dataset_id"]})
        assert pass_once() == engine.Outcome()
    assert pass_once().released == [release["id"]]


def test_metadata_modified_moves_so_that_harvesters_see_it(due, pass_once):
    (release,) = due()
    before = model.Package.get(release["dataset_id"]).metadata_modified
    pass_once()
    model.Session.expire_all()
    assert model.Package.get(release["dataset_id"]).metadata_modified > before


def test_events_neither_change_nor_go(due):
    due()
    for statement in ("UPDATE edomex_release_event SET reason = 'x'", "DELETE FROM edomex_release_event"):
        with pytest.raises(sa.exc.DatabaseError, match="no se cambian"), model.meta.engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_a_reviewers_view_ends_with_the_review(act, due, reviewer, manager, editor, drain):
    (release,) = due(at="2031-01-01T09:00:00-06:00")
    assert act(reviewer, "package_show", id=release["dataset_id"])["id"] == release["dataset_id"]
    drain()
    assert act(reviewer, "package_search", include_private=True)["count"] == 1
    assert act(factories.User(), "package_search", include_private=True)["count"] == 0
    act(manager, "edomex_release_cancel", id=release["id"], reason="x")
    drain()
    assert act(reviewer, "package_search", include_private=True)["count"] == 0
