"""Where an observation stands, who moves it, and which places there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.release.domain import observations
from ckanext.edomex.release.domain.errors import FieldError, MoveForbiddenError
from ckanext.edomex.release.domain.lifecycle import OPEN, Role
from ckanext.edomex.release.domain.lifecycle import State as ReleaseState
from ckanext.edomex.release.domain.observations import PENDING, TRANSITIONS, Anchor, Fields, Place, State, check_place

FIELDS = Fields(dataset=["title", "notes"], resource=["name", "description"])
CONTENT = [
    {"title": "Agua"}, {}, [{"id": "tabla", "format": "CSV"}, {"id": "guia", "format": "PDF"}], [], [],
]  # fmt: skip


def place(anchor, **parts):
    return Place(anchor=Anchor(anchor), **parts)


def field_of(caught):
    return caught.value.field


class TestMoves:
    def test_only_the_agency_answers_and_only_reviewers_settle(self):
        assert {name for name, move in TRANSITIONS.items() if move.role is Role.EDITOR} == {"answer"}
        assert {name for name, move in TRANSITIONS.items() if move.role is Role.REVIEWER} == {"resolve", "reopen", "withdraw"}

    def test_what_is_settled_is_opened_again_with_a_reason(self):
        assert observations.after(State.RESOLVED, "reopen", ReleaseState.IN_REVIEW) is State.OPEN
        assert TRANSITIONS["reopen"].needs_text

    @pytest.mark.parametrize("state", State)
    @pytest.mark.parametrize("release", [each for each in ReleaseState if each not in OPEN] + [ReleaseState.SCHEDULED])
    def test_nothing_moves_once_the_release_is_decided(self, state, release):
        assert observations.allowed(state, release) == []
        with pytest.raises(MoveForbiddenError, match="Ahora no hay pasos posibles"):
            observations.after(state, "reopen", release)

    def test_reviewers_do_not_settle_what_they_cannot_see(self):
        assert observations.allowed(State.OPEN, ReleaseState.DRAFT) == ["answer"]

    def test_a_forbidden_move_says_what_is_possible(self):
        with pytest.raises(MoveForbiddenError) as caught:
            observations.after(State.RESOLVED, "answer", ReleaseState.IN_REVIEW)
        assert (caught.value.state, caught.value.allowed) == (State.RESOLVED, ["reopen"])
        assert "«Resuelta»" in str(caught.value)
        assert "abrir de nuevo" in str(caught.value)

    @given(st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=30))
    def test_settled_is_what_a_reviewer_settled_last(self, sequence):
        state, last = State.OPEN, ""
        for name in sequence:
            if name in observations.allowed(state, ReleaseState.IN_REVIEW):
                state, last = observations.after(state, name, ReleaseState.IN_REVIEW), name
        assert (state not in PENDING) == (last in {"resolve", "withdraw"})

    def test_states_and_moves_have_spanish_names(self):
        assert set(observations.LABELS) == set(State)
        assert set(observations.MOVE_NAMES) == set(TRANSITIONS)


class TestPlaces:
    @pytest.mark.parametrize("right", [
        place("dataset"), place("field", field="notes"), place("field", field="description", resource_id="guia"),
        place("resource", resource_id="guia"), place("resource", resource_id="tabla", column="clave"),
        place("row", resource_id="tabla", row=1), place("row", resource_id="tabla", row=observations.LAST_ROW, column="clave"),
    ])  # fmt: skip
    def test_of_what_was_sent(self, right):
        check_place(right, CONTENT, FIELDS)

    @pytest.mark.parametrize(("wrong", "field"), [
        (place("dataset", field="notes"), "field"),
        (place("field"), "field"),
        (place("field", field="description"), "field"),
        (place("field", field="notes", resource_id="tabla"), "field"),
        (place("field", field="notes", row=1), "row"),
        (place("resource"), "resource_id"),
        (place("resource", resource_id="otro"), "resource_id"),
        (place("resource", resource_id="guia", column="clave"), "column"),
        (place("row", resource_id="tabla"), "row"),
        (place("row", row=1), "resource_id"),
        (place("row", resource_id="tabla", row=0), "row"),
        (place("row", resource_id="tabla", row=-3), "row"),
        (place("row", resource_id="tabla", row=observations.LAST_ROW + 1), "row"),
        (place("row", resource_id="guia", row=1), "row"),
    ])  # fmt: skip
    def test_elsewhere_are_named_by_their_parameter(self, wrong, field):
        with pytest.raises(FieldError) as caught:
            check_place(wrong, CONTENT, FIELDS)
        assert field_of(caught) == field

    def test_a_dataset_without_files_has_none_to_point_at(self):
        with pytest.raises(FieldError) as caught:
            check_place(place("resource", resource_id="tabla"), [{}, {}, None, [], []], FIELDS)
        assert field_of(caught) == "resource_id"


@pytest.mark.parametrize(
    ("numbers", "said"), [([4], "la observación 4"), ([1, 2], "las observaciones 1 y 2"), ([1, 2, 5], "las observaciones 1, 2 y 5")]
)
def test_several_are_read_aloud(numbers, said):
    assert observations.summary(numbers) == said
