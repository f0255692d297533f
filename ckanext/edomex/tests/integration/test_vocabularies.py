"""Codes that the portal uses and a vocabulary has lost are missed, wherever they are; what was deleted needs none."""

import csv

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import changed_config

from ckanext.edomex.adapters import vocabularies as files
from ckanext.edomex.domain.vocabularies import SPECS
from ckanext.edomex.logic import vocabularies
from ckanext.edomex.tests.integration.test_schema import FULL, RESOURCE


@pytest.fixture
def create(act, editor, agency):
    return lambda **fields: act(editor, "package_create", **{"title": "Pozos", "owner_org": agency["id"], **fields})


@pytest.fixture
def missed(tmp_path):
    """What the check says once an operator's file has lost a code."""

    def said(name, code):
        rows = [row for row in files.vocabulary(name) if row[SPECS[name].key] != code]
        assert len(rows) == len(files.vocabulary(name)) - 1
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, SPECS[name].columns)
            writer.writeheader()
            writer.writerows(rows)
        with changed_config(files.OPTION, str(tmp_path)):
            return [str(fault) for fault in vocabularies.faults()]

    return said


def only(name, code, whose):
    return [f"{name}.csv: falta «{code}», que usan {whose} del portal. Déjelo, o cambie antes lo que lo usa."]


@pytest.mark.parametrize(
    ("name", "code"),
    [("periodicidad", "R/P1Y"), ("municipios-edomex", "15051"), ("licencias", "cc-by-4.0"), ("desagregacion", "punto")],
)
def test_codes_of_datasets(create, missed, name, code):
    create(**FULL)
    assert missed(name, code) == only(name, code, "conjuntos")


def test_a_locality_needs_its_municipality_and_the_state_nothing(create, missed):
    create(spatial_keys=["15", "151060001"])
    assert missed("municipios-edomex", "15106") == only("municipios-edomex", "15106", "conjuntos")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("disponibilidad", "estable"), ("codificaciones", "UTF-8"), ("municipios-edomex", "15106"), ("tipos-de-columna", "number"),
        ("datos-personales", "no"),
    ],
)  # fmt: skip
def test_codes_of_files_and_of_their_dictionaries(create, missed, name, code):
    create(resources=[RESOURCE])
    assert missed(name, code) == only(name, code, "recursos")


@pytest.mark.parametrize("name", ["tipos-de-organizacion", "sectores", "municipios-edomex"])
def test_codes_of_agencies(agency, missed, name):
    sector = files.vocabulary("sectores")[0]["code"]
    codes = {"tipos-de-organizacion": "municipio", "sectores": sector, "municipios-edomex": "15106"}
    site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})
    fields = {"kind": "municipio", "cvegeo": "15106", "sector": sector}
    tk.get_action("organization_patch")({"ignore_auth": True, "user": site["name"]}, {"id": agency["id"], **fields})
    assert missed(name, codes[name]) == only(name, codes[name], "dependencias")


def test_a_format_may_be_any(create):
    create(resources=[{**RESOURCE, "format": "Cinta perforada"}])
    assert vocabularies.faults() == []


@pytest.mark.parametrize("kind", ["package", "resource"])
def test_what_was_deleted_needs_no_word(create, missed, kind):
    made = create(resources=[RESOURCE, {"url": "https://agua.example.org/otra.csv", "name": "Otra"}])
    thing = model.Package.get(made["id"]) if kind == "package" else model.Resource.get(made["resources"][0]["id"])
    thing.state = "deleted"
    model.Session.commit()
    assert missed("codificaciones", "UTF-8") == []


def test_a_draft_that_somebody_is_still_writing_counts(create, missed):
    model.Package.get(create(disaggregation="punto")["id"]).state = "draft"
    model.Session.commit()
    assert missed("desagregacion", "punto") == only("desagregacion", "punto", "conjuntos")


def test_how_often_a_source_is_harvested_is_no_periodicity(clean_releases):
    source = sa.text("""
        INSERT INTO package (id, name, type, state, private, extras)
        VALUES ('una-fuente', 'una-fuente', 'harvest', 'active', true, jsonb_build_object('frequency', 'WEEKLY'))
    """)
    with model.meta.engine.begin() as connection:
        connection.execute(source)
    assert vocabularies.faults() == []
