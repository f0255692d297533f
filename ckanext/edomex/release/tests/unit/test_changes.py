"""What is different between two contents, and which two are compared."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.release.domain.changes import Change, What, base_of, differences
from ckanext.edomex.release.domain.lifecycle import State


def file(resource_id="tabla", sha256="a1", **fields):
    own = {"id": resource_id, "name": "Pozos", "url": "pozos.csv", "url_type": "upload", "format": "CSV", "size": 10}
    return {**own, **fields, "extras": {"sha256": sha256}}


def content(*resources, tags=None, themes=None, extras=None, **fields):
    return [{"title": "Agua", "type": "dataset", **fields}, extras or {}, list(resources) or None, tags, themes]


def told(before, after, same=None):
    return [(each.what.value, each.resource_id, each.field) for each in differences(before, after, same or {})]


def test_fields_that_come_go_and_change():
    before = content(notes="Por pozo", extras={"frequency": "anual", "method": "Muestreo"}, tags=["agua"])
    extras = {"frequency": "anual", "spatial_keys": '["15"]'}
    after = content(notes="Por pozo y año", extras=extras, tags=["agua", "pozos"], themes=["t"])
    assert told(before, after) == [
        ("removed", None, "method"), ("changed", None, "notes"), ("added", None, "spatial_keys"), ("changed", None, "tag_string"),
        ("added", None, "theme"),
    ]  # fmt: skip
    assert differences(before, after)[1] == Change(what=What.CHANGED, field="notes", before="Por pozo", after="Por pozo y año")


def test_a_new_file_is_one_change_whatever_follows_from_its_bytes():
    assert told(content(file()), content(file(sha256="b2", url="nuevo.csv", size=12))) == [("changed", "tabla", "file")]


def test_files_that_come_go_and_change_place():
    before = content(file("uno"), file("dos"), file("tres"))
    after = content(file("dos"), file("uno", name="Otro"), file("cuatro"))
    assert told(before, after) == [
        ("changed", "uno", "name"), ("added", "cuatro", None), ("removed", "tres", None), ("moved", None, "order"),
    ]  # fmt: skip


def test_an_edition_is_compared_with_the_files_whose_place_it_takes():
    before, after = content(file("publico")), content(file("copia", description="Nueva"))
    assert told(before, after, {"copia": "publico"}) == [("added", "copia", "description")]


def test_what_has_no_field_of_its_own_is_not_passed_over():
    assert told(content(file(size=10)), content(file(size=11))) == [("changed", None, "rest")]


@pytest.mark.parametrize("nothing", [None, "[]"])
def test_absent_null_and_empty_are_one_to_people_but_not_to_the_hash(nothing):
    assert told(content(extras={"method": nothing}), content(extras={"method": ""})) == [("changed", None, "rest")]


words = st.text(max_size=5)
contents = st.builds(
    lambda fields, ids: content(*[file(each, sha256=each * 2) for each in ids], **fields),
    st.dictionaries(st.sampled_from(["title", "notes", "url"]), words), st.lists(words.filter(bool), unique=True, max_size=4),
)  # fmt: skip


@given(contents)
def test_nothing_differs_from_itself(one):
    assert differences(one, copy.deepcopy(one)) == []


@given(contents, contents)
def test_whatever_is_added_one_way_is_removed_the_other(one, other):
    def both(found, what):
        return sorted((each.resource_id or "", each.field or "") for each in found if each.what is what)

    assert both(differences(one, other), What.ADDED) == both(differences(other, one), What.REMOVED)


@pytest.mark.parametrize(("state", "newest", "seen", "base"), [
    (State.IN_REVIEW, 1, None, None), (State.IN_REVIEW, 3, None, 2), (State.IN_REVIEW, 3, 1, 1), (State.IN_REVIEW, 3, 3, 3),
    (State.IN_REVIEW, 0, None, None), (State.SCHEDULED, 2, None, 1),
    (State.CHANGES_REQUESTED, 2, 1, 2), (State.DRAFT, 1, None, 1), (State.DRAFT, 0, None, None),
])  # fmt: skip
def test_which_submission_is_compared_with(state, newest, seen, base):
    assert base_of(state, newest, seen) == base
