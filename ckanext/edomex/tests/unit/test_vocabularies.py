"""The vocabularies as they are shipped, and what would be wrong with others."""

import csv
from pathlib import Path

import pytest
import yaml
from ckan.exceptions import CkanConfigurationException
from ckan.plugins import toolkit as tk

from ckanext.edomex.adapters import vocabularies as files
from ckanext.edomex.domain.schemas import Coded, coded
from ckanext.edomex.domain.vocabularies import SPECS, codes, faults, removed
from ckanext.edomex.logic import vocabularies

SCHEMAS = Path(__file__).parents[2] / "schemas"
FOLDER = SCHEMAS / "vocabularies"


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def tables():
    return {path.stem: read(path) for path in FOLDER.glob("*.csv")}


def test_what_is_shipped_holds_together(tables):
    assert faults(tables) == []
    assert set(tables) == set(SPECS)


def test_there_are_22_themes_and_125_municipalities(tables):
    assert (len(tables["temas"]), len(tables["municipios-edomex"])) == (22, 125)
    assert tables["municipios-edomex"][0]["nombre"] == "Acambay de Ruíz Castañeda"


@pytest.mark.parametrize(
    ("name", "line", "change", "said"),
    [
        ("temas", 2, {"eu_theme": "SALUD"}, "temas-ue"),
        ("temas", 3, {"slug": "salud"}, "ya está en el renglón 2"),
        ("temas", 2, {"pnda": ""}, "vacío"),
        ("temas", 2, {"slug": "Salud Pública"}, "no es válido"),
        ("municipios-edomex", 2, {"cvegeo": "16001"}, "no es válido"),
        ("fundamentos", 2, {"applies_to": "restringido secreto"}, "niveles-de-acceso"),
        ("periodicidad", 2, {"eu_frequency": "CADA_RATO"}, "frecuencias-ue"),
        ("licencias", 2, {"url": "datos.gob.mx"}, "no es válido"),
        ("formatos", 2, {"label": " CSV"}, "espacios"),
        ("desagregacion", 3, {"label": None}, "comas"),
    ],
)
def test_each_mistake_is_named_with_its_line(tables, name, line, change, said):
    tables[name][line - 2] = {**tables[name][line - 2], **change}
    (found,) = faults(tables)
    assert (found.name, found.line, said in str(found)) == (name, line, True)


def test_a_missing_file_and_an_empty_one_are_named(tables):
    del tables["temas-ue"]
    tables["sectores"] = []
    found = {fault.name for fault in faults(tables) if fault.line < 2}
    assert found == {"temas-ue", "sectores"}


def test_a_code_in_use_is_not_taken_away(tables):
    (fault,) = removed("desagregacion", tables["desagregacion"], {"municipal", "manzana"}, "conjuntos")
    assert str(fault) == "desagregacion.csv: falta «manzana», que usan conjuntos del portal. Déjelo, o cambie antes lo que lo usa."


@pytest.mark.parametrize(
    ("name", "said", "subfield", "found"),
    [
        ("periodicidad", "R/P1Y", "", ["R/P1Y"]),
        ("municipios-edomex", '["15", "15106", "151060001"]', "", ["15106", "15106"]),
        ("municipios-edomex", "15106", "", ["15106"]),
        ("datos-personales", '[{"name": "a", "personal": "no"}, {"name": "b"}, {"personal": null}, "x"]', "personal", ["no"]),
        ("periodicidad", '["R/P1Y", {"a": 1}, 7]', "", ["R/P1Y"]),
        ("periodicidad", "[sin cerrar", "", []),
        ("datos-personales", "no", "personal", []),
        ("periodicidad", "", "", []),
    ],
)
def test_codes_are_found_in_whatever_form_they_are_kept(name, said, subfield, found):
    assert list(codes(name, said, subfield)) == found


def test_every_field_with_a_closed_vocabulary_is_looked_at():
    dataset, agency = (yaml.safe_load((SCHEMAS / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("dataset", "organization"))
    of_resources = {(each.name, each.subfield) for each in coded(dataset["resource_fields"])}
    plain = {(name, "") for name in ("charset", "spatial_keys", "availability")}
    assert of_resources == plain | {("dictionary", "type"), ("dictionary", "personal")}
    assert {each.name for each in coded(agency["fields"])} == {"kind", "cvegeo", "sector"}
    assert Coded(name="license_id", vocabulary="licencias") in list(coded(dataset["dataset_fields"]))
    assert {"spatial_keys", "frequency"} <= {each.name for each in coded(dataset["dataset_fields"])}


@pytest.fixture
def in_latin_1(tmp_path, monkeypatch):
    """An operator's folder with a file that a spreadsheet saved in its own way."""

    def saved(name):
        (tmp_path / f"{name}.csv").write_text((FOLDER / f"{name}.csv").read_text(encoding="utf-8"), encoding="latin-1")
        monkeypatch.setitem(tk.config, files.OPTION, str(tmp_path))

    return saved


def test_a_file_that_is_not_in_utf_8_is_named_with_what_to_do(in_latin_1):
    in_latin_1("temas")
    (fault,) = vocabularies.faults()
    assert str(fault).startswith("temas.csv: no está en UTF-8; ")
    assert "guárdelo como CSV UTF-8" in str(fault)


def test_without_licences_that_can_be_read_ckan_ends_in_words(in_latin_1):
    in_latin_1("licencias")
    with pytest.raises(CkanConfigurationException, match=r"licencias\.csv: no está en UTF-8"):
        files.licence_register()
