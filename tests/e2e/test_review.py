"""A review in a real browser: observed, answered, settled; with and without scripts, on a telephone, and nothing for axe to find."""

from __future__ import annotations

import os
import secrets
from datetime import datetime

import pytest

from ckanext.edomex.domain.clock import ZONE
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.looks import looks_right, nothing_for_axe

pytestmark = pytest.mark.stack
FILE = {"url": "https://example.org/pozos.csv", "name": "Pozos", "format": "CSV"}


@pytest.fixture
def clean():
    """Nothing for axe to find on a telephone and on a desk, and every input named."""

    def check(page, name):
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            nothing_for_axe(page, f"{name} at {size['width']} px")
        looks_right(page, name)

    return check


@pytest.fixture
def sent(api):
    """A dataset of the agency in review; returns it and the path of its release."""
    title = f"Calidad del agua en pozos {secrets.token_hex(3)}"
    given = {"title": title, "owner_org": os.environ["EDOMEX_AGENCY"], "notes": "Por pozo", "resources": [FILE]}
    dataset = api("package_create", who="EDITOR", **given)
    release = api("edomex_release_submit", who="EDITOR", dataset_id=dataset["id"])
    return dataset, f"/autoservicio/liberacion/{release['id']}"


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_observed_answered_and_settled(person, sent, api, clean, keep, javascript):
    dataset, path = sent
    reviewer, editor = person("reviewer", javascript=javascript), person("editor", javascript=javascript)

    def look(page, name):
        if javascript:
            clean(page, name)

    reviewer.goto(path)
    look(reviewer, "nothing observed")
    reviewer.get_by_label("¿Sobre qué es?").select_option(label="Pozos")
    reviewer.get_by_label("Fila, si es de una tabla").fill("0")
    reviewer.get_by_label("Observación", exact=True).fill("La fila repite un pozo.")
    reviewer.get_by_role("button", name="Anotar la observación").click()
    look(reviewer, "a wrong row")
    link = reviewer.get_by_role("alert").get_by_role("link")
    assert link.get_attribute("href") == "#observar-row"
    assert reviewer.get_by_label("Observación", exact=True).input_value() == "La fila repite un pozo."
    reviewer.get_by_label("Fila, si es de una tabla").fill("12")
    # By keyboard alone.
    reviewer.get_by_label("Observación", exact=True).focus()
    reviewer.keyboard.press("Tab")
    reviewer.keyboard.press("Enter")
    reviewer.get_by_role("link", name="Archivo «Pozos», fila 12").wait_for()
    look(reviewer, "one observation")
    reviewer.get_by_role("button", name="Devolver con observaciones").click()
    reviewer.get_by_text("Hay que atender la observación 1.").first.wait_for()

    editor.goto(f"/dataset/edit/{dataset['name']}")
    editor.get_by_role("heading", name="Una observación por atender").wait_for()
    look(editor, "the form with an observation")
    editor.get_by_role("link", name="Contestar las observaciones").click()
    editor.locator("summary", has_text="Contestar").click()
    editor.get_by_label("Respuesta").fill("Se quitó la fila repetida.")
    look(editor, "answering")
    editor.get_by_role("button", name="Contestar la observación 1").click()
    editor.get_by_text("La respuesta ya la ve el equipo revisor.").wait_for()
    api("package_patch", who="EDITOR", id=dataset["id"], notes="Por pozo y año")
    editor.get_by_role("button", name="Enviar a revisión").click()

    reviewer.goto(path)
    reviewer.get_by_role("heading", name="Qué cambió desde su última revisión").wait_for()
    reviewer.get_by_text("Por pozo y año").wait_for()
    look(reviewer, "what changed, and an answer")
    if javascript:
        keep(reviewer, "observaciones")
    reviewer.get_by_role("button", name="Resolver la observación 1").click()
    reviewer.get_by_text("Resuelta", exact=True).first.wait_for()
    look(reviewer, "settled")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_several_are_approved_after_a_look_at_what_happens(person, sent, api, clean, keep, javascript):
    other = api("package_create", who="EDITOR", title=f"Matrícula {secrets.token_hex(3)}", owner_org=os.environ["EDOMEX_AGENCY"])
    api("edomex_release_submit", who="EDITOR", dataset_id=other["id"])
    titles = [sent[0]["title"], other["title"]]
    page = person("reviewer", javascript=javascript)
    for title in titles:
        page.get_by_label(f"Elegir {title}").check()
    if javascript:
        clean(page, "the queue")
    page.get_by_role("button", name="Aprobar los elegidos…").click()
    page.get_by_role("heading", name="Aprobar 2 conjuntos").wait_for()
    if javascript:
        clean(page, "several, without a date")
    page.get_by_role("button", name="Ver qué pasará").click()
    assert page.get_by_role("alert").get_by_role("link").get_attribute("href") == "#varios-date"
    page.get_by_label("Fecha", exact=True).fill(f"{datetime.now(ZONE).year + 1}-03-02")
    page.get_by_role("button", name="Ver qué pasará").click()
    for title in titles:
        page.get_by_role("row", name=title).get_by_text("2 de marzo").wait_for()
    if javascript:
        clean(page, "what happens to each")
        keep(page, "aprobar-varios")
    page.get_by_role("button", name="Aprobar estos 2 conjuntos").click()
    page.get_by_text("Se aprobaron 2 conjuntos.").wait_for()
