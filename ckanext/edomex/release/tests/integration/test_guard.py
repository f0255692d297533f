"""Nobody opens a dataset but the engine, whichever door they try; behind the doors stands the trigger."""

import io

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.edomex.release.jobs import engine
from ckanext.edomex.release.model import Release


def upload(content=b"a,b\n1,2\n", name="datos.csv"):
    return FileStorage(io.BytesIO(content), filename=name)


def state(release):
    model.Session.expire_all()
    return model.Session.get(Release, release["id"]).state


def is_private(dataset):
    model.Session.expire_all()
    return model.Package.get(dataset["id"]).private


@pytest.fixture
def dataset(act, editor, agency):
    created = act(editor, "package_create", title="Agua", owner_org=agency["id"])
    act(editor, "resource_create", package_id=created["id"], name="Agua (CSV)", upload=upload())
    return act(editor, "package_show", id=created["id"])


@pytest.fixture
def scheduled(act, editor, reviewer, dataset):
    release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
    return act(reviewer, "edomex_release_approve", id=release["id"], release_at="2031-01-01T09:00:00-06:00")


@pytest.fixture
def released(act, manager, scheduled, dataset):
    act(manager, "edomex_release_reschedule", id=scheduled["id"], release_at="now", reason="prueba")
    engine.release_due(model.meta.engine)
    assert not is_private(dataset)
    return scheduled


@pytest.mark.parametrize(
    "wish", [{}, {"private": False}, {"private": "false"}, {"state": "draft"}, {"private": False, "state": "active"}]
)
def test_a_dataset_begins_private_under_a_name_that_says_nothing(act, editor, agency, wish):
    created = act(editor, "package_create", title="Secreto", owner_org=agency["id"], **wish)
    assert created["private"] is True
    assert created["name"].startswith("ds-")
    assert "secreto" not in created["name"]


DOORS = {
    "package_patch": lambda d: {"id": d["id"], "private": False},
    "package_update": lambda d: {**d, "private": False},
    "package_revise": lambda d: {"match": {"id": d["id"]}, "update": {"private": False}},
    "bulk_update_public": lambda d: {"datasets": [d["id"]], "org_id": d["owner_org"]},
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", ["editor", "sysadmin"])
def test_no_door_opens_a_dataset(act, request, dataset, door, who):
    with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
        act(request.getfixturevalue(who), door, **DOORS[door](dataset))
    assert is_private(dataset)


def test_the_remedy_is_in_the_error(act, editor, dataset):
    with pytest.raises(tk.ValidationError, match="envíe el conjunto a revisión"):
        act(editor, "package_patch", id=dataset["id"], private=False)


def test_a_machines_wish_is_passed_over(act, agency, sysadmin):
    context = {"ignore_auth": True, "user": sysadmin["name"]}
    harvested = tk.get_action("package_create")(
        dict(context), {"title": "x", "name": "cosechado", "owner_org": agency["id"], "private": False}
    )
    assert harvested["private"] is True
    again = tk.get_action("package_update")(dict(context), {**harvested, "title": "y", "private": False})
    assert (again["private"], again["title"]) == (True, "y")


@pytest.mark.parametrize(
    "statement", ["UPDATE package SET private = false WHERE id = :id", "UPDATE package SET private = NULL WHERE id = :id"]
)
def test_behind_every_door_stands_the_trigger(dataset, statement):
    with pytest.raises(sa.exc.IntegrityError, match="debe seguir privado"), model.meta.engine.begin() as connection:
        connection.execute(sa.text(statement), {"id": dataset["id"]})
    assert is_private(dataset)


def test_trigger_refuses_a_public_row_from_the_start(clean_releases):
    row = sa.text("INSERT INTO package (id, name, type, private, state) VALUES ('x', 'x', 'dataset', false, 'active')")
    with pytest.raises(sa.exc.IntegrityError), model.meta.engine.begin() as connection:
        connection.execute(row)


def test_harvest_sources_are_packages_too_and_stay_public(clean_releases):
    row = sa.text("INSERT INTO package (id, name, type, private, state) VALUES ('x', 'x', 'harvest', false, 'active')")
    with model.meta.engine.begin() as connection:
        connection.execute(row)


class TestScheduled:
    @pytest.mark.parametrize(
        ("action", "change"),
        [
            ("package_patch", lambda d: {"id": d["id"], "title": "Otra"}),
            ("package_revise", lambda d: {"match": {"id": d["id"]}, "update": {"notes": "Otra"}}),
            ("package_patch", lambda d: {"id": d["id"], "tags": [{"name": "nuevo"}]}),
            ("resource_patch", lambda d: {"id": d["resources"][0]["id"], "description": "Otra"}),
            ("resource_patch", lambda d: {"id": d["resources"][0]["id"], "upload": upload(b"a,b\n1,3\n")}),
            ("resource_delete", lambda d: {"id": d["resources"][0]["id"]}),
            ("resource_create", lambda d: {"package_id": d["id"], "url": "https://example.org/x.csv"}),
        ],
    )
    def test_any_change_of_content_voids_the_approval(self, act, editor, dataset, scheduled, action, change):
        act(editor, action, **change(dataset))
        assert state(scheduled) == "draft"
        stored = model.Session.get(Release, scheduled["id"])
        assert (stored.release_at, stored.approved_by) == (None, None)

    @pytest.mark.parametrize("fields", [{"datastore_active": True}, {"hash": "abc"}, {"task_created": "2027-01-01"}])
    def test_what_machines_write_does_not(self, sysadmin, dataset, scheduled, fields):
        context = {"ignore_auth": True, "user": sysadmin["name"]}
        tk.get_action("resource_patch")(context, {"id": dataset["resources"][0]["id"], **fields})
        assert state(scheduled) == "scheduled"

    def test_a_caller_does_not_forge_a_files_hash(self, act, editor, dataset, scheduled):
        act(editor, "resource_patch", id=dataset["resources"][0]["id"], sha256="0" * 64)
        assert act(editor, "package_show", id=dataset["id"])["resources"][0]["sha256"] == dataset["resources"][0]["sha256"]
        assert state(scheduled) == "scheduled"

    def test_it_is_not_deleted(self, act, editor, dataset, scheduled):
        with pytest.raises(tk.ValidationError, match="liberación en curso"):
            act(editor, "package_delete", id=dataset["id"])


class TestReleased:
    @pytest.mark.parametrize(
        ("action", "change"),
        [
            ("package_patch", lambda d: {"id": d["id"], "title": "Otra"}),
            ("package_patch", lambda d: {"id": d["id"], "private": True}),
            ("package_patch", lambda d: {"id": d["id"], "state": "deleted"}),
            ("resource_patch", lambda d: {"id": d["resources"][0]["id"], "upload": upload(b"a,b\n1,3\n")}),
            ("resource_delete", lambda d: {"id": d["resources"][0]["id"]}),
            ("package_delete", lambda d: {"id": d["id"]}),
            ("bulk_update_private", lambda d: {"datasets": [d["id"]], "org_id": d["owner_org"]}),
        ],
    )
    @pytest.mark.parametrize("who", ["editor", "sysadmin"])
    def test_its_content_is_fixed(self, act, request, dataset, released, action, change, who):
        before = act(None, "package_show", id=dataset["id"])
        with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
            act(request.getfixturevalue(who), action, **change(dataset))
        assert act(None, "package_show", id=dataset["id"]) == before

    def test_machines_may_still_note_their_work(self, sysadmin, dataset, released):
        context = {"ignore_auth": True, "user": sysadmin["name"]}
        tk.get_action("resource_patch")(context, {"id": dataset["resources"][0]["id"], "hash": "abc"})
        assert state(released) == "released"
