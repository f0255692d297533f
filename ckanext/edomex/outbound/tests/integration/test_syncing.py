"""Copies at a real CKAN follow what is public here."""

import contextlib
import uuid

import pytest
from ckan.plugins import toolkit as tk

from ckanext.edomex.outbound.domain import answers
from ckanext.edomex.outbound.logic.ckan_api import TroubleError

TABLE = b"municipio,pozos\nToluca,3\nMetepec,4\n"
OTHER = b"municipio,pozos\nToluca,5\nMetepec,4\n"


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


def test_what_lost_its_mark_there_is_not_called_withdrawn(federal, at_federal, publish, withdraw, sync, copies, act, manager):
    target = at_federal()
    dataset = publish()
    sync()
    name = only(copies(target))["remote_name"]
    federal.call("package_patch", id=name, extras=[])
    withdraw(dataset)
    sync()
    shown = act(manager, "edomex_target_show", id=target["name"])
    assert (only(copies(target))["state"], federal.public(name)["name"], shown["alarm"]) == ("refused", name, True)
    assert f"/dataset/{dataset['id']}" in only(copies(target))["reason"]
    federal.call("package_delete", id=name)
    act(manager, "edomex_copy_retry", target=target["name"], dataset_id=dataset["id"])
    sync()
    shown = act(manager, "edomex_target_show", id=target["name"])
    assert (only(copies(target))["state"], shown["alarm"], shown["trouble"]) == ("withdrawn", False, None)


@pytest.fixture
def account(federal):
    """An account there, a member of our organization in this capacity; `revoke` takes its key back."""
    name = f"cuenta-{uuid.uuid4().hex[:8]}"
    federal.call("user_create", name=name, email=f"{name}@example.org", password=uuid.uuid4().hex)
    token = federal.call("api_token_create", user=name, name="edomex")["token"]

    class Account:
        def join(self, capacity):
            federal.call("organization_member_create", id=federal.organization, username=name, role=capacity)

        def revoke(self):
            (only_one,) = federal.call("api_token_list", user_id=name)
            federal.call("api_token_revoke", jti=only_one["id"])

    Account.token = token
    yield Account()
    federal.call("user_delete", id=name)


def test_a_key_that_was_revoked_is_the_targets_trouble(federal, account, sign_up, publish, withdraw, sync, copies, act, manager):
    account.join("editor")
    target = sign_up(federal.url, federal.organization, account.token)
    dataset = publish()
    sync()
    assert only(copies(target))["state"] == "public_there"
    account.revoke()
    withdraw(dataset)
    sync()
    shown = act(manager, "edomex_target_show", id=target["name"])
    assert (only(copies(target))["trouble"], shown["alarm"]) == ("token_refused", True)
    assert "clave" in shown["trouble"]


def test_what_an_account_may_not_do_is_that_datasets_trouble(federal, account, sign_up, publish, sync, copies, act, manager):
    account.join("member")
    target = sign_up(federal.url, federal.organization, account.token)
    publish()
    sync()
    assert only(copies(target))["trouble"] == "forbidden"
    assert act(manager, "edomex_target_show", id=target["name"])["trouble"] is None


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


def test_what_came_from_there_is_not_sent_back(federal, at_federal, publish, sync, copies, harvested):
    dataset, kept = publish(), publish(title="Lo nuestro")
    harvested(dataset, f"{federal.url}/catalog.ttl".replace("//", "//www."))
    target = at_federal()
    sync()
    found = {copy["dataset_id"]: copy for copy in copies(target)}
    assert (found[dataset["id"]]["state"], found[kept["id"]]["state"]) == ("refused", "public_there")
    assert "no se le devuelve" in found[dataset["id"]]["reason"]
    assert [copy["title"] for copy in federal.copies()] == ["Lo nuestro"]


def test_what_was_sent_back_before_it_was_known_is_withdrawn_with_it(federal, at_federal, publish, withdraw, sync, copies, harvested):
    target, dataset = at_federal(), publish()
    sync()
    harvested(dataset, federal.url)
    withdraw(dataset)
    sync()
    copy = only(copies(target))
    assert (copy["state"], federal.public(copy["remote_name"])) == ("withdrawn", None)


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


@pytest.mark.parametrize("end", [TroubleError(answers.UNAVAILABLE), TroubleError(answers.TOO_LARGE), SystemExit()])
def test_what_we_left_half_written_is_not_taken_for_somebodys_change(
    end, federal, at_federal, publish, edit, sync, rested, copies, act, editor, monkeypatch
):
    target = at_federal(sends_files=True)
    dataset = publish(file=TABLE)
    sync()

    def fail(*_):
        raise end

    with monkeypatch.context() as broken:
        broken.setattr("ckanext.edomex.outbound.logic.ckan_api.CkanApi.send_file", fail)
        edit(dataset, title="Pozos", file=OTHER)
        with contextlib.suppress(SystemExit):
            sync()
    name = only(copies(target))["remote_name"]
    assert (federal.show(name)["title"], only(copies(target))["behind_since"] is None) == ("Pozos", False)
    rested()
    sync()
    assert only(copies(target))["state"] == "public_there", only(copies(target))
    assert federal.download(only(federal.show(name)["resources"])["url"]) == OTHER


def test_a_change_of_theirs_after_we_left_it_half_written_is(federal, at_federal, publish, edit, sync, rested, copies, monkeypatch):
    target = at_federal(sends_files=True)
    dataset = publish(file=TABLE)
    sync()

    def fail(*_):
        raise TroubleError(answers.UNAVAILABLE)

    with monkeypatch.context() as broken:
        broken.setattr("ckanext.edomex.outbound.logic.ckan_api.CkanApi.send_file", fail)
        edit(dataset, title="Pozos", file=OTHER)
        sync()
    name = only(copies(target))["remote_name"]
    federal.call("package_patch", id=name, notes="Suyo")
    rested()
    sync()
    assert (only(copies(target))["state"], federal.show(name)["notes"]) == ("refused", "Suyo")


def test_a_target_that_is_enabled_later_gets_what_is_public_already(federal, at_federal, publish, sync, copies):
    publish()
    target = at_federal()
    sync()
    assert only(copies(target))["state"] == "public_there"
    assert len(federal.copies()) == 1
