"""What follows a commit: done at least once, never twice at a time, kept when it fails, given up only for its own fault."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import SearchIndexError
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import outbox as kinds
from ckanext.edomex.release.jobs import outbox
from ckanext.edomex.release.model import Outbox, Subjects, announce, enqueue


@pytest.fixture
def handler(monkeypatch):
    """Put another handler in the place of a kind's."""

    def put(kind, handle, **changes):
        known = {**kinds.known(), kind: replace(kinds.known()[kind], handle=handle, **changes)}
        monkeypatch.setattr(kinds, "_known", known)

    return put


def waiting(kind="index"):
    model.Session.expire_all()
    return model.Session.query(Outbox).filter_by(done_at=None, kind=kind).all()


def hurry():
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE edomex_release_outbox SET next_at = clock_timestamp()"))


def drain_once():
    model.Session.remove()
    return outbox.drain(model.meta.engine).taken


def test_every_entry_is_done_once(due, pass_once, drain):
    due(2)
    pass_once()
    assert waiting()
    drain()
    assert model.Session.query(Outbox).filter_by(done_at=None).count() == 0
    assert drain_once() == 0


def test_what_people_see_goes_before_what_machines_note(due, pass_once, handler):
    due()
    pass_once()
    seen = []
    for kind in ("index", "activity"):
        handler(kind, lambda entries, kind=kind: seen.append(kind))
    while drain_once():
        pass
    assert seen.index("index") < seen.index("activity")


def test_two_loops_never_index_one_dataset_at_the_same_time(due, pass_once, handler):
    """Or the slower one could end with the document from before the release."""
    due()
    in_hand, go_on, seen = threading.Event(), threading.Event(), []

    def slow(entries):
        seen.append([entry.key for entry in entries])
        in_hand.set()
        go_on.wait(10)

    handler("index", slow)
    handler("activity", lambda _entries: None)
    handler("tables", lambda _entries: None)
    model.Session.commit()
    first = threading.Thread(target=outbox.drain, args=(model.meta.engine,))
    first.start()
    assert in_hand.wait(10)
    # The release comes while the first loop still writes the private document.
    assert pass_once().released
    for _ in range(4):
        assert outbox.drain(model.meta.engine).taken == 0 or len(seen) == 1
    assert len(seen) == 1
    go_on.set()
    first.join()
    while outbox.drain(model.meta.engine).taken:
        pass
    assert len(seen) == 2


def test_a_service_that_is_down_ends_nothing(due, pass_once, handler):
    due()
    pass_once()

    def broken(_entries):
        raise SearchIndexError

    handler("index", broken)
    for _ in range(outbox.MOST_ATTEMPTS + 2):
        hurry()
        drain_once()
    entries = waiting()
    assert entries
    assert all((entry.last_error, entry.dead_at) == ("SearchIndexError", None) for entry in entries)
    assert all(entry.attempts > outbox.MOST_ATTEMPTS for entry in entries)


def test_one_poisoned_key_delays_no_other_and_is_given_up_in_the_end(due, pass_once, handler, act, manager, drain):
    bad, _good = due(2)
    pass_once()

    def choosy(entries):
        if bad["dataset_id"] in {entry.key for entry in entries}:
            raise kinds.PoisonError({bad["dataset_id"]: "ValueError"})

    handler("index", choosy)
    for _ in range(outbox.MOST_ATTEMPTS):
        hurry()
        drain_once()
    assert {entry.dedupe_key for entry in waiting()} == {bad["dataset_id"]}
    assert all(entry.dead_at for entry in waiting())
    listed = act(manager, "edomex_release_outbox_list")
    assert {(each["kind"], each["key"], each["last_error"]) for each in listed} == {("index", bad["dataset_id"], "ValueError")}
    handler("index", lambda _entries: None)
    drain()
    assert waiting()
    assert act(manager, "edomex_release_outbox_replay")["replayed"] == len(listed)
    drain()
    assert waiting() == []


def test_a_document_that_cannot_be_built_keeps_no_other_out(due, pass_once, drain, act, monkeypatch):
    from ckanext.edomex.adapters import index

    bad, good = due(2)
    pass_once()
    build = index.build

    def choosy(package_id):
        if package_id == bad["dataset_id"]:
            raise ValueError
        return build(package_id)

    monkeypatch.setattr(index, "build", choosy)
    drain()
    assert [row["id"] for row in act(None, "package_search", q="Conjunto")["results"]] == [good["dataset_id"]]
    assert {entry.last_error for entry in waiting()} == {"ValueError"}


def test_a_document_that_solr_refuses_keeps_no_other_out(due, pass_once, drain, act, monkeypatch):
    from ckanext.edomex.adapters import index

    bad, good = due(2)
    pass_once()
    build = index.build

    def spoiled(package_id):
        document = build(package_id)
        return {**document, "metadata_created": "no date"} if package_id == bad["dataset_id"] else document

    monkeypatch.setattr(index, "build", spoiled)
    drain()
    assert [row["id"] for row in act(None, "package_search", q="Conjunto")["results"]] == [good["dataset_id"]]
    assert {entry.dedupe_key for entry in waiting()} == {bad["dataset_id"]}


def test_work_asked_for_again_meanwhile_is_not_lost(due, pass_once, handler):
    (release,) = due()
    pass_once()
    seen = []

    def while_indexing(_entries):
        if not seen:
            enqueue(model.Session, "index", [release["dataset_id"]])
            model.Session.commit()
        seen.append(1)

    handler("index", while_indexing)
    while drain_once():
        pass
    assert len(seen) == 2


def test_finished_work_is_kept_a_while_and_then_deleted(due, drain):
    due()
    drain()
    assert outbox.sweep(model.meta.engine) == 0
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE edomex_release_outbox SET done_at = done_at - interval '31 days'"))
        connection.execute(sa.text("INSERT INTO edomex_release_worker (id, seen_at) VALUES ('gone', now() - interval '31 days')"))
    assert outbox.sweep(model.meta.engine) >= 2
    model.Session.expire_all()
    assert model.Session.query(Outbox).count() == 0


def test_a_dataset_that_is_gone_leaves_the_index(act, due, pass_once, drain):
    (release,) = due()
    pass_once()
    drain()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM package WHERE id = :id"), {"id": release["dataset_id"]})
        enqueue(connection, "index", [release["dataset_id"]])
    drain()
    assert act(None, "package_search", q="Conjunto")["count"] == 0


def test_a_release_is_told_to_followers_once(act, due, pass_once, drain, editor):
    from ckanext.activity.model import Activity

    (release,) = due()
    pass_once()
    drain()

    def told():
        model.Session.expire_all()
        found = model.Session.query(Activity).filter_by(object_id=release["dataset_id"]).all()
        return [each for each in found if release["id"] in str(each.data)]

    (activity,) = told()
    assert (activity.user_id, activity.activity_type) == (model.User.get(editor["name"]).id, "new package")
    seen = tk.get_action("package_activity_list")({"user": ""}, {"id": release["dataset_id"]})
    assert activity.id in [each["id"] for each in seen]
    with model.meta.engine.begin() as connection:
        announce(connection, kinds.Moment.RELEASED, [Subjects(release["id"], release["dataset_id"])])
    drain()
    assert len(told()) == 1


def test_nobody_else_sees_or_replays_it(act, editor, reviewer, stranger):
    for who in (None, editor, reviewer, stranger):
        for action in ("edomex_release_outbox_list", "edomex_release_outbox_replay", "edomex_release_status"):
            with pytest.raises(tk.NotAuthorized):
                act(who, action)
