"""Targets and copies by action, page and command: who may, what is refused, what is shown."""

import csv
import io
import json

import pytest
from ckan.cli.cli import ckan
from ckan.plugins import toolkit as tk

from ckanext.edomex.outbound.tests.integration.conftest import SIGNED

FORM = {"name": "otro", "title": "Otro", "kind": "ckan", "url": "https://otro.example.org", "organization": "edomex", "rate": "60"}


@pytest.fixture
def target(sign_up, publish):
    publish(title="Pozos")
    return sign_up("https://destino.example.org")


def test_without_an_agreement_a_target_does_not_work(act, sysadmin):
    with pytest.raises(tk.ValidationError) as refused:
        act(sysadmin, "edomex_target_create", **FORM, enabled=True)
    assert {"agreement_number", "agreement_document"} <= refused.value.error_dict.keys()
    made = act(sysadmin, "edomex_target_create", **FORM)
    assert made["enabled"] is False
    with pytest.raises(tk.ValidationError) as still:
        act(sysadmin, "edomex_target_sync", id="otro")
    assert still.value.error_dict["allowed"] == ["update"]
    assert act(sysadmin, "edomex_target_update", id="otro", enabled=True, **SIGNED)["enabled"] is True


@pytest.mark.parametrize(("action", "data"), [
    ("edomex_target_create", FORM), ("edomex_target_update", {"id": "otro"}),
])  # fmt: skip
def test_only_administrators_change_targets(act, manager, reviewer, editor, stranger, action, data):
    for who in (manager, reviewer, editor, stranger, None):
        with pytest.raises(tk.NotAuthorized):
            act(who, action, **data)


@pytest.mark.parametrize(("action", "data"), [
    ("edomex_target_list", {}), ("edomex_target_show", {"id": "x"}), ("edomex_target_sync", {"id": "x"}),
    ("edomex_target_compare", {"target": "x"}), ("edomex_copy_list", {"target": "x"}), ("edomex_copy_retry", {"target": "x"}),
    ("edomex_copy_history", {"target": "x", "dataset_id": "y"}),
])  # fmt: skip
def test_how_copies_do_is_for_those_who_run_releases(act, manager, editor, stranger, action, data):
    for who in (editor, stranger, None):
        with pytest.raises(tk.NotAuthorized):
            act(who, action, **data)
    if data:
        with pytest.raises(tk.ObjectNotFound):
            act(manager, action, **data)


@pytest.mark.parametrize("wrong", [
    {"url": "file:///etc/passwd"}, {"kind": "ftp"}, {"rate": "0"}, {"rate": "mil"}, {"name": "Con Espacios"}, {"groups": "sin igual"},
    {"formats": 7}, {"agreement_date": "ayer"}, {"title": "x" * 501},
])  # fmt: skip
def test_bad_settings_are_refused_by_field(act, sysadmin, wrong):
    with pytest.raises(tk.ValidationError) as refused:
        act(sysadmin, "edomex_target_create", **{**FORM, **wrong})
    assert list(refused.value.error_dict) == list(wrong)


def test_a_name_is_one_targets(act, sysadmin):
    act(sysadmin, "edomex_target_create", **FORM)
    with pytest.raises(tk.ValidationError):
        act(sysadmin, "edomex_target_create", **FORM)


def test_ours_over_theirs_is_decided_one_by_one(act, manager, target):
    with pytest.raises(tk.ValidationError):
        act(manager, "edomex_copy_retry", target=target["name"], overwrite=True)


def test_a_stranger_finds_no_such_page(visit, target, editor, stranger):
    of_target = [f"/{target['name']}{page}" for page in ("", "/cambiar", "/comparar", ".csv")]
    for path in ("", "/nuevo", *of_target):
        assert visit(editor, f"/autoservicio/federacion{path}").status_code == 404
        assert visit(None, f"/autoservicio/federacion{path}").status_code == 302


def test_a_manager_sees_and_an_administrator_changes(visit, target, manager, sysadmin):
    page = visit(manager, "/autoservicio/federacion").body
    assert "Portal de prueba" in page
    assert "Registrar un destino" not in page
    assert visit(manager, f"/autoservicio/federacion/{target['name']}/cambiar").status_code == 404
    page = visit(sysadmin, f"/autoservicio/federacion/{target['name']}").body
    assert "Pozos" in page
    assert "Pendiente" in page
    answer = visit(sysadmin, f"/autoservicio/federacion/{target['name']}/cambiar", form={**FORM, "title": ""})
    assert answer.status_code == 400
    assert "Escriba cómo se llama el portal" in answer.body
    changed = {**FORM, "title": "Nuevo nombre", "groups": "a = b"}
    answer = visit(sysadmin, f"/autoservicio/federacion/{target['name']}/cambiar", form=changed)
    assert answer.status_code == 303
    assert "Nuevo nombre" in visit(sysadmin, "/autoservicio/federacion").body


def test_the_form_makes_one(visit, sysadmin):
    answer = visit(sysadmin, "/autoservicio/federacion/nuevo", form={**FORM, "enabled": "si", **SIGNED, "formats": "csv, shp"})
    assert answer.status_code == 303
    page = visit(sysadmin, "/autoservicio/federacion/otro").body
    assert "CSV, SHP" in page
    assert "Falta" in page


def test_a_table_of_copies(visit, target, manager):
    rows = list(csv.reader(io.StringIO(visit(manager, f"/autoservicio/federacion/{target['name']}.csv").body.lstrip("\ufeff"))))
    assert [row[1] for row in rows[1:]] == ["Pozos"]


def test_the_pages_ask_and_tell(visit, hostile, sign_up, publish, manager, sync):
    dataset = publish(title="Pozos")
    target = sign_up(hostile.url)
    hostile.answers["*"] = (404, {}, {"success": False, "error": {"__type": "Not Found Error"}})
    where = f"/autoservicio/federacion/{target['name']}"
    assert "Crear" in visit(manager, f"{where}/comparar").body
    assert visit(manager, f"{where}/sincronizar", form={}).status_code == 303
    hostile.answers["package_create"] = (409, {}, {"success": False, "error": {"title": ["x"]}})
    sync()
    assert "Rechazado" in visit(manager, where).body
    assert "title" in visit(manager, f"{where}/conjunto/{dataset['id']}").body
    assert visit(manager, f"{where}/conjunto/otro").status_code == 404
    assert visit(manager, f"{where}/reintentar", form={"conjunto": dataset["id"]}).status_code == 303
    assert visit(manager, f"{where}?estado=inventado").status_code == 400


def run(cli, *words):
    return cli.invoke(ckan, ["edomex", "federation", *words])


def test_commands(cli, hostile, sign_up, publish):
    publish(title="Pozos")
    target = sign_up(hostile.url)
    hostile.answers["*"] = (404, {}, {"success": False, "error": {"__type": "Not Found Error"}})
    shown = json.loads(run(cli, "status").output)
    assert (shown[0]["name"], shown[0]["copies"]) == (target["name"], {"pending": 1})
    compared = run(cli, "compare", target["name"])
    assert (compared.exit_code, "Crear" in compared.output) == (1, True)
    assert run(cli, "sync", target["name"], "--dry-run").exit_code == 0
    hostile.answers["package_create"] = (409, {}, {"success": False, "error": {"title": ["x"]}})
    done = run(cli, "sync", target["name"])
    assert (done.exit_code, "refused=1" in done.output) == (1, True)
    assert "retried=1" in run(cli, "retry", target["name"]).output
    assert run(cli, "sync", "ninguno").exit_code == 1
