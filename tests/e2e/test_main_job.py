"""The main job in a real browser: an agency registers data, a reviewer approves, everybody sees it when it is time."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.looks import looks_right

pytestmark = pytest.mark.stack

ZONE = ZoneInfo("America/Mexico_City")
CSV = b"clave,municipio,poblacion\n15106,Toluca,910608\n15033,Ecatepec de Morelos,1645352\n"


def register(page, title):
    """Register a dataset with a CSV file through the form; returns the path of its page."""
    page.goto("/autoservicio")
    page.get_by_role("link", name="Registrar un conjunto de datos").click()
    describe(page, title)
    looks_right(page, "registration, files")
    page.get_by_label("Archivo de su computadora").set_input_files(
        {"name": "poblacion.csv", "mimeType": "text/csv", "buffer": CSV}
    )
    page.get_by_label("Título del recurso").fill("Población por municipio")
    page.get_by_role("button", name="Guardar y terminar").click()
    page.get_by_role("heading", name="Este conjunto aún no es público").wait_for()
    return re.sub(r"^https?://[^/]+", "", page.url)


def describe(page, title):
    """The four steps of the description, each looked at, and what is wrong with one said on it."""
    looks_right(page, "registration, step 1")
    page.get_by_label("Título").fill(title)
    page.get_by_label("Descripción").fill("Habitantes de cada municipio según el censo, para calcular tasas.")
    page.get_by_label("Palabras clave").fill("población, municipios")
    page.get_by_label("Frecuencia de actualización").select_option(label="Quinquenal")
    page.get_by_role("button", name="Guardar y seguir").click()
    looks_right(page, "registration, step 2")
    page.get_by_label("Cubre desde").fill("2020-12-31")
    page.get_by_label("Cubre hasta").fill("2020-01-01")
    page.get_by_label("Lugar, municipio 1").fill("ruiz castaneda")
    page.get_by_role("button", name="Guardar y seguir").click()
    looks_right(page, "registration, step 2 with an error")
    assert page.get_by_role("alert").get_by_role("link").get_attribute("href") == "#field-temporal_end"
    page.get_by_label("Cubre hasta").fill("2020-12-31")
    page.get_by_role("button", name="Guardar y seguir").click()
    looks_right(page, "registration, step 3")
    assert page.get_by_label("Unidad responsable").input_value(), "the agency's own is filled in"
    page.get_by_role("button", name="Guardar y seguir").click()
    looks_right(page, "registration, step 4")
    page.get_by_role("button", name="Guardar y seguir").click()


def register_without_checks(page, title):
    """As `register`, where no script may run to look at the page; the steps between may be left out."""
    page.goto("/dataset/new")
    page.get_by_label("Título").fill(title)
    page.get_by_role("button", name="Guardar y seguir").click()
    page.get_by_role("link", name="5. Archivos o enlaces").click()
    page.get_by_label("Archivo de su computadora").set_input_files(
        {"name": "nacimientos.csv", "mimeType": "text/csv", "buffer": CSV}
    )
    page.get_by_role("button", name="Guardar y terminar").click()
    page.get_by_role("heading", name="Este conjunto aún no es público").wait_for()
    return re.sub(r"^https?://[^/]+", "", page.url)


def find_in_queue(page, title):
    """From the reviewer's start page to the release; the index learns of a submission within moments."""
    page.goto("/autoservicio")
    page.get_by_role("link", name=f"Revisar {title}").click()
    page.get_by_role("heading", name=title, level=1).wait_for()


def next_minute(seconds):
    """The first whole minute, since the form knows no seconds, that leaves so many seconds to fill it in and send it."""
    return (datetime.now(ZONE) + timedelta(seconds=seconds + 60)).replace(second=0, microsecond=0)


def wait_until_public(page, path, seconds):
    """Reload as a stranger until the page is there."""
    deadline = time.monotonic() + seconds
    while page.goto(path).status != 200:
        assert time.monotonic() < deadline, f"{path} is not public after {seconds} s"
        time.sleep(0.5)


def test_from_registration_to_the_public_page(person, visitor, keep):
    title = f"Población por municipio, corte de las {datetime.now(ZONE):%H:%M:%S}"
    editor, reviewer, stranger = person("editor"), person("reviewer"), visitor()

    path = register(editor, title)
    looks_right(editor, "dataset page, unsent")
    assert editor.get_by_text("Acambay de Ruíz Castañeda").is_visible()
    editor.get_by_role("link", name="Falta: nivel de detalle.").click()
    editor.get_by_label("Nivel de detalle").select_option(label="Municipal")
    editor.get_by_role("button", name="Guardar los cambios").click()
    assert editor.get_by_role("link", name="Falta: nivel de detalle.").count() == 0
    assert stranger.goto(path).status == 404
    editor.get_by_role("button", name="Enviar a revisión").click()
    editor.get_by_text("Enviado a revisión.", exact=False).first.wait_for()
    editor.goto("/autoservicio")
    looks_right(editor, "start page of an editor")
    keep(editor, "autoservicio")

    find_in_queue(reviewer, title)
    looks_right(reviewer, "release page")
    keep(reviewer, "liberacion")
    at = next_minute(15)
    reviewer.get_by_label("Fecha", exact=True).fill(f"{at:%Y-%m-%d}")
    reviewer.get_by_label("Hora", exact=True).fill(f"{at:%H:%M}")
    reviewer.get_by_role("button", name="Aprobar").click()
    reviewer.get_by_text("Aprobado.", exact=False).first.wait_for()

    assert stranger.goto(path).status == 404
    stranger.goto("/calendario")
    assert title not in stranger.content()
    assert stranger.get_by_text("Por anunciar").count() >= 1
    looks_right(stranger, "calendar")
    keep(stranger, "calendario")

    wait_until_public(stranger, path, 90)
    assert datetime.now(ZONE) >= at
    assert stranger.get_by_role("heading", name=title, level=1).is_visible()
    assert stranger.get_by_text("Publicado el", exact=False).is_visible()
    looks_right(stranger, "public dataset page")
    keep(stranger, "conjunto")
    stranger.goto("/calendario")
    assert stranger.get_by_role("link", name=title).is_visible()
    stranger.goto("/")
    assert stranger.get_by_role("link", name=title).is_visible()
    looks_right(stranger, "home")
    keep(stranger, "inicio")


def test_without_javascript(person, visitor):
    title = f"Nacimientos por municipio, corte de las {datetime.now(ZONE):%H:%M:%S}"
    editor = person("editor", javascript=False)
    path = register_without_checks(editor, title)
    editor.get_by_role("button", name="Enviar a revisión").click()

    reviewer = person("reviewer", javascript=False)
    find_in_queue(reviewer, title)
    # Nothing chosen: the form comes back, says so, and leads to the field.
    reviewer.get_by_role("button", name="Aprobar").click()
    assert reviewer.get_by_role("alert").get_by_role("link").get_attribute("href") == "#aprobar-date"
    reviewer.get_by_label("Nota general").fill("Falta decir de qué año son.")
    reviewer.get_by_role("button", name="Devolver con observaciones").click()

    editor.goto("/autoservicio")
    assert editor.get_by_text("Falta decir de qué año son.").first.is_visible()
    editor.goto(path)
    editor.get_by_role("button", name="Enviar a revisión").click()

    find_in_queue(reviewer, title)
    reviewer.get_by_label("De inmediato").check()
    reviewer.get_by_role("button", name="Aprobar").click()
    wait_until_public(visitor(javascript=False), path, 15)


def test_public_pages_look_right(visitor, base):
    page = visitor()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/dataset/", "/organization/", "/group/", "/calendario", "/user/login", "/about", "/no-existe"):
        page.goto(path)
        looks_right(page, path)
    assert [url for url in asked if not url.startswith((base, "data:"))] == []


def test_the_keyboard_is_enough(person):
    """The first stop leads past the navigation, and every stop shows where it is."""
    page = person("reviewer")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    for _ in range(10):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outline").endswith("solid 3px")
