"""A public dataset as another CKAN takes it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.outbound.domain.mapping import FILE_HASH, FILE_IDENTITY, Gate, digest, name_of, told, wanted

GATE = Gate(
    base="https://datos.example.org", organization="edomex", groups={"salud": "salud_publica"}, formats=frozenset({"CSV", "SHP"})
)
CSV = {"id": "r1", "name": "Clínicas", "format": "CSV", "url": "https://datos.example.org/a.csv", "sha256": "ab" * 32}
XLSX = {"id": "r2", "name": "Notas", "format": "XLSX", "url": "https://datos.example.org/b.xlsx"}
DATASET = {
    "id": "5f0c2c1e-0000-4000-8000-000000000001", "name": "clinicas-del-estado", "title": "Clínicas", "notes": " Por municipio. ",
    "license_id": "cc-by-4.0", "frequency": "R/P1M", "tags": [{"name": "salud"}, {"name": "clínicas"}],
    "groups": [{"name": "salud", "title": "Salud"}, {"name": "otro", "title": "Otro"}],
    "organization": {"title": "Secretaría de Ejemplo"},
    "resources": [CSV, XLSX],
}  # fmt: skip


def test_only_what_the_gate_takes_goes_and_the_rest_is_named():
    found = wanted(DATASET, GATE)
    assert [each[FILE_IDENTITY] for each in found.dataset["resources"]] == ["r1"]
    assert found.left_out == ("Notas",)


def test_themes_go_where_the_target_has_a_group():
    assert wanted(DATASET, GATE).dataset["groups"] == [{"name": "salud_publica"}]


def test_a_copy_is_known_by_the_datasets_lasting_address():
    extras = {each["key"]: each["value"] for each in wanted(DATASET, GATE).dataset["extras"]}
    assert extras["guid"] == f"https://datos.example.org/dataset/{DATASET['id']}"
    assert extras["dcat_publisher_name"] == "Secretaría de Ejemplo"


def test_files_travel_or_their_addresses_do():
    linked = wanted(DATASET, GATE)
    assert (linked.files, linked.dataset["resources"][0]["url"]) == ({}, CSV["url"])
    sent = wanted(DATASET, Gate(base=GATE.base, organization="edomex", sends_files=True))
    assert sent.files == {"r1": CSV["sha256"]}
    assert sent.dataset["resources"][0]["url_type"] == "upload"


def test_what_they_add_and_where_they_keep_a_file_changes_nothing():
    ours = wanted(DATASET, Gate(base=GATE.base, organization="edomex", sends_files=True)).dataset
    files = [{**each, "id": f"their-{number}"} for number, each in enumerate(ours["resources"])]
    files[0] |= {"url": "https://elsewhere.example.org/f.csv", "hash": "md5"}
    theirs = {
        **ours, "id": "theirs", "private": True, "metadata_modified": "2026-01-01T00:00:00",
        "extras": [*ours["extras"], {"key": "score", "value": "9"}],
        "resources": [*files, {"id": "extra", "name": "Suyo", "url": "https://elsewhere.example.org/x"}],
    }  # fmt: skip
    assert told(theirs) == told(ours)
    theirs["resources"][0][FILE_HASH] = ""
    assert digest(told(theirs)) != digest(told(ours))


@given(st.uuids().map(str), st.text(max_size=200))
def test_a_name_there_is_one_that_ckan_takes(dataset_id, name):
    found = name_of(dataset_id, name)
    assert re.fullmatch(r"[a-z0-9_]{2,100}", found)
    assert found.endswith(dataset_id.replace("-", "")[:12])
