"""What a source sends in its own words comes in, in ours; what our schema refuses does not keep the rest out."""

import pytest
from ckan.plugins import toolkit as tk

from ckanext.edomex.federation.domain.intake import in_our_words
from ckanext.edomex.federation.logic.intake import fit

AUTHORITY = "http://publications.europa.eu/resource/authority"
FOREIGN = {
    "title": "Pozos", "name": "pozos", "notes": "n" * 30_000, "frequency": f"{AUTHORITY}/frequency/ANNUAL",
    "language": [f"{AUTHORITY}/language/SPA"], "license_id": "http://creativecommons.org/licenses/by/4.0",
    "issued": "2024-05-01T00:00:00",
    "modified": "ayer", "contact_email": "alguien@gmail.com", "temporal_start": "2020-01-01", "spatial_keys": ["09015"],
    "documentation": ["https://agua.example.org/guia.pdf"], "url": "no es una dirección",
    "resources": [
        {"url": "https://agua.example.org/a.csv", "name": "T", "availability": "http://otra.example.org/siempre", "format": "CSV"},
    ],
}  # fmt: skip


@pytest.fixture
def fitted(agency):
    dataset = {**FOREIGN, "owner_org": agency["id"], "resources": [dict(FOREIGN["resources"][0])]}
    fit(dataset)
    return dataset


def test_codes_of_authorities_become_ours(fitted):
    assert (fitted["frequency"], fitted["language"], fitted["license_id"]) == ("R/P1Y", "spa", "cc-by-4.0")
    assert fitted["documentation"] == [{"title": "guia.pdf", "url": "https://agua.example.org/guia.pdf"}]


def test_what_is_refused_is_left_out_and_the_rest_comes_in(fitted, act, editor):
    for field in ("modified", "contact_email", "spatial_keys", "url", "notes"):
        assert field not in fitted, field
    assert "availability" not in fitted["resources"][0]
    made = act(editor, "package_create", **fitted)
    assert (made["title"], made["issued"], made["temporal_start"]) == ("Pozos", "2024-05-01", "2020-01-01")
    assert made["resources"][0]["name"] == "T"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "una carpeta compartida", "C:\\datos\\a.csv"])
def test_a_file_that_nobody_can_fetch_is_left_out_and_the_others_come_in(agency, act, editor, url):
    files = [{"url": url, "name": "Mala"}, {"url": "ftp://agua.example.org/a b.csv", "name": "Buena"}]
    dataset = {"title": "Pozos", "name": "pozos", "owner_org": agency["id"], "resources": files}
    fit(dataset)
    made = act(editor, "package_create", **dataset)
    assert [each["url"] for each in made["resources"]] == ["ftp://agua.example.org/a%20b.csv"]


def test_a_licence_that_is_not_ours_gives_none(agency):
    dataset = {"title": "x", "name": "x", "owner_org": agency["id"], "license_id": "notspecified"}
    fit(dataset)
    assert "license_id" not in dataset


def test_without_a_title_it_is_still_refused(agency, act, editor):
    dataset = {"name": "x", "owner_org": agency["id"]}
    fit(dataset)
    with pytest.raises(tk.ValidationError):
        act(editor, "package_create", **dataset)


@pytest.mark.parametrize("value", [None, "", [], [None], 7, {"a": 1}])
def test_no_value_breaks_it(value):
    codes = {"frequencies": {}, "languages": {}, "access": {}}
    assert in_our_words({"frequency": value, "language": value, "license_id": value, "documentation": value}, codes, {})
