"""What is said of a dataset, and above all what is not."""

import json

import pytest

from ckanext.edomex.feed.domain.description import Surroundings, describe
from ckanext.edomex.feed.domain.formats import known_format

AROUND = Surroundings(
    base="https://datos.example.org",
    themes={"salud": "HEAL", "agua": "ENVI"},
    frequencies={"R/P1Y": "ANNUAL"},
    municipalities={"15106": "Toluca"},
)
DATASET = {
    "id": "d1",
    "name": "ds-1",
    "title": "Población",
    "notes": "Por municipio",
    "author": "María Pérez",
    "author_email": "maria@example.org",
    "maintainer": "Juan López",
    "extras": [{"key": "uri", "value": "no legal\x0b"}, {"key": "secreto", "value": "interno"}],
    "uri": "http://otro.example.org/x y",
    "organization": {"id": "o1", "name": "igecem", "title": "IGECEM"},
    "groups": [{"name": "salud"}, {"name": "agua"}, {"name": "desconocido"}],
    "tags": [{"name": "censo"}],
    "frequency": "R/P1Y",
    "temporal_start": "2020-01-01T00:00:00",
    "temporal_end": "2020-12-31",
    "spatial_key": "15106",
    "contact_unit": "Dirección de Estadística",
    "contact_email": "datos@example.org",
    "license_url": "https://datos.gob.mx/libreusomx",
    "metadata_created": "2024-01-01T10:00:00",
    "metadata_modified": "2024-02-01T10:00:00.000001",
    "released_at": "2024-02-01T10:00:00Z",
    "resources": [
        {"id": "r1", "url": "https://datos.example.org/en/dataset/d1/resource/r1/download/a.csv", "url_type": "upload",
         "format": "csv", "size": 12, "sha256": "a" * 64, "created": "2024-01-01T10:00:00", "name": "Tabla"},
        {"id": "r2", "url": "no es una dirección", "format": "Otro"},
    ],
}  # fmt: skip


@pytest.fixture
def described():
    return describe(DATASET, AROUND)


def test_nobody_is_named_and_nothing_comes_along_unasked(described):
    everything = json.dumps(described)
    for hidden in ("María", "maria@", "Juan", "interno", "otro.example.org"):
        assert hidden not in everything


def test_codes_become_addresses_of_the_authorities(described):
    authority = "http://publications.europa.eu/resource/authority"
    assert described["theme"] == [f"{authority}/data-theme/ENVI", f"{authority}/data-theme/HEAL"]
    assert described["frequency"] == f"{authority}/frequency/ANNUAL"
    assert described["language"] == [f"{authority}/language/SPA"]
    assert described["resources"][0]["format"] == f"{authority}/file-type/CSV"
    assert described["resources"][0]["mimetype"].endswith("/text/csv")


def test_dates_have_a_zone_and_days_stay_days(described):
    assert described["issued"] == "2024-02-01T10:00:00Z"
    assert described["modified"] == "2024-02-01T10:00:00.000001+00:00"
    assert described["temporal_coverage"] == [{"start": "2020-01-01", "end": "2020-12-31"}]


def test_an_uploads_address_does_not_depend_on_the_readers_language(described):
    file = "https://datos.example.org/dataset/d1/resource/r1/download/a.csv"
    assert (described["resources"][0]["access"], described["resources"][0]["download"]) == (file, file)


def test_a_resource_without_an_address_leads_to_its_page(described):
    assert described["resources"][1]["access"] == "https://datos.example.org/dataset/d1/resource/r2"
    assert described["resources"][1]["download"] is None
    assert described["resources"][1]["other_format"] == "Otro"


def test_the_place_is_named(described):
    place = described["spatial_coverage"][0]
    assert (place["text"], place["key"], place["uri"]) == ("Toluca", "15106", "https://datos.example.org/dataset/d1#spatial")


@pytest.mark.parametrize("key", ["", "99", "quince", "١٥", None])
def test_a_place_nobody_knows_is_left_out(key):
    assert describe({**DATASET, "spatial_key": key}, AROUND)["spatial_coverage"] == [{}]


@pytest.mark.parametrize("field", ["title", "notes", "organization", "groups", "tags", "resources", "frequency", "contact_email"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing_breaks_nothing(field, value):
    assert describe({**DATASET, field: value}, AROUND)["title"]


@pytest.mark.parametrize(("word", "found"), [(".CSV", "CSV"), ("geojson", "GEOJSON"), ("Shapefile", "SHP"), ("jpg", "JPEG")])
def test_formats_are_known_by_the_words_people_use(word, found):
    format_ = known_format(word)
    assert format_ is not None
    assert format_.file_type == found


def test_a_strange_format_is_not_guessed():
    assert known_format("formato propio") is None
