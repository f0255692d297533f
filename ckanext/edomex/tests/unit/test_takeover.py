"""What a dataset of another CKAN becomes in our words."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.domain.schemas import fillable
from ckanext.edomex.domain.takeover import Known, Rules, RulesError, moved

SCHEMA = Path(__file__).parents[2] / "schemas" / "dataset.yaml"
FIELDS, RESOURCE_FIELDS = fillable(yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))
KNOWN = Known(fields=FIELDS, resource_fields=RESOURCE_FIELDS, licences={"cc-by-4.0"}, themes={"agua", "salud"})
ID = "0b8c4a55-6a0e-4d0f-9c67-8f3f5f3f1a11"
THEIRS = {
    "id": ID, "name": "pozos-de-agua", "title": "Pozos", "notes": "Cuántos hay.", "author": "Una persona",
    "author_email": "una@example.org",
    "maintainer": "Otra", "organization": {"name": "caem"}, "license_id": "cc-by",
    "tags": [{"name": "agua"}, {"name": "pozos"}], "groups": [{"name": "agua-y-saneamiento"}, {"name": "otros"}],
    "metadata_created": "2019-05-06T10:00:00", "metadata_modified": "2021-01-02T03:04:05",
    "extras": [{"key": "frecuencia", "value": "Anual"}, {"key": "spatial_text", "value": "Toluca"}],
    "resources": [
        {"id": "7", "url": "https://viejo.example.org/a.csv", "name": "A", "format": "csv", "hash": "md5", "url_type": "upload"},
    ],
}  # fmt: skip
RULES = Rules.of({
    "licences": {"cc-by": "cc-by-4.0"}, "themes": {"agua-y-saneamiento": "agua"}, "fields": {"frecuencia": "frequency"},
    "agencies": {"caem": "comision-del-agua"}, "defaults": {"contact_unit": "Dirección de Estadística"},
})  # fmt: skip


def test_words_become_ours():
    found = moved(THEIRS, RULES, KNOWN)
    assert found.agency == "comision-del-agua"
    assert found.dataset == {
        "id": ID, "former_name": "pozos-de-agua", "title": "Pozos", "notes": "Cuántos hay.", "license_id": "cc-by-4.0",
        "frequency": "Anual", "contact_unit": "Dirección de Estadística", "issued": "2019-05-06", "modified": "2021-01-02",
        "groups": [{"name": "agua"}],
        "tags": [{"name": "agua"}, {"name": "pozos"}],
        "resources": [{"url": "https://viejo.example.org/a.csv", "name": "A", "format": "csv"}],
    }  # fmt: skip
    assert found.left == ["tema «otros»"]


@pytest.mark.parametrize("defaults", [{}, {"groups": [{"name": "salud"}]}])
@pytest.mark.parametrize("groups", [[{"name": "otros"}], [{"name": "otros"}, {"name": "mas"}]])
def test_a_theme_that_is_none_here_stays_behind_and_leaves_the_default(defaults, groups):
    found = moved({**THEIRS, "groups": groups}, Rules.of({"defaults": defaults}), KNOWN)
    assert found.dataset["groups"] == defaults.get("groups", [])
    assert found.left[-len(groups) :] == [f"tema «{group['name']}»" for group in groups]


def test_what_is_dealt_with_by_itself_is_not_taken_as_they_have_it():
    found = moved({**THEIRS, "owner_org": "x", "id": "y", "category": "salud"}, Rules.of({"fields": {"category": "groups"}}), KNOWN)
    assert not {"owner_org", "id", "license_id", "name"} & found.dataset.keys()
    assert found.dataset["groups"] == []


def test_no_person_comes_along():
    said = str(moved(THEIRS, RULES, KNOWN))
    assert not any(word in said for word in ("Una persona", "una@", "Otra"))


def test_what_they_say_goes_over_a_default():
    said = {**THEIRS, "contact_unit": "Unidad de Pozos"}
    assert moved(said, RULES, KNOWN).dataset["contact_unit"] == "Unidad de Pozos"


def test_an_unknown_licence_stays_behind_and_is_told():
    found = moved({**THEIRS, "license_id": "notspecified"}, RULES, KNOWN)
    assert "license_id" not in found.dataset
    assert "licencia «notspecified»" in found.left


@pytest.mark.parametrize("identifier", ["pozos", "", None, 7, "0B8C4A55-6A0E-4D0F-9C67-8F3F5F3F1A11", f"{ID}/../x"])
def test_only_an_opaque_identifier_stays(identifier):
    assert "id" not in moved({**THEIRS, "id": identifier}, RULES, KNOWN).dataset


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*THEIRS, "key", "value", "name"]), inner, max_size=4),
)


@given(st.dictionaries(st.sampled_from(list(THEIRS)), ANYTHING, max_size=6))
def test_no_portal_is_too_strange_to_be_read(theirs):
    found = moved({**THEIRS, **theirs, "organization": {"name": "caem"}}, RULES, KNOWN)
    assert all(isinstance(each, dict) for each in found.dataset["resources"])


@pytest.mark.parametrize("table", [[], "texto", {"campos": {}}, {"fields": ["a"]}])
def test_a_wrong_file_of_rules_is_told(table):
    with pytest.raises(RulesError):
        Rules.of(table)


def test_later_rules_go_over_earlier_ones():
    assert Rules.of({"licences": {"a": "x", "b": "y"}}, {"licences": {"a": "z"}}).licences == {"a": "z", "b": "y"}
