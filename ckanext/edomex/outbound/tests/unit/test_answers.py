"""Every answer of a target has a defined outcome."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.outbound.domain import answers, patience
from ckanext.edomex.outbound.domain.answers import asked_wait_s, trouble_of

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(("status", "is_json", "trouble"), [
    (200, True, None), (200, False, answers.GARBLED), (302, False, answers.MOVED), (401, True, answers.TOKEN_REFUSED),
    (403, True, answers.FORBIDDEN), (403, False, answers.BLOCKED), (404, False, answers.NOT_AN_API), (409, True, answers.INVALID),
    (413, False, answers.TOO_LARGE), (413, True, answers.TOO_LARGE), (429, False, answers.TOO_MANY), (429, True, answers.TOO_MANY),
    (500, True, answers.UNAVAILABLE), (502, False, answers.UNAVAILABLE), (418, False, answers.NOT_AN_API),
])  # fmt: skip
def test_what_a_status_means(status, is_json, trouble):
    assert trouble_of(status, is_json=is_json) is trouble


@given(st.integers(100, 599), st.booleans())
def test_no_status_is_without_a_meaning(status, is_json):
    found = trouble_of(status, is_json=is_json)
    assert (found is None) == (status == 200 and is_json)


@pytest.mark.parametrize(("header", "seconds"), [
    (None, None), ("", None), ("30", 30.0), ("-5", 0.0), ("99999999", answers.LONGEST_WAIT_S), ("pronto", None), ("nan", None),
    ("Tue, 01 Dec 2026 00:02:00 GMT", 120.0), ("Mon, 30 Nov 2026 00:00:00 GMT", 0.0),
])  # fmt: skip
def test_how_long_a_target_asks_us_to_wait(header, seconds):
    assert asked_wait_s(header, NOW) == seconds


@given(st.text(max_size=40))
def test_no_header_breaks_it(header):
    found = asked_wait_s(header, NOW)
    assert found is None or 0 <= found <= timedelta(days=1).total_seconds()


def test_a_target_rests_longer_each_time_and_a_person_is_told_in_the_end():
    rests = [patience.rest_s(answers.UNAVAILABLE, failures) for failures in range(1, 12)]
    assert rests == sorted(rests)
    assert rests[-1] == patience.LONGEST_REST_S
    assert not patience.is_alarm(answers.UNAVAILABLE, 1)
    assert patience.is_alarm(answers.UNAVAILABLE, patience.ALARM_AFTER)
    assert patience.is_alarm(answers.TOKEN_REFUSED, 1)
    assert patience.rest_s(answers.TOO_MANY, 3, 42.0) == 42.0


def test_a_copy_that_fails_is_tried_less_and_less_and_never_given_up():
    rests = [patience.copy_rest_s(attempts) for attempts in range(1, 40)]
    assert rests == sorted(rests)
    assert (rests[0], rests[-1]) == (patience.FIRST_REST_S, patience.LONGEST_REST_S)
