"""What stock CKAN 2.12 tells of a dataset that is not public, and ours does not. Each fails with the shield off."""

import io

import pytest
from ckan import authz, logic, model
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

CANARY = "canario"


@pytest.fixture
def theme(clean_releases):
    return factories.Group()


@pytest.fixture
def hidden(act, editor, agency, theme):
    return act(
        editor,
        "package_create",
        title=f"{CANARY} título",
        owner_org=agency["id"],
        tags=[{"name": f"{CANARY}-etiqueta"}],
        groups=[{"name": theme["name"]}],
        resources=[{"url": "https://example.org/x", "format": f"{CANARY}fmt", "name": f"{CANARY} recurso"}],
    )


READS = {
    "tag_list": lambda h, a, t: {},
    "tag_list all fields": lambda h, a, t: {"all_fields": True},
    "tag_list query": lambda h, a, t: {"query": CANARY},
    "tag_search": lambda h, a, t: {"query": CANARY},
    "tag_autocomplete": lambda h, a, t: {"query": CANARY},
    "format_autocomplete": lambda h, a, t: {"q": CANARY[:4]},
    "member_list of agency": lambda h, a, t: {"id": a["id"], "object_type": "package"},
    "member_list of theme": lambda h, a, t: {"id": t["id"]},
    "package_search": lambda h, a, t: {"q": CANARY, "include_private": True, "include_drafts": True, "facet.field": ["tags"]},
    "package_list": lambda h, a, t: {},
    "resource_search": lambda h, a, t: {"query": f"name:{CANARY}"},
    "package_autocomplete": lambda h, a, t: {"q": CANARY},
}


@pytest.mark.parametrize("read", READS)
def test_a_read_shows_the_canary_to_its_agency_alone(act, editor, stranger, hidden, agency, theme, read):
    action, data = read.split(" ")[0], READS[read](hidden, agency, theme)

    def shown(who):
        answer = repr(act(who, action, **data))
        return CANARY in answer.replace(repr(data), "") or hidden["id"] in answer

    assert not shown(None)
    assert not shown(stranger)
    if action not in {"package_list", "resource_search", "package_autocomplete"}:
        # CKAN leaves private datasets out of these for everybody.
        assert shown(editor), "void: the probe does not see the canary with its owner's eyes either"


@pytest.mark.parametrize("action", ["package_show", "resource_show", "edomex_release_list"])
def test_hidden_and_absent_have_one_answer(act, stranger, hidden, action):
    if action == "edomex_release_list":
        assert act(stranger, action, dataset_id=hidden["id"]) == act(stranger, action, dataset_id="no-existe")
        return
    ids = {"package_show": hidden["id"], "resource_show": hidden["resources"][0]["id"]}
    for who in (None, stranger):
        with pytest.raises(tk.ObjectNotFound) as real:
            act(who, action, id=ids[action])
        with pytest.raises(tk.ObjectNotFound):
            act(who, action, id="00000000-0000-0000-0000-000000000000")
        assert hidden["id"] not in str(real.value)


def test_the_page_of_a_hidden_dataset_is_the_page_of_none(app, hidden):
    real, absent = app.get(f"/dataset/{hidden['id']}", status=404), app.get("/dataset/ds-000000000000", status=404)
    assert CANARY not in real.body
    assert len(real.body) == len(absent.body)


def test_job_records_are_for_who_may_edit(act, editor, stranger, hidden):
    task = {"entity_id": hidden["resources"][0]["id"], "entity_type": "resource", "task_type": "xloader", "key": "xloader"}
    row = model.TaskStatus(**task, value="{}", state="error", error=f"{CANARY} celda")
    model.Session.add(row)
    model.Session.commit()
    for who in (None, stranger):
        for asked in ({"id": row.id}, {key: task[key] for key in ("entity_id", "task_type", "key")}):
            with pytest.raises(tk.NotAuthorized):
                act(who, "task_status_show", **asked)
    assert act(editor, "task_status_show", id=row.id)["id"] == row.id


def test_harvested_originals_are_for_administrators(act, editor, hidden):
    for who in (None, editor):
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            act(who, "harvest_object_show", id="x")


def test_relationships_are_refused(act, editor, hidden, agency):
    other = act(editor, "package_create", title="x", owner_org=agency["id"])
    with pytest.raises(tk.ValidationError, match="revelarían"):
        act(editor, "package_relationship_create", subject=hidden["id"], object=other["id"], type="depends_on")


def test_agencies_are_not_ordered_by_hidden_counts(act, hidden, agency):
    quiet = factories.Organization(title="AAA")
    names = act(None, "organization_list", sort="package_count desc")
    assert names.index(quiet["name"]) < names.index(agency["name"]) or agency["title"] < "AAA"


class TestAccounts:
    @pytest.mark.parametrize("path", ["/user/register", "/organization/new", "/group/new"])
    def test_nobody_makes_their_own(self, app, clean_releases, path):
        assert app.get(path, follow_redirects=False).status_code in {302, 401, 403}

    @pytest.mark.parametrize("action", ["organization_create", "group_create"])
    def test_an_editor_makes_neither_agencies_nor_themes(self, act, editor, agency, action):
        with pytest.raises(tk.NotAuthorized):
            act(editor, action, name="nueva")

    @pytest.mark.parametrize("action", ["user_list", "user_show"])
    def test_people_are_not_listed_to_visitors(self, act, editor, action):
        with pytest.raises(tk.NotAuthorized):
            act(None, action, id=editor["name"])


class TestHeaders:
    def test_stand_on_every_answer(self, app, clean_releases):
        for path in ("/", "/dataset/", "/no-existe", "/api/3/action/status_show"):
            headers = app.get(path, status=None).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "SAMEORIGIN"

    def test_an_uploaded_page_does_not_run(self, app, act, editor, agency):
        dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
        page = FileStorage(io.BytesIO(b"<script>alert(1)</script>"), filename="x.html")
        resource = act(editor, "resource_create", package_id=dataset["id"], upload=page, format="HTML")
        token = tk.get_action("api_token_create")({"ignore_auth": True, "user": editor["name"]}, {"user": editor["name"], "name": "t"})
        answer = app.get(resource["url"].replace("http://test.ckan.net", ""), headers={"Authorization": token["token"]})
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


class TestPages:
    """Stock views that think of `NotAuthorized` alone."""

    @pytest.mark.parametrize("path", ["/dataset/{id}/resource/new", "/dataset/{id}/resource/{resource}/views", "/dataset/edit/{id}"])
    def test_of_a_hidden_dataset_do_not_fail(self, app, hidden, path):
        real = path.format(id=hidden["id"], resource=hidden["resources"][0]["id"])
        answer = app.get(real, status=None, follow_redirects=False)
        assert answer.status_code in {302, 403, 404}
        assert CANARY not in answer.body


def test_activities_of_views_are_not_shown(act, editor, stranger, hidden):
    view = act(
        editor, "resource_view_create", resource_id=hidden["resources"][0]["id"], title=f"{CANARY} vista", view_type="text_view"
    )
    assert view["id"]
    for who in (stranger, editor):
        told = act(who, "user_activity_list", id=editor["name"]) + act(who, "dashboard_activity_list")
        assert not [activity for activity in told if "view" in activity["activity_type"]]


def test_actions_and_rules_are_whole_before_the_first_request(ckan_config):
    """CKAN's own gathering at the first request lets a second one meet actions without their rules."""
    logic.clear_actions_cache()
    authz.clear_auth_functions_cache()
    make_app(ckan_config)
    assert logic._actions
    assert authz._AuthFunctions._functions
