"""The chain's rules: what it is made of, and that whatever is done to it is met and named."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.audit.domain.chain import GENESIS, Head, HeadError, Seal, parsed_head
from ckanext.edomex.audit.domain.faults import WORDS, Fault, Looked, Walk, Wrong

AT = datetime(2027, 3, 1, 15, 30, 0, 5, UTC)


def seals(count):
    """A chain of so many seals, each with its event as it was."""
    chain, made = GENESIS, []
    for position in range(1, count + 1):
        seal = Seal(
            position=position, ledger="release", form=1, event_id=position * 10, event_hash=f"{position:064x}", agency_id="a",
            event_at=AT, sealed_at=AT,
        )  # fmt: skip
        chain = seal.chained(chain)
        made.append(Looked(seal=seal, chain=chain, found=seal.event_hash))
    return made


def kinds(walk, found):
    return [(fault.kind, fault.position) for fault in [*walk.over(found), *walk.end()]]


def test_a_value_is_the_hash_of_lines_that_anybody_can_write():
    (only,) = seals(1)
    text = f"{'0' * 64}\n1\nrelease\n1\n10\n{1:064x}\na\n2027-03-01T15:30:00.000005Z\n2027-03-01T15:30:00.000005Z"
    assert only.chain == hashlib.sha256(text.encode()).hexdigest()


def test_the_zone_in_which_the_database_answers_does_not_count():
    (only,) = seals(1)
    there = replace(only.seal, event_at=AT.astimezone(timezone(timedelta(hours=-6))))
    assert there.chained(GENESIS) == only.chain


@pytest.mark.parametrize(("field", "value"), [
    ("ledger", "planning"), ("form", 2), ("event_id", 11), ("event_hash", "f" * 64), ("agency_id", None), ("agency_id", "b"),
    ("event_at", AT + timedelta(microseconds=1)), ("sealed_at", AT + timedelta(microseconds=1)), ("position", 2),
])  # fmt: skip
def test_every_field_counts(field, value):
    (only,) = seals(1)
    assert replace(only.seal, **{field: value}).chained(GENESIS) != only.chain


def test_what_is_whole_has_no_fault_and_ends_where_it_ends():
    made, walk = seals(5), Walk()
    walk.wanted = [Head(position=3, chain=made[2].chain), Head(position=5, chain=made[4].chain)]
    assert kinds(walk, made) == []
    assert (walk.looked, walk.at) == (5, Head(position=5, chain=made[4].chain))


def test_what_is_done_to_it_is_named_where_it_was_done():
    made = seals(5)
    changed, gone, forged = replace(made[1], found="0" * 64), replace(made[2], found=None), replace(made[3], chain="0" * 64)
    assert kinds(Walk(), [made[0], changed, *made[2:]]) == [(Wrong.EVENT_CHANGED, 2)]
    assert kinds(Walk(), [*made[:2], gone, *made[3:]]) == [(Wrong.EVENT_GONE, 3)]
    assert kinds(Walk(), [*made[:3], forged, made[4]]) == [(Wrong.SEAL_CHANGED, 4), (Wrong.SEAL_CHANGED, 5)]
    assert kinds(Walk(), [*made[:1], *made[3:]]) == [(Wrong.GAP, 2)]
    assert kinds(Walk(), made[1:]) == [(Wrong.GAP, 1)]
    resealed = replace(made[1], seal=replace(made[1].seal, event_hash="a" * 64), found="a" * 64)
    assert kinds(Walk(), [made[0], resealed, *made[2:]]) == [(Wrong.SEAL_CHANGED, 2)]


def test_a_chain_made_anew_is_known_by_a_value_that_was_noted():
    noted = Head(position=4, chain=seals(4)[3].chain)
    assert kinds(Walk(wanted=[noted]), seals(3)) == [(Wrong.HEAD_LOST, 4)]
    anew, chain = [], GENESIS
    for each in seals(5):
        seal = replace(each.seal, agency_id="b")
        chain = seal.chained(chain)
        anew.append(replace(each, seal=seal, chain=chain))
    assert kinds(Walk(wanted=[noted]), anew) == [(Wrong.HEAD_LOST, 4)]


def test_a_part_of_it_is_walked_from_where_it_is_trusted():
    made = seals(5)
    assert kinds(Walk(at=Head(position=2, chain=made[1].chain)), made[2:]) == []
    assert kinds(Walk(at=Head(position=2, chain=made[0].chain)), made[2:]) == [(Wrong.SEAL_CHANGED, 3)]


def test_events_of_a_room_that_is_not_installed_are_counted_and_not_judged():
    walk = Walk()
    assert kinds(walk, [replace(each, found=None, known=False) for each in seals(2)]) == []
    assert walk.unknown == 2


@given(st.integers(0, 5), st.integers(0, 5))
def test_two_that_changed_places_are_met(first, second):
    made = seals(6)
    swapped = list(made)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    assert bool(kinds(Walk(), swapped)) == (first != second)


def test_a_head_is_read_as_it_is_printed():
    head = Head(position=12, chain="ab" * 32)
    assert parsed_head(f" {str(head).upper()}\n") == head
    for wrong in ("", "12", "12:ab", f"-1:{'ab' * 32}", f"x:{'ab' * 32}", "12:" + "g" * 64):
        with pytest.raises(HeadError):
            parsed_head(wrong)


def test_every_fault_says_what_it_is_where_and_what_to_do():
    assert set(WORDS) == set(Wrong)
    text = Fault(kind=Wrong.EVENT_CHANGED, position=7, ledger="release", event_id=3).text
    assert text.startswith("el evento no es el que se selló (posición 7, evento 3 de release). Guarde una copia")
    assert "planning" in Fault(kind=Wrong.UNSEALED, ledger="planning", seen="3").text
