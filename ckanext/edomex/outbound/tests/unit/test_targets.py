"""A target's settings, and the agreement without which it does not work."""

from datetime import date

import pytest

from ckanext.edomex.outbound.domain.targets import AGREEMENT, faults

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
