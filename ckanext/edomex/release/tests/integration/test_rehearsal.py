"""Before its instant a release is done and rolled back: what is prepared is used, what is wrong is told, nothing is shown."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import index, storage
from ckanext.edomex.release.jobs import rehearsal
from ckanext.edomex.release.model import Event, Outbox, Release, Warmup

SOON = "interval '5 minutes'"


@pytest.fixture
def soon(due):
    """Make datasets that are due in five minutes, and so to be rehearsed now."""

    def make(count=1, **fields):
        made = due(count, at="2031-01-01T09:00:00-06:00", **fields)
        with model.meta.engine.begin() as connection:
            connection.execute(
                sa.text(f"UPDATE edomex_release SET release_at = clock_timestamp() + {SOON}, due_at = clock_timestamp() + {SOON},"
                        " warm_at = clock_timestamp() WHERE state = 'scheduled'")
            )  # fmt: skip
        return made

    return make


@pytest.fixture
def rehearse():
    def run():
        model.Session.commit()
        done = 0
        while count := rehearsal.rehearse_due(model.meta.engine):
            done += count
        model.Session.expire_all()
        return done

    return run


@pytest.fixture
def arrive():
    """Let the instant come."""

    def now():
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_release SET release_at = clock_timestamp(), due_at = clock_timestamp()"))

    return now


def problems(release):
    model.Session.expire_all()
    return [each["code"] for each in model.Session.get(Release, release["id"]).problems or []]


def test_nothing_of_it_stays(act, soon, rehearse):
    (release,) = soon()
    events, entries = model.Session.query(Event).count(), model.Session.query(Outbox).count()
    assert rehearse() == 1
    stored = model.Session.get(Release, release["id"])
    assert (stored.state, stored.released_at, stored.warm_at) == ("scheduled", None, None)
    assert model.Package.get(release["dataset_id"]).private is True
    assert model.Session.query(Event).count() == events
    assert model.Session.query(Outbox).count() == entries
    with pytest.raises(tk.ObjectNotFound):
        act(None, "package_show", id=release["dataset_id"])
    assert index.public_ids() == set()


def test_a_plugin_that_commits_inside_it_publishes_nothing(soon, rehearse, monkeypatch):
    (release,) = soon()
    build = index.build

    def committing(package_id):
        model.Session.commit()
        model.Session.commit()
        return build(package_id)

    monkeypatch.setattr(index, "build", committing)
    assert rehearse() == 1
    assert model.Package.get(release["dataset_id"]).private is True
    assert problems(release) == []


def test_it_is_rehearsed_once(soon, rehearse):
    soon(3)
    assert rehearse() == 3
    assert rehearse() == 0


def test_the_document_is_the_one_that_would_be_built_afterwards(act, soon, rehearse, arrive, pass_once, drain, monkeypatch):
    (release,) = soon(tags=[{"name": "agua"}])
    rehearse()
    arrive()
    pass_once()
    built = []
    send = index.send
    monkeypatch.setattr(index, "send", lambda documents: built.extend(documents) or send(documents))
    monkeypatch.setattr(index, "build", lambda _id: pytest.fail("built at the instant"))
    drain()
    monkeypatch.undo()
    (document,) = [each for each in built if each["id"] == release["dataset_id"]]
    fresh = index.build(release["dataset_id"])
    for part in ("data_dict", "validated_data_dict"):
        assert json.loads(document.pop(part)) == json.loads(fresh.pop(part))
    assert document == json.loads(json.dumps(fresh))
    assert act(None, "package_search", q="Conjunto")["count"] == 1


def test_both_places_say_the_instant_that_came_about(act, soon, rehearse, arrive, pass_once, drain):
    (release,) = soon()
    rehearse()
    arrive()
    pass_once()
    drain()
    stored = model.Package.get(release["dataset_id"]).metadata_modified.isoformat()
    found = act(None, "package_search", q="Conjunto")["results"][0]
    assert found["metadata_modified"] == stored
    assert index.stored([release["dataset_id"]])[release["dataset_id"]]["metadata_modified"][:22] == stored[:22]


@pytest.mark.parametrize("who", ["person", "machine"])
def test_what_changed_since_is_not_used(act, soon, rehearse, arrive, pass_once, drain, editor, upload, who):
    (release,) = soon()
    resource = act(editor, "resource_create", package_id=release["dataset_id"], upload=upload())
    release = act(editor, "edomex_release_submit", dataset_id=release["dataset_id"])
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE edomex_release SET state = 'scheduled', approved_by = 'x', release_at = clock_timestamp() + {SOON},"
                    f" due_at = clock_timestamp() + {SOON}, warm_at = clock_timestamp()")
        )  # fmt: skip
    rehearse()
    site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    if who == "machine":
        tk.get_action("resource_patch")(context, {"id": resource["id"], "hash": "machine"})
        model.Session.expire_all()
        # What a machine writes asks for another rehearsal.
        assert model.Session.get(Release, release["id"]).warm_at is not None
        arrive()
        pass_once()
        drain()
        found = act(None, "package_search", q="Conjunto")["results"][0]
        assert found["resources"][0]["hash"] == "machine"
    else:
        act(editor, "package_patch", id=release["dataset_id"], title="Otro")
        assert model.Session.get(Release, release["id"]).state == "draft"


def test_texts_of_the_feed_are_prepared_and_used(soon, rehearse, arrive, pass_once, drain, app):
    (release,) = soon()
    rehearse()
    kinds = {row.kind for row in model.Session.query(Warmup.kind).filter_by(release_id=release["id"])}
    assert {"index", "feed"} <= kinds
    arrive()
    pass_once()
    drain()
    query = sa.text("SELECT form, key, made_at FROM edomex_feed_fragment WHERE package_id = :id ORDER BY form")
    kept = model.Session.execute(query, {"id": release["dataset_id"]}).all()
    assert kept
    assert release["dataset_id"] in app.get("/catalog.ttl").body
    # Read without being made anew: the prepared one had the key that the feed looks for.
    assert model.Session.execute(query, {"id": release["dataset_id"]}).all() == kept


class TestProblems:
    def test_a_file_that_is_gone(self, act, editor, reviewer, soon, rehearse, agency, upload):
        release = self.with_file(act, editor, reviewer, agency, upload)
        sha256 = act(editor, "package_show", id=release["dataset_id"])["resources"][0]["sha256"]
        storage.remove_at(str(storage.location(sha256)))
        rehearse()
        assert problems(release) == ["file_missing"]

    def test_a_file_with_other_bytes(self, act, editor, reviewer, soon, rehearse, agency, upload):
        release = self.with_file(act, editor, reviewer, agency, upload)
        sha256 = act(editor, "package_show", id=release["dataset_id"])["resources"][0]["sha256"]
        path = Path(storage.storage().settings.path) / str(storage.location(sha256))
        path.write_bytes(b"a,b\n9,9\n")
        rehearse()
        assert problems(release) == ["file_damaged"]
        storage.remove_at(str(storage.location(sha256)))

    def test_content_that_was_changed_behind_every_guard(self, soon, rehearse):
        (release,) = soon()
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE package SET title = 'Otro' WHERE id = :id"), {"id": release["dataset_id"]})
        rehearse()
        assert problems(release) == ["content_changed"]

    def test_what_the_database_refuses(self, soon, rehearse):
        good, bad, other = soon(3)
        create = """
            CREATE FUNCTION test_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
            CREATE TRIGGER test_poison BEFORE UPDATE OF private ON package FOR EACH ROW
                WHEN (NEW.title = 'Conjunto 1' AND NOT NEW.private) EXECUTE FUNCTION test_poison()"""
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(create))
        try:
            rehearse()
        finally:
            model.Session.remove()
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text("DROP TRIGGER test_poison ON package; DROP FUNCTION test_poison()"))
        assert problems(bad) == ["refused"]
        assert (problems(good), problems(other)) == ([], [])
        assert model.Session.query(Warmup).filter_by(release_id=good["id"]).count() > 0

    def test_a_room_that_cannot_describe_it(self, soon, rehearse, monkeypatch):
        (release,) = soon()
        monkeypatch.setattr(index, "build", lambda _id: 1 / 0)
        rehearse()
        assert problems(release) == ["not_prepared"]

    def test_it_is_told_once_and_seen_by_those_concerned(self, act, soon, rehearse, editor, reviewer, caplog):
        (release,) = soon()
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE package SET title = 'Otro' WHERE id = :id"), {"id": release["dataset_id"]})
        for _ in range(2):
            rehearse()
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text("UPDATE edomex_release SET warm_at = clock_timestamp()"))
        events = [record for record in caplog.records if getattr(record, "event", "") == "release.problem"]
        assert len(events) == 1
        told = act(editor, "edomex_release_show", id=release["id"])["problems"]
        assert "no se publicará" in told[0]["message"]

    def test_it_goes_when_it_is_mended(self, soon, rehearse):
        (release,) = soon()
        change = sa.text("UPDATE package SET title = :title WHERE id = :id")
        for title, expected in (("Otro", ["content_changed"]), ("Conjunto 0", [])):
            with model.meta.engine.begin() as connection:
                connection.execute(change, {"title": title, "id": release["dataset_id"]})
                connection.execute(sa.text("UPDATE edomex_release SET warm_at = clock_timestamp()"))
            rehearse()
            assert problems(release) == expected

    @staticmethod
    def with_file(act, editor, reviewer, agency, upload):
        dataset = act(editor, "package_create", title="Con archivo", owner_org=agency["id"])
        act(editor, "resource_create", package_id=dataset["id"], upload=upload(name="datos.txt"))
        release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
        approved = act(reviewer, "edomex_release_approve", id=release["id"], release_at="2031-01-01T09:00:00-06:00")
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_release SET warm_at = clock_timestamp()"))
        return approved
