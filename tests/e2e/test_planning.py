"""An agency's inventory and plan in a real browser: with and without scripts, by keyboard, on a phone, and nothing for axe to find."""

from __future__ import annotations

import csv
import io
import os
import secrets

import pytest

from ckanext.edomex.planning.domain.layouts import HEADERS, LAYOUTS

pytestmark = pytest.mark.stack

ADELA = [HEADERS[name] for name in LAYOUTS["adela"]]


def table(*row):
    """A file as Excel in Spanish saves it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([ADELA, row])
    return {"name": "inventario.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode("cp1252")}


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_from_a_table_with_errors_to_an_edited_row(person, keep, javascript):
    page, word = person("editor", javascript=javascript), secrets.token_hex(4)
    page.get_by_role("link", name="Inventario", exact=True).click()
    page.get_by_role("link", name="Cargar una tabla").first.click()
    row = ["Área", f"Acervo {word}", "Libros", "Un libro por renglón"]
    page.get_by_label("Tabla (CSV o XLSX)").set_input_files(table(*row, "Talvez", "", "Excel", "20013-12-31"))
    page.get_by_role("button", name="Cargar", exact=True).click()
    assert page.get_by_role("alert").is_visible()
    cells = page.locator("tbody tr").all_inner_texts()
    assert [line.split("\t")[:2] for line in cells] == [["2", ADELA[4]], ["2", ADELA[7]]]
    keep(page, "inventario-tabla")
    page.get_by_label("Tabla (CSV o XLSX)").set_input_files(table(*row, "Público", "", "Excel", "2027-03"))
    page.get_by_role("button", name="Cargar", exact=True).click()
    assert "1 conjunto agregado" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Ver el inventario").click()
    page.get_by_label("Buscar").last.fill(word)
    page.get_by_role("button", name="Filtrar").click()
    page.get_by_role("link", name=f"Acervo {word}", exact=True).click()
    page.get_by_label("Decisión").select_option("Se abre")
    page.get_by_label("Descripción", exact=True).fill("Libros de la biblioteca")
    page.get_by_role("button", name="Guardar").click()
    assert "guardados" in page.locator(".flash-messages").inner_text()
    assert "Se cambió" in page.locator(".edomex-history").inner_text()
    keep(page, "inventario-renglon")


def test_by_keyboard_alone(person):
    page, word = person("editor"), secrets.token_hex(4)
    page.goto(f"/autoservicio/inventario/{os.environ['EDOMEX_AGENCY']}/nuevo")
    page.get_by_label("Nombre del conjunto").focus()
    page.keyboard.type(f"Mapas {word}")
    for text in ("Los mapas", "Cartografía", "Servidor de mapas"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/renglon/*")
    assert page.get_by_role("heading", level=1).inner_text() == f"Mapas {word}"


def test_nothing_for_axe_to_find(person, api, clean):
    agency = os.environ["EDOMEX_AGENCY"]
    word, year = secrets.token_hex(4), 2030 + secrets.randbelow(60)
    fields = {"responsible": "Área", "decision": "abrir", "expected": f"{year}-03"}
    item = api("edomex_inventory_create", agency=agency, name=f"Pozos {word}", **fields)
    plan = api("edomex_plan_create", agency=agency, year=year, vision="Abrir")
    page = person("editor")
    home, line = f"/autoservicio/inventario/{agency}", plan["lines"][0]["id"]
    for path in (
        "/autoservicio", home, f"{home}?q=nada-de-nada", f"{home}/nuevo", f"{home}/tabla",
        f"/autoservicio/inventario/renglon/{item['id']}",
        "/autoservicio/plan", f"/autoservicio/plan/{plan['id']}", f"/autoservicio/plan/{plan['id']}/linea/{line}",
    ):  # fmt: skip
        page.goto(path)
        clean(page, path)
    page.goto(f"{home}/nuevo")
    page.get_by_role("button", name="Guardar").click()
    clean(page, "a row with errors")
    page.goto(f"/autoservicio/inventario/renglon/{item['id']}")
    api("edomex_inventory_update", id=item["id"], version=1, system="Excel")
    page.get_by_label("Sistema o plataforma").fill("Papel")
    page.get_by_role("button", name="Guardar").click()
    assert page.locator("#campo-system-now").inner_text() == "Ahora dice: Excel"
    assert page.get_by_label("Sistema o plataforma").input_value() == "Papel"
    clean(page, "a stale form")


def test_a_plan_from_the_inventory_to_its_approval(person, api, clean, keep):
    agency = os.environ["EDOMEX_AGENCY"]
    word, year = secrets.token_hex(4), 2030 + secrets.randbelow(60)
    while api("edomex_plan_list", agency=agency, year=year):
        year = 2030 + secrets.randbelow(60)
    api("edomex_inventory_create", agency=agency, name=f"Ríos {word}", responsible="Área", decision="abrir", expected=f"{year}-03")
    editor = person("editor")
    editor.get_by_role("link", name="Plan de apertura").click()
    editor.get_by_label("Año").fill(str(year))
    editor.get_by_role("button", name="Hacer el plan desde el inventario").click()
    editor.get_by_label("Visión institucional").fill("Que el agua se conozca")
    editor.get_by_label("Cargo del enlace").fill("Coordinación de datos")
    editor.get_by_label("Correo oficial del enlace").fill("datos@example.org")
    editor.get_by_role("button", name="Guardar").click()
    editor.get_by_role("button", name="Enviar el plan").click()
    assert "Enviado" in editor.locator(".flash-messages").inner_text()
    reviewer = person("reviewer")
    reviewer.goto(editor.url)
    clean(reviewer, "a plan to be approved")
    reviewer.get_by_role("button", name="Aprobar el plan").click()
    keep(reviewer, "plan-aprobado")
    editor.goto(editor.url)
    clean(editor, "an approved plan")
    editor.get_by_role("button", name=f"Hacer su conjunto Ríos {word}").click()
    assert f"plan de apertura {year}" in editor.locator("[role=main]").inner_text()
    assert "Este conjunto aún no es público" in editor.content()
