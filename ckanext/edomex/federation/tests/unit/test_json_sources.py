"""Sources in JSON, and the real catalogues that are at hand: every record of them is accounted for."""

import json
import os
import random
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ckanext.edomex.adapters.outgoing import Client
from ckanext.edomex.federation.domain import ckan_packages, data_json
from ckanext.edomex.federation.domain.errors import FederationError
from ckanext.edomex.federation.domain.records import Record, Refused
from ckanext.edomex.federation.domain.settings import Settings
from ckanext.edomex.federation.logic.json_sources import read_ckan, read_data_json
from ckanext.edomex.federation.logic.reading import read_dcat

SAMPLES = os.environ.get("EDOMEX_SAMPLES", "")
DATASET = {
    "identifier": "7", "title": "Pozos", "description": "Lo que dice", "keyword": ["agua", "pozos"], "license": "CC-BY-4.0",
    "publisher": {"name": "Comisión del Agua"}, "contactPoint": {"fn": "Unidad de datos", "hasEmail": "mailto:datos@agua.example.org"},
    "accrualPeriodicity": "R/P1Y", "temporal": "2020-01-01/2020-12-31", "spatial": "15106",
    "distribution": [{"downloadURL": "https://agua.example.org/a.csv", "title": "Tabla", "mediaType": "text/csv", "byteSize": 10}],
}  # fmt: skip


class Memory:
    etag = last_modified = sha256 = changes_url = None


def read(reader, url, memory=None, *, whole=False):
    with Client(["127.0.0.0/8"]) as client:
        found = reader(client, url, Settings(), memory, whole=whole)
        return (None, None) if found is None else (list(found.found), found)


def test_data_json(web):
    text = json.dumps({"dataset": [DATASET, {"title": "Sin identificador"}, "x"]})
    url = web.says("/data.json", text, kind="application/json", etag='"1"')
    [one, *others], reading = read(read_data_json, url)
    assert one == Record(
        id="7", title="Pozos", notes="Lo que dice", tags=("agua", "pozos"), licence="CC-BY-4.0", publisher="Comisión del Agua",
        contact="Unidad de datos", contact_email="datos@agua.example.org", frequency="R/P1Y", start="2020-01-01", end="2020-12-31",
        places=("15106",), files=one.files,
    )  # fmt: skip
    assert (one.files[0].url, one.files[0].size, one.files[0].media_type) == ("https://agua.example.org/a.csv", "10", "text/csv")
    assert [type(each) for each in others] == [Refused, Refused]
    assert (reading.whole, reading.memory["etag"]) == (True, '"1"')
    memory = Memory()
    memory.etag = '"1"'
    assert read(read_data_json, url, memory) == (None, None)


def test_what_its_words_mean():
    def said(**more):
        return data_json.record_of({**DATASET, **more}, 1, {"license": "ODbL-1.0"})

    assert said(license=None).licence == "ODbL-1.0"
    assert said(license="", distribution=[{"license": "A"}, {"license": "A"}]).licence == "A"
    assert said(license="", distribution=[{"license": "A"}, {"license": "B"}]).licence == "ODbL-1.0"
    closed = Refused(id="7", reason=data_json.NOT_PUBLIC, is_gone=True)
    assert said(public=False) == said(accessLevel="non-public") == closed
    assert said(identifier="\x00\ud800").reason == data_json.NO_IDENTITY
    assert isinstance(said(accessLevel="public"), Record)
    assert said(keyword="agua, pozos; norte").tags == ("agua", "pozos", "norte")
    assert said(identifier="https://a.example.org/1").iri == "https://a.example.org/1"
    # ADELA's: `id`, and the address of a card for a contact.
    assert said(identifier=None, id="9", contactPoint="https://a.example.org/card").id == "9"


NONSENSE = [None, 7, 1.5, True, "", "x", [], {}, [None], [[["x"]]], {"a": {"b": []}}, ["x", None, 7], "\x00", "ñ" * 5000]


@pytest.mark.parametrize("seed", range(300))
def test_nonsense_is_a_record_or_refused(seed):
    chance = random.Random(seed)
    fields = {name: chance.choice([value, *NONSENSE]) for name, value in DATASET.items()}
    assert isinstance(data_json.record_of(fields, 1, {}), Record | Refused)
    package = {"id": "1", "title": "x", "extras": [], "tags": [], "groups": [], "resources": [], "organization": {}, "url": ""}
    fields = {name: chance.choice([value, *NONSENSE]) for name, value in package.items()}
    assert isinstance(ckan_packages.record_of(fields, "https://a"), Record | Refused)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "<html>", "hola", '{"dataset": [{"identifier": "1", "title": "x"}', "[[[[", "\x00", "[" * 100_000,
        '{"dataset": [' + "[" * 100_000, '{"dataset": [' + '{"a":' * 100_000, '{"x": ' + "[" * 100_000,
    ],
)
def test_what_is_no_catalogue_is_an_error(text, web):
    with pytest.raises(FederationError):
        read(read_data_json, web.says("/data.json", text, kind="application/json"))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig", "utf-16"])
def test_encodings(encoding, web):
    text = json.dumps({"dataset": [{**DATASET, "title": "Panteón de niños"}]}, ensure_ascii=False)
    [one], _ = read(read_data_json, web.says("/data.json", text.encode(encoding), kind="application/json"))
    assert one.title == "Panteón de niños"


@pytest.mark.parametrize("half", [r"\ud83d", r"\udc00", r"\u0000"])
def test_half_a_character_stops_no_other(half, web):
    datasets = [{**DATASET, "identifier": f"{number}", "keyword": ["agua", "HALF"], "title": "PozosHALF"} for number in range(3)]
    text = json.dumps({"license": "HALF", "dataset": datasets}).replace("HALF", half)
    found, _ = read(read_data_json, web.says("/data.json", text, kind="application/json"))
    assert [each.id for each in found] == ["0", "1", "2"]
    # One parser of JSON says «?» for it.
    assert {each.title.removesuffix("?") for each in found} == {"Pozos"}
    with pytest.raises(FederationError, match="bien formado"):
        read(read_data_json, web.says("/data.json", text[:-9], kind="application/json"))


def package(number, **more):
    return {
        "id": f"id-{number}", "name": f"n-{number}", "title": f"Conjunto {number}",
        "metadata_modified": f"2026-01-{number % 28 + 1:02d}",
        "tags": [{"name": "agua"}], "extras": [{"key": "frequency", "value": "R/P1Y"}], "license_id": "cc-by",
        "organization": {"title": "Agua"},
        "resources": [{"id": f"r-{number}", "url": "https://a.example.org/a.csv", "format": "CSV"}], **more,
    }  # fmt: skip


@pytest.fixture
def ckan(web, reply):
    """Another CKAN with 150 datasets."""
    packages = [package(number) for number in range(150)]

    def search(path):
        asked = {key: value[0] for key, value in parse_qs(urlsplit(path).query).items()}
        rows, start = min(int(asked["rows"]), web.most), int(asked.get("start", 0))
        newest = sorted(packages, key=lambda each: each["metadata_modified"], reverse=asked["sort"].startswith("metadata_modified"))
        result = {"count": web.count or len(packages), "results": newest[start : start + rows] or web.beyond}
        return reply(body=json.dumps({"success": True, "result": result}).encode(), kind="application/json")

    web.replies = type("Any", (dict,), {"get": lambda self, path: search(path)})()
    web.packages, web.most, web.count, web.beyond = packages, 1000, None, []
    return web


def test_one_that_gives_fewer_than_are_asked_for(ckan):
    ckan.most = 40
    records, reading = read(read_ckan, ckan.url)
    assert (len({each.id for each in records}), reading.notes) == (150, [])


def test_one_that_gives_the_same_without_end(ckan):
    ckan.count, ckan.beyond = 10**12, [package(7)]
    records, reading = read(read_ckan, ckan.url)
    assert (len(records), len(ckan.asked)) == (150, 4)
    assert "dio 150" in reading.notes[0]


def test_half_a_character_in_another_ckan(ckan):
    ckan.packages[149] |= {"title": "Pozos\ud800", "metadata_modified": "2027\ud800"}
    records, _ = read(read_ckan, ckan.url)
    assert [each.title for each in records if each.id == "id-149"] == ["Pozos"]


def test_another_ckan(ckan):
    records, reading = read(read_ckan, ckan.url)
    assert (len(records), len({each.id for each in records}), reading.whole, reading.notes) == (150, 150, True, [])
    one = next(each for each in records if each.id == "id-3")
    assert (one.title, one.iri, one.tags, one.frequency, one.publisher) == (
        "Conjunto 3", f"{ckan.url}/dataset/id-3", ("agua",), "R/P1Y", "Agua",
    )  # fmt: skip
    memory = Memory()
    memory.sha256 = reading.memory["sha256"]
    ckan.asked.clear()
    assert read(read_ckan, ckan.url + "/", memory) == (None, None)
    assert len(ckan.asked) == 1
    assert read(read_ckan, ckan.url, memory, whole=True)[1] is not None
    del ckan.packages[7]
    assert len(read(read_ckan, ckan.url, memory)[0]) == 149


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", '{"success": false}', '{"success": true, "result": {}}', '{"success": true, "result": {"results": {}, "count": 1}}',
        "[" * 9999,
    ],
)
def test_an_error_is_not_the_end_of_a_list(text, web, reply):
    web.replies = type("Any", (dict,), {"get": lambda self, path: web.answer})()
    web.answer = reply(body=text.encode(), kind="application/json")
    with pytest.raises(FederationError):
        read(read_ckan, web.url)


@pytest.mark.skipif(not SAMPLES, reason="needs the real catalogues: EDOMEX_SAMPLES=folder")
def test_a_real_data_json_is_accounted_for(web):
    text = Path(SAMPLES, "ar-agricultura-data.json").read_bytes()
    wanted = json.loads(text)["dataset"]
    found, _ = read(read_data_json, web.says("/data.json", text, kind="application/json"))
    assert len(found) == len(wanted) == 119
    assert [each.id for each in found] == [each["identifier"] for each in wanted]
    assert all(isinstance(each, Record) for each in found)
    assert sum(len(each.files) for each in found) == 290


@pytest.mark.skipif(not SAMPLES, reason="needs the real catalogues: EDOMEX_SAMPLES=folder")
def test_a_real_rdf_catalogue_is_accounted_for(web):
    text = Path(SAMPLES, "opendatasoft-catalog.ttl").read_bytes()
    found, _ = read(read_dcat, web.says("/fuente.ttl", text))
    assert (len(found), len({each.id for each in found})) == (186, 186)
    assert all(isinstance(each, Record) and each.files for each in found)
