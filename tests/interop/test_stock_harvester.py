"""ckanext-harvest with ckanext-dcat's own harvester, as the federal side would have it without us, reads our feed."""

from __future__ import annotations

import json
import os
import uuid

import pytest

from stack.demo.api import Api

pytestmark = pytest.mark.stack
#: What a CKAN writes anew whenever it writes a dataset; the stock harvester writes each at each harvest.
PASSING = {"metadata_modified", "metadata_created", "created", "last_modified", "id", "package_id", "cache_last_updated"}

#: What the state's schema and ckanext-dcat's both have a field for.
SAID = {
    "notes": "Pozos en operación.", "tags": [{"name": "agua"}, {"name": "pozos"}], "frequency": "R/P1Y",
    "temporal_start": "2024-01-01", "temporal_end": "2024-12-31", "spatial_keys": ["15106"], "language": "spa",
    "spatial_bbox": "-100,19,-99,20", "contact_unit": "Dirección de Agua", "contact_email": "agua@example.org",
    "license_id": "cc-by-4.0", "access_level": "publico", "url": "https://agua.example.org/pozos", "issued": "2024-01-15",
    "modified": "2025-02-01", "provenance": "Padrón de pozos.", "version_notes": "Primera.",
    "documentation": [{"title": "Guía", "url": "https://agua.example.org/guia.pdf"}],
    "resources": [{
        "name": "Pozos", "description": "Un renglón por pozo.", "url": "https://agua.example.org/pozos.csv", "format": "CSV",
        "rights": "Citar la fuente.", "availability": "estable",
    }],
}  # fmt: skip


@pytest.fixture
def theirs(federal):
    """Every dataset of a source's agency on the federal side, by its address here, without what passes."""

    def read(source):
        agency = federal.call("package_show", id=source)["owner_org"]
        asked = {"fq": f"owner_org:{agency}", "rows": 1000, "include_private": True}
        rows = federal.call("package_search", **asked)["results"]
        return {extra(row, "uri"): with_extras(lasting(row)) for row in rows}

    return read


def extra(row, key):
    return next((each["value"] for each in row["extras"] if each["key"] == key), None)


def with_extras(row):
    """The extras as fields like any other."""
    extras = {each["key"]: each["value"] for each in row["extras"] if each["key"] != "harvest_object_id"}
    return {**extras, **{key: row[key] for key in row if key != "extras"}}


def lasting(row):
    if isinstance(row, list):
        return [lasting(each) for each in row]
    if not isinstance(row, dict):
        return row
    if "key" in row and "value" in row:
        # A list as JSON says nothing by its order.
        return {**row, "value": lasting_value(row["value"])}
    return {key: lasting(value) for key, value in sorted(row.items()) if key not in PASSING}


def lasting_value(text):
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return sorted(found, key=str) if isinstance(found, list) else found


def test_it_takes_all_of_it_and_nothing_changes_the_second_time(published, source, harvest, theirs):
    published(f"Cosechado {uuid.uuid4().hex[:8]}")
    # A source is one address with one configuration; a mark makes it another than any before.
    stock = source("dcat_rdf", config=json.dumps({"rdf_format": "text/turtle", "mark": uuid.uuid4().hex}))
    done = harvest(stock)
    first = theirs(stock)
    assert (done["stats"].get("errored", 0), done["gather_error_summary"], done["object_error_summary"]) == (0, [], [])
    here = Api(os.environ["EDOMEX_URL"]).call("package_search", rows=1000)["results"]
    assert sorted(uri.rsplit("/", 1)[-1] for uri in first) == sorted(each["id"] for each in here)
    again = harvest(stock)
    assert (again["stats"].get("errored", 0), again["stats"].get("added", 0), again["stats"].get("deleted", 0)) == (0, 0, 0)
    second = theirs(stock)
    assert second.keys() == first.keys()
    # Field by field: the whole of two catalogues tells nobody what is different.
    changed = [(key, first[uri].get(key), row[key]) for uri, row in second.items() for key in row if row[key] != first[uri].get(key)]
    assert changed == []


def test_what_is_said_here_is_said_there(published, source, harvest, theirs):
    mark = uuid.uuid4().hex[:8]
    made = published(f"Cosechado {mark}", **SAID)
    stock = source("dcat_rdf", config=json.dumps({"rdf_format": "text/turtle", "mark": mark}))
    harvest(stock)
    (there,) = [row for uri, row in theirs(stock).items() if uri.endswith(made)]
    same = {"notes", "temporal_start", "temporal_end", "issued", "modified", "provenance", "version_notes", "url", "contact_email"}
    assert {name: there[name] for name in same} == {name: SAID[name] for name in same}
    authority = "http://publications.europa.eu/resource/authority"
    assert there["title"] == f"Cosechado {mark}"
    assert (there["identifier"], there["contact_name"], there["spatial_text"]) == (made, SAID["contact_unit"], "Toluca")
    assert (there["frequency"], there["language"]) == (f"{authority}/frequency/ANNUAL", [f"{authority}/language/SPA"])
    assert there["access_rights"] == f"{authority}/access-right/PUBLIC"
    assert there["spatial_bbox"]["coordinates"][0][0] == [-100.0, 19.0]
    assert there["documentation"] == [SAID["documentation"][0]["url"]]
    assert [tag["name"] for tag in there["tags"]] == ["agua", "pozos"]
    (file,) = there["resources"]
    of_file = {"name", "description", "url", "format", "rights"}
    assert {name: file[name] for name in of_file} == {name: SAID["resources"][0][name] for name in of_file}
    assert (file["mimetype"], file["license"]) == ("text/csv", "https://creativecommons.org/licenses/by/4.0/")
    assert file["availability"] == f"{authority}/planned-availability/STABLE"
