"""What is public changes by an edition and goes by a withdrawal: in a browser, with xloader's real tables behind."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

import pytest
import requests

from tests.e2e.looks import looks_right

pytestmark = pytest.mark.stack

OLD = b"clave,municipio,poblacion\n15106,Toluca,873536\n"
NEW = b"clave,municipio,poblacion\n15106,Toluca,910608\n15033,Ecatepec de Morelos,1645352\n"


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.25)


@pytest.fixture
def upload(base):
    """Put a file on a resource, as the agency's editor."""

    def put(action, content, **fields):
        answer = requests.post(
            f"{base}/api/3/action/{action}", data=fields, files={"upload": ("poblacion.csv", content, "text/csv")},
            headers={"Authorization": os.environ["EDOMEX_EDITOR_TOKEN"]}, timeout=60,
        ).json()  # fmt: skip
        assert answer["success"], answer["error"]
        return answer["result"]

    return put


@pytest.fixture
def published(api, upload):
    """A public dataset with a CSV file and its table; returns it as anybody sees it."""
    title = f"Población de municipios, {datetime.now(UTC):%H:%M:%S}"
    created = api("package_create", who="EDITOR", title=title, notes="Censo de 2010.", owner_org=os.environ["EDOMEX_AGENCY"])
    resource = upload("resource_create", OLD, package_id=created["id"], name="Población", format="CSV")
    until(lambda: table(api, resource["id"], who="EDITOR") is not None)
    release = api("edomex_release_submit", who="EDITOR", dataset_id=created["id"])
    api("edomex_release_approve", who="REVIEWER", id=release["id"], release_at="now")
    until(lambda: not api("package_show", id=created["id"])["private"])
    return api("package_show", who=None, id=created["id"])


def table(api, resource_id, who=None):
    """Rows of a resource's table as somebody reads them; None while there is none."""
    try:
        found = api("datastore_search", who=who, resource_id=resource_id)
    except AssertionError:
        return None
    return [(row["municipio"], str(row["poblacion"])) for row in found["records"]] or None


def test_an_edition_brings_its_table_at_its_instant(api, upload, published):
    """xloader fills the private dataset's table; at the instant it takes the public one's name."""
    kept = published["resources"][0]["id"]
    assert table(api, kept) == [("Toluca", "873536")]
    opened = api("edomex_release_edition_open", who="EDITOR", dataset_id=published["id"])
    (staged,) = api("package_show", who="EDITOR", id=opened["draft_id"])["resources"]
    # The copy's file is the public one, so nothing is loaded for it.
    assert table(api, staged["id"], who="EDITOR") is None
    upload("resource_patch", NEW, id=staged["id"])
    until(lambda: len(table(api, staged["id"], who="EDITOR") or []) == 2)
    assert table(api, staged["id"]) is None
    assert table(api, kept) == [("Toluca", "873536")]

    api("edomex_release_submit", who="EDITOR", dataset_id=opened["draft_id"])
    api("edomex_release_approve", who="REVIEWER", id=opened["id"], release_at="now")
    until(lambda: len(table(api, kept) or []) == 2)
    # The loader may still have owed its word: then it is said after the table's move.
    until(lambda: api("resource_show", who=None, id=kept)["datastore_active"])
    shown = api("resource_show", who=None, id=kept)
    assert requests.get(shown["url"], timeout=60).content == NEW
    assert table(api, staged["id"], who="EDITOR") is None


def test_an_edition_in_the_browser(person, visitor, published, api, keep):
    path = f"/dataset/{published['id']}"
    editor, reviewer, stranger = person("editor"), person("reviewer"), visitor()
    editor.goto(path)
    editor.get_by_role("link", name="Nueva edición").click()
    looks_right(editor, "page that opens an edition")
    editor.get_by_role("button", name="Abrir una edición").click()
    editor.get_by_role("heading", name="Edición de un conjunto público").wait_for()
    looks_right(editor, "an edition's page")
    keep(editor, "edicion")
    # The stock form of what is public leads here too.
    editor.goto(f"/dataset/edit/{published['id']}")
    assert editor.get_by_role("heading", name="Ya hay una edición en curso").is_visible()
    editor.get_by_role("link", name="Ir a la edición").click()
    draft = editor.url.rstrip("/").rsplit("/", 1)[-1]
    api("package_patch", who="EDITOR", id=draft, title=f"{published['title']} (corregido)")
    assert stranger.goto(f"/dataset/{draft}").status == 404
    editor.reload()
    editor.get_by_role("button", name="Enviar a revisión").click()

    reviewer.goto("/autoservicio")
    reviewer.get_by_role("link", name=f"Revisar {published['title']} (corregido)").click()
    looks_right(reviewer, "an edition under review")
    reviewer.get_by_label("De inmediato").check()
    reviewer.get_by_role("button", name="Aprobar").click()
    until(lambda: "(corregido)" in stranger.goto(path).text())
    stranger.get_by_role("link", name="Versiones").click()
    looks_right(stranger, "list of versions")
    keep(stranger, "versiones")
    stranger.get_by_role("link", name="Versión 1").click()
    assert stranger.get_by_text("Hay una versión más reciente").is_visible()
    looks_right(stranger, "a version")
    keep(stranger, "version")
    with stranger.expect_download() as download:
        stranger.get_by_role("link", name="Descargar").click()
    assert download.value.path().read_bytes() == OLD


def test_a_withdrawal_in_the_browser_without_javascript(person, visitor, published, keep):
    path = f"/dataset/{published['id']}"
    first, second, stranger = person("reviewer", javascript=False), person("reviewer", javascript=False), visitor()
    first.goto(f"/autoservicio/conjunto/{published['id']}/retiro")
    first.get_by_role("button", name="Proponer el retiro").click()
    # Nothing written: the form comes back, says so, and leads to the field.
    assert first.get_by_role("alert").get_by_role("link").first.get_attribute("href") in {"#retiro-reason", "#retiro-legal_ground"}
    first.get_by_label("Motivo").fill("Tenía un renglón que no debía abrirse.")
    first.get_by_label("Fundamento legal").fill("Ley de Transparencia, artículo 140")
    first.get_by_role("button", name="Proponer el retiro").click()
    assert first.get_by_role("heading", name="Otra persona tiene que confirmar").is_visible()
    assert first.get_by_role("button", name="Retirar ahora").count() == 0
    assert stranger.goto(path).status == 200

    second.goto(first.url)
    second.get_by_role("button", name="Retirar ahora").click()
    assert second.get_by_text("El conjunto está retirado", exact=False).first.is_visible()
    assert stranger.goto(path).status == 410
    assert stranger.get_by_text("Tenía un renglón que no debía abrirse.").is_visible()
    assert published["title"] not in stranger.content()
    looks_right(stranger, "what stays of a withdrawn dataset")
    keep(stranger, "retirado")


def test_the_engine_has_a_page(person, visitor):
    page = person("reviewer")
    page.goto("/autoservicio/motor")
    assert page.get_by_role("heading", name="Estado de la publicación").is_visible()
    looks_right(page, "the engine's page")
    assert visitor().goto("/edomex/metrics").status == 404
