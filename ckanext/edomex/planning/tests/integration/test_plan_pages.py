"""Pages of plans, as the server sends them: nothing here runs a script."""

import io

import pytest

from ckanext.edomex.adapters.workbooks import rows_of

HEAD = {"vision": "Abrir lo útil", "liaison_post": "Coordinación de datos", "liaison_mail": "datos@dependencia.example.org"}


@pytest.fixture
def plan(act, editor, agency, row):
    row(decision="abrir", expected="2031-03", frequency="Trimestral")
    return act(editor, "edomex_plan_create", agency=agency["id"], year=2031, **HEAD)


def place(plan, more=""):
    return f"/autoservicio/plan/{plan['id']}{more}"


def test_from_the_list_to_an_approved_plan_and_its_dataset(act, visit, editor, agency, row, reviewer):
    row(decision="abrir", expected="2031-03")
    assert "Empezar un plan" in visit(editor, "/autoservicio/plan").body
    begun = visit(editor, "/autoservicio/plan", form={"agency": agency["name"], "year": "2031"})
    assert begun.status_code == 303
    path = begun.headers["Location"].split("//", 1)[-1].split("/", 1)[1]
    path = f"/{path}"
    page = visit(editor, path).body
    assert "Calidad del agua" in page and "marzo de 2031" in page and "Borrador" in page
    refused = visit(editor, f"{path}/paso/enviar", form={})
    assert refused.status_code == 400 and 'href="#campo-vision"' in refused.body
    assert visit(editor, path, form={**HEAD, "version": "1"}).status_code == 303
    assert visit(editor, f"{path}/paso/enviar", form={}).status_code == 303
    assert visit(editor, f"{path}/paso/enviar", form={}).status_code == 409
    assert "Revisar" in visit(reviewer, "/autoservicio/plan").body
    assert visit(editor, f"{path}/paso/aprobar", form={}).status_code == 403
    assert visit(reviewer, f"{path}/paso/devolver", form={"reason": ""}).status_code == 400
    assert visit(reviewer, f"{path}/paso/aprobar", form={}).status_code == 303
    published = visit(editor, f"{path}/publicar", form={})
    assert published.status_code == 303 and "/dataset/" in published.headers["Location"]
    assert "Poner al día el conjunto" in visit(editor, path).body


def test_another_agency_and_visitors_find_no_page(visit, stranger, plan):
    line = plan["lines"][0]
    for more in ("", ".csv", ".xlsx", f"/linea/{line['id']}"):
        assert visit(stranger, place(plan, more)).status_code == 404
        assert "/user/login" in visit(None, place(plan, more)).headers["Location"]
    for more in ("", "/paso/enviar", "/publicar", "/documento", f"/linea/{line['id']}", f"/linea/{line['id']}/conjunto"):
        assert visit(stranger, place(plan, more), form={"version": "1"}).status_code == 404
    assert visit(stranger, place(plan, "/paso/otro"), form={}).status_code == 404
    assert "Calidad" not in visit(stranger, "/autoservicio/plan").body


def test_a_line_by_its_form(act, visit, editor, plan):
    path = place(plan, f"/linea/{plan['lines'][0]['id']}")
    assert 'name="committed" value=""' in visit(editor, path).body
    wrong = visit(editor, path, form={"version": "1", "committed": "2032-01", "priority": "alta", "notes": "<i>"})
    assert wrong.status_code == 400 and 'value="2032-01"' in wrong.body and "&lt;i&gt;" in wrong.body
    assert visit(editor, path, form={"version": "1", "committed": "2031-04-15", "priority": "alta"}).status_code == 303
    assert "15 de abril de 2031" in visit(editor, place(plan)).body
    assert visit(editor, path, form={"version": "1", "committed": "", "priority": "baja"}).status_code == 409


def test_a_line_becomes_a_dataset_that_names_its_promise(visit, editor, reviewer, act, plan):
    made = visit(editor, place(plan, f"/linea/{plan['lines'][0]['id']}/conjunto"), form={})
    assert made.status_code == 303
    dataset_id = act(editor, "edomex_plan_show", id=plan["id"])["lines"][0]["dataset"]["id"]
    name = act(editor, "package_show", id=dataset_id)["name"]
    page = visit(editor, f"/dataset/{name}").body
    assert "Comprometido para" in page and "marzo de 2031" in page and f"/autoservicio/plan/{plan['id']}" in page
    act(editor, "resource_create", package_id=dataset_id, url="https://example.org/a.csv", name="A", format="CSV")
    release = act(editor, "edomex_release_submit", dataset_id=dataset_id)
    page = visit(reviewer, f"/autoservicio/liberacion/{release['id']}").body
    assert 'name="date" value="2031-03-31"' in page


@pytest.mark.parametrize(("layout", "columns"), [("", 12), ("pnda", 12), ("adela", 11)])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_plan_as_a_file(visit, editor, plan, layout, columns, form):
    answer = visit(editor, place(plan, f".{form}?formato={layout}"))
    assert "no-store" in answer.headers["Cache-Control"] and "attachment" in answer.headers["Content-Disposition"]
    header, _ = rows_of(answer.data)
    assert len(header.cells) == columns
    assert visit(editor, place(plan, ".csv?formato=otro")).status_code == 400


def test_documents_go_in_and_out_as_bytes(act, visit, editor, reviewer, stranger, plan):
    content = b"%PDF-1.4 oficio"
    form = {"kind": "oficio", "title": "Oficio 12", "upload": (io.BytesIO(content), "oficio.pdf")}
    assert visit(editor, place(plan, "/documento"), form=form).status_code == 303
    (kept,) = act(editor, "edomex_plan_show", id=plan["id"])["documents"]
    path = f"/autoservicio/plan/documento/{kept['id']}"
    answer = visit(reviewer, path)
    assert answer.data == content and answer.headers["Content-Disposition"] == "attachment; filename=oficio.pdf"
    assert "sandbox" in answer.headers["Content-Security-Policy"] and "no-store" in answer.headers["Cache-Control"]
    assert visit(stranger, path).status_code == 404 and "/user/login" in visit(None, path).headers["Location"]
    assert visit(reviewer, f"{path}/quitar", form={}).status_code == 403
    assert visit(editor, f"{path}/quitar", form={}).status_code == 303
    assert visit(reviewer, path).status_code == 404
    assert visit(editor, place(plan, "/documento"), form={"kind": "oficio"}).status_code == 400
