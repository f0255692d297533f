"""From a release to its receipt and the log in a real browser: with and without scripts, by keyboard, on paper; nothing for axe."""

from __future__ import annotations

import os
import secrets

import pytest

pytestmark = pytest.mark.stack


@pytest.fixture
def sent(api):
    """A dataset of the agency that was sent to review and sent back; returns its title and its release."""
    title = f"Calidad del agua en pozos {secrets.token_hex(3)}"
    dataset = api("package_create", who="EDITOR", title=title, owner_org=os.environ["EDOMEX_AGENCY"])
    release = api("edomex_release_submit", who="EDITOR", dataset_id=dataset["id"])
    api("edomex_release_request_changes", who="REVIEWER", id=release["id"], note="Falta la fecha de cada medición.")
    return title, release["id"]


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_from_the_release_to_the_receipt_and_the_log(person, sent, clean, keep, javascript):
    title, release_id = sent
    page = person("editor", javascript=javascript)
    # The loops seal within moments.
    for _ in range(120):
        page.goto(f"/autoservicio/liberacion/{release_id}")
        if page.locator(".edomex-receipts a").count() == 2:
            break
        page.wait_for_timeout(500)
    folio = page.locator(".edomex-receipts a").first.inner_text()
    if javascript:
        clean(page, "release with folios")
    page.locator(".edomex-receipts a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/autoservicio/folios/{folio}")
    assert page.get_by_role("heading", level=1).inner_text() == f"Acuse {folio}"
    page.get_by_text("Falta la fecha de cada medición.", exact=True).wait_for()
    page.get_by_text("se calcularon de nuevo y coinciden").wait_for()
    if javascript:
        clean(page, "receipt")
        keep(page, "folio")
        page.emulate_media(media="print")
        assert not page.locator(".edomex-nav").first.is_visible()
        assert not page.locator(".edomex-unprinted").is_visible()
        assert page.get_by_text("Valor de la cadena", exact=True).is_visible()
        page.emulate_media(media="screen")
    page.goto("/autoservicio")
    page.get_by_role("link", name="Bitácora").click()
    page.get_by_role("link", name=title).first.wait_for()
    if javascript:
        clean(page, "log")
        keep(page, "bitacora")
    page.get_by_label("Folio", exact=True).fill(folio.lower())
    page.get_by_role("button", name="Ver el acuse").click()
    page.wait_for_url(f"**/autoservicio/folios/{folio}")
    page.goto("/autoservicio/bitacora?folio=EDOMEX-2026-000001")
    page.get_by_text("cópielo completo, con sus guiones").first.wait_for()
    if javascript:
        clean(page, "log with a mistyped folio")
    page.goto("/autoservicio/bitacora")
    page.get_by_label("Hasta el día").fill("2020-01-01")
    page.get_by_role("button", name="Mostrar").click()
    page.get_by_text("No hay pasos sellados con esos filtros.").wait_for()
    if javascript:
        clean(page, "empty log")
