"""Searches, settings and stock faults by which CKAN tells of datasets and people. Each test fails with the shield off."""

import pytest
from ckan import model
from ckan.lib.search.common import SearchQueryError
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.shield.helpers import SOMEBODY

WORD = "canarioescondido"


@pytest.fixture
def hidden(act, editor, agency):
    return act(editor, "package_create", title=WORD, notes=WORD, owner_org=agency["id"])


class TestSearch:
    @pytest.mark.parametrize("field", ["text", "title", "name", "tags", "id"])
    def test_facets_without_a_hit_are_not_listed(self, act, hidden, field):
        search = {"q": "*:*", "facet.field": [field], "facet.mincount": 0, "facet.limit": -1}
        facets = act(None, "package_search", **search)["facets"][field]
        assert not [value for value in facets if WORD in value or hidden["id"] in value or hidden["name"] in value]

    @pytest.mark.parametrize(
        "asked",
        [
            {"sort": f"if(gt(docfreq(text,{WORD}),0),name,id) asc"},
            {"fl": f"id,found:docfreq(text,{WORD})"},
            {"q": f'_val_:"docfreq(text,{WORD})"'},
            {"bf": f"docfreq(text,{WORD})"},
        ],
    )
    def test_functions_of_the_whole_index_are_refused(self, act, hidden, asked):
        with pytest.raises(SearchQueryError):
            act(None, "package_search", **asked)

    def test_a_page_that_asks_for_one_says_so(self, app, hidden):
        answer = app.get(f"/dataset/?sort=docfreq(text,{WORD})+asc", status=None)
        assert answer.status_code < 500
        assert WORD not in answer.body.replace(f"docfreq(text,{WORD})", "")


class TestSettings:
    """What no file of an operator's opens."""

    def test_the_list_of_all_tables_is_closed(self, act, hidden):
        assert tk.config["ckan.datastore.public_table_search"] == []
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            act(None, "datastore_search", resource_id="_table_metadata")

    def test_there_is_no_sql(self):
        assert tk.config["ckan.datastore.sqlsearch.enabled"] is False
        with pytest.raises(KeyError):
            tk.get_action("datastore_search_sql")

    @pytest.mark.parametrize("action", ["activity_diff", "activity_data_show", "activity_show"])
    def test_what_an_activity_held_is_not_told(self, act, stranger, sysadmin, agency, action):
        # The one kind of package here that is public from its first day.
        source = {"name": "fuente", "title": "Fuente", "url": "https://example.org/", "source_type": "ckan", "owner_org": agency["id"]}
        made = act(sysadmin, "harvest_source_create", **source)
        activities = act(None, "package_activity_list", id=made["id"])
        assert activities
        more = {"object_type": "package"} if action == "activity_diff" else {}
        more |= {"include_data": True} if action == "activity_show" else {}
        for who in (None, stranger):
            with pytest.raises(tk.NotAuthorized):
                act(who, action, id=activities[0]["id"], **more)


class TestPeople:
    def test_whose_agencies_is_ones_own_business(self, act, editor, stranger, agency):
        for who in (None, stranger):
            with pytest.raises(tk.NotAuthorized):
                act(who, "organization_list_for_user", id=editor["name"])
        assert [each["id"] for each in act(editor, "organization_list_for_user", id=editor["name"])] == [agency["id"]]
        assert act(None, "organization_list_for_user") == []

    @pytest.mark.parametrize("name", ["real", "nadie"])
    @pytest.mark.parametrize("action", ["user_follower_count", "user_followee_count", "followee_count", "am_following_user"])
    def test_an_account_cannot_be_guessed_by_its_followers(self, act, editor, action, name):
        with pytest.raises(tk.NotAuthorized):
            act(None, action, id=editor["name"] if name == "real" else name)

    @pytest.mark.parametrize("page", ["admins", "activity"])
    def test_a_public_page_names_nobody(self, app, act, agency, page):
        boss = factories.User(fullname="Titular Inventada")
        factories.Organization(users=[{"name": boss["name"], "capacity": "admin"}], name="otra-dependencia")
        act(boss, "package_create", title="x", owner_org="otra-dependencia")
        body = app.get(f"/organization/{page}/otra-dependencia").body
        assert "Titular Inventada" not in body
        assert boss["name"] not in body
        if page == "admins":
            assert SOMEBODY in body


class TestStockFaults:
    @pytest.mark.parametrize("action", ["group_autocomplete", "organization_autocomplete", "harvest_job_list"])
    def test_a_missing_parameter_is_told(self, act, editor, action):
        with pytest.raises(tk.ValidationError):
            act(editor, action)

    @pytest.mark.parametrize("action", ["harvest_log_list", "harvest_sources_reindex", "harvest_object_list"])
    def test_a_stranger_is_refused(self, act, stranger, action):
        for who in (None, stranger):
            with pytest.raises(tk.NotAuthorized):
                act(who, action)

    @pytest.mark.parametrize("action", ["send_mail", "get_mail_extra_vars", "InactiveSource", "harvest_get_notifications_recipients"])
    def test_parts_of_the_harvester_are_no_actions(self, clean_releases, editor, action):
        with pytest.raises(tk.ObjectNotFound):
            tk.get_action(action)({"user": editor["name"], "api_version": 3}, {})

    def test_collaborators_are_not_told_to_visitors(self, act, hidden):
        with pytest.raises((tk.NotAuthorized, tk.ValidationError)):
            act(None, "package_collaborator_list", id=hidden["id"])


@pytest.mark.parametrize("action", ["dataset_follower_count", "am_following_dataset", "follow_dataset", "unfollow_dataset"])
def test_a_hidden_dataset_is_followed_as_one_that_is_not_there(act, stranger, hidden, action):
    errors = []
    for reference in (hidden["id"], "00000000-0000-4000-8000-000000000000"):
        with pytest.raises((tk.ValidationError, tk.ObjectNotFound)) as error:
            act(stranger, action, id=reference)
        errors.append((type(error.value), str(error.value)))
    assert errors[0] == errors[1]
    assert model.Session.query(model.UserFollowingDataset).count() == 0


class TestClearing:
    """A source is not emptied of what was promised or is public."""

    @pytest.fixture
    def source(self, act, sysadmin, agency, hidden):
        fields = {"name": "fuente", "title": "Fuente", "url": "https://example.org/", "source_type": "edomex_ckan"}
        made = act(sysadmin, "harvest_source_create", owner_org=agency["id"], **fields)
        job = act(sysadmin, "harvest_job_create", source_id=made["id"], run=False)
        act(sysadmin, "harvest_object_create", job_id=job["id"], source_id=made["id"], package_id=hidden["id"], content="{}")
        return made

    def test_not_while_one_of_its_datasets_is_under_review(self, act, editor, sysadmin, source, hidden):
        act(editor, "edomex_release_submit", dataset_id=hidden["id"])
        for who in (editor, sysadmin):
            with pytest.raises(tk.ValidationError, match="en curso"):
                act(who, "harvest_source_clear", id=source["id"])
        assert act(editor, "package_show", id=hidden["id"])["state"] == "active"

    def test_of_drafts_it_is(self, act, editor, source, hidden):
        act(editor, "harvest_source_clear", id=source["id"])
        assert model.Package.get(hidden["id"]) is None

    def test_not_by_a_stranger(self, act, stranger, source, hidden):
        with pytest.raises(tk.NotAuthorized):
            act(stranger, "harvest_source_clear", id=source["id"])
        assert model.Package.get(hidden["id"]) is not None
