"""What has to be true of a row, and its one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.planning.domain import inventory
from ckanext.edomex.planning.domain.inventory import Decision, faults, fields_of, settled
from ckanext.edomex.planning.domain.permissions import AGENCY, PERMISSIONS, READERS, Who, allows

KNOWN = fields_of({"R/P1M": "Mensual"})
ROW = {**inventory.blank(KNOWN), "name": "Agua", "responsible": "Dirección de Agua"}


@pytest.mark.parametrize(("given_", "wrong"), [
    ({}, set()),
    ({"name": ""}, {"name"}),
    ({"responsible": ""}, {"responsible"}),
    ({"personal": True}, {"personal_ground"}),
    ({"reserved": True}, {"reserved_ground"}),
    ({"decision": Decision.OPEN, "expected": "2027-03"}, set()),
    ({"decision": Decision.OPEN}, {"expected"}),
    ({"decision": Decision.OPEN, "expected": "2027-03", "personal": True, "personal_ground": "Art. 7"}, {"decision"}),
    ({"decision": Decision.OPEN_IN_PART, "expected": "2027-03", "personal": True, "personal_ground": "Art. 7"}, set()),
    ({"decision": Decision.CLOSED}, {"decision"}),
    ({"decision": Decision.CLOSED, "reserved": True, "reserved_ground": "Art. 140"}, set()),
])  # fmt: skip
def test_what_cannot_be_true_together(given_, wrong):
    assert set(faults({**ROW, **given_})) == wrong


@pytest.mark.parametrize(("value", "found"), [
    ("Sí", True), ("si", True), ("NO", False), ("", False), (None, False), (True, True), ("No.", False), ("SÃ\xad", True),
])  # fmt: skip
def test_yes_and_no_as_people_write_them(value, found):
    values, errors = inventory.read({"personal": value}, KNOWN)
    assert (values, errors) == ({"personal": found}, {})


def test_what_cannot_be_read_is_named_by_field():
    given_ = {
        "personal": "tal vez",
        "expected": "31/02/2027",
        "frequency": "x",
        "decision": "y",
        "name": "a\u200bb",
        "resources": "no",
    }
    values, errors = inventory.read(given_, KNOWN)
    assert values == {} and set(errors) == set(given_)


def test_resources_are_named_and_named_once():
    for resources in ([{"about": "sin nombre"}], [{"name": "Uno"}, {"name": "ÚNO "}], [{"name": str(each)} for each in range(201)]):
        assert "resources" in inventory.read({"resources": resources}, KNOWN)[1]
    assert inventory.read({"resources": [{"name": ""}, {"name": "Uno"}]}, KNOWN)[0]["resources"] == [
        {"name": "Uno", "about": "", "system": "", "responsible": ""}
    ]


words = st.sampled_from(["", "A", "B", "C"])
resource = st.fixed_dictionaries({"name": st.uuids().map(str), "about": words, "system": words, "responsible": words})
row = st.fixed_dictionaries({
    "system": words, "responsible": words, "resources": st.lists(resource, max_size=4), "personal": st.booleans(),
    "personal_ground": words, "reserved": st.booleans(), "reserved_ground": words,
}).map(lambda part: {**ROW, **part})  # fmt: skip


@given(row)
def test_the_one_form_is_one_form(values):
    once = settled(values)
    assert settled(once) == once
    for name in inventory.INHERITED:
        said = [each[name] or values[name] for each in values["resources"]]
        kept = [each[name] or once[name] for each in once["resources"]]
        # Whoever said something still says it.
        assert all(after == before for before, after in zip(said, kept, strict=True) if before)


def test_permissions_are_a_table():
    assert all(allows(name, frozenset({who})) == (who in whom) for name, whom in PERMISSIONS.items() for who in Who)
    assert PERMISSIONS["edomex_inventory_update"] == AGENCY and PERMISSIONS["edomex_inventory_show"] == READERS
    assert not any(allows(name, frozenset()) for name in PERMISSIONS)
