"""Sources in a real browser: tried by the agency, seen and approved by whoever reviews, without scripts too."""

from __future__ import annotations

import os
import secrets
import time

import pytest

from ckanext.edomex.tests.loopback import web

pytestmark = pytest.mark.stack
__all__ = ["web"]
WITHIN_S = 120
TITLES = ("Pozos y fuentes de agua", "Rutas de recolección de residuos", "Mercados y tianguis")
HEAD = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n"


def catalogue(mark, titles):
    """A municipality's catalogue; the last dataset has no title."""
    rows = [
        f'<https://datos.municipio.example.org/{mark}/{number}> a dcat:Dataset ; dct:title "{title}"@es ; dct:description "{mark}" .'
        for number, title in enumerate(titles)
    ]
    return "\n".join([HEAD, *rows, f"<https://datos.municipio.example.org/{mark}/sin-titulo> a dcat:Dataset ."])


@pytest.fixture
def source(api, web):
    """A source that nobody has looked at; it goes in the end, with what it brought."""
    mark = secrets.token_hex(4)
    url = web.says("/catalog.ttl", catalogue(mark, TITLES))
    made = api(
        "harvest_source_create", name=f"fuente-{mark}", title="Portal del municipio", url=url, source_type="edomex_dcat",
        frequency="MANUAL", owner_org=os.environ["EDOMEX_AGENCY"],
    )  # fmt: skip
    yield {"id": made["id"], "name": made["name"], "mark": mark}
    api("harvest_source_clear", id=made["id"])
    api("harvest_source_delete", id=made["id"])


def until(condition):
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.25)


def test_a_source_is_tried_seen_and_approved(person, api, source, web, clean, keep):
    editor = person("editor")
    editor.goto("/autoservicio/federacion/fuentes")
    editor.get_by_role("link", name="Ver la fuente Portal del municipio").first.wait_for()
    clean(editor, "list")
    editor.goto(f"/autoservicio/federacion/fuentes/{source['name']}")
    assert editor.get_by_role("button", name="Aprobar la fuente y empezar").count() == 0
    editor.get_by_role("button", name="Ensayar la fuente").click()
    editor.get_by_text("La fuente se está leyendo.").wait_for()
    until(lambda: api("edomex_federation_source_show", id=source["id"])["standing"] == "tried")
    editor.reload()
    editor.get_by_text("Espera aprobación").first.wait_for()
    clean(editor, "tried")
    assert api("package_search", q=f'notes:"{source["mark"]}"', include_private=True)["count"] == 0

    reviewer = person("reviewer", javascript=False)
    reviewer.goto("/autoservicio")
    reviewer.get_by_role("link", name="Fuentes", exact=True).click()
    reviewer.goto(f"/autoservicio/federacion/fuentes/{source['name']}")
    for title in TITLES:
        reviewer.get_by_role("heading", name=title).wait_for()
    reviewer.get_by_text("no tiene título (dct:title)").wait_for()
    keep(reviewer, "fuente-ensayada")
    reviewer.get_by_label("Qué pasaría").select_option("refused")
    reviewer.get_by_role("button", name="Filtrar").click()
    assert reviewer.get_by_role("heading", name=TITLES[0]).count() == 0
    reviewer.get_by_role("button", name="Aprobar la fuente y empezar").click()
    reviewer.get_by_text("La fuente quedó aprobada").wait_for()
    until(lambda: api("edomex_federation_source_show", id=source["id"])["counts"].get("present") == len(TITLES))

    # Most of it goes: nothing is deleted, and the agency is asked.
    web.says("/catalog.ttl", catalogue(source["mark"], TITLES[:1]))
    api("harvest_jobs_run", source_id=source["id"])
    until(lambda: harvested(api, source))
    until(lambda: api("edomex_federation_source_show", id=source["id"])["missing_count"] == 2)
    editor.reload()
    editor.get_by_role("heading", name="Lo que la fuente ya no tiene").wait_for()
    clean(editor, "missing")
    editor.get_by_role("button", name="Aceptar que ya no están").press("Enter")
    editor.get_by_text("Aceptado:").wait_for()


def harvested(api, source):
    """Whether another harvest could be begun: the one before has to be closed."""
    try:
        api("harvest_job_create", source_id=source["id"], run=True)
    except AssertionError:
        api("harvest_jobs_run", source_id=source["id"])
        return False
    return True


def test_a_source_of_anothers_is_not_there(person, visitor, source):
    page = visitor()
    page.goto(f"/autoservicio/federacion/fuentes/{source['name']}")
    page.wait_for_url("**/user/login**")


def test_the_board_has_both_directions(person, source, clean):
    page = person("reviewer")
    page.goto("/autoservicio/federacion")
    page.get_by_role("heading", name="De donde llegan datos").wait_for()
    page.get_by_role("link", name="Portal del municipio", exact=True).first.wait_for()
    clean(page, "board")
