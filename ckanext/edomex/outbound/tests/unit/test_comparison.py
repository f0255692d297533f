"""The one thing to do for a copy, and why."""

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


def test_a_target_that_keeps_less_than_it_is_sent_is_not_written_to_for_ever():
    theirs = there(groups=[], notes="cortado")
    assert decide(theirs=theirs, past=known(theirs)) == Operation.NOTHING


def test_a_strangers_dataset_under_the_name_is_never_touched():
    stranger = there(extras=[])
    assert decide(theirs=stranger) == Operation.REFUSE
    assert decide(ours=None, theirs=stranger) == Operation.NOTHING


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
