"""A public dataset changes only by an edition: written in private, released at its instant, the old state kept."""

import hashlib
import re
import threading

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ckanext.edomex.adapters import index, storage, tables
from ckanext.edomex.release.jobs import engine
from ckanext.edomex.release.model import Event, Outbox, Release, Version

NEW = b"a,b\n1,2\n3,4\n"


@pytest.fixture
def retitle(act, editor):
    return lambda draft: act(editor, "package_patch", id=draft["id"], title="Agua potable", notes="Dos pozos")


@pytest.fixture
def refile(act, editor, upload):
    return lambda draft: act(editor, "resource_patch", id=draft["resources"][0]["id"], upload=upload(NEW))


def rows(resource_id):
    found = tk.get_action("datastore_search")({"ignore_auth": True, "user": ""}, {"resource_id": resource_id})
    return [{key: value for key, value in row.items() if key != "_id"} for row in found["records"]]


def without_token(page):
    return re.sub(r'name="_csrf_token" content="[^"]*"', "", page)


def fill(resource_id, records):
    """Make the table, as the loader would; nobody works off its queue here."""
    data = {"resource_id": resource_id, "records": records, "fields": [{"id": "a"}], "force": True}
    site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})
    tk.get_action("datastore_create")({"ignore_auth": True, "user": site["name"]}, data)
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("UPDATE task_status SET state = 'complete' WHERE entity_id = :id"), {"id": resource_id})


@pytest.fixture
def loader():
    """Say of the loader's job for a resource how it stands, as the loader does; of the last one if none is named."""
    last = {}

    def says(resource_id, state, age="0 s"):
        last["id"] = resource_id or last["id"]
        values = {"id": last["id"], "state": state, "age": age}
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM task_status WHERE entity_id = :id"), values)
            connection.execute(
                sa.text("""
                INSERT INTO task_status (id, entity_id, entity_type, task_type, key, value, state, last_updated) VALUES
                (gen_random_uuid()::text, :id, 'resource', 'xloader', 'xloader', '{}', :state,
                 (clock_timestamp() AT TIME ZONE 'UTC') - CAST(:age AS interval))"""),
                values,
            )
            connection.execute(sa.text("UPDATE edomex_release_outbox SET next_at = clock_timestamp() WHERE done_at IS NULL"))

    yield says
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM task_status WHERE entity_id = :id"), last)


class TestOpening:
    def test_it_is_filled_in_and_private(self, act, editor, public):
        dataset = public(notes="Un pozo", tags=[{"name": "pozos"}])
        opened = act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])
        assert (opened["kind"], opened["state"], opened["version"], opened["dataset_id"]) == ("edition", "draft", 2, dataset["id"])
        draft = act(editor, "package_show", id=opened["draft_id"])
        for field in ("title", "notes", "license_id", "owner_org"):
            assert draft.get(field) == dataset.get(field)
        assert [tag["name"] for tag in draft["tags"]] == ["pozos"]
        assert draft["private"] is True
        assert (draft["id"] != dataset["id"], draft["name"] != dataset["name"]) == (True, True)
        (new,), (old,) = draft["resources"], dataset["resources"]
        assert (new["name"], new["sha256"], new["url_type"]) == (old["name"], old["sha256"], "upload")
        assert new["id"] != old["id"]

    def test_its_file_is_the_public_one(self, act, editor, public, app):
        opened = act(editor, "edomex_release_edition_open", dataset_id=public()["id"])
        draft = act(editor, "package_show", id=opened["draft_id"])
        address = f"/dataset/{draft['id']}/resource/{draft['resources'][0]['id']}/download/datos.csv"
        token = factories.APIToken(user=editor["name"])["token"]
        assert app.get(address, headers={"Authorization": token}).body == "a,b\n1,2\n"
        assert app.get(address, status=404)

    def test_a_second_time_the_same_one_is_answered(self, act, editor, public):
        dataset = public()
        first = act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])
        assert act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])["id"] == first["id"]

    def test_two_who_open_at_once_get_the_same_one(self, act, editor, public, test_request_context):
        dataset = public()
        barrier, opened, errors = threading.Barrier(4), [], []

        def one():
            with test_request_context():
                barrier.wait()
                try:
                    opened.append(act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])["id"])
                except Exception as error:  # noqa: BLE001  # shown by the assertion below
                    errors.append(error)
                finally:
                    model.Session.remove()

        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert len(set(opened)) == 1

    @pytest.mark.parametrize("who", ["stranger", "reviewer"])
    def test_only_its_agency_opens_one(self, act, request, public, who):
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            act(request.getfixturevalue(who), "edomex_release_edition_open", dataset_id=public()["id"])

    def test_what_is_not_public_needs_none(self, act, editor, agency):
        created = act(editor, "package_create", title="Agua", owner_org=agency["id"])
        with pytest.raises(tk.ValidationError, match="se edita directamente"):
            act(editor, "edomex_release_edition_open", dataset_id=created["id"])

    def test_a_refused_edit_says_where_the_edition_is(self, act, editor, public):
        dataset = public()
        with pytest.raises(tk.ValidationError, match=f"/autoservicio/conjunto/{dataset['id']}/edicion"):
            act(editor, "package_patch", id=dataset["id"], title="Otra")

    def test_nobody_else_learns_of_it(self, act, editor, public, stranger):
        dataset = public()
        opened = act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])
        for who in (None, stranger):
            with pytest.raises(tk.ObjectNotFound):
                act(who, "package_show", id=opened["draft_id"])
        with pytest.raises(tk.ObjectNotFound):
            act(stranger, "edomex_release_show", id=opened["id"])
        assert [each["kind"] for each in act(None, "edomex_calendar_list", dataset_id=dataset["id"])] == ["first"]


class TestReleasing:
    def test_ids_and_addresses_stay_and_content_changes(self, act, public, edition, retitle):
        dataset = public()
        edition(dataset, retitle)
        shown = act(None, "package_show", id=dataset["id"])
        assert (shown["title"], shown["notes"]) == ("Agua potable", "Dos pozos")
        for field in ("id", "name", "owner_org", "metadata_created", "private", "state"):
            assert shown[field] == dataset[field]
        assert [each["id"] for each in shown["resources"]] == [each["id"] for each in dataset["resources"]]
        assert shown["metadata_modified"] > dataset["metadata_modified"]

    def test_search_has_the_new_text_and_one_document(self, act, public, edition, retitle):
        edition(public(), retitle)
        assert act(None, "package_search", q="potable")["count"] == 1
        everything = act(factories.Sysadmin(), "package_search", include_private=True, include_drafts=True)
        assert everything["count"] == 1

    def test_before_its_instant_nothing_of_it_is_public(self, act, public, edition, retitle, refile, app, pass_once):
        dataset = public()
        edition(dataset, lambda draft: (retitle(draft), refile(draft)), at="2031-01-01T09:00:00-06:00", release=False)
        assert pass_once() == engine.Outcome()
        assert act(None, "package_show", id=dataset["id"]) == dataset
        assert "potable" not in app.get(f"/dataset/{dataset['id']}").body
        assert app.get(dataset["resources"][0]["url"].split("test.ckan.net")[-1]).body == "a,b\n1,2\n"

    def test_a_new_file_takes_the_old_ones_address(self, act, public, edition, refile, app):
        dataset = public()
        edition(dataset, refile)
        (resource,) = act(None, "package_show", id=dataset["id"])["resources"]
        assert resource["sha256"] == hashlib.sha256(NEW).hexdigest()
        assert resource["id"] == dataset["resources"][0]["id"]
        assert app.get(f"/dataset/{dataset['id']}/resource/{resource['id']}/download/datos.csv").body == NEW.decode()

    def test_resources_come_and_go(self, act, editor, public, edition):
        dataset = public()

        def change(draft):
            act(editor, "resource_delete", id=draft["resources"][0]["id"])
            act(editor, "resource_create", package_id=draft["id"], name="Enlace", url="https://example.org/b.csv")

        edition(dataset, change)
        (resource,) = act(None, "package_show", id=dataset["id"])["resources"]
        assert resource["name"] == "Enlace"
        with pytest.raises(tk.ObjectNotFound):
            act(None, "resource_show", id=dataset["resources"][0]["id"])

    def test_their_order_is_the_editions(self, act, editor, public, edition):
        dataset = public()

        def change(draft):
            new = act(editor, "resource_create", package_id=draft["id"], name="Primero", url="https://example.org/b.csv")
            order = [new["id"], draft["resources"][0]["id"]]
            act(editor, "package_resource_reorder", id=draft["id"], order=order)

        edition(dataset, change)
        assert [each["name"] for each in act(None, "package_show", id=dataset["id"])["resources"]] == ["Primero", "Pozos"]

    def test_tags_and_themes_are_the_editions(self, act, editor, public, edition):
        before, after = factories.Group(), factories.Group()
        dataset = public(tags=[{"name": "pozos"}], groups=[{"name": before["name"]}])

        def change(draft):
            act(editor, "package_patch", id=draft["id"], tags=[{"name": "ríos"}], groups=[{"name": after["name"]}])

        edition(dataset, change)
        shown = act(None, "package_show", id=dataset["id"])
        assert [tag["name"] for tag in shown["tags"]] == ["ríos"]
        assert [group["name"] for group in shown["groups"]] == [after["name"]]
        assert act(None, "package_search", fq=f"groups:{before['name']}")["count"] == 0

    def test_the_private_dataset_leaves_no_trace(self, act, public, edition, retitle):
        released = edition(public(), retitle)
        assert model.Package.get(released["draft_id"]) is None
        assert model.Session.query(model.Resource).filter_by(package_id=released["draft_id"]).count() == 0
        assert index.stored([released["draft_id"]]) == {}

    def test_editions_follow_one_another(self, act, public, edition, editor):
        dataset = public()
        for number in range(2, 5):
            edition(dataset, lambda draft, number=number: act(editor, "package_patch", id=draft["id"], title=f"Agua {number}"))
        listed = act(editor, "edomex_release_list", dataset_id=dataset["id"])
        states = sorted((each["version"], each["state"]) for each in listed)
        assert states == [(1, "superseded"), (2, "superseded"), (3, "superseded"), (4, "released")]
        assert model.Session.query(Event).filter_by(to_state="released").count() == 4

    def test_an_edit_after_the_approval_voids_it(self, act, public, edition, editor, pass_once):
        approved = edition(public(), at="2031-01-01T09:00:00-06:00", release=False)
        act(editor, "package_patch", id=approved["draft_id"], title="Otra")
        assert act(editor, "edomex_release_show", id=approved["id"])["state"] == "draft"

    def test_what_fails_in_the_swap_leaves_everything_as_it_was(self, act, public, edition, retitle, pass_once):
        dataset = public()
        edition(dataset, retitle, release=False)
        create = """
            CREATE FUNCTION test_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
            CREATE TRIGGER test_poison BEFORE INSERT ON edomex_release_version FOR EACH ROW EXECUTE FUNCTION test_poison()"""
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(create))
        try:
            assert len(pass_once().postponed) == 1
        finally:
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text("DROP TRIGGER test_poison ON edomex_release_version; DROP FUNCTION test_poison()"))
        assert act(None, "package_show", id=dataset["id"]) == dataset

    def test_an_edition_of_what_is_gone_fails_and_says_so(self, act, public, edition, editor, pass_once):
        dataset = public()
        approved = edition(dataset, release=False)
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE package SET private = true WHERE id = :id"), {"id": dataset["id"]})
        assert pass_once().failed == [approved["id"]]
        assert act(editor, "edomex_release_show", id=approved["id"])["last_error"] == "dataset_gone"

    def test_it_stays_published_since_its_first_release(self, act, public, edition, retitle):
        dataset = public()
        first = act(None, "edomex_release_published_at", dataset_id=dataset["id"])
        edition(dataset, retitle)
        assert act(None, "edomex_release_published_at", dataset_id=dataset["id"]) == first

    def test_the_calendar_names_every_release(self, act, public, edition, retitle):
        dataset = public()
        edition(dataset, retitle)
        entries = act(None, "edomex_calendar_list", dataset_id=dataset["id"])
        assert [(entry["kind"], entry["version"]) for entry in entries] == [("first", 1), ("edition", 2)]


class TestTables:
    def test_a_new_files_table_takes_the_old_ones_name(self, act, public, edition, upload, editor):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])

        def change(draft):
            act(editor, "resource_patch", id=draft["resources"][0]["id"], upload=upload(NEW))
            fill(draft["resources"][0]["id"], [{"a": "new"}, {"a": "newer"}])

        approved = edition(dataset, change)
        assert rows(resource_id) == [{"a": "new"}, {"a": "newer"}]
        staged = model.Session.get(Release, approved["id"]).origins
        assert tables.existing([*staged, resource_id]) == {resource_id}
        assert act(None, "resource_show", id=resource_id)["datastore_active"] is True

    def test_the_same_file_keeps_its_table(self, public, edition, retitle):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])
        edition(dataset, retitle)
        assert rows(resource_id) == [{"a": "old"}]

    def test_a_new_file_without_a_table_leaves_no_old_one_beside_it(self, public, edition, refile):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])
        edition(dataset, refile)
        assert tables.existing([resource_id]) == set()

    def test_what_is_removed_loses_its_table(self, act, editor, public, edition):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])
        edition(dataset, lambda draft: act(editor, "resource_delete", id=draft["resources"][0]["id"]))
        assert tables.existing([resource_id]) == set()

    def test_the_table_is_late_and_never_early(self, act, public, edition, upload, editor, pass_once, drain):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])

        def change(draft):
            act(editor, "resource_patch", id=draft["resources"][0]["id"], upload=upload(NEW))
            fill(draft["resources"][0]["id"], [{"a": "new"}])

        edition(dataset, change, release=False)
        assert rows(resource_id) == [{"a": "old"}]
        pass_once()
        assert rows(resource_id) == [{"a": "old"}]
        drain()
        assert rows(resource_id) == [{"a": "new"}]


    def test_a_table_is_not_taken_from_under_the_loaders_hands(self, act, public, edition, upload, editor, pass_once, drain, loader):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])

        def change(draft):
            act(editor, "resource_patch", id=draft["resources"][0]["id"], upload=upload(NEW))
            fill(draft["resources"][0]["id"], [{"a": "new"}])
            loader(draft["resources"][0]["id"], "running_but_viewable")

        edition(dataset, change, release=False)
        pass_once()
        drain()
        assert rows(resource_id) == [{"a": "old"}]
        waiting = model.Session.query(Outbox).filter_by(done_at=None, kind="tables").one()
        assert (waiting.attempts, waiting.last_error) == (0, None)
        loader(None, "complete")
        drain()
        assert rows(resource_id) == [{"a": "new"}]

    def test_what_is_left_of_an_edition_goes_after_its_table_took_its_place(self, act, public, edition, upload, editor, drain, loader):
        """The loader ends between two looks at the outbox: the private dataset is not to take its table with it."""
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])

        def change(draft):
            act(editor, "resource_patch", id=draft["resources"][0]["id"], upload=upload(NEW))
            fill(draft["resources"][0]["id"], [{"a": "new"}])
            loader(draft["resources"][0]["id"], "running")

        edition(dataset, change)
        loader(None, "complete")
        with model.meta.engine.begin() as connection:
            waiting = "UPDATE edomex_release_outbox SET next_at = clock_timestamp() + interval '1 hour' WHERE kind = 'tables'"
            connection.execute(sa.text(waiting))
        drain()
        assert model.Session.query(Outbox).filter_by(done_at=None, kind="discard").count() == 1
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE edomex_release_outbox SET next_at = clock_timestamp() WHERE done_at IS NULL"))
        drain()
        assert rows(resource_id) == [{"a": "new"}]
        assert model.Session.query(Outbox).filter_by(done_at=None).count() == 0

    def test_a_table_that_was_not_spoken_of_is(self, act, public, edition, upload, editor):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]

        def change(draft):
            staged = draft["resources"][0]["id"]
            act(editor, "resource_patch", id=staged, upload=upload(NEW))
            fill(staged, [{"a": "new"}])
            # Where the loader stands between its rows and its word.
            site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})
            said = {"id": staged, "datastore_active": False}
            tk.get_action("resource_patch")({"ignore_auth": True, "user": site["name"]}, said)
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text("DELETE FROM task_status WHERE entity_id = :id"), {"id": staged})

        edition(dataset, change)
        assert rows(resource_id) == [{"a": "new"}]
        assert act(None, "resource_show", id=resource_id)["datastore_active"] is True

    def test_the_table_of_an_older_file_is_not_taken_over(self, public, edition, act, upload, editor, loader):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])

        def change(draft):
            fill(draft["resources"][0]["id"], [{"a": "of the first file"}])
            act(editor, "resource_patch", id=draft["resources"][0]["id"], upload=upload(NEW))
            loader(draft["resources"][0]["id"], "pending")

        edition(dataset, change)
        assert tables.existing([resource_id]) == set()
        assert tables.loading([resource_id]) == {resource_id: "pending"}

    def test_a_loader_that_died_keeps_no_table(self, public, edition, act, upload, editor, loader):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        fill(resource_id, [{"a": "old"}])

        def change(draft):
            act(editor, "resource_patch", id=draft["resources"][0]["id"], upload=upload(NEW))
            fill(draft["resources"][0]["id"], [{"a": "new"}])
            loader(draft["resources"][0]["id"], "running", age="2 hours")

        edition(dataset, change)
        assert rows(resource_id) == [{"a": "new"}]


class TestVersions:
    def test_each_release_keeps_what_it_made_public(self, act, public, edition, retitle, refile):
        dataset = public()
        edition(dataset, lambda draft: (retitle(draft), refile(draft)))
        listed = act(None, "edomex_release_version_list", dataset_id=dataset["id"])
        assert [(each["version"], each["title"]) for each in listed] == [(2, "Agua potable"), (1, "Agua")]
        first = act(None, "edomex_release_version_show", dataset_id=dataset["name"], version=1)
        assert first["fields"]["title"] == "Agua"
        assert first["files"][0]["sha256"] == dataset["resources"][0]["sha256"]

    def test_its_bytes_stay_at_their_address(self, public, edition, refile, app):
        dataset = public()
        resource_id = dataset["resources"][0]["id"]
        edition(dataset, refile)
        address = f"/dataset/{dataset['id']}/version/{{}}/archivo/{resource_id}/datos.csv"
        assert app.get(address.format(1)).body == "a,b\n1,2\n"
        assert app.get(address.format(2)).body == NEW.decode()
        assert app.get(address.format(3), status=404)

    def test_a_file_is_revalidated_by_its_hash_and_read_in_parts(self, public, app):
        dataset = public()
        address = f"/dataset/{dataset['id']}/version/1/archivo/{dataset['resources'][0]['id']}/datos.csv"
        whole = app.get(address)
        tag = whole.headers["ETag"]
        assert tag == f'"{dataset["resources"][0]["sha256"]}"'
        assert app.get(address, headers={"If-None-Match": tag}, status=304)
        part = app.get(address, headers={"Range": "bytes=2-4"}, status=206)
        assert part.body == "b\n1"
        assert whole.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in whole.headers["Content-Security-Policy"]

    def test_its_hash_is_of_its_content(self, public):
        dataset = public()
        version = model.Session.get(Version, (dataset["id"], 1))
        text = sa.text("SELECT encode(sha256(convert_to(content::text, 'UTF8')), 'hex') FROM edomex_release_version")
        assert model.Session.execute(text).scalar_one() == version.content_hash

    def test_versions_neither_change_nor_go(self, public):
        public()
        for statement in ("UPDATE edomex_release_version SET content_hash = 'x'", "DELETE FROM edomex_release_version"):
            with pytest.raises(sa.exc.DatabaseError, match="no se cambian"), model.meta.engine.begin() as connection:
                connection.execute(sa.text(statement))

    def test_pages_read(self, public, edition, retitle, app):
        dataset = public()
        edition(dataset, retitle)
        page = app.get(f"/dataset/{dataset['id']}/versiones").body
        assert "Versión 2" in page
        assert "Nueva edición" in page
        assert "Agua potable" in app.get(f"/dataset/{dataset['id']}/version/2").body
        old = app.get(f"/dataset/{dataset['id']}/version/1").body
        assert "Hay una versión más reciente" in old

    @pytest.mark.parametrize("address", ["/dataset/{id}/versiones", "/dataset/{id}/version/1", "/dataset/{id}/version/1/archivo/x/y"])
    def test_a_hidden_datasets_pages_are_those_of_none(self, act, editor, agency, app, address):
        created = act(editor, "package_create", title="Secreto", owner_org=agency["id"])
        hidden = app.get(address.format(id=created["id"]), status=404).body.replace(created["id"], "")
        absent = app.get(address.format(id="x" * 36), status=404).body.replace("x" * 36, "")
        assert without_token(hidden) == without_token(absent)


class TestDiscarding:
    def test_the_private_dataset_goes_and_the_public_one_stays(self, act, editor, public, drain):
        dataset = public()
        opened = act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])
        assert act(editor, "edomex_release_edition_discard", id=opened["id"])["state"] == "cancelled"
        drain()
        assert model.Package.get(opened["draft_id"]) is None
        assert act(None, "package_show", id=dataset["id"]) == dataset
        assert act(editor, "edomex_release_edition_open", dataset_id=dataset["id"])["id"] != opened["id"]

    def test_it_goes_though_the_loader_wrote_it_back(self, act, editor, public, drain):
        """xloader reads the dataset, and writes all of it: one that is deleted in between is active again."""
        opened = act(editor, "edomex_release_edition_open", dataset_id=public()["id"])
        act(editor, "edomex_release_edition_discard", id=opened["id"])
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE package SET state = 'active' WHERE id = :id"), {"id": opened["draft_id"]})
        drain()
        assert model.Package.get(opened["draft_id"]) is None

    def test_not_while_somebody_reviews_it(self, act, editor, public):
        opened = act(editor, "edomex_release_edition_open", dataset_id=public()["id"])
        act(editor, "edomex_release_submit", dataset_id=opened["draft_id"])
        with pytest.raises(tk.ValidationError, match="así no se puede descartar"):
            act(editor, "edomex_release_edition_discard", id=opened["id"])

    def test_its_dataset_is_not_deleted_past_it(self, act, editor, public):
        opened = act(editor, "edomex_release_edition_open", dataset_id=public()["id"])
        with pytest.raises(tk.ValidationError, match="liberación en curso"):
            act(editor, "package_delete", id=opened["draft_id"])


class TestFiles:
    def test_a_replaced_file_does_not_touch_the_old_bytes(self, act, editor, agency, upload):
        created = act(editor, "package_create", title="Agua", owner_org=agency["id"])
        resource = act(editor, "resource_create", package_id=created["id"], upload=upload(b"one"))
        first = resource["sha256"]
        act(editor, "resource_patch", id=resource["id"], upload=upload(b"two"))
        assert storage.is_intact(first)
        assert storage.is_intact(hashlib.sha256(b"two").hexdigest())

    def test_a_hash_that_a_caller_names_opens_no_file(self, act, editor, agency, stranger, upload):
        created = act(editor, "package_create", title="Agua", owner_org=agency["id"])
        secret = act(editor, "resource_create", package_id=created["id"], upload=upload(b"secret"))["sha256"]
        theirs = tk.get_action("organization_list_for_user")({"user": stranger["name"]}, {})[0]["id"]
        fields = {"url": "datos.csv", "url_type": "upload", "sha256": secret}
        mine = act(stranger, "package_create", title="Trampa", owner_org=theirs, resources=[fields])
        assert "sha256" not in mine["resources"][0]
        new = act(stranger, "resource_create", package_id=mine["id"], **fields)
        assert "sha256" not in new
        patched = act(stranger, "resource_patch", id=new["id"], sha256=secret, url_type="upload", url="datos.csv")
        assert "sha256" not in patched

    def test_one_that_is_too_large_is_refused_with_the_limit(self, act, editor, agency, upload):
        created = act(editor, "package_create", title="Agua", owner_org=agency["id"])
        with changed_config("ckan.max_resource_size", 0), pytest.raises(tk.ValidationError, match="caben 0 MB"):
            act(editor, "resource_create", package_id=created["id"], upload=upload(b"x" * 2048))
