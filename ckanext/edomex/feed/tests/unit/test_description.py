"""What is said of a dataset, and above all what is not."""

import csv
import json
from pathlib import Path

import pytest

from ckanext.edomex.feed.domain.description import Surroundings, describe
from ckanext.edomex.feed.domain.formats import known_formats

with (Path(__file__).parents[3] / "schemas" / "vocabularies" / "formatos.csv").open(encoding="utf-8", newline="") as file:
    FORMATS = known_formats(csv.DictReader(file))
AROUND = Surroundings(
    base="https://datos.example.org",
    themes={"salud": "HEAL", "agua": "ENVI"},
    frequencies={"R/P1Y": "ANNUAL"},
    municipalities={"15106": "Toluca", "15051": "Lerma"},
    formats=FORMATS,
    access={"restringido": "RESTRICTED"},
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
    "spatial_keys": ["15106"],
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
    assert describe({**DATASET, "spatial_keys": [key]}, AROUND)["spatial_coverage"] == [{}]


def test_every_place_is_named_and_the_first_has_the_shape():
    places = describe({**DATASET, "spatial_keys": ["15106", "15051"], "spatial_bbox": "-100,19,-99,20"}, AROUND)["spatial_coverage"]
    assert [place["text"] for place in places] == ["Toluca", "Lerma"]
    assert json.loads(places[0]["bbox"])["coordinates"][0][0] == [-100, 19]
    assert len({place["uri"] for place in places}) == 2


def test_what_is_not_for_everybody_says_so():
    restricted = describe({**DATASET, "access_level": "restringido"}, AROUND)["access_rights"]
    assert restricted == "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"


@pytest.mark.parametrize("field", ["title", "notes", "organization", "groups", "tags", "resources", "frequency", "contact_email"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing_breaks_nothing(field, value):
    assert describe({**DATASET, field: value}, AROUND)["title"]


@pytest.mark.parametrize(("word", "found"), [(".CSV", "CSV"), ("geojson", "GEOJSON"), ("Shapefile", "SHP"), ("jpg", "JPEG")])
def test_formats_are_known_by_the_words_people_use(word, found):
    resource = describe({**DATASET, "resources": [{"id": "r", "format": word}]}, AROUND)["resources"][0]
    assert resource["format"].endswith(f"/{found}")


def test_a_strange_format_is_not_guessed():
    resource = describe({**DATASET, "resources": [{"id": "r", "format": "formato propio"}]}, AROUND)["resources"][0]
    assert (resource["format"], resource["other_format"]) == (None, "formato propio")
