"""Stock actions that pass by `package_update` change nothing of what is public, and void what is approved."""

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.release.model import Release

FAR = "2031-01-01T09:00:00-06:00"
VIEW = {"title": "Otra vista", "view_type": "text_view"}


@pytest.fixture
def site():
    found = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})
    return {"ignore_auth": True, "user": found["name"]}


@pytest.fixture
def dataset(act, editor, agency, upload, site):
    created = act(editor, "package_create", title="Agua", owner_org=agency["id"])
    resource = act(editor, "resource_create", package_id=created["id"], name="Pozos", format="TXT", upload=upload(name="datos.txt"))
    tk.get_action("datastore_create")(dict(site), {"resource_id": resource["id"], "records": [{"a": 1}], "force": True})
    tk.get_action("resource_view_create")(dict(site), {"resource_id": resource["id"], **VIEW})
    return act(editor, "package_show", id=created["id"])


@pytest.fixture
def scheduled(act, editor, reviewer, dataset):
    release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
    return act(reviewer, "edomex_release_approve", id=release["id"], release_at=FAR)


@pytest.fixture
def released(act, manager, scheduled, pass_once, drain):
    act(manager, "edomex_release_reschedule", id=scheduled["id"], release_at="now", reason="prueba")
    pass_once()
    drain()
    return scheduled


def view_of(dataset):
    return model.Session.query(model.ResourceView).filter_by(resource_id=dataset["resources"][0]["id"], view_type="text_view").first()


DOORS = {
    "resource_view_create": lambda d: {"resource_id": d["resources"][0]["id"], **VIEW, "title": "Más"},
    "resource_view_update": lambda d: {"id": view_of(d).id, "resource_id": d["resources"][0]["id"], **VIEW, "title": "Más"},
    "resource_view_delete": lambda d: {"id": view_of(d).id},
    "datastore_create": lambda d: {"resource_id": d["resources"][0]["id"], "records": [{"a": 2}], "force": True},
    "datastore_upsert": lambda d: {"resource_id": d["resources"][0]["id"], "records": [{"a": 2}], "method": "insert", "force": True},
    "datastore_delete": lambda d: {"resource_id": d["resources"][0]["id"], "force": True},
    "datastore_records_delete": lambda d: {"resource_id": d["resources"][0]["id"], "filters": {}, "force": True},
}


@pytest.mark.parametrize("who", ["editor", "sysadmin"])
def test_what_is_public_stays(act, request, dataset, released, who):
    resource_id = dataset["resources"][0]["id"]

    def seen():
        return act(None, "resource_view_list", id=resource_id), act(None, "datastore_search", resource_id=resource_id)["records"]

    before = seen()
    for door, data in DOORS.items():
        with pytest.raises(tk.ValidationError, match="edicion"):
            act(request.getfixturevalue(who), door, **data(dataset))
    assert seen() == before


@pytest.mark.parametrize("door", DOORS)
def test_what_is_scheduled_loses_its_approval(act, editor, dataset, scheduled, door):
    act(editor, door, **DOORS[door](dataset))
    model.Session.expire_all()
    assert model.Session.get(Release, scheduled["id"]).state == "draft"


@pytest.mark.parametrize("door", ["resource_view_create", "datastore_upsert"])
def test_machines_go_on(site, dataset, scheduled, door):
    tk.get_action(door)(dict(site), DOORS[door](dataset))
    model.Session.expire_all()
    assert model.Session.get(Release, scheduled["id"]).state == "scheduled"


def test_the_portals_own_views_void_nothing(act, sysadmin, dataset, scheduled):
    """xloader asks for them under an account's name, when a table is there."""
    resource = act(sysadmin, "resource_show", id=dataset["resources"][0]["id"])
    act(sysadmin, "resource_create_default_resource_views", resource={**resource, "format": "CSV"}, create_datastore_views=True)
    model.Session.expire_all()
    assert model.Session.get(Release, scheduled["id"]).state == "scheduled"
    kinds = [each["view_type"] for each in act(sysadmin, "resource_view_list", id=resource["id"])]
    assert "datatables_view" in kinds


@pytest.mark.parametrize("door", ["resource_view_create", "datastore_upsert"])
def test_what_is_refused_by_the_stock_action_voids_nothing(act, stranger, dataset, scheduled, door):
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError)):
        act(stranger, door, **DOORS[door](dataset))
    model.Session.expire_all()
    assert model.Session.get(Release, scheduled["id"]).state == "scheduled"


@pytest.mark.parametrize("action", ["member_create", "member_delete"])
def test_a_theme_is_not_changed_through_its_members(act, sysadmin, dataset, released, action):
    group = factories.Group()
    member = {"id": group["id"], "object": dataset["id"], "object_type": "package", "capacity": "public"}
    with pytest.raises(tk.ValidationError, match="edición"):
        act(sysadmin, action, **member)


@pytest.mark.parametrize("state", ["scheduled", "released"])
def test_it_is_not_purged_past_its_withdrawal(act, request, sysadmin, dataset, state):
    request.getfixturevalue(state)
    with pytest.raises(tk.ValidationError, match="retírelo"):
        act(sysadmin, "dataset_purge", id=dataset["id"])
    assert model.Package.get(dataset["id"]) is not None


def test_a_draft_is_purged_as_ever(act, sysadmin, dataset):
    act(sysadmin, "dataset_purge", id=dataset["id"])
    assert model.Package.get(dataset["id"]) is None


def test_a_tag_is_not_taken_off_what_is_public(act, sysadmin, public):
    public(tags=[{"name": "pozos"}])
    with pytest.raises(tk.ValidationError, match="etiqueta"):
        act(sysadmin, "tag_delete", id="pozos")


def test_an_editions_agency_does_not_change(act, editor, sysadmin, public):
    opened = act(editor, "edomex_release_edition_open", dataset_id=public()["id"])
    other = factories.Organization()
    with pytest.raises(tk.ValidationError, match="dependencia"):
        act(sysadmin, "package_owner_org_update", id=opened["draft_id"], organization_id=other["id"])


def test_themes_changed_with_something_else_are_one_change(act, editor, dataset):
    """Or a release between the two commits would be followed by the new themes."""
    group = factories.Group()
    states = []

    def look(session):
        themes = session.query(model.Member).filter_by(table_id=dataset["id"], group_id=group["id"], state="active").count()
        title = session.execute(sa.text("SELECT title FROM package WHERE id = :id"), {"id": dataset["id"]}).scalar()
        states.append((title, themes))

    sa.event.listen(model.Session, "before_commit", look)
    try:
        act(editor, "package_patch", id=dataset["id"], title="Otra", groups=[{"name": group["name"]}])
    finally:
        sa.event.remove(model.Session, "before_commit", look)
    assert ("Otra", 1) in states
    assert ("Otra", 0) not in states
