"""Other portals in a real browser: signed up by form, how they do, what would be done there; nothing for axe to find."""

from __future__ import annotations

import os
import secrets
import zipfile

import pytest

pytestmark = pytest.mark.stack

SIGNED = {
    "agreement_number": "CA-2026-1", "agreement_date": "2026-03-01", "agreement_post": "Titular de la dependencia",
    "agreement_document": "https://legislacion.example.org/convenio.pdf",
}  # fmt: skip


@pytest.fixture
def public(api):
    """A dataset that anybody sees; it is withdrawn in the end."""
    title = f"Calidad del agua {secrets.token_hex(3)}"
    resources = [{"name": "Pozos", "url": "https://datos.example.org/pozos.csv", "format": "CSV"}]
    dataset = api("package_create", who="EDITOR", title=title, owner_org=os.environ["EDOMEX_AGENCY"], resources=resources)
    release = api("edomex_release_submit", who="EDITOR", dataset_id=dataset["id"])
    api("edomex_release_approve", who="REVIEWER", id=release["id"], release_at="now")
    yield title
    why = {"reason": "Fin de la prueba.", "legal_ground": "Prueba"}
    proposed = api("edomex_release_withdraw", dataset_id=dataset["id"], **why)
    api("edomex_release_withdraw_confirm", who="REVIEWER", id=proposed["id"])


@pytest.fixture
def target(api, public):
    """A target that lacks its key, and so needs a person; it is turned off in the end."""
    name = f"destino-{secrets.token_hex(3)}"
    given = {"kind": "ckan", "url": "https://www.datos.example.org", "organization": "edomex", **SIGNED}
    api("edomex_target_create", name=name, title="Portal nacional", enabled=True, **given)
    yield name
    api("edomex_target_update", id=name, enabled=False)


def test_how_other_portals_do(person, target, api, clean, keep):
    page = person("reviewer")
    for _ in range(60):
        if api("edomex_target_show", id=target)["alarm"]:
            break
        page.wait_for_timeout(500)
    page.goto("/autoservicio")
    page.get_by_role("link", name="Otros portales").click()
    clean(page, "board")
    page.get_by_role("link", name="Ver las copias en Portal nacional").first.click()
    page.goto(f"/autoservicio/federacion/{target}")
    page.get_by_text("Hay que atenderlo").wait_for()
    clean(page, "target")
    keep(page, "otros-portales")
    page.get_by_role("link", name="Historia de").first.click()
    clean(page, "history")
    page.go_back()
    page.get_by_role("link", name="Comparar sin cambiar nada").click()
    page.get_by_text("La comparación se interrumpió").wait_for()
    clean(page, "comparison")


def test_a_target_is_signed_up_without_scripts(person, api):
    page = person("admin", javascript=False)
    page.goto("/autoservicio/federacion/nuevo")
    page.set_viewport_size({"width": 390, "height": 844})
    name = f"destino-{secrets.token_hex(3)}"
    page.get_by_label("Nombre corto").fill(name)
    page.get_by_role("button", name="Guardar").click()
    page.get_by_text("Hay un problema").wait_for()
    assert page.get_by_label("Nombre corto").input_value() == name
    page.get_by_label("Cómo se llama el portal").fill("Portal nacional")
    page.get_by_label("Dirección", exact=True).fill("https://www.datos.example.org")
    page.get_by_label("Nuestra organización allá").fill("edomex")
    page.get_by_label("Nuestra organización allá").press("Enter")
    page.get_by_text("El destino quedó registrado.").wait_for()
    assert api("edomex_target_show", id=name)["enabled"] is False


def test_the_form_with_its_errors(person, clean):
    page = person("admin")
    page.goto("/autoservicio/federacion/nuevo")
    clean(page, "form")
    page.get_by_role("button", name="Guardar").click()
    page.get_by_text("Hay un problema").wait_for()
    clean(page, "form with errors")


@pytest.fixture
def by_hand(api, public):
    """A target that takes parcels; it is turned off in the end."""
    name = f"a-mano-{secrets.token_hex(3)}"
    api("edomex_target_create", name=name, title="Portal a mano", kind="bundle", enabled=True, **SIGNED)
    yield name
    api("edomex_target_update", id=name, enabled=False)


def test_a_parcel_is_made_and_its_receipt_noted(person, by_hand, api, clean, tmp_path):
    page = person("reviewer")
    page.goto(f"/autoservicio/federacion/{by_hand}")
    with page.expect_download(timeout=120_000) as coming:
        page.get_by_role("button", name="Hacer y descargar un paquete").press("Enter")
    coming.value.save_as(tmp_path / "paquete.zip")
    with zipfile.ZipFile(tmp_path / "paquete.zip") as parcel:
        assert {"catalogo.json", "contenido.csv"} <= set(parcel.namelist())
    page.reload()
    page.get_by_text("Registrar el acuse").click()
    clean(page, "parcel")
    page.get_by_label("Folio que dio ese portal").fill("PNDA-77")
    page.get_by_label("Día de la entrega").fill("2026-01-15")
    page.get_by_role("button", name="Guardar el acuse").click()
    page.get_by_text("Acuse PNDA-77, del 15 de enero de 2026").wait_for()
    assert api("edomex_bundle_list", target=by_hand)[0]["receipt"] == "PNDA-77"
