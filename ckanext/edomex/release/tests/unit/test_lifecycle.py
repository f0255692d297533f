"""The table of states: nothing is released without an approval, whatever moves are tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.release.domain import lifecycle
from ckanext.edomex.release.domain.errors import MoveForbiddenError
from ckanext.edomex.release.domain.lifecycle import TRANSITIONS, Role, State

moves = st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=30)


@given(moves)
def test_nothing_is_released_without_an_approval_that_still_stands(sequence):
    state, approved = State.DRAFT, False
    for name in sequence:
        try:
            state = lifecycle.after(state, name)
        except MoveForbiddenError:
            continue
        if name == "release":
            assert approved
        # A new date keeps the approval; anything else ends it.
        approved = name == "approve" or (approved and name == "reschedule")


def test_every_state_can_be_reached():
    reached, frontier = {State.DRAFT}, [State.DRAFT]
    while frontier:
        state = frontier.pop()
        for name in lifecycle.allowed(state):
            target = lifecycle.after(state, name)
            if target not in reached:
                reached.add(target)
                frontier.append(target)
    assert reached == set(State)


@pytest.mark.parametrize("state", [State.RELEASED, State.CANCELLED])
def test_what_is_over_stays_over(state):
    assert lifecycle.allowed(state) == []


def test_only_the_clock_releases():
    assert {name for name, move in TRANSITIONS.items() if move.target is State.RELEASED} == {"release"}
    assert TRANSITIONS["release"].role is Role.CLOCK


def test_a_forbidden_move_says_what_is_possible():
    with pytest.raises(MoveForbiddenError) as caught:
        lifecycle.after(State.SCHEDULED, "approve")
    assert caught.value.allowed == ["edit", "reschedule", "cancel", "release", "fail"]
    assert "«Programado»" in str(caught.value)
    assert "cambiar la fecha, cancelar" in str(caught.value)


def test_states_and_moves_have_spanish_names():
    assert set(lifecycle.LABELS) == set(State)
    assert set(lifecycle.MOVE_NAMES) == set(TRANSITIONS)


def test_the_diagram_draws_every_move():
    drawn = lifecycle.mermaid()
    assert all(f": {name} (" in drawn for name in TRANSITIONS)
