"""Forms without a portal: every line of what is wrong leads to its field, and a date takes what people write."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import ckan
import pytest
import yaml
from ckan.lib import jinja_extensions
from ckanext.scheming import helpers as scheming
from jinja2 import Environment

from ckanext.edomex import helpers
from ckanext.edomex.adapters.answers import told
from ckanext.edomex.domain.forms import lines

ROOT = Path(__file__).parents[2]
SCHEMING = Path(scheming.__file__).parent
PRESETS = json.loads((SCHEMING / "presets.json").read_text(encoding="utf-8"))["presets"]
PRESETS = {each["preset_name"]: each["values"] for each in PRESETS}
WRONG_ROWS = [{}, {"title": ["Falta."], "url": ["No es una dirección.", "Es larga."]}]


def fields_of(schema, part):
    said = yaml.safe_load((ROOT / "schemas" / f"{schema}.yaml").read_text(encoding="utf-8"))
    return [{**PRESETS.get(each.get("preset"), {}), **each} for each in said[part]]


def pages():
    """The pages of a dataset's form, as ckanext-scheming makes them."""
    found = []
    for field in DATASET:
        if "start_form_page" in field:
            found.append([])
        found[-1].append(field)
    return found


DATASET, RESOURCE = fields_of("dataset", "dataset_fields"), fields_of("dataset", "resource_fields")
PAGES = dict(enumerate(pages(), start=1))


@pytest.fixture
def render():
    """A template of the portal's with what it asks of the portal left empty."""
    folders = [ROOT / "templates", SCHEMING / "templates", Path(ckan.__file__).parent / "templates"]
    loader = jinja_extensions.CkanFileSystemLoader([str(folder) for folder in folders])
    env = Environment(loader=loader, autoescape=True, extensions=jinja_extensions._get_extensions())
    env.filters["empty_and_escape"] = jinja_extensions.empty_and_escape
    h = SimpleNamespace(
        scheming_language_text=lambda text: text or "", scheming_field_required=lambda field: False,
        scheming_flatten_subfield=scheming.scheming_flatten_subfield, scheming_field_choices=lambda field: [],
        uploads_enabled=lambda: True, organizations_available=lambda permission: [],
        edomex_themes=list, edomex_place=str, edomex_place_options=list,
        edomex_new_name=str, edomex_rows=helpers.edomex_rows, edomex_form_lines=helpers.edomex_form_lines,
    )  # fmt: skip
    env.globals.update(h=h, _=str)
    return lambda template, **given: env.get_template(template).render(**given)


@pytest.fixture
def form(render):
    """The form of these fields, and the summary of what is wrong with it above."""

    def made(shown, errors, fields, data=None, **more):
        summary = render("scheming/snippets/errors.html", errors=errors, fields=fields, **more)
        data = {**(data or {}), "id": "x"}
        return summary, render("scheming/snippets/edomex_fields.html", fields=shown, data=data, errors=errors, licenses=[])

    return made


def marks(text):
    return re.findall(r'href="#([^"]*)"', text)


def wrong(fields):
    """Each of these fields wrong in its own way."""
    return {field["field_name"]: WRONG_ROWS if field["field_name"] == "documentation" else ["Mal."] for field in fields}


@pytest.mark.parametrize("page", PAGES)
def test_each_line_leads_to_a_field_of_the_page(form, page):
    summary, shown = form(PAGES[page], wrong(DATASET), DATASET, page=page)
    ids = re.findall(r'id="([^"]*)"', shown)
    assert [mark for mark in marks(summary) if mark not in ids] == []
    unseen = {"name", "former_name"}
    there = {field["field_name"] for field in PAGES[page]} - unseen
    assert set(re.findall(r'data-field-label="(\w+)"><a', summary)) == there


@pytest.mark.parametrize("kept", [{}, {"url_type": "upload", "url": "https://x.example.org/a.csv"}])
def test_each_line_of_a_file_leads_to_its_field(form, kept):
    errors = {**wrong(RESOURCE), "upload": ["Es muy grande."], "dictionary": [{"type": ["No está en la lista."]}]}
    summary, shown = form(RESOURCE, errors, RESOURCE, data=kept)
    ids = re.findall(r'id="([^"]*)"', shown)
    assert [mark for mark in marks(summary) if mark not in ids] == []
    assert {"field-url", "field-dictionary-0-type", "field-format"} <= set(marks(summary))
    assert "Archivo o enlace: Es muy grande." in summary
    assert marks(summary).count("field-url") == 2


def test_a_wrong_row_is_named_with_its_number(form):
    summary, shown = form(PAGES[4], {"documentation": WRONG_ROWS}, DATASET, page=4)
    assert marks(summary) == ["field-documentation-1-title", *["field-documentation-1-url"] * 2]
    assert "Documentos, 2, Dirección del documento: No es una dirección." in summary
    assert 'id="field-documentation-1-url"' in shown


def test_what_is_on_another_page_says_on_which():
    (line,) = lines({"temporal_end": ["Termina antes de empezar."]}, DATASET, page=1)
    assert (line.text, line.mark) == ("Cubre hasta (en «Qué cubre»): Termina antes de empezar.", "")


@pytest.mark.parametrize(
    ("errors", "text", "mark"),
    [
        ({"groups": ["No existe el tema."]}, "Tema: No existe el tema.", "field-theme"),
        ({"tags": ["Es corta."]}, "Palabras clave: Es corta.", "field-tag_string"),
        ({"message": "No se puede."}, "No se puede.", ""),
        ({"resources": [{}, {"format": ["Es largo."]}]}, "Archivo o enlace, 2: Es largo.", ""),
        ({"algo": [{"b": ["Mal."]}]}, "Mal.", ""),
    ],
)  # fmt: skip
def test_what_is_told_under_another_name_finds_its_field(errors, text, mark):
    assert [(line.text, line.mark) for line in lines(errors, DATASET, page=1)] == [(text, mark)]


@pytest.mark.parametrize("schema", ["organization", "group"])
def test_a_picture_that_is_none_leads_to_where_it_is_chosen(schema):
    (line,) = lines({"image_upload": ["No es una imagen."]}, fields_of(schema, "fields"))
    assert line.mark == "field-image-url"


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("resources-0-url", {"resource": 0, "mark": "field-url"}), ("resources-1-sha256", {"resource": 1, "mark": ""}),
        ("resources", {"resource": None, "mark": ""}), ("owner_org", {"page": 1, "mark": "field-organizations"}),
        ("groups", {"page": 1, "mark": "field-theme"}), ("url", {"page": 4, "mark": "field-url"}),
        ("former_name", {"page": 4, "mark": ""}), ("algo", {"page": 1, "mark": ""}),
    ],
)  # fmt: skip
def test_a_line_of_the_check_list_leads_to_a_page_and_its_field(monkeypatch, field, place):
    h = SimpleNamespace(
        scheming_get_dataset_schema=lambda name: {"resource_fields": RESOURCE},
        scheming_get_dataset_form_pages=lambda name: [{"fields": each} for each in PAGES.values()],
    )
    monkeypatch.setattr(helpers, "tk", SimpleNamespace(h=h))
    assert helpers.edomex_field_place(field) == place


def test_rows_are_told_in_words_elsewhere_too():
    errors = {"documentation": WRONG_ROWS, "resources": [{"dictionary": [{"name": ["Es largo."]}], "url": ["Falta."]}]}
    assert list(told(errors)) == [
        (None, "documentation", "Renglón 2 (title): Falta. Renglón 2 (url): No es una dirección. Renglón 2 (url): Es larga."),
        (0, "dictionary", "Renglón 1 (name): Es largo."), (0, "url", "Falta."),
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["", None, "2024", "2024-12", "2024-12-31", "diciembre de 2024"])
@pytest.mark.parametrize("errors", [{}, {"issued": ["No se entiende la fecha."]}])
def test_a_date_is_a_line_of_text_with_an_example(render, value, errors):
    (field,) = [each for each in DATASET if each["field_name"] == "issued"]
    shown = render("scheming/form_snippets/date.html", field=field, data={"issued": value}, errors=errors)
    (element,) = re.findall(r"<input[^>]*>", shown)
    assert 'type="text"' in element and f'value="{value or ""}"' in element
    described = re.findall(r'aria-describedby="([^"]*)"', element)[0].split()
    assert all(f'id="{each}"' in shown for each in described)
    assert len(described) == 1 + len(errors) == 1 + shown.count("No se entiende")
    assert 'label class="form-label" for="field-issued"' in shown
    assert "31/12/2024, diciembre de 2024 o 2024" in shown


@pytest.mark.parametrize(
    ("created", "dry", "said"),
    [
        (1, True, "1 conjunto nuevo<"), (2, True, "2 conjuntos nuevos<"), (0, True, "0 conjuntos nuevos<"),
        (1, False, "1 conjunto registrado<"), (2, False, "2 conjuntos registrados<"),
    ],
)  # fmt: skip
def test_one_dataset_is_one_dataset(render, created, dry, said):
    shown = render("edomex/snippets/taken.html", created=created, changed=1, same=1, dry=dry, kept="registrado")
    assert said in shown
    assert ("1 conjunto que cambia<" if dry else "1 conjunto cambiado<") in shown and "1 como ya estaba<" in shown
