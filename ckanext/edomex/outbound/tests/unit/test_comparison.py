"""The one thing to do for a copy, and why."""

import pytest

from ckanext.edomex.outbound.domain.comparison import Past, step
from ckanext.edomex.outbound.domain.copies import Operation
from ckanext.edomex.outbound.domain.mapping import IDENTITY, Wanted, digest, told

GUID = "https://datos.example.org/dataset/1"
OURS = Wanted(dataset={
    "name": "a_1", "title": "A", "notes": "", "url": "", "license_id": "", "tags": [], "groups": [],
    "extras": [{"key": IDENTITY, "value": GUID}], "resources": [{"edomex_id": "r", "name": "n", "url": "u"}],
})  # fmt: skip


def there(**changes):
    return {**OURS.dataset, "state": "active", "private": False, **changes}


def decide(ours=OURS, theirs=None, past=None, *, may_publish=True):
    return step(ours, theirs, past or Past(), guid=GUID, may_publish=may_publish).operation


def known(theirs):
    return Past(sent=digest(told(OURS.dataset)), written=digest(told(theirs)))


def test_what_is_not_there_is_made_also_where_it_was_deleted_before():
    assert decide() == Operation.CREATE
    assert decide(theirs=there(state="deleted")) == Operation.CREATE


def test_what_says_the_same_is_left_alone():
    assert decide(theirs=there()) == Operation.NOTHING


def test_a_change_of_ours_goes_there():
    before = there(title="Antes")
    was = digest(told(before))
    assert decide(theirs=before, past=Past(sent=was, written=was)) == Operation.UPDATE


def test_what_was_changed_there_is_not_written_over_unless_a_person_says_so():
    theirs = there(title="Suyo")
    past = known(there())
    assert decide(theirs=theirs, past=past) == Operation.REFUSE
    assert decide(theirs=theirs, past=Past(sent=past.sent, written=past.written, overwrite=True)) == Operation.UPDATE


FILE = {"edomex_id": "f", "name": "Tabla", "format": "CSV", "url_type": "upload", "url": "", "edomex_sha256": "new"}
FILES = Wanted(dataset={**OURS.dataset, "resources": [*OURS.dataset["resources"], FILE]}, files={"f": "new"})


def half(*files, **changes):
    """What is there after a write of ours that was to be followed by a file."""
    return {**there(**changes), "resources": [*OURS.dataset["resources"], *files]}


@pytest.mark.parametrize("theirs", [half(), half({**FILE, "edomex_sha256": "old"})])
def test_what_we_left_half_written_is_gone_on_with(theirs):
    before = digest(told(there(title="Antes")))
    assert decide(FILES, theirs, Past(written=before)) == Operation.UPDATE
    assert decide(FILES, theirs, Past(written=digest(told(theirs)))) == Operation.UPDATE
    assert decide(FILES, theirs, Past(sent=before, written=before)) == Operation.REFUSE


@pytest.mark.parametrize("theirs", [
    half(title="Suyo"), half({**FILE, "edomex_sha256": "old", "name": "Suyo"}), half(FILE, {**FILE, "edomex_id": "theirs"}),
    there(resources=[FILE]),
])  # fmt: skip
def test_what_somebody_changed_in_what_we_left_half_written_is_not_written_over(theirs):
    assert decide(FILES, theirs, Past(written=digest(told(there(title="Antes"))))) == Operation.REFUSE


def test_a_target_that_keeps_less_than_it_is_sent_is_not_written_to_for_ever():
    theirs = there(groups=[], notes="cortado")
    assert decide(theirs=theirs, past=known(theirs)) == Operation.NOTHING


def test_a_strangers_dataset_under_the_name_is_never_touched():
    stranger = there(extras=[])
    assert decide(theirs=stranger) == Operation.REFUSE
    assert decide(ours=None, theirs=stranger) == Operation.NOTHING


def test_what_we_wrote_and_is_no_more_known_as_ours_needs_a_person_and_is_not_called_withdrawn():
    for lost in (there(extras=[]), there(extras=[{"key": IDENTITY, "value": GUID.replace("https", "http")}])):
        found = step(None, lost, known(there()), guid=GUID, may_publish=True)
        assert (found.operation, GUID in found.reason) == (Operation.REFUSE, True)
        assert decide(ours=None, theirs={**lost, "state": "deleted"}, past=known(there())) == Operation.NOTHING


def test_who_makes_it_public_there():
    assert decide(theirs=there(private=True)) == Operation.PUBLISH
    assert decide(theirs=there(private=True), may_publish=False) == Operation.NOTHING


def test_what_is_hidden_here_goes_there_too():
    assert decide(ours=None, theirs=there()) == Operation.DELETE
    assert decide(ours=None) == Operation.NOTHING
    assert decide(ours=None, theirs=there(state="deleted")) == Operation.NOTHING


def test_without_a_file_that_the_gate_takes_nothing_is_sent():
    left = Wanted(dataset={**OURS.dataset, "resources": []}, left_out=("Notas",))
    assert decide(ours=left) == Operation.REFUSE
