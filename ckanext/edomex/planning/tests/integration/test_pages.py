"""Pages of the inventory, as the server sends them: nothing here runs a script."""

import io
import re

import pytest

from ckanext.edomex.adapters.workbooks import csv_of, rows_of
from ckanext.edomex.planning.domain.layouts import HEADERS, LAYOUTS

FORM = {"name": "Padrón de pozos", "responsible": "Dirección de Agua", "personal": "no", "reserved": "no", "decision": "por_decidir"}
ADELA = [HEADERS[name] for name in LAYOUTS["adela"]]


def home(agency, more=""):
    return f"/autoservicio/inventario/{agency['name']}{more}"


def place(item, more=""):
    return f"/autoservicio/inventario/renglon/{item['id']}{more}"


class TestWhoComesIn:
    def test_a_visitor_is_sent_to_log_in(self, visit, agency, row):
        for path in ("/autoservicio/inventario", home(agency), home(agency, "/nuevo"), home(agency, ".csv"), place(row())):
            assert "/user/login" in visit(None, path).headers["Location"]

    def test_another_agency_finds_no_page(self, visit, agency, row, stranger):
        paths = [
            home(agency),
            home(agency, "/nuevo"),
            home(agency, "/tabla"),
            home(agency, ".csv"),
            home(agency, ".xlsx"),
            place(row()),
        ]
        assert {visit(stranger, path).status_code for path in paths} == {404}
        forms = [home(agency, "/nuevo"), home(agency, "/tabla"), place(row("Otro")), place(row("Uno más"), "/quitar")]
        assert {visit(stranger, path, form=FORM).status_code for path in forms} == {404}

    def test_a_reviewer_reads_and_is_offered_no_form(self, visit, agency, row, reviewer):
        made = row()
        page = visit(reviewer, place(made)).body
        assert "Calidad del agua" in page and "Guardar" not in page
        assert "Agregar un conjunto" not in visit(reviewer, home(agency)).body
        assert visit(reviewer, home(agency, "/nuevo")).status_code == 404
        assert visit(reviewer, place(made), form={**FORM, "version": "1"}).status_code == 403

    def test_one_agency_is_led_to_it_and_a_reviewer_chooses(self, visit, editor, agency, reviewer, row):
        row()
        assert visit(editor, "/autoservicio/inventario").headers["Location"].endswith(home(agency))
        page = visit(reviewer, "/autoservicio/inventario")
        assert page.status_code == 200 if "Location" not in page.headers else page.headers["Location"].endswith(home(agency))

    def test_the_start_page_leads_there(self, visit, editor, agency, reviewer):
        for who in (editor, reviewer):
            assert 'href="/autoservicio/inventario"' in visit(who, "/autoservicio").body


class TestForm:
    def test_a_row_by_form_and_back(self, act, visit, editor, agency):
        form = {**FORM, "resources": "2", "resource-0-name": "Pozos", "resource-0-about": "Uno por pozo", "resource-1-name": ""}
        answer = visit(editor, home(agency, "/nuevo"), form=form)
        assert answer.status_code == 303
        page = visit(editor, answer.headers["Location"]).body
        assert 'value="Padrón de pozos"' in page and 'value="Uno por pozo"' in page and "Se registró" in page
        found = act(editor, "edomex_inventory_list", agency=agency["id"])["results"]
        assert [each["resources"] for each in found] == [[{"name": "Pozos", "about": "Uno por pozo", "system": "", "responsible": ""}]]

    def test_what_is_wrong_comes_back_with_what_was_typed(self, visit, editor, agency):
        form = {**FORM, "responsible": "", "personal": "si", "expected": "marzo", "description": "<b>Texto</b>"}
        answer = visit(editor, home(agency, "/nuevo"), form=form)
        assert answer.status_code == 400
        assert 'href="#campo-expected"' in answer.body and 'aria-describedby="campo-expected-help campo-expected-error"' in answer.body
        assert "&lt;b&gt;Texto&lt;/b&gt;" in answer.body and 'value="marzo"' in answer.body
        assert re.search(r'value="si" id="campo-personal-si" checked', answer.body)

    def test_a_stale_form_loses_nothing_and_shows_what_stands_there_now(self, act, visit, editor, row):
        made = row(system="Papel")
        act(editor, "edomex_inventory_update", id=made["id"], version=1, system="Excel", expected="2027-04")
        answer = visit(editor, place(made), form={**FORM, "system": "Nube", "version": "1"})
        assert answer.status_code == 409
        assert "cambió esto mientras usted escribía" in answer.body
        assert (
            'value="Nube"' in answer.body
            and "Ahora dice:</strong> Excel" in answer.body
            and "Ahora dice:</strong> 2027-04" in answer.body
        )
        assert 'name="version" value="2"' in answer.body
        assert visit(editor, place(made), form={**FORM, "system": "Nube", "version": "2"}).status_code == 303
        assert act(editor, "edomex_inventory_show", id=made["id"])["system"] == "Nube"

    def test_taking_a_row_out(self, act, visit, editor, agency, row):
        made = row()
        answer = visit(editor, place(made, "/quitar"), form={"version": "9"})
        assert answer.headers["Location"].endswith(place(made))
        answer = visit(editor, place(made, "/quitar"), form={"version": "1"})
        assert answer.headers["Location"].endswith(home(agency))
        assert visit(editor, place(made)).status_code == 404


class TestList:
    def test_filter_and_pages(self, act, visit, editor, agency):
        lines = [["Nombre del conjunto", "Responsable"], *([f"Conjunto {number:03}", "Área"] for number in range(60))]
        act(editor, "edomex_inventory_import", agency=agency["id"], upload=csv_of(lines))
        page = visit(editor, home(agency)).body
        assert "Página 1 de 3" in page and "Conjunto 024" in page and "Conjunto 025" not in page
        page = visit(editor, home(agency, "?pagina=2&decision=por_decidir")).body
        assert ("Conjunto 025" in page and "decision=por_decidir&amp;pagina=3" in page) or "pagina=3&amp;decision=por_decidir" in page
        assert "Nada coincide" in visit(editor, home(agency, "?q=inexistente")).body

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    @pytest.mark.parametrize("layout", ["", *LAYOUTS])
    def test_the_inventory_as_a_file(self, visit, editor, agency, row, form, layout):
        row(name="=2+2")
        answer = visit(editor, home(agency, f".{form}?formato={layout}"))
        assert answer.headers["Content-Disposition"].startswith("attachment") and "no-store" in answer.headers["Cache-Control"]
        header, first = rows_of(answer.data)
        assert list(header.cells) == [HEADERS[name] for name in LAYOUTS[layout or "full"]]
        assert "'=2+2" in first.cells
        assert visit(editor, home(agency, ".csv?formato=otro")).status_code == 400


class TestTable:
    def send(self, visit, editor, agency, rows, step="registrar"):
        form = {"upload": (io.BytesIO(csv_of([ADELA, *rows])), "inventario.csv"), "paso": step}
        return visit(editor, home(agency, "/tabla"), form=form)

    def test_errors_are_shown_row_by_row_and_nothing_is_kept(self, act, visit, editor, agency):
        rows = [
            ["Área", "Agua", "R", "x", "Público", "", "Excel", "2027-03"],
            ["Área", "Aire", "R", "x", "Talvez", "", "Excel", "2027-13"],
        ]
        answer = self.send(visit, editor, agency, rows)
        assert answer.status_code == 400
        assert "Hay 2 cosas que corregir en 1 renglón; no se registró nada." in answer.body
        assert f"<td>3</td><td>{ADELA[4]}</td>" in answer.body and f"<td>3</td><td>{ADELA[7]}</td>" in answer.body
        assert act(editor, "edomex_inventory_list")["count"] == 0

    def test_a_rehearsal_then_the_table(self, act, visit, editor, agency):
        rows = [["Área", "Agua", "R", "x", "Público", "", "Excel", "2027-03"]]
        assert "1 conjunto nuevo<" in self.send(visit, editor, agency, rows, "probar").body
        assert act(editor, "edomex_inventory_list")["count"] == 0
        assert "1 conjunto agregado<" in self.send(visit, editor, agency, rows).body
        assert act(editor, "edomex_inventory_list")["count"] == 1
        assert visit(editor, home(agency, "/tabla"), form={"paso": "registrar"}).status_code == 400
