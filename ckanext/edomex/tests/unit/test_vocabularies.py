"""The vocabularies as they are shipped, and what would be wrong with others."""

import csv
from pathlib import Path

import pytest

from ckanext.edomex.domain.vocabularies import SPECS, faults, removed

FOLDER = Path(__file__).parents[2] / "schemas" / "vocabularies"


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
    (fault,) = removed("desagregacion", tables["desagregacion"], {"municipal", "manzana"})
    assert "«manzana»" in str(fault)
