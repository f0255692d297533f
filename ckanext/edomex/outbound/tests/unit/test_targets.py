"""A target's settings, and the agreement without which it does not work."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ckanext.edomex.outbound.domain.targets import AGREEMENT, SILENCE, faults, is_reader, is_silent

TODAY = date(2026, 12, 1)
GOOD = {
    "name": "datos-gob-mx", "title": "datos.gob.mx", "kind": "ckan", "url": "https://www.datos.example.org", "organization": "edomex",
    "rate": 60, "enabled": True, "agreement_number": "CA-1", "agreement_date": date(2026, 3, 1), "agreement_post": "Titular",
    "agreement_document": "https://legislacion.example.org/convenio.pdf",
}  # fmt: skip


def test_a_good_one_has_no_faults():
    assert faults(GOOD, TODAY) == {}


@pytest.mark.parametrize(("field", "value"), [
    ("name", "Datos Gob"), ("title", " "), ("kind", "ftp"), ("url", "file:///etc/passwd"), ("url", "https://user:key@example.org"),
    ("url", "http://[::1"), ("organization", ""), ("rate", 0), ("rate", 10_000), ("agreement_number", ""), ("agreement_date", None),
    ("agreement_date", date(2027, 1, 1)), ("agreement_post", ""), ("agreement_document", ""),
])  # fmt: skip
def test_each_fault_names_its_field(field, value):
    assert list(faults({**GOOD, field: value}, TODAY)) == [field]


def test_without_an_agreement_it_can_be_registered_and_not_enabled():
    bare = {**GOOD, "enabled": False, "agreement_number": "", "agreement_date": None, "agreement_post": "", "agreement_document": ""}
    assert faults(bare, TODAY) == {}
    assert sorted(faults({**bare, "enabled": True}, TODAY)) == sorted(AGREEMENT)


@pytest.mark.parametrize(("reader", "good"), [("", False), ("abc", False), ("   ", False), ("datos.gob.mx", True)])
def test_one_that_pulls_says_how_it_presents_itself(reader, good):
    wrong = faults({**GOOD, "kind": "pulled", "reader": reader}, TODAY)
    assert list(wrong) == ([] if good else ["reader"])


@pytest.mark.parametrize(("reader", "agent", "same"), [
    ("datos.gob.mx", "CKAN/2.11 (+https://DATOS.GOB.MX)", True), ("datos.gob.mx", "Mozilla/5.0", False), ("", "Mozilla/5.0", False),
    ("Moz", "Mozilla/5.0", False),
])  # fmt: skip
def test_it_is_known_by_a_part_of_it(reader, agent, same):
    assert is_reader(reader, agent) is same


def test_it_is_silent_once_a_week_of_changes_was_left_unread():
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert not is_silent(None, now)
    assert not is_silent(now - SILENCE + timedelta(seconds=1), now)
    assert is_silent(now - SILENCE, now)
