"""The inventory through its actions: who may what, nothing overwritten unseen, history that nobody rewrites."""

import threading

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.planning.domain.permissions import PERMISSIONS, Who


def count(table):
    return model.Session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()


def test_a_row_from_its_registration_to_its_end(act, editor, agency, row):
    made = row(
        frequency="Trimestral", expected="marzo de 2027", personal="no", reserved="Sí", reserved_ground="Art. 140, fracción VIII"
    )
    assert (made["frequency"], made["expected"], made["reserved"], made["version"]) == ("R/P3M", "2027-03", True, 1)
    changed = act(editor, "edomex_inventory_update", id=made["id"], version=1, decision="no_abrir", system="Excel")
    assert (changed["version"], changed["decision"], changed["resources"][0]["name"]) == (2, "no_abrir", "Pozos")
    assert act(editor, "edomex_inventory_update", id=made["id"], version=2, system="Excel")["version"] == 2
    assert act(editor, "edomex_inventory_list", agency=agency["name"])["count"] == 1
    act(editor, "edomex_inventory_delete", id=made["id"], version=2)
    with pytest.raises(tk.ObjectNotFound):
        act(editor, "edomex_inventory_show", id=made["id"])
    history = act(editor, "edomex_inventory_history", id=made["id"])
    assert [event["move"] for event in history] == ["delete", "update", "create"]
    assert history[1]["changes"] == {"decision": ["por_decidir", "no_abrir"], "system": ["", "Excel"]}
    assert {event["by"] for event in history} == {editor["name"]}


def test_the_database_refuses_to_rewrite_history(row):
    row()
    for statement in ("UPDATE edomex_planning_event SET move = 'x'", "DELETE FROM edomex_planning_event"):
        with pytest.raises(sa.exc.DBAPIError, match="no se cambia ni se borra"):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()


def test_every_wrong_field_is_named_at_once(act, editor, agency):
    with pytest.raises(tk.ValidationError) as error:
        act(
            editor,
            "edomex_inventory_create",
            agency=agency["id"],
            name="",
            responsible="x" * 201,
            expected="20013-12-31",
            personal="quizá",
        )
    assert set(error.value.error_dict) == {"name", "responsible", "expected", "personal"}
    with pytest.raises(tk.ValidationError) as error:
        act(editor, "edomex_inventory_create", agency=agency["id"], name="A", responsible="B", personal=True, decision="abrir")
    assert set(error.value.error_dict) == {"personal_ground", "decision", "expected"}
    assert count("edomex_planning_item") == 0


def test_a_name_is_once_in_an_agency_and_may_be_anothers(act, row, stranger):
    row("Calidad del agua")
    with pytest.raises(tk.ValidationError, match="ya está en el inventario"):
        row("CALIDAD  del água")
    other = act(stranger, "organization_list_for_user")[0]
    act(stranger, "edomex_inventory_create", agency=other["id"], name="Calidad del agua", responsible="Área")
    assert count("edomex_planning_item") == 2


def test_who_was_overtaken_is_told_and_overwrites_nothing(act, editor, row):
    made = row()
    act(editor, "edomex_inventory_update", id=made["id"], version=1, system="Excel")
    for action in ("edomex_inventory_update", "edomex_inventory_delete"):
        with pytest.raises(tk.ValidationError) as error:
            act(editor, action, id=made["id"], version=1, system="Papel")
        assert error.value.error_dict["version"] == 2 and error.value.error_dict["by"] == editor["name"]
    assert act(editor, "edomex_inventory_show", id=made["id"])["system"] == "Excel"


def test_two_at_once_one_wins_and_the_other_is_told(act, editor, row):
    made, outcomes = row(), []
    together = threading.Barrier(2)

    def change(system):
        together.wait()
        try:
            outcomes.append(act(editor, "edomex_inventory_update", id=made["id"], version=1, system=system)["version"])
        except tk.ValidationError as error:
            outcomes.append(error.error_dict["version"])
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=change, args=(system,)) for system in ("Excel", "Papel")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [2, 2]
    assert len(act(editor, "edomex_inventory_history", id=made["id"])) == 2


READS = {name for name in PERMISSIONS if name.startswith("edomex_inventory") and Who.REVIEWER in PERMISSIONS[name]}


def parameters(name, made, agency):
    if name.rsplit("_", 1)[1] in {"list", "export", "create", "import"}:
        upload = csv_of([["Nombre del conjunto", "Responsable"], ["Otro", "Área"]])
        return {"agency": agency["id"], "name": "Nuevo", "responsible": "Área", "upload": upload}
    return {"id": made["id"], "version": 1}


@pytest.mark.parametrize("name", sorted(name for name in PERMISSIONS if name.startswith("edomex_inventory")))
def test_another_agency_and_nobody_find_nothing(act, agency, row, stranger, name):
    made = row()
    member = factories.User()
    act({"name": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}, "organization_member_create",
        id=agency["id"], username=member["name"], role="member")  # fmt: skip
    for who in (stranger, member):
        with pytest.raises(tk.ObjectNotFound):
            act(who, name, **parameters(name, made, agency))
    with pytest.raises(tk.NotAuthorized):
        act(None, name, **parameters(name, made, agency))
    assert count("edomex_planning_item") == 1


@pytest.mark.parametrize("name", sorted(name for name in PERMISSIONS if name.startswith("edomex_inventory")))
def test_the_state_reads_and_does_not_write(act, agency, row, reviewer, manager, name):
    made = row()
    for who in (reviewer, manager):
        if name in READS:
            act(who, name, **parameters(name, made, agency))
        else:
            with pytest.raises(tk.NotAuthorized):
                act(who, name, **parameters(name, made, agency))


def test_lists_hold_what_is_ones_own(act, editor, agency, row, stranger, reviewer, sysadmin):
    row("Calidad del agua", description="Ríos y pozos", decision="abrir", expected="2027-03")
    row("Padrón", personal=True, personal_ground="Art. 7")
    other = act(stranger, "organization_list_for_user")[0]
    act(stranger, "edomex_inventory_create", agency=other["id"], name="De otra", responsible="Área")
    assert act(editor, "edomex_inventory_list")["count"] == 2
    assert [each["name"] for each in act(stranger, "edomex_inventory_list")["results"]] == ["De otra"]
    assert act(reviewer, "edomex_inventory_list")["count"] == act(sysadmin, "edomex_inventory_list")["count"] == 3
    for asked, names in (
        ({"q": "AGUA pozos"}, ["Calidad del agua"]), ({"q": "padron"}, ["Padrón"]), ({"decision": "abrir"}, ["Calidad del agua"]),
        ({"guarded": "true"}, ["Padrón"]), ({"guarded": "false"}, ["Calidad del agua"]), ({"q": "%"}, ["Calidad del agua", "Padrón"]),
        ({"limit": 1, "offset": 1}, ["Padrón"]),
    ):  # fmt: skip
        assert [each["name"] for each in act(editor, "edomex_inventory_list", agency=agency["id"], **asked)["results"]] == names, asked
