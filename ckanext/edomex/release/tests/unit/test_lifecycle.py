"""The table of states: nothing is released without an approval, whatever moves are tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.release.domain import lifecycle
from ckanext.edomex.release.domain.errors import MoveForbiddenError
from ckanext.edomex.release.domain.lifecycle import PUBLICATIONS, TRANSITIONS, Kind, Role, State

moves = st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=30)


@given(moves, st.sampled_from(sorted(PUBLICATIONS)))
def test_nothing_is_released_without_an_approval_that_still_stands(sequence, kind):
    state, approved = State.DRAFT, False
    for name in sequence:
        try:
            state = lifecycle.after(state, name, kind)
        except MoveForbiddenError:
            continue
        if name == "release":
            assert approved
        # A new date keeps the approval; anything else ends it.
        approved = name == "approve" or (approved and name == "reschedule")


def reached(kind):
    found, frontier = {State.DRAFT}, [State.DRAFT]
    while frontier:
        state = frontier.pop()
        new = {lifecycle.after(state, name, kind) for name in lifecycle.allowed(state, kind)} - found
        found |= new
        frontier += new
    return found


def test_every_state_can_be_reached():
    assert reached(Kind.FIRST) | reached(Kind.EDITION) == set(State)


def test_a_withdrawal_knows_only_its_own_states():
    assert reached(Kind.WITHDRAWAL) == {State.DRAFT, State.IN_REVIEW, State.RELEASED, State.CANCELLED}


@pytest.mark.parametrize("kind", Kind)
def test_nobody_asks_for_anything_of_what_is_over(kind):
    for state in (State.RELEASED, State.CANCELLED, State.SUPERSEDED, State.WITHDRAWN):
        assert [name for name in lifecycle.allowed(state, kind) if TRANSITIONS[name].role.is_human] == []


def test_only_the_clock_releases_and_only_managers_withdraw():
    to_released = {name: move for name, move in TRANSITIONS.items() if move.target is State.RELEASED}
    assert set(to_released) == {"release", "confirm"}
    assert to_released["release"].role is Role.CLOCK
    assert (to_released["confirm"].role, to_released["confirm"].kinds) == (Role.MANAGER, frozenset({Kind.WITHDRAWAL}))


def test_only_an_edition_is_discarded():
    assert "discard" in lifecycle.allowed(State.DRAFT, Kind.EDITION)
    assert "discard" not in lifecycle.allowed(State.DRAFT, Kind.FIRST)


def test_a_forbidden_move_says_what_is_possible():
    with pytest.raises(MoveForbiddenError) as caught:
        lifecycle.after(State.SCHEDULED, "approve")
    assert caught.value.allowed == ["edit", "reschedule", "cancel", "release", "fail"]
    assert "«Programado»" in str(caught.value)
    assert "cambiar la fecha, cancelar" in str(caught.value)


def test_states_and_moves_have_spanish_names():
    assert set(lifecycle.LABELS) == set(State)
    assert set(lifecycle.MOVE_NAMES) == set(TRANSITIONS)
    assert set(lifecycle.KIND_NAMES) == set(Kind)


def test_the_diagram_draws_every_move():
    drawn = lifecycle.mermaid()
    assert all(f": {name} (" in drawn for name in TRANSITIONS)
