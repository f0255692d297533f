"""What axe finds on the pages that people work on: nothing, by WCAG 2.2 AA and by good practice."""

from __future__ import annotations

import io
import os
import secrets

import pytest
from axe_playwright_python.sync_playwright import Axe

from ckanext.edomex.tests.integration.test_schema import FULL, RESOURCE
from tests.e2e.looks import looks_right

pytestmark = pytest.mark.stack

STEPS = ("Lo esencial", "Qué cubre", "Quién responde y cómo se usa", "Más información")


@pytest.fixture
def clean():
    axe = Axe()

    def check(page, name):
        page.wait_for_load_state("load")
        found = axe.run(page)
        rules = {rule["id"]: [node["html"][:120] for node in rule["nodes"]][:3] for rule in found.response["violations"]}
        assert rules == {}, name

    return check


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
    for path in ("/", "/dataset/", "/organization/", "/group/", "/calendario", "/user/login"):
        page.goto(path)
        clean(page, path)
