"""What counts as a change of a released dataset."""

from copy import deepcopy

import pytest

from ckanext.edomex.release.domain.content import differences

DATASET = {
    "id": "1", "name": "ds-1", "title": "Población", "notes": None, "private": False, "state": "active",
    "metadata_modified": "2027-01-01T00:00:00", "organization": {"id": "o"}, "owner_org": "o",
    "tags": [{"name": "censo", "id": "t"}, {"name": "agua"}], "groups": [{"name": "salud"}], "extras": [],
    "resources": [
        {
            "id": "r", "name": "CSV", "url": "https://portal.example.org/dataset/1/resource/r/download/a.csv", "url_type": "upload",
            "sha256": "aa", "datastore_active": False, "hash": "", "last_modified": "2027-01-01T00:00:00",
        }
    ],
}  # fmt: skip


def changed(**fields):
    return {**deepcopy(DATASET), **fields}


def resource(**fields):
    return [{**deepcopy(DATASET["resources"][0]), **fields}]


@pytest.mark.parametrize(
    "incoming",
    [
        changed(),
        changed(notes=""),
        changed(metadata_modified=None),
        changed(tags=[{"name": "agua"}, {"name": "censo"}]),
        changed(resources=resource(datastore_active=True, hash="bb", last_modified="2027-02-02")),
        changed(resources=resource(url="a.csv")),
        {key: value for key, value in DATASET.items() if key not in {"resources", "groups"}},
        {**{key: value for key, value in DATASET.items() if key != "tags"}, "tag_string": "agua, censo"},
    ],
)
def test_is_no_change(incoming):
    assert differences(DATASET, incoming) == []


@pytest.mark.parametrize(
    ("incoming", "fields"),
    [
        (changed(title="Otra"), ["title"]),
        (changed(notes="x"), ["notes"]),
        (changed(a_new_field="x"), ["a_new_field"]),
        ({key: value for key, value in DATASET.items() if key != "title"}, ["title"]),
        (changed(tags=[{"name": "agua"}]), ["tags"]),
        ({key: value for key, value in DATASET.items() if key != "tags"}, ["tags"]),
        ({**{key: value for key, value in DATASET.items() if key != "tags"}, "tag_string": "agua"}, ["tags"]),
        (changed(groups=[]), ["groups"]),
        (changed(resources=[]), ["resources"]),
        (changed(resources=resource(sha256="bb")), ["resources"]),
        (changed(resources=resource(upload=object())), ["resources"]),
        (changed(resources=resource(url="b.csv")), ["resources"]),
        (changed(extras=[{"key": "k", "value": "v"}]), ["extras"]),
    ],
)
def test_is_a_change(incoming, fields):
    assert differences(DATASET, incoming) == fields
