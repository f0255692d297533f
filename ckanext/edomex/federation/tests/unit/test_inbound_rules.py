"""What two readings have in common, what is gone, what may go, and what a record becomes in CKAN."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.federation.domain import comparison, packages, settings
from ckanext.edomex.federation.domain.arrivals import is_left_to_people
from ckanext.edomex.federation.domain.comparison import Grace, Known, State
from ckanext.edomex.federation.domain.errors import SettingsError
from ckanext.edomex.federation.domain.records import File, Record, Refused, digest, from_json, to_json

NOW = datetime(2026, 5, 1, tzinfo=UTC)
RECORD = Record(
    id="https://a.example.org/1", iri="https://a.example.org/1", title="Pozos", tags=("agua", "pozos"), licence="CC-BY 4.0",
    files=(File(id="https://a.example.org/1/a", url="https://a.example.org/a.csv"), File(url="https://a.example.org/b.csv")),
)  # fmt: skip
OTHER = {str: "otro", "str": "otro"}


@pytest.mark.parametrize("field", [each.name for each in dataclasses.fields(Record)])
def test_every_field_counts(field):
    value = getattr(RECORD, field)
    changed = f"{value} otro" if isinstance(value, str) else (*value, File(url="x") if field == "files" else "otro")
    assert digest(dataclasses.replace(RECORD, **{field: changed}), "") != digest(RECORD, "")


def test_order_does_not_and_settings_do():
    turned = dataclasses.replace(RECORD, tags=RECORD.tags[::-1], files=RECORD.files[::-1])
    assert digest(turned, "") == digest(RECORD, "")
    assert digest(RECORD, "otra") != digest(RECORD, "")
    assert from_json(to_json(RECORD)) == RECORD


@pytest.mark.parametrize("text", ["\ud800", "\x00", "ñ" * 10])
def test_no_text_breaks_it(text):
    assert digest(dataclasses.replace(RECORD, title=text), "")


BROKEN = "ni\x00ño\ud800s\udc00"


def test_every_text_is_one_that_a_database_takes():
    texts = {each.name: BROKEN for each in dataclasses.fields(Record) if each.type == "str"}
    lists = dict.fromkeys(("tags", "places", "themes", "documents"), (BROKEN, "agua"))
    record = Record(**texts, **lists, files=(File(**{each.name: BROKEN for each in dataclasses.fields(File)}),))
    assert {getattr(record, name) for name in texts} == set(vars(record.files[0]).values()) == {"niños"}
    assert {getattr(record, name) for name in lists} == {("niños", "agua")}
    assert vars(Refused(id=BROKEN, reason=BROKEN)) == {"id": "niños", "reason": "niños", "is_gone": False}
    assert from_json(to_json(record).replace("niños", "ni\\u0000ños")) == record


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (None, True), (Known(state="present", digest="a", wanted="a"), False), (Known(state="present", digest="b", wanted="b"), True),
        (Known(state="refused", digest="a", wanted="a"), False), (Known(state="waiting", digest=None, wanted="a"), True),
        (Known(state="waiting", digest="a", wanted="a"), True), (Known(state="deleted", digest="a", wanted="a"), True),
    ],
)
def test_what_is_imported(known, wanted):
    assert comparison.is_to_import(known, "a") is wanted


@given(st.integers(0, 100_000), st.integers(0, 100), st.integers(0, 1000))
def test_never_all_of_a_source_without_a_person(count, percent, most):
    grace = Grace(percent=percent, most=most)
    limit = comparison.tolerated(count, grace)
    assert 0 <= limit <= max(0, count - 1)
    assert limit <= most
    assert not comparison.may_go(count=count, missing=max(1, count), accepted=False, grace=grace)
    assert comparison.may_go(count=count, missing=count, accepted=True, grace=grace)


@pytest.mark.parametrize(("count", "limit"), [(0, 0), (1, 0), (2, 1), (9, 1), (27, 2), (100, 10), (1600, 20), (100_000, 20)])
def test_ten_in_a_hundred_or_twenty(count, limit):
    assert comparison.tolerated(count, Grace()) == limit


def test_grace():
    week = Grace(days=7)
    assert not comparison.is_over(NOW - timedelta(days=7) + timedelta(seconds=1), NOW, week, told=False)
    assert comparison.is_over(NOW - timedelta(days=7), NOW, week, told=False)
    assert comparison.is_over(NOW, NOW, week, told=True)


def test_gone():
    known = {state: Known(state=state, digest="a", wanted="a") for state in State}
    assert sorted(comparison.gone(known, set())) == ["present", "refused", "waiting"]
    assert comparison.gone(known, {"present", "refused", "waiting"}) == []
    assert comparison.gone({"refused": dataclasses.replace(known[State.REFUSED], has_dataset=False)}, set()) == []


def ended(*rows):
    return [{"kind": kind, "state": state, "created_at": f"2026-01-0{day}T00:00:00Z"} for day, (kind, state) in enumerate(rows, 1)]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([], False), ([("first", "released")], False), ([("first", "cancelled")], True), ([("withdrawal", "released")], True),
        ([("first", "released"), ("edition", "cancelled")], True), ([("edition", "cancelled"), ("edition", "released")], False),
        ([("withdrawal", "released"), ("first", "released")], False), ([("first", "released"), ("withdrawal", "cancelled")], False),
        ([("withdrawal", "released"), ("first", "cancelled"), ("withdrawal", "cancelled")], True),
    ],
)  # fmt: skip
def test_what_people_took_back_is_left_to_them(rows, wanted):
    assert is_left_to_people(reversed(ended(*rows))) is wanted


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "7", '{"arrival": "x"}', '{"defaults": []}', '{"defaults": {"nada": "x"}}', '{"defaults": {"title": 7}}',
        '{"mapping": {"title": "nada"}}', '{"grace_days": true}', '{"grace_days": -1}', '{"missing_most": "x"}', '{"changes": 7}',
    ],
)
def test_settings_that_make_no_sense(text):
    with pytest.raises(SettingsError):
        settings.read(text)


def test_settings():
    assert settings.read(None) == settings.read("  ") == settings.read("{}") == settings.Settings()
    found = settings.read('{"arrival": "draft", "defaults": {"notes": "Sin"}, "mapping": {"page": "iri"}, "grace_days": 0}')
    assert found.grace.days == 0
    assert found.fingerprint() != settings.Settings().fingerprint()


def test_mapping_and_defaults():
    found = settings.Settings(mapping={"provenance": "publisher"}, defaults={"title": "No", "notes": "Sin descripción"})
    applied = found.applied(dataclasses.replace(RECORD, publisher="Ayuntamiento"))
    assert (applied.provenance, applied.title, applied.notes) == ("Ayuntamiento", "Pozos", "Sin descripción")
    assert applied.files == RECORD.files


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["agua", "agua"], ["agua"]), (["a", ""], []), (["niños (2020)/x"], ["niños 2020 x"]), (["x" * 200], ["x" * 100]),
        (["a_b-c.d"], ["a_b-c.d"]),
    ],
)  # fmt: skip
def test_tags(words, found):
    assert packages.tags(words) == found


@given(st.text(max_size=300), st.booleans())
def test_a_name_is_always_one(title, taken):
    name = packages.name_of(dataclasses.replace(RECORD, title=title), taken=taken, seed="1")
    assert 2 <= len(name) <= 100
    assert name.isascii() and name == name.lower() and not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert name == packages.name_of(dataclasses.replace(RECORD, title=title), taken=taken, seed="1")


def test_a_file_keeps_its_id_and_two_are_never_the_same():
    files = (File(url="https://a/x"), File(url="https://a/x"), File(id="i", url="https://a/y"))
    record = dataclasses.replace(RECORD, files=files)
    ids = [each["id"] for each in packages.with_file_ids(packages.plain(record, {}), "p", record)["resources"]]
    assert len(set(ids)) == 3
    moved = dataclasses.replace(record, files=(File(id="i", url="https://a/otra"),))
    assert packages.with_file_ids(packages.plain(moved, {}), "p", moved)["resources"][0]["id"] == ids[2]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by"),
        ("http://www.creativecommons.org/licenses/by-sa/3.0/es", "cc-by-sa"),
        ("CC-BY", "cc-by"), ("https://creativecommons.org/licenses/by-nd/4.0/", None), ("https://datos.gob.mx/libreusomx", "otra"),
    ],
)
def test_licences_of_a_plain_ckan(text, found):
    known = {"cc-by": "cc-by", "cc-by-sa": "cc-by-sa", "datos.gob.mx/libreusomx": "otra"}
    assert packages.licence_id(text, known) == found


def test_a_plain_ckan_has_the_rest_as_extras():
    licence = "http://creativecommons.org/licenses/by/4.0"
    record = dataclasses.replace(RECORD, licence=licence, frequency="R/P1Y", modified="2024-01-01T10:00:00")
    made = packages.plain(record, {"creativecommons.org/licenses/by/4.0": "cc-by"})
    extras = {each["key"]: each["value"] for each in made["extras"]}
    assert made["license_id"] == "cc-by"
    assert (extras["frequency"], extras["uri"], extras["modified"]) == ("R/P1Y", RECORD.iri, "2024-01-01T10:00:00")
    assert len(extras) == len(made["extras"])
