"""The inbox and the preferences in a real browser: with and without scripts, by keyboard, on a phone, and nothing for axe to find."""

from __future__ import annotations

import os
import secrets
from datetime import datetime

import pytest

from ckanext.edomex.domain.clock import ZONE

pytestmark = pytest.mark.stack


@pytest.fixture
def approved(api):
    """Make a dataset of the agency that is approved for next year; returns its title."""
    next_year = datetime.now(ZONE).year + 1

    def make(title):
        name = f"{title} {secrets.token_hex(3)}"
        dataset = api("package_create", who="EDITOR", title=name, owner_org=os.environ["EDOMEX_AGENCY"])
        release = api("edomex_release_submit", who="EDITOR", dataset_id=dataset["id"])
        api("edomex_release_approve", who="REVIEWER", id=release["id"], release_at=f"{next_year}-03-02T09:00:00-06:00")
        return name

    return make


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_from_the_header_to_the_page_of_what_happened(person, approved, clean, keep, javascript):
    page = person("editor", javascript=javascript)
    titles = [approved(title) for title in ("Calidad del agua en pozos", "Matrícula escolar por municipio")]
    # The loops hear of it within moments.
    for _ in range(60):
        page.goto("/autoservicio/avisos")
        if page.get_by_text(titles[1]).count() and page.get_by_text(titles[0]).count():
            break
        page.wait_for_timeout(500)
    assert page.locator(".edomex-badge").inner_text().startswith("2")
    if javascript:
        clean(page, "inbox")
        keep(page, "avisos")
    page.get_by_role("button", name="Marcar como leído").first.focus()
    page.keyboard.press("Enter")
    page.locator(".edomex-badge", has_text="1").wait_for()
    page.get_by_role("link", name="Sin leer (1)", exact=True).click()
    page.get_by_role("button", name="Abrir").click()
    page.wait_for_url("**/autoservicio/liberacion/*")
    assert page.locator(".edomex-badge").count() == 0
    page.get_by_role("link", name="Avisos", exact=True).click()
    page.get_by_role("link", name="Sin leer", exact=True).click()
    page.get_by_text("No tiene avisos sin leer.").wait_for()
    if javascript:
        clean(page, "nothing unread")


def test_preferences(person, clean, keep):
    page = person("editor")
    page.goto("/autoservicio/avisos")
    clean(page, "empty inbox")
    page.get_by_role("link", name="Elegir cómo recibir los avisos").click()
    page.get_by_label("Fechas").select_option("Resumen diario por correo")
    clean(page, "preferences")
    keep(page, "avisos-preferencias")
    page.get_by_role("button", name="Guardar").click()
    page.get_by_text("Sus preferencias quedaron guardadas.").wait_for()
    page.reload()
    assert page.get_by_label("Fechas").input_value() == "digest"
