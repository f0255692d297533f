"""Forms of the running portal: what is wrong leads to its field, dates are taken as people write them, one is one."""

import io
import re
from pathlib import Path

import pytest
from ckan.tests import factories

from ckanext.edomex.domain import catalogue

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "schema.md"


@pytest.fixture
def dataset(act, editor, agency):
    files = [{"url": "https://agua.example.org/pozos.csv", "name": "Pozos"}]
    return act(editor, "package_create", title="Pozos", owner_org=agency["id"], resources=files)


def leads_to(page):
    """The marks that the summary of what is wrong leads to, all of which are on the page."""
    summary = page.partition('class="edomex-summary"')[2].partition("</ul>")[0]
    marks = set(re.findall(r'href="#([^"]+)"', summary))
    assert marks <= set(re.findall(r'id="([^"]+)"', page))
    return marks, summary


def test_what_is_wrong_with_a_dataset_leads_to_its_field(visit, editor, dataset):
    form = {"url": "javascript:alert(1)", "documentation-0-title": "Guía", "documentation-0-url": "no es una dirección"}
    marks, summary = leads_to(visit(editor, f"/dataset/edit/{dataset['name']}/4", form=form).body)
    assert marks == {"field-url", "field-documentation-0-url"}
    assert "Documentos, 1, Dirección del documento: " in summary


def test_what_is_wrong_with_a_file_leads_to_its_field(visit, editor, dataset):
    resource = dataset["resources"][0]
    form = {"url": resource["url"], "dictionary-0-name": "pozo", "dictionary-0-type": "nada", "save": "go-dataset-complete"}
    page = visit(editor, f"/dataset/{dataset['name']}/resource/{resource['id']}/edit", form=form).body
    assert leads_to(page)[0] == {"field-dictionary-0-type"}
    assert 'id="field-url"' in page


def test_a_date_is_taken_as_a_year_or_in_words(visit, act, editor, dataset):
    address = f"/dataset/edit/{dataset['name']}/2"
    assert re.search(r'<input[^>]*type="text"[^>]*id="field-temporal_start"', visit(editor, address).body)
    sent = visit(editor, address, form={"temporal_start": "2024", "temporal_end": "diciembre de 2024"})
    assert sent.status_code == 302
    shown = act(editor, "package_show", id=dataset["id"])
    assert (shown["temporal_start"], shown["temporal_end"]) == ("2024", "2024-12")
    again = visit(editor, address, form={"temporal_start": "hace mucho"}).body
    assert 'value="hace mucho"' in again
    assert leads_to(again)[0] == {"field-temporal_start"}


@pytest.mark.parametrize(("step", "said"), [("probar", "1 conjunto nuevo<"), ("registrar", "1 conjunto registrado<")])
def test_one_dataset_of_a_table_is_one(app, editor, agency, step, said):
    content = f"{','.join(catalogue.V2)}\n,Pozos{',' * 19}".encode()
    form = {"agency": agency["name"], "upload": (io.BytesIO(content), "c.csv"), "paso": step}
    token = {"Authorization": factories.APIToken(user=editor["name"])["token"]}
    assert said in app.post("/autoservicio/catalogo", data=form, headers=token).body


def test_the_reference_has_the_header_that_tables_have(act, editor, agency):
    header = act(editor, "edomex_catalogue_rows", agency=agency["id"])[0]
    assert f"| full | {', '.join(f'`{column}`' for column in header)} |" in REFERENCE.read_text(encoding="utf-8")
