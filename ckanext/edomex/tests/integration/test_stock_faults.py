"""Faults of stock extensions that the root plugin mends."""

import io

import pytest
from ckan import model
from ckan.lib import datapreview
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from werkzeug.datastructures import FileStorage


def upload(content):
    return FileStorage(io.BytesIO(content), filename="datos.csv")


def test_a_file_may_be_replaced_while_its_predecessor_waits_to_be_loaded(act, editor, agency):
    dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
    resource = act(editor, "resource_create", package_id=dataset["id"], format="CSV", upload=upload(b"a\n1\n"))
    again = act(editor, "resource_patch", id=resource["id"], upload=upload(b"a\n2\n"))
    assert again["sha256"] != resource["sha256"]
    tasks = model.Session.query(model.TaskStatus).filter_by(entity_id=resource["id"], task_type="xloader")
    assert [task.state for task in tasks] == ["pending"]


def test_a_files_hash_is_of_its_bytes(act, editor, agency):
    dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
    resource = act(editor, "resource_create", package_id=dataset["id"], upload=upload(b"abc"))
    assert resource["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_licences_are_a_closed_list(clean_releases):
    assert {licence["id"] for licence in tk.get_action("license_list")({}, {})} >= {"libre-uso-mx", "cc-by-4.0", "cc0-1.0"}


class TestViews:
    @pytest.fixture
    def views_of(self, act, editor, agency):
        def made(*formats):
            files = [{"url": f"https://agua.example.org/{each}", "format": each} for each in formats]
            dataset = act(editor, "package_create", title="x", owner_org=agency["id"], resources=files)
            found = [act(editor, "resource_view_list", id=each["id"]) for each in dataset["resources"]]
            return [[view["view_type"] for view in each] for each in found]

        return made

    def test_each_file_that_can_be_shown_has_its_views(self, views_of):
        assert views_of("CSV", "PNG", "JSONP") == [[], ["image_view"], ["text_view"]]

    def test_none_are_looked_for_where_no_file_can_be_shown(self, views_of, monkeypatch):
        monkeypatch.setattr(datapreview, "add_views_to_dataset_resources", lambda *_, **__: pytest.fail("looked for"))
        assert views_of("CSV", "SHP") == [[], []]
        with pytest.raises(pytest.fail.Exception):
            views_of("PNG")

    def test_only_for_who_may_edit(self, act, editor, stranger, agency):
        dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
        with pytest.raises(tk.NotAuthorized):
            act(stranger, "package_create_default_resource_views", package=dataset)


class TestThemes:
    def test_an_editor_files_under_any_theme_and_takes_it_back(self, act, editor, agency):
        one, two = factories.Group(), factories.Group()
        dataset = act(editor, "package_create", title="x", owner_org=agency["id"], groups=[{"name": one["name"]}])
        assert [group["name"] for group in dataset["groups"]] == [one["name"]]
        moved = act(editor, "package_patch", id=dataset["id"], groups=[{"id": two["id"]}])
        assert [group["name"] for group in moved["groups"]] == [two["name"]]
        kept = act(editor, "package_patch", id=dataset["id"], title="y")
        assert [group["name"] for group in kept["groups"]] == [two["name"]]
        assert act(editor, "package_patch", id=dataset["id"], groups=[])["groups"] == []

    def test_a_stranger_files_nothing(self, act, editor, stranger, agency):
        theme = factories.Group()
        dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            act(stranger, "package_patch", id=dataset["id"], groups=[{"name": theme["name"]}])

    def test_a_theme_that_is_not_there_is_said(self, act, editor, agency):
        with pytest.raises((tk.ValidationError, tk.ObjectNotFound)):
            act(editor, "package_create", title="x", owner_org=agency["id"], groups=[{"name": "no-existe"}])
