"""What an approval is of, and what is shown of a record before it comes in."""

import hashlib

import pytest

from ckanext.edomex.federation.domain import trials
from ckanext.edomex.federation.domain.trials import Standing, Tried, differences, standing_of, terms_of


def test_an_approval_is_of_type_address_settings_and_agency():
    terms = terms_of("edomex_dcat", "https://a.example.org", "", "igecem")
    assert terms == hashlib.sha256(b"edomex_dcat\nhttps://a.example.org\n\nigecem").hexdigest()
    assert terms_of("edomex_dcat", "https://a.example.org", None, "igecem") == terms
    others = [
        ("edomex_ckan", "https://a.example.org", "", "igecem"), ("edomex_dcat", "https://b.example.org", "", "igecem"),
        ("edomex_dcat", "https://a.example.org", "{}", "igecem"), ("edomex_dcat", "https://a.example.org", "", "salud"),
    ]  # fmt: skip
    assert terms not in {terms_of(*each) for each in others}


@pytest.mark.parametrize(
    ("approved", "tried", "readable", "standing"),
    [
        (None, None, False, Standing.UNTRIED), (None, "old", True, Standing.UNTRIED), ("old", "old", True, Standing.UNTRIED),
        (None, "now", True, Standing.TRIED), (None, "now", False, Standing.UNREADABLE), ("old", "now", True, Standing.TRIED),
        ("now", None, False, Standing.APPROVED), ("now", "now", False, Standing.APPROVED),
    ],
)  # fmt: skip
def test_where_a_source_stands(approved, tried, readable, standing):
    assert standing_of("now", approved=approved, tried=tried, readable=readable) == standing


def test_every_standing_and_outcome_has_words():
    assert set(trials.STANDING_NAMES) == set(Standing)
    assert set(trials.OUTCOME_NAMES) == set(trials.Outcome)


def test_only_what_the_source_writes_is_compared():
    before = {"title": "Pozos", "notes": "Agua", "groups": [{"name": "agua"}], "private": True, "tags": [{"name": "b"}, {"name": "a"}]}
    after = {"title": "Pozos nuevos", "notes": "", "groups": [], "private": False, "tags": [{"name": "a", "id": "1"}, {"name": "b"}]}
    written = {"id": "x", "title": "", "tags": [], "private": True, "groups": []}
    (found,) = differences(before, after, written)
    assert (found.field, found.file, found.before, found.after) == ("title", "", "Pozos", "Pozos nuevos")


def test_files_are_compared_by_their_ids_and_whole_ones_come_and_go():
    before = {"resources": [{"id": "1", "url": "u1", "name": "Uno", "size": 3}, {"id": "2", "url": "u2", "name": ""}]}
    after = {"resources": [{"id": "3", "url": "u3", "name": "Tres"}, {"id": "1", "url": "u1", "name": "Primero", "size": 4}]}
    found = differences(before, after, {"resources": [{"id": "1", "url": "", "name": ""}]})
    assert [(each.file, each.field, each.before, each.after) for each in found] == [
        ("Tres", "name", "", "Tres"), ("Tres", "url", "", "u3"), ("Primero", "name", "Uno", "Primero"), ("u2", "url", "u2", ""),
    ]  # fmt: skip


def test_values_read_as_people_do_and_long_ones_are_cut():
    before = {"extras": [{"key": "uri", "value": "a"}], "when": {"start": 1, "end": None}, "notes": "x" * 1000}
    found = differences(before, {}, {"extras": [], "when": {}, "notes": ""})
    shown = {each.field: each.before for each in found}
    assert shown["extras"] == "uri: a"
    assert shown["when"] == "end: , start: 1"
    assert len(shown["notes"]) == trials.LONGEST_VALUE
    assert shown["notes"].endswith("…")


def test_a_tried_record_is_plain_for_a_table():
    (change,) = differences({"title": "a"}, {"title": "b"}, {"title": ""})
    plain = Tried(record_id="1", outcome=trials.Outcome.CHANGED, differences=[change]).plain()
    assert plain["outcome"] == "changed"
    assert plain["differences"] == [{"field": "title", "file": "", "before": "a", "after": "b"}]
