"""An agency's catalogue comes in whole or not at all, and goes out as it can come in again."""

import io

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

from ckanext.edomex.adapters.workbooks import csv_of, xlsx_of
from ckanext.edomex.domain import catalogue
from ckanext.edomex.logic.catalogue import take_file
from ckanext.edomex.tests.integration.test_schema import FULL, RESOURCE

V2 = ",".join(catalogue.V2)
ROW = "{id},{title},Descripción,agua,2024-01-31,Dirección,agua@example.org,público,,2020/2024,toluca,,{frequency}"
RESOURCE_ROW = f"{',' * 13}Tabla,Filas,https://agua.example.org/{{name}}.csv,csv,,,,"


def table(*rows, encoding="utf-8"):
    return FileStorage(io.BytesIO("\n".join([V2, *rows]).encode(encoding)), filename="catalogo.csv")


def dataset(title, frequency="R/P1Y", identifier=""):
    return ROW.format(id=identifier, title=title, frequency=frequency)


@pytest.fixture
def take(act, editor, agency):
    return lambda upload, who=None, **more: act(who or editor, "edomex_catalogue_import", agency=agency["name"], upload=upload, **more)


@pytest.fixture
def give(act, editor, agency):
    return lambda layout="full": act(editor, "edomex_catalogue_rows", agency=agency["id"], layout=layout)


def count():
    model.Session.remove()
    return model.Session.query(model.Package).filter_by(type="dataset").count()


def test_every_dataset_is_a_draft_of_the_agency_and_is_found(act, editor, agency, take):
    done = take(table(dataset("Pozos"), RESOURCE_ROW.format(name="a"), RESOURCE_ROW.format(name="b"), dataset("Ríos")))
    assert (len(done["created"]), done["changed"], done["same"]) == (2, [], [])
    pozos = act(editor, "package_show", id=done["created"][0])
    assert (pozos["title"], pozos["private"], pozos["owner_org"]) == ("Pozos", True, agency["id"])
    assert (pozos["frequency"], pozos["spatial_keys"], pozos["temporal_end"]) == ("R/P1Y", ["15106"], "2024")
    assert [each["url"] for each in pozos["resources"]] == ["https://agua.example.org/a.csv", "https://agua.example.org/b.csv"]
    found = act(editor, "package_search", q="Ríos", include_private=True)["results"]
    assert [each["id"] for each in found] == done["created"][1:]


def test_accents_of_an_old_excel(act, editor, take):
    done = take(table(dataset("Educación y niñez"), encoding="cp1252"))
    assert act(editor, "package_show", id=done["created"][0])["title"] == "Educación y niñez"


def test_all_that_is_wrong_is_named_by_its_row_and_nothing_stays(take):
    rows = [dataset(f"Conjunto {number}", "a veces" if number in {3, 7} else "R/P1Y") for number in range(10)]
    with pytest.raises(tk.ValidationError) as error:
        take(table(*rows))
    found = error.value.error_dict["rows"]
    assert [(row["line"], row["column"]) for row in found] == [(5, "ds:accrualPeriodicity"), (9, "ds:accrualPeriodicity")]
    assert "no está en la lista" in found[0]["message"]
    assert count() == 0


def test_a_wrong_resource_is_named_by_its_own_row(take):
    with pytest.raises(tk.ValidationError) as error:
        take(table(dataset("Pozos"), RESOURCE_ROW.format(name="a"), f"{',' * 13}{'T' * 300},,https://a.example.org/b.csv,csv,,,,"))
    assert [(row["line"], row["column"]) for row in error.value.error_dict["rows"]] == [(4, "rs:title")]
    assert count() == 0


def test_it_can_be_tried(take):
    assert len(take(table(dataset("Pozos"), dataset("Ríos")), dry_run="true")["created"]) == 2
    assert count() == 0


@pytest.mark.parametrize("content", [None, "texto", b"", b"a;b\n1;2"])
def test_what_is_no_table_is_refused_in_words(take, content):
    upload = FileStorage(io.BytesIO(content), filename="x") if isinstance(content, bytes) else content
    with pytest.raises(tk.ValidationError) as error:
        take(upload)
    assert error.value.error_dict["upload"][0].endswith(".")


def test_only_for_who_edits_for_the_agency(act, stranger, take, agency):
    for who in (stranger, factories.User()):
        with pytest.raises(tk.NotAuthorized):
            take(table(dataset("Pozos")), who=who)
    with pytest.raises(tk.NotAuthorized):
        act(None, "edomex_catalogue_import", agency=agency["id"], upload=table(dataset("Pozos")))


def test_another_agencys_dataset_is_not_touched_by_naming_it(act, stranger, take):
    (other,) = act(stranger, "organization_list_for_user", permission="create_dataset")
    theirs = act(stranger, "package_create", title="De otra", owner_org=other["id"])
    done = take(table(dataset("Mía", identifier=theirs["id"])))
    assert done["created"] != [theirs["id"]]
    assert act(stranger, "package_show", id=theirs["id"])["title"] == "De otra"


@pytest.mark.parametrize("make", [csv_of, lambda rows: xlsx_of(rows, "Catálogo")])
def test_what_goes_out_comes_in_again_and_changes_nothing(act, editor, agency, take, give, make):
    theme = factories.Group()
    made = act(editor, "package_create", owner_org=agency["id"], groups=[{"name": theme["name"]}], resources=[RESOURCE], **FULL)
    act(editor, "package_create", title="=1+1", owner_org=agency["id"])
    rows = give()
    again = take(FileStorage(io.BytesIO(make(rows)), filename="x"))
    assert (again["created"], again["changed"], len(again["same"])) == ([], [], 2)
    assert give() == rows
    changed = [[cell.replace("Primera.", "Segunda.") for cell in row] for row in rows]
    assert take(FileStorage(io.BytesIO(make(changed)), filename="x"))["changed"] == [made["id"]]
    now = act(editor, "package_show", id=made["id"])
    assert {name: now[name] for name in FULL if name not in {"tags", "version_notes"}} == {
        name: value for name, value in FULL.items() if name not in {"tags", "version_notes"}
    }
    assert now["resources"][0]["dictionary"] == RESOURCE["dictionary"]


def test_an_operators_table_files_under_themes_and_takes_them_back(act, editor, agency, give):
    one, two = factories.Group(), factories.Group()
    made = act(editor, "package_create", owner_org=agency["id"], groups=[{"name": one["name"]}], resources=[RESOURCE], **FULL)

    def filed(cell):
        rows = [[cell if each == one["name"] else each for each in row] for row in written]
        done = take_file(csv_of(rows), agency["name"], dry_run=False)
        assert done["changed"] == [made["id"]]
        return [group["name"] for group in act(editor, "package_show", id=made["id"])["groups"]]

    written = give()
    assert any(one["name"] in row for row in written)
    assert filed(two["name"]) == [two["name"]]
    assert filed(one["name"]) == [one["name"]]


def test_rows_may_be_sorted_and_new_ones_put_between(act, editor, agency, take, give):
    files = [{**RESOURCE, "name": f"Archivo {each}", "url": f"https://agua.example.org/{each}.csv"} for each in "abc"]
    made = act(editor, "package_create", title="Pozos", owner_org=agency["id"], resources=files)
    header, first, *rows = give()
    title, identifier = header.index("rs:title"), header.index("rs:identifier")
    new = ["Nuevo" if name == "rs:title" else "https://agua.example.org/n.csv" if name == "rs:downloadURL" else "" for name in header]
    changed = [row[:] for row in rows]
    changed[2][title] = "Archivo C"
    done = take(FileStorage(io.BytesIO(csv_of([header, first, new, *reversed(changed)])), filename="x"))
    assert done["changed"] == [made["id"]]
    now = act(editor, "package_show", id=made["id"])["resources"]
    assert [each["id"] for each in now[:3]] == [each["id"] for each in made["resources"]]
    assert [each["name"] for each in now] == ["Archivo a", "Archivo b", "Archivo C", "Nuevo"]
    assert [row[identifier] for row in give()[2:]] == [each["id"] for each in now]


def test_a_table_of_others_is_known_again(act, editor, take):
    (first,) = take(table(dataset("Pozos", identifier="registro-de-pozos")))["created"]
    again = take(table(dataset("Pozos profundos", identifier="registro-de-pozos")))
    assert (again["created"], again["changed"]) == ([], [first])
    assert act(editor, "package_show", id=first)["title"] == "Pozos profundos"


def test_what_was_deleted_is_not_said_to_be_there(act, editor, take):
    (made,) = take(table(dataset("Pozos")))["created"]
    act(editor, "package_delete", id=made)
    with pytest.raises(tk.ValidationError, match="se eliminó"):
        take(table(dataset("Pozos", identifier=made)))


def test_adelas_words_come_in_again(act, editor, agency, take, give):
    act(editor, "package_create", owner_org=agency["id"], resources=[RESOURCE], **{**FULL, "access_level": "reservado"})
    for layout in ("v2", "v3"):
        rows = give(layout)
        assert take(FileStorage(io.BytesIO(csv_of(rows)), filename="x"), dry_run=True)["created"] == []
    assert give("v2")[2][give("v2")[0].index("rs:mediaType")] == "text/csv"


def test_a_file_is_not_lost_by_not_being_told_of(act, editor, agency, take):
    made = act(editor, "package_create", title="Pozos", owner_org=agency["id"], resources=[RESOURCE, {**RESOURCE, "name": "Otro"}])
    assert take(table(dataset("Pozos profundos", identifier=made["id"])))["changed"] == [made["id"]]
    now = act(editor, "package_show", id=made["id"])
    assert (now["title"], [each["id"] for each in now["resources"]]) == ("Pozos profundos", [each["id"] for each in made["resources"]])


def test_a_layout_that_is_none_is_told(app, agency):
    assert app.get(f"/autoservicio/catalogo/{agency['name']}.csv?formato=v9", status=400)


@pytest.mark.parametrize("layout", ["v2", "v3"])
def test_adelas_layouts_have_their_headers(act, editor, agency, give, layout):
    act(editor, "package_create", owner_org=agency["id"], resources=[RESOURCE], **FULL)
    rows = give(layout)
    assert rows[0] == list(getattr(catalogue, layout.upper()))
    assert rows[1][rows[0].index("ds:temporal")] == "2024-01-01/2024-12-31"
    assert rows[2][rows[0].index("rs:downloadURL")] == RESOURCE["url"]


def test_a_stranger_gets_what_is_public(act, stranger, editor, agency):
    act(editor, "package_create", title="Por publicar", owner_org=agency["id"])
    assert len(act(stranger, "edomex_catalogue_rows", agency=agency["id"])) == 1
    assert len(act(None, "edomex_catalogue_rows", agency=agency["id"])) == 1


def test_tools_of_frictionless_data_are_told(app, act, editor, agency):
    made = act(editor, "package_create", owner_org=agency["id"], resources=[RESOURCE], **FULL)
    token = {"Authorization": factories.APIToken(user=editor["name"])["token"]}
    found = app.get(f"/dataset/{made['name']}/datapackage.json", headers=token).json
    assert (found["name"], found["title"], found["licenses"][0]["name"]) == (made["name"], FULL["title"], "cc-by-4.0")
    assert found["resources"][0]["schema"]["fields"][1] == {
        "name": "gasto", "type": "number", "description": "Gasto medio", "unit": "l/s", "allowed": "≥ 0", "personal": "no",
    }  # fmt: skip
    address = f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/diccionario"
    assert "gasto,number,Gasto medio,l/s,≥ 0,no" in app.get(f"{address}.csv", headers=token).body
    assert app.get(f"{address}.json", headers=token).json["fields"][0]["name"] == "pozo"
    for hidden in (f"/dataset/{made['name']}/datapackage.json", f"{address}.csv", f"{address}.json"):
        assert app.get(hidden, status=404)


def test_the_page_says_row_by_row_what_is_wrong(app, editor, agency):
    token = {"Authorization": factories.APIToken(user=editor["name"])["token"]}
    content = f"{V2}\n{dataset('Pozos', 'a veces')}".encode()
    form = {"agency": agency["name"], "upload": (io.BytesIO(content), "c.csv"), "paso": "registrar"}
    page = app.post("/autoservicio/catalogo", data=form, headers=token, status=400).body
    assert "ds:accrualPeriodicity" in page
    assert "«a veces» no está en la lista" in page
    assert app.get("/autoservicio/catalogo", follow_redirects=False).status_code == 302
