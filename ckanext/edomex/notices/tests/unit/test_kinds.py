"""Who is concerned, how they are told, and what nobody can choose."""

import pytest

from ckanext.edomex.notices.domain import kinds
from ckanext.edomex.notices.domain.kinds import KINDS, TOPICS, Delivery
from ckanext.edomex.notices.domain.people import As, Standing
from ckanext.edomex.notices.domain.telling import Happening, told

WATER = "agua"
PEOPLE = {
    As.SUBMITTER: frozenset({"ana"}),
    As.APPROVER: frozenset({"rita"}),
    As.EDITOR: frozenset({"ana", "eva"}),
    As.ADMIN: frozenset({"alba"}),
    As.REVIEWER: frozenset({"rita", "rosa"}),
    As.OPERATOR: frozenset({"mailto:op@example.org"}),
}
STANDINGS = {name: Standing(agencies=frozenset({WATER})) for name in ("ana", "eva", "alba")} | {
    name: Standing(is_state=True) for name in ("rita", "rosa")
}


def happening(kind, **more):
    return Happening(**{"kind": kind, "key": "k", "agency_id": WATER, "facts": {}, **more})


def test_each_is_told_as_the_table_says():
    assert told(happening("released"), PEOPLE, STANDINGS, {}) == {
        "ana": Delivery.NOW, "rita": Delivery.NOW, "alba": Delivery.DIGEST, "eva": Delivery.PORTAL,
    }  # fmt: skip


def test_whoever_is_concerned_twice_is_told_once_in_the_most_urgent_way():
    assert told(happening("returned"), PEOPLE, STANDINGS, {})["ana"] == Delivery.NOW


def test_who_did_it_is_not_told():
    assert "ana" not in told(happening("returned", actor="ana"), PEOPLE, STANDINGS, {})


def test_who_left_the_agency_or_the_portal_is_told_nothing():
    elsewhere = {**STANDINGS, "ana": Standing(agencies=frozenset({"obras"}))}
    del elsewhere["alba"]
    assert set(told(happening("released"), PEOPLE, elsewhere, {})) == {"rita", "eva"}


def test_an_agency_that_nobody_can_name_is_the_states_alone():
    assert set(told(happening("failed", agency_id=None), PEOPLE, STANDINGS, {})) == {"rita", "mailto:op@example.org"}


def test_a_choice_decides():
    chosen = {("ana", "published"): Delivery.PORTAL, ("eva", "published"): Delivery.NOW}
    found = told(happening("released"), PEOPLE, STANDINGS, chosen)
    assert (found["ana"], found["eva"]) == (Delivery.PORTAL, Delivery.NOW)


@pytest.mark.parametrize("kind", ["problem", "failed", "voided"])
def test_of_problems_everybody_who_can_mend_them_hears_at_once_whatever_they_chose(kind):
    chosen = {(name, topic): Delivery.PORTAL for name in STANDINGS for topic in TOPICS}
    found = told(happening(kind), PEOPLE, STANDINGS, chosen)
    assert found["ana"] == found["rita"] == Delivery.NOW


def test_no_kind_is_without_a_topic_or_somebody_concerned():
    assert {kind for kind, about in KINDS.items() if about.topic not in TOPICS or not about.concerned} == set()


def test_moves_ask_for_kinds_that_there_are():
    from ckanext.edomex.planning.domain.plan import TRANSITIONS as PLANS
    from ckanext.edomex.release.domain.lifecycle import TRANSITIONS

    found = {kinds.of_release(move, str(source)) for move, about in TRANSITIONS.items() for source in about.sources}
    found |= {kinds.of_plan(move) for move in PLANS} | {kinds.of_source(move) for move in ("tried", "approved", "held", "other")}
    of_moves = {kind for kind, about in KINDS.items() if about.topic != "reminders"}
    # A rehearsal and an answer are no moves of a release.
    assert found - {None} == of_moves - {"problem", "answered"}


def test_an_edit_matters_where_a_date_had_been_approved():
    assert (kinds.of_release("edit", "scheduled"), kinds.of_release("edit", "in_review")) == ("voided", None)
