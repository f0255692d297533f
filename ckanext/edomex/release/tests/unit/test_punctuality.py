"""What counts as a promise, and as kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.release.domain.punctuality import LEAST_NOTICE_S, ON_TIME_S, Outcome, Record, records


def outcome(**fields):
    return Outcome(**{"agency": "a", "notice_s": 86_400.0, "cancelled": False, "lateness_s": 0.0, "moved": False, **fields})


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({}, {"on_time": 1, "due": 1, "share": 1.0}),
        ({"lateness_s": float(ON_TIME_S)}, {"on_time": 1, "due": 1, "share": 1.0}),
        ({"lateness_s": ON_TIME_S + 0.1}, {"late": 1, "due": 1, "share": 0.0}),
        ({"lateness_s": None}, {"missed": 1, "due": 1, "share": 0.0}),
        ({"lateness_s": None, "cancelled": True}, {"cancelled": 1}),
        ({"moved": True}, {"on_time": 1, "due": 1, "share": 1.0, "moved": 1}),
    ],
)
def test_each_promise_is_what_became_of_it(fields, counted):
    nothing = dict.fromkeys(("on_time", "late", "missed", "cancelled", "moved", "due"), 0) | {"share": None}
    assert records([outcome(**fields)])["a"].as_dict() == {**nothing, **counted}


def test_what_nobody_could_wait_for_is_no_promise():
    assert records([outcome(notice_s=LEAST_NOTICE_S - 1)]) == {}


@given(st.lists(st.builds(
    Outcome, agency=st.sampled_from("abc"), notice_s=st.floats(0, 1e6), cancelled=st.booleans(),
    lateness_s=st.none() | st.floats(0, 1e6), moved=st.booleans(),
)))  # fmt: skip
def test_nothing_is_counted_twice_or_left_out(outcomes):
    found = records(outcomes)
    counted = sum(record.due + record.cancelled for record in found.values())
    assert counted == sum(each.notice_s >= LEAST_NOTICE_S for each in outcomes)
    assert all(record.share is None or 0 <= record.share <= 1 for record in found.values())
    assert Record().share is None
