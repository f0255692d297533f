"""What axe finds on the pages that people work on: nothing, by WCAG 2.2 AA and by good practice."""

from __future__ import annotations

import io
import os
import secrets
from datetime import datetime

import pytest

from ckanext.edomex.domain.clock import ZONE
from ckanext.edomex.release.domain.months import month_of
from ckanext.edomex.tests.integration.test_schema import FULL, RESOURCE
from tests.e2e.looks import looks_right, nothing_for_axe

pytestmark = pytest.mark.stack

STEPS = ("Lo esencial", "Qué cubre", "Quién responde y cómo se usa", "Más información")


def next_month():
    """Nine o'clock on its first day."""
    return month_of(datetime.now(ZONE)).plus(1).begin.replace(hour=9)


@pytest.fixture
def clean():
    """Nothing for axe to find; how these pages look otherwise is asked by each test."""
    return nothing_for_axe


def test_the_form_at_every_step_and_with_errors(person, clean):
    page = person("editor")
    page.goto("/dataset/new")
    clean(page, STEPS[0])
    page.get_by_label("Título").fill(f"Accesible {secrets.token_hex(4)}")
    page.get_by_role("button", name="Guardar y seguir").click()
    clean(page, STEPS[1])
    page.locator("summary").click()
    clean(page, f"{STEPS[1]}, unfolded")
    page.get_by_label("Rectángulo que lo contiene").fill("1,2")
    page.get_by_role("button", name="Guardar y seguir").click()
    clean(page, f"{STEPS[1]}, with an error")
    page.get_by_label("Rectángulo que lo contiene").fill("")
    for step in STEPS[2:]:
        page.get_by_role("button", name="Guardar y seguir").click()
        clean(page, step)
    page.get_by_role("button", name="Guardar y seguir").click()
    clean(page, "files")
    page.locator("summary").click()
    clean(page, "files, unfolded")
    page.get_by_label("Archivo de su computadora").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": io.BytesIO(b"a,b\n1,2\n").getvalue()}
    )
    page.get_by_label("Título del recurso").fill("Tabla")
    page.get_by_role("button", name="Guardar y terminar").click()
    clean(page, "dataset page with its check-list")


def test_pages_of_the_autoservicio(person, clean):
    page = person("editor")
    for path in ("/autoservicio", "/autoservicio/catalogo"):
        page.goto(path)
        clean(page, path)


def test_pages_that_show_every_field(person, api, clean):
    dataset = api("package_create", owner_org=os.environ["EDOMEX_AGENCY"], resources=[RESOURCE], **FULL)
    resource = f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}"
    page = person("editor")
    for path in (f"/dataset/{dataset['name']}", resource, f"/organization/about/{os.environ['EDOMEX_AGENCY']}"):
        page.goto(path)
        clean(page, path)
        looks_right(page, path)


def test_pages_for_everybody(visitor, clean):
    page = visitor()
    for path in ("/", "/dataset/", "/organization/", "/group/", "/calendario", "/calendario/puntualidad", "/user/login"):
        page.goto(path)
        clean(page, path)


@pytest.fixture
def promised(api):
    """A date next month that moved with a reason, and one that was cancelled, both named; returns the month."""
    at = next_month()
    for number, title in enumerate(("Matrícula escolar", "Padrón de mercados")):
        dataset = api("package_create", who="EDITOR", title=f"{title} {secrets.token_hex(3)}", owner_org=os.environ["EDOMEX_AGENCY"])
        release = api("edomex_release_submit", who="EDITOR", dataset_id=dataset["id"])
        first = at.replace(day=10 + number).isoformat()
        api("edomex_release_approve", who="REVIEWER", id=release["id"], release_at=first, announced=True, confirm=True)
        if number:
            api("edomex_release_cancel", id=release["id"], reason="Se publicará junto con el padrón de tianguis.")
        else:
            later = {"release_at": at.replace(day=17).isoformat(), "reason": "Falta la validación de dos municipios."}
            api("edomex_release_reschedule", id=release["id"], confirm=True, **later)
    return f"{at:%Y-%m}"


def test_the_calendar_in_every_view(visitor, promised, clean, keep):
    for javascript in (True, False):
        page = visitor(javascript=javascript)
        for view in ("vista=lista", f"vista=lista&mes={promised}", f"vista=mes&mes={promised}", f"vista=dependencias&mes={promised}"):
            page.goto(f"/calendario?{view}")
            looks_right(page, view)
            if javascript:
                # axe is a script itself.
                clean(page, view)
    page.goto("/calendario")
    page.get_by_role("link", name="Mes", exact=True).click()
    page.get_by_label("Mes", exact=True).fill(promised)
    page.get_by_role("button", name="Filtrar").click()
    page.get_by_text("Cambió de fecha").first.wait_for()
    keep(page, "calendario-mes")


def test_the_calendar_of_staff_and_its_forms(person, promised, clean, keep):
    page = person("reviewer")
    for view in ("mes", "lista"):
        page.goto(f"/autoservicio/calendario?vista={view}&mes={promised}")
        clean(page, view)
        looks_right(page, view)
    page.get_by_text("Cambiar el horario de una dependencia").click()
    page.get_by_text("Poner un periodo").click()
    clean(page, "forms unfolded")
    # By keyboard alone, from the first field on; nothing is filled in, so it comes back with what is wrong.
    page.get_by_label("Primer día").focus()
    page.get_by_role("button", name="Poner el periodo").focus()
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    clean(page, "with errors")
    page.get_by_label("Primer día").fill(f"{promised}-16")
    page.get_by_label("Último día").fill(f"{promised}-18")
    page.get_by_label("Avisa:", exact=False).check()
    page.get_by_label("Motivo").fill("Mantenimiento del centro de datos")
    page.get_by_role("button", name="Poner el periodo").click()
    page.get_by_text("El periodo está puesto.", exact=False).wait_for()
    # Without CKAN's message, which stands outside of every landmark.
    page.reload()
    clean(page, "with a window")
    looks_right(page, "with a window")
    keep(page, "calendario-autoservicio")
    page.get_by_role("button", name="Terminar el periodo «Mantenimiento del centro de datos»").first.click()
    page.get_by_text("El periodo terminó", exact=False).wait_for()
