"""Tables in and out: all or nothing, everything wrong named, twice is as once."""

import time

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters.workbooks import csv_of, xlsx_of
from ckanext.edomex.planning.cli import planning
from ckanext.edomex.planning.domain.layouts import HEADERS, LAYOUTS

ADELA9 = [HEADERS[name] for name in LAYOUTS["adela9"]]
LEVELS = (("Público", ""), ("Privado", "Ley de protección de datos personales, art. 7"), ("Restringido", "Art. 140, fracción VIII"))


def table(count, wrong=()):
    """Rows of a large inventory, two resources each; those of `wrong` have an impossible date."""
    rows = []
    for number in range(count):
        level, reason = LEVELS[number // 2 % 3]
        day = "20013-12-31" if number in wrong else "2027-03" if number % 2 == 0 else ""
        rows.append(
            [
                "Dirección de Estadística",
                f"Conjunto {number // 2}",
                f"Recurso {number % 2}",
                "Una tabla",
                level,
                reason,
                "Excel",
                day,
                "Anual",
            ]
        )
    return rows


def rows_in_database():
    return model.Session.execute(sa.text("SELECT count(*) FROM edomex_planning_item")).scalar()


@pytest.mark.parametrize("form", [csv_of, lambda rows: xlsx_of(rows, "Inventario")])
def test_ten_thousand_rows_with_errors_in_37(act, editor, agency, upload, form):
    wrong = set(range(5, 10_000, 271))
    assert len(wrong) == 37
    with pytest.raises(tk.ValidationError) as error:
        act(editor, "edomex_inventory_import", agency=agency["id"], upload=upload(form([ADELA9, *table(10_000, wrong)])))
    found = error.value.error_dict["rows"]
    assert [each["line"] for each in found] == sorted(number + 2 for number in wrong)
    assert {each["column"] for each in found} == {HEADERS["expected"]}
    assert all("20013-12-31" in each["message"] for each in found)
    assert error.value.error_dict["message"] == ["Hay 37 cosas que corregir en 37 renglones; no se registró nada."]
    assert rows_in_database() == 0


def test_a_thousand_rows_of_xlsx_and_twice_is_as_once(act, editor, agency, upload):
    content = xlsx_of([ADELA9, *table(1_000)], "Inventario")
    begun = time.perf_counter()
    done = act(editor, "edomex_inventory_import", agency=agency["id"], upload=upload(content))
    assert time.perf_counter() - begun < 3
    assert done == {"created": 500, "changed": 0, "same": 0}
    again = act(editor, "edomex_inventory_import", agency=agency["id"], upload=upload(content))
    assert again == {"created": 0, "changed": 0, "same": 500}
    assert model.Session.execute(sa.text("SELECT count(*) FROM edomex_planning_event")).scalar() == 500


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_export_taken_in_again_changes_nothing(act, editor, agency, row, upload, layout):
    row("Padrón", personal=True, personal_ground="Art. 7", reserved=True, reserved_ground="Art. 140", decision="no_abrir",
        description="Personas",
        resources=[{"name": "A", "system": "X"}, {"name": "B", "system": "Y", "responsible": "Otra"}])  # fmt: skip
    row("=2+2", description="=cmd", resources=[])
    exported = act(editor, "edomex_inventory_export", agency=agency["id"], layout=layout)
    done = act(editor, "edomex_inventory_import", agency=agency["id"], upload=upload(csv_of(exported)))
    assert done == {"created": 0, "changed": 0, "same": 2}


def test_what_the_table_does_not_tell_stays(act, editor, agency, row, upload):
    made = row(frequency="Mensual", decision="abrir", expected="2027-03", system="Excel")
    lines = [
        ["Nombre del conjunto", "Nombre del recurso", "¿De qué es?", "Fecha estimada"],
        ["calidad del agua", "Ríos", "Por río", "2027-05"],
    ]
    done = act(editor, "edomex_inventory_import", agency=agency["id"], upload=upload(csv_of(lines)))
    assert done == {"created": 0, "changed": 1, "same": 0}
    after = act(editor, "edomex_inventory_show", id=made["id"])
    assert [each["name"] for each in after["resources"]] == ["Pozos", "Ríos"]
    assert (after["frequency"], after["decision"], after["expected"], after["system"]) == ("R/P1M", "abrir", "2027-05", "Excel")
    assert act(editor, "edomex_inventory_history", id=made["id"])[0]["move"] == "import"


def test_a_rehearsal_keeps_nothing(act, editor, agency, upload):
    done = act(editor, "edomex_inventory_import", agency=agency["id"], dry_run=True, upload=upload(csv_of([ADELA9, *table(4)])))
    assert done == {"created": 2, "changed": 0, "same": 0} and rows_in_database() == 0


def test_a_rule_that_a_table_breaks_is_told_at_its_row_and_column(act, editor, agency, row, upload):
    row(decision="abrir", expected="2027-03")
    lines = [ADELA9, ["", "Otro", "R", "", "", "", "", "", ""], ["", "Calidad del agua", "Pozos", "", "Privado", "", "", "", ""]]
    with pytest.raises(tk.ValidationError) as error:
        act(editor, "edomex_inventory_import", agency=agency["id"], upload=upload(csv_of(lines)))
    found = {(each["line"], each["column"]) for each in error.value.error_dict["rows"]}
    assert found == {(2, HEADERS["responsible"]), (3, HEADERS["reason"]), (3, HEADERS["decision"])}


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04 not a workbook", b"a,b\n1,2\n", (",".join(ADELA9) + "\n").encode()]
)
def test_a_file_that_is_no_inventory_is_refused_with_a_remedy(act, editor, agency, upload, content):
    with pytest.raises(tk.ValidationError) as error:
        act(editor, "edomex_inventory_import", agency=agency["id"], upload=upload(content))
    assert set(error.value.error_dict) == {"upload"}


def test_no_file_is_refused(act, editor, agency):
    with pytest.raises(tk.ValidationError, match="Elija un archivo"):
        act(editor, "edomex_inventory_import", agency=agency["id"])


def test_the_operators_doors(cli, agency, tmp_path):
    file, out = tmp_path / "inventario.csv", tmp_path / "salida.xlsx"
    file.write_bytes(csv_of([ADELA9, *table(6)]))
    done = cli.invoke(planning, ["inventory-import", str(file), "--agency", agency["name"]])
    assert (done.exit_code, done.output) == (0, "3 nuevos, 0 cambiados, 0 como estaban.\n")
    done = cli.invoke(planning, ["inventory-export", str(out), "--agency", agency["name"], "--layout", "adela"])
    assert done.output == "6 renglones.\n" and out.read_bytes().startswith(b"PK")
    file.write_bytes(csv_of([ADELA9, *table(6, wrong={2})]))
    done = cli.invoke(planning, ["inventory-import", str(file), "--agency", agency["name"]])
    assert done.exit_code == 1 and f"renglón 4, {HEADERS['expected']}" in done.output
