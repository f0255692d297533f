"""A parcel for a portal that takes it by hand: what is in it, what is not, and its receipt."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
from ckan import model
from ckan.cli.cli import ckan
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.edomex.adapters import catalogues
from ckanext.edomex.outbound.logic import bundles
from ckanext.edomex.outbound.tests.integration.conftest import SIGNED

CONTENT = b"clave,nombre\n15106,Toluca\n"


@pytest.fixture
def target(act, sysadmin):
    """A portal that takes CSV by hand."""
    given = {"name": "a-mano", "title": "Portal a mano", "kind": "bundle", "formats": ["CSV"], "enabled": True, **SIGNED}
    return act(sysadmin, "edomex_target_create", **given)["name"]


@pytest.fixture
def pack(target, manager):
    """Make a parcel; returns it, open, and what is noted of it."""

    def make(agency="", who=None):
        file = io.BytesIO()
        noted = bundles.write({"user": (who or manager)["name"]}, target, agency, file)
        assert hashlib.sha256(file.getvalue()).hexdigest() == noted["sha256"]
        assert len(file.getvalue()) == noted["size"]
        parcel = zipfile.ZipFile(file)
        assert parcel.testzip() is None
        return parcel, noted

    return make


def contents(parcel):
    return list(csv.DictReader(io.StringIO(parcel.read("contenido.csv").decode("utf-8-sig"))))


def test_it_has_the_catalogue_the_files_and_a_list_of_them(pack, publish, agency):
    publish(title="Municipios", file=CONTENT)
    publish(title="Enlaces")
    parcel, noted = pack()
    assert parcel.namelist() == ["catalogo.json", "archivos/0002-municipios/tabla.csv", "contenido.csv"]
    assert parcel.read("archivos/0002-municipios/tabla.csv") == CONTENT
    assert sorted(each["title"] for each in json.loads(parcel.read("catalogo.json"))["dataset"]) == ["Enlaces", "Municipios"]
    assert [(row["conjunto"], row["archivo"], row["sha256"], row["por que no va"]) for row in contents(parcel)] == [
        ("Enlaces", "", "", "es un enlace, no un archivo"),
        ("Municipios", "archivos/0002-municipios/tabla.csv", hashlib.sha256(CONTENT).hexdigest(), ""),
    ]  # fmt: skip
    assert (noted["datasets"], noted["files"], noted["left_out"], noted["agency"], noted["receipt"]) == (2, 1, 1, "", "")


def test_nothing_that_is_not_public_is_in_it(pack, publish, act, editor, agency):
    publish(title="Municipios", file=CONTENT)
    act(editor, "package_create", title="Secreto", owner_org=agency["id"])
    parcel, _ = pack()
    assert b"Secreto" not in b"".join(parcel.read(name) for name in parcel.namelist())


def test_of_one_agency_it_is_theirs_alone(pack, publish, agency):
    publish(title="Municipios", file=CONTENT)
    other = factories.Organization()
    parcel, noted = pack(agency["name"])
    assert (noted["agency"], [row["conjunto"] for row in contents(parcel)]) == (agency["name"], ["Municipios"])
    for name in (other["name"], "no-existe", agency["id"]):
        with pytest.raises(tk.ValidationError) as refused:
            pack(name)
        assert list(refused.value.error_dict) == ["agency"]


def test_an_agencys_approved_plan_goes_with_it(pack, publish, act, editor, reviewer, agency):
    publish(title="Municipios", file=CONTENT)
    act(
        editor, "edomex_inventory_create", agency=agency["id"], name="Calidad del agua", responsible="Dirección de Agua",
        decision="abrir", expected="2027-03", frequency="R/P1Y", description="Mediciones",
        resources=[{"name": "Pozos", "about": "Mediciones por pozo"}],
    )  # fmt: skip
    people = {
        "vision": "Datos que sirven", "liaison_name": "Enlace", "liaison_post": "Dirección",
        "liaison_mail": "enlace@edomex.example.org", "admin_name": "Administradora", "admin_post": "Subdirección",
        "admin_mail": "datos@edomex.example.org",
    }  # fmt: skip
    plan = act(editor, "edomex_plan_create", agency=agency["id"], year=2027, **people)
    assert "plan-de-apertura.csv" not in pack(agency["name"])[0].namelist()
    act(editor, "edomex_plan_submit", id=plan["id"])
    act(reviewer, "edomex_plan_approve", id=plan["id"])
    rows = list(csv.reader(io.StringIO(pack(agency["name"])[0].read("plan-de-apertura.csv").decode("utf-8-sig"))))
    assert (len(rows[0]), len(rows)) == (12, 2)


def test_a_file_that_is_lost_is_told_and_keeps_no_other_out(pack, publish, monkeypatch):
    publish(title="Municipios", file=CONTENT)
    monkeypatch.setattr(bundles.storage, "size_of", lambda _sha256: None)
    parcel, noted = pack()
    assert ([row["por que no va"] for row in contents(parcel)], noted["files"]) == (["el archivo no se encontró"], 0)


def test_what_came_from_the_target_is_not_given_back(pack, target, publish, act, sysadmin, harvested):
    theirs = publish(title="Suyo", file=CONTENT)
    harvested(theirs, "https://www.federal.example.org/catalog.ttl")
    act(sysadmin, "edomex_target_update", id=target, url="https://federal.example.org")
    with pytest.raises(tk.ValidationError, match="nada público"):
        pack()
    publish(title="Nuestro", file=CONTENT)
    parcel, noted = pack()
    assert [(row["conjunto"], row["por que no va"]) for row in contents(parcel)] == [
        ("Nuestro", ""), ("Suyo", "vino de ese portal; no se le devuelve"),
    ]  # fmt: skip
    assert [each["title"] for each in json.loads(parcel.read("catalogo.json"))["dataset"]] == ["Nuestro"]
    assert (noted["datasets"], noted["files"], noted["left_out"]) == (1, 1, 1)


def test_who_may_and_for_which_target(pack, target, publish, editor, reviewer, stranger, act, sysadmin):
    with pytest.raises(tk.ValidationError, match="nada público"):
        pack()
    publish(title="Municipios", file=CONTENT)
    for person in (editor, stranger):
        with pytest.raises(tk.NotAuthorized):
            pack(who=person)
    act(sysadmin, "edomex_target_update", id=target, enabled=False)
    with pytest.raises(tk.ValidationError) as refused:
        pack()
    assert refused.value.error_dict["allowed"] == ["update"]
    act(sysadmin, "edomex_target_update", id=target, enabled=True, kind="pulled", url="https://x.example.org", reader="cosechador")
    with pytest.raises(tk.ValidationError, match="no se le entregan"):
        pack()


def test_its_receipt(pack, publish, act, manager, editor):
    publish(title="Municipios", file=CONTENT)
    _, noted = pack()
    given = {"id": noted["id"], "receipt": "PNDA-77", "delivered_on": "2026-01-15"}
    with pytest.raises(tk.NotAuthorized):
        act(editor, "edomex_bundle_acknowledge", **given)
    for wrong in ({"delivered_on": "2999-01-01"}, {"delivered_on": "ayer"}, {"receipt": ""}):
        with pytest.raises(tk.ValidationError) as refused:
            act(manager, "edomex_bundle_acknowledge", **{**given, **wrong})
        assert list(refused.value.error_dict) == list(wrong)
    with pytest.raises(tk.ObjectNotFound):
        act(manager, "edomex_bundle_acknowledge", **{**given, "id": "x"})
    act(manager, "edomex_bundle_acknowledge", **given)
    (listed,) = act(manager, "edomex_bundle_list", target="a-mano")
    assert (listed["receipt"], listed["delivered_on"], listed["made_by"]) == ("PNDA-77", "2026-01-15", manager["name"])


def test_by_page(app, target, publish, manager, act):
    publish(title="Municipios", file=CONTENT)
    headers = {"Authorization": factories.APIToken(user=manager["name"])["token"]}
    answer = app.post(f"/autoservicio/federacion/{target}/paquete", data={"dependencia": ""}, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert "archivos/0001-municipios/tabla.csv" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    (made,) = act(manager, "edomex_bundle_list", target=target)
    form = {"id": made["id"], "receipt": "PNDA-77", "delivered_on": "2026-01-15"}
    app.post(f"/autoservicio/federacion/{target}/acuse", data=form, headers=headers, follow_redirects=False)
    page = app.get(f"/autoservicio/federacion/{target}", headers=headers).text
    assert "Acuse PNDA-77, del 15 de enero de 2026" in page


def test_by_command(cli, target, publish, tmp_path):
    publish(title="Municipios", file=CONTENT)
    place = tmp_path / "paquete.zip"
    done = cli.invoke(ckan, ["edomex", "federation", "bundle", target, "--to", str(place)])
    assert (done.exit_code, "files=1" in done.output) == (0, True), done.output
    assert zipfile.ZipFile(place).testzip() is None
    failed = cli.invoke(ckan, ["edomex", "federation", "bundle", "no-existe", "--to", str(place)])
    assert (failed.exit_code, "No existe ese destino." in failed.output) == (1, True)


def test_half_a_catalogue_is_not_packed(pack, publish, monkeypatch):
    publish(title="Municipios", file=CONTENT)

    def fail(_agency):
        raise catalogues.NotNowError("faltan conjuntos")

    monkeypatch.setitem(catalogues._known, "adela", fail)
    with pytest.raises(catalogues.NotNowError):
        pack()
    assert model.Session.query(bundles.Bundle).count() == 0
