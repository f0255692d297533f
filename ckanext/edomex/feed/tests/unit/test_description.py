"""What is said of a dataset, and above all what is not."""

import pytest

from ckanext.edomex.feed.domain.description import describe
from ckanext.edomex.feed.domain.shown import as_shown
from ckanext.edomex.feed.domain.terms import term

NODE = "https://datos.example.org/dataset/d1"
FILE, LINK = f"{NODE}/resource/r1", f"{NODE}/resource/r2"
AUTHORITY = "http://publications.europa.eu/resource/authority"
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
def say(around):
    """What is said of a subject under a predicate; of the dataset above, with some fields exchanged."""

    def ask(predicate, subject=NODE, **changed):
        found = [t for t in describe({**DATASET, **changed}, around) if (t.subject, t.predicate) == (subject, term(predicate))]
        return [t.object.value for t in found]

    return ask


def test_nobody_is_named_and_nothing_comes_along_unasked(around):
    everything = repr(describe(DATASET, around))
    for hidden in ("María", "maria@", "Juan", "interno", "otro.example.org"):
        assert hidden not in everything


def test_codes_become_addresses_of_the_authorities(say):
    assert say("dcat:theme") == [f"{AUTHORITY}/data-theme/ENVI", f"{AUTHORITY}/data-theme/HEAL"]
    assert say("dct:accrualPeriodicity") == [f"{AUTHORITY}/frequency/ANNUAL"]
    assert say("dct:language") == [f"{AUTHORITY}/language/SPA"]
    assert say("dct:format", FILE) == [f"{AUTHORITY}/file-type/CSV"]
    assert say("dcat:mediaType", FILE)[0].endswith("/text/csv")


def test_dates_have_a_zone_and_days_stay_days(say):
    assert say("dct:issued") == ["2024-02-01T10:00:00Z"]
    assert say("dct:modified") == ["2024-02-01T10:00:00.000001+00:00"]
    assert say("dcat:startDate", f"{NODE}#temporal") == ["2020-01-01"]
    assert say("dcat:endDate", f"{NODE}#temporal") == ["2020-12-31"]
    assert say("dct:modified", modified="2023-05-01") == ["2023-05-01"]


@pytest.mark.parametrize("day", ["2020-02-30", "0000-01-01", "ayer", "٢٠٢٠", "2020-1-1", ""])
def test_a_date_in_no_calendar_is_not_said(day, say):
    assert say("dcat:startDate", f"{NODE}#temporal", temporal_start=day) == []


def test_an_uploads_address_does_not_depend_on_the_readers_language(say):
    file = f"{FILE}/download/a.csv"
    assert (say("dcat:accessURL", FILE), say("dcat:downloadURL", FILE)) == ([file], [file])


def test_a_resource_without_an_address_leads_to_its_page(say):
    assert say("dcat:accessURL", LINK) == [LINK]
    assert say("dcat:downloadURL", LINK) == []
    assert say("rdfs:label", f"{LINK}#format") == ["Otro"]


def test_bytes_can_be_held_against_what_is_said(say):
    assert say("dcat:byteSize", FILE) == ["12"]
    assert say("spdx:checksumValue", f"{FILE}#checksum") == ["a" * 64]


def test_the_place_is_named(say):
    assert say("dct:spatial") == [f"{NODE}#spatial"]
    assert say("skos:prefLabel", f"{NODE}#spatial") == ["Toluca"]
    assert say("dct:identifier", f"{NODE}#spatial") == ["15106"]


@pytest.mark.parametrize("key", ["", "99", "quince", "١٥", None])
def test_a_place_nobody_knows_is_left_out(key, say):
    assert say("dct:spatial", spatial_keys=[key]) == []


def test_every_place_is_named_and_the_first_has_the_shapes(say):
    shaped = {
        "spatial_keys": ["15106", "15051"], "spatial_bbox": "-100,19,-99,20",
        "spatial": '{"type": "MultiPolygon", "coordinates": [[[[-99, 19], [-98, 19], [-98, 20], [-99, 19]]]]}',
    }  # fmt: skip
    assert say("dct:spatial", **shaped) == [f"{NODE}#spatial", f"{NODE}#spatial-1"]
    assert say("dcat:bbox", f"{NODE}#spatial", **shaped) == ["POLYGON ((-100 19, -99 19, -99 20, -100 20, -100 19))"]
    assert say("locn:geometry", f"{NODE}#spatial", **shaped) == ["MULTIPOLYGON (((-99 19, -98 19, -98 20, -99 19)))"]
    assert say("locn:geometry", f"{NODE}#spatial", spatial='{"type": "Point", "coordinates": [-99.6, 19.2]}') == ["POINT (-99.6 19.2)"]


def test_what_is_not_for_everybody_says_so_and_why(say):
    closed = {"access_level": "restringido", "access_ground": "otro", "access_reason": "Hasta 2030."}
    assert say("dct:accessRights", **closed) == [f"{AUTHORITY}/access-right/RESTRICTED"]
    assert say("rdfs:label", f"{NODE}#rights", **closed)[0].endswith("Hasta 2030.")


def test_versions_are_told_at_their_lasting_addresses(say):
    versions = {"versions": [{"version": n, "released_at": f"202{n}-01-01T00:00:00Z"} for n in (2, 1, 3)]}
    first, second, third = (f"{NODE}/version/{n}" for n in (1, 2, 3))
    assert say("dcat:hasVersion", **versions) == [first, second, third]
    assert say("dcat:version", **versions) == ["3"]
    assert say("dcat:previousVersion", third, **versions) == [second]
    assert say("dcat:previousVersion", first, **versions) == []
    assert say("dcat:isVersionOf", second, **versions) == [NODE]
    assert say("dct:issued", second, **versions) == ["2022-01-01T00:00:00Z"]


def test_columns_are_explained(say):
    column = {"name": "cve_mun", "type": "string", "meaning": "Clave del municipio", "unit": "clave", "allowed": "001 a 125"}
    resources = [{"id": "r1", "format": "CSV", "charset": "UTF-8", "dictionary": [column]}]
    assert say("dct:conformsTo", FILE, resources=resources) == [f"{FILE}#schema"]
    assert say("csvw:column", f"{FILE}#schema", resources=resources) == [f"{FILE}#column-1"]
    for predicate, value in (("csvw:name", "cve_mun"), ("dct:description", "Clave del municipio"), ("csvw:note", "001 a 125")):
        assert say(predicate, f"{FILE}#column-1", resources=resources) == [value]
    assert say("csvw:encoding", f"{FILE}#dialect", resources=resources) == ["UTF-8"]


@pytest.mark.parametrize("field", ["title", "notes", "organization", "groups", "tags", "resources", "frequency", "contact_email"])
@pytest.mark.parametrize("value", [None, "", "\t\x0b"])
def test_what_is_missing_breaks_nothing(field, value, say):
    assert say("dct:title", **{field: value}) and say("dct:description", **{field: value})


@pytest.mark.parametrize(("word", "found"), [(".CSV", "CSV"), ("geojson", "GEOJSON"), ("Shapefile", "SHP"), ("jpg", "JPEG")])
def test_formats_are_known_by_the_words_people_use(word, found, say):
    assert say("dct:format", f"{NODE}/resource/r", resources=[{"id": "r", "format": word}])[0].endswith(f"/{found}")


def test_lists_that_are_kept_as_text_are_lists_again():
    resources = [{"dictionary": '[{"name": "c"}]'}]
    row = {"related": '["a", "b"]', "spatial_keys": "15106", "documentation": "{", "license_id": "x", "resources": resources}
    shown = as_shown(row, {"x": "https://licencia.example.org"})
    assert (shown["related"], shown["spatial_keys"], shown["documentation"]) == (["a", "b"], ["15106"], [])
    assert shown["resources"] == [{"dictionary": [{"name": "c"}]}]
    assert shown["license_url"] == "https://licencia.example.org"
