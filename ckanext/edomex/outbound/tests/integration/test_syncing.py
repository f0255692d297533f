"""Copies at a real CKAN follow what is public here."""

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

TABLE = b"municipio,pozos\nToluca,3\nMetepec,4\n"


def only(found):
    assert len(found) == 1
    return found[0]


def test_what_is_released_is_there_and_public(federal, at_federal, publish, sync, copies):
    target = at_federal()
    dataset = publish(notes="Por municipio", tags=[{"name": "salud"}])
    sync()
    copy = only(copies(target))
    assert (copy["state"], copy["behind_since"]) == ("public_there", None)
    there = federal.public(copy["remote_name"])
    assert (there["title"], there["notes"], there["resources"][0]["url"]) == ("Clínicas", "Por municipio", "https://datos.example.org/tabla.csv")
    assert [tag["name"] for tag in there["tags"]] == ["salud"]
    assert {"key": "guid", "value": f"http://test.ckan.net/dataset/{dataset['id']}"} in there["extras"]


def test_nothing_unreleased_goes_anywhere(federal, at_federal, act, editor, agency, sync, copies):
    target = at_federal()
    act(editor, "package_create", title="Todavía no", owner_org=agency["id"])
    sync()
    assert (copies(target), federal.copies()) == ([], [])


def test_where_the_target_decides_it_stays_private_until_it_does(federal, at_federal, publish, sync, copies, act, manager):
    target = at_federal(may_publish=False)
    publish()
    sync()
    copy = only(copies(target))
    assert copy["state"] == "private_there"
    assert federal.public(copy["remote_name"]) is None
    federal.call("package_patch", id=copy["remote_name"], private=False)
    act(manager, "edomex_target_sync", id=target["name"])
    sync()
    assert only(copies(target))["state"] == "public_there"


def test_an_edition_keeps_ids_there(federal, at_federal, publish, edit, sync, copies):
    target = at_federal()
    dataset = publish()
    sync()
    before = only(federal.copies())
    edit(dataset, title="Clínicas y hospitales")
    sync()
    after = only(federal.copies())
    assert after["title"] == "Clínicas y hospitales"
    assert (after["id"], after["resources"][0]["id"]) == (before["id"], before["resources"][0]["id"])
    assert only(copies(target))["behind_since"] is None


def test_a_withdrawal_hides_it_there_and_a_second_release_brings_it_back(federal, at_federal, publish, withdraw, sync, copies):
    target = at_federal()
    dataset = publish()
    sync()
    name = only(copies(target))["remote_name"]
    withdraw(dataset)
    sync()
    assert only(copies(target))["state"] == "withdrawn"
    assert federal.public(name) is None
    assert only(copies(target))["title"] is None


def test_nothing_changed_is_one_request_and_no_write(federal, at_federal, publish, sync, copies, act, manager):
    target = at_federal()
    publish()
    sync()
    before = only(federal.copies())["metadata_modified"]
    act(manager, "edomex_target_sync", id=target["name"])
    sync()
    assert only(federal.copies())["metadata_modified"] == before


def test_what_they_added_stays(federal, at_federal, publish, edit, sync):
    at_federal()
    dataset = publish()
    sync()
    theirs = only(federal.copies())
    extras = [*theirs["extras"], {"key": "prioridad", "value": "alta"}]
    federal.call("package_patch", id=theirs["id"], extras=extras)
    federal.call("resource_create", package_id=theirs["id"], name="Suyo", url="https://federal.example.org/x")
    edit(dataset, title="Clínicas 2")
    sync()
    after = only(federal.copies())
    assert after["title"] == "Clínicas 2"
    assert {"key": "prioridad", "value": "alta"} in after["extras"]
    assert [each["name"] for each in after["resources"]] == ["Tabla", "Suyo"]


def test_what_was_changed_there_waits_for_a_person(federal, at_federal, publish, edit, sync, copies, act, manager):
    target = at_federal()
    dataset = publish()
    sync()
    name = only(copies(target))["remote_name"]
    federal.call("package_patch", id=name, title="Otro título")
    edit(dataset, notes="Nueva descripción")
    sync()
    copy = only(copies(target))
    assert copy["state"] == "refused"
    assert "title" in copy["reason"]
    assert federal.show(name)["title"] == "Otro título"
    act(manager, "edomex_copy_retry", target=target["name"], dataset_id=dataset["id"], overwrite=True)
    sync()
    assert (federal.show(name)["title"], only(copies(target))["state"]) == ("Clínicas", "public_there")


def test_a_strangers_dataset_is_not_touched(federal, at_federal, publish, sync, copies, act, manager):
    target = at_federal(enabled=False)
    dataset = publish()
    name = f"{dataset['name'].replace('-', '_')}_{dataset['id'].replace('-', '')[:12]}"
    federal.call("package_create", name=name, title="De otro", owner_org=federal.organization)
    act_as = {"id": target["name"], "enabled": True}
    tk.get_action("edomex_target_update")({"ignore_auth": True, "user": ""}, act_as)
    sync()
    assert only(copies(target))["state"] == "refused"
    assert federal.show(name)["title"] == "De otro"


RECORD = sa.text(
    "INSERT INTO edomex_federation_record (source_id, record_id, package_id, state, digest)"
    " VALUES (:source, 'r', :package, 'present', 'x')"
)


def test_what_came_from_there_is_not_sent_back(federal, at_federal, publish, sync, copies, act, sysadmin, agency):
    dataset, kept = publish(), publish(title="Lo nuestro")
    address = {"url": f"{federal.url}/catalog.ttl", "source_type": "edomex_dcat", "frequency": "MANUAL"}
    source = act(sysadmin, "harvest_source_create", name="portal-de-alla", owner_org=agency["id"], config="{}", **address)
    with model.meta.engine.begin() as connection:
        connection.execute(RECORD, {"source": source["id"], "package": dataset["id"]})
    target = at_federal()
    sync()
    found = {copy["dataset_id"]: copy for copy in copies(target)}
    assert (found[dataset["id"]]["state"], found[kept["id"]]["state"]) == ("refused", "public_there")
    assert "no se le devuelve" in found[dataset["id"]]["reason"]
    assert [copy["title"] for copy in federal.copies()] == ["Lo nuestro"]


def test_a_crash_after_writing_makes_no_second_copy(federal, at_federal, publish, sync, copies, monkeypatch):
    target = at_federal()
    publish()

    def die(*_):
        raise SystemExit

    with monkeypatch.context() as crash:
        crash.setattr("ckanext.edomex.outbound.jobs.syncing._note_done", die)
        with pytest.raises(SystemExit):
            sync()
    assert len(federal.copies()) == 1
    assert only(copies(target))["state"] == "pending"
    sync()
    assert len(federal.copies()) == 1
    assert only(copies(target))["state"] == "public_there"


def test_formats_that_the_gate_refuses_stay_here(federal, at_federal, publish, sync, copies):
    target = at_federal()
    publish(resources=[{"name": "Notas", "url": "https://datos.example.org/notas.pdf", "format": "PDF"}])
    sync()
    assert only(copies(target))["state"] == "refused"
    assert federal.copies() == []


def test_files_are_sent_and_not_sent_again(federal, at_federal, publish, sync, copies, act, manager):
    target = at_federal(sends_files=True)
    dataset = publish(file=TABLE)
    sync()
    copy = only(copies(target))
    assert copy["state"] == "public_there", copy
    resource = only(federal.show(copy["remote_name"])["resources"])
    assert resource["url_type"] == "upload"
    assert federal.download(resource["url"]) == TABLE
    assert dataset["resources"][0]["sha256"] == resource["edomex_sha256"]
    act(manager, "edomex_target_sync", id=target["name"])
    sync()
    assert only(federal.show(copy["remote_name"])["resources"])["url"] == resource["url"]


def test_a_target_that_is_enabled_later_gets_what_is_public_already(federal, at_federal, publish, sync, copies):
    publish()
    target = at_federal()
    sync()
    assert only(copies(target))["state"] == "public_there"
    assert len(federal.copies()) == 1
