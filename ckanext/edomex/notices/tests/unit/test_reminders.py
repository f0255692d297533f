"""What is reminded of, when, and once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.notices.domain import letters
from ckanext.edomex.notices.domain.kinds import KINDS
from ckanext.edomex.notices.domain.reminders import STALE, Stage, of_cycle, of_lines, of_updates, stage_of

DUE = date(2027, 3, 10)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(("today", "stage"), [
    (date(2027, 3, 2), None), (date(2027, 3, 3), Stage.BEFORE), (date(2027, 3, 9), Stage.BEFORE), (DUE, Stage.TODAY),
    (date(2027, 3, 11), Stage.AFTER), (DUE + STALE, Stage.AFTER), (DUE + STALE + timedelta(days=1), None),
])  # fmt: skip
def test_stages_of_a_day(today, stage):
    assert stage_of(DUE, today) == stage


def line(due=DUE):
    return {"line_id": "l", "plan_id": "p", "agency_id": "a", "due": due.isoformat()}


def update(due=DUE, **more):
    return {"dataset": {"id": "d"}, "agency": {"id": "a"}, "due": due.isoformat(), "has_edition": False, **more}


@given(DAYS, DAYS)
def test_each_stage_of_a_promise_has_one_key(due, begin):
    told = [each.key for day in range(90) for each in of_lines([line(due)], begin + timedelta(days=day))]
    assert len(set(told)) <= len(Stage)


def test_a_new_date_is_reminded_of_anew():
    later = date(2027, 4, 1)
    assert {each.key for each in of_lines([line()], DUE)} != {each.key for each in of_lines([line(later)], later)}


def test_an_edition_that_is_open_reminds_of_itself():
    assert [each.kind for each in of_updates([update()], DUE)] == ["update_today"]
    assert list(of_updates([update(has_edition=True)], DUE)) == []


def kinds(state, today):
    return [each.kind for each in of_cycle([{"agency_id": "a", "year": today.year, "plan_id": None, "state": state}], today)]


@pytest.mark.parametrize(("state", "today", "asked"), [
    (None, date(2027, 1, 2), ["plan_update"]), ("draft", date(2027, 1, 20), ["plan_update"]),
    ("draft", date(2027, 1, 21), ["plan_update_late"]), ("draft", date(2027, 1, 25), ["plan_update_late", "plan_report"]),
    ("submitted", date(2027, 1, 5), []), ("submitted", date(2027, 1, 30), ["plan_report"]), ("approved", date(2027, 1, 30), []),
    ("approved", date(2027, 4, 3), ["plan_review"]), ("approved", date(2027, 4, 20), []), ("draft", date(2027, 4, 3), []),
    (None, date(2027, 6, 1), []),
])  # fmt: skip
def test_the_yearly_cycle(state, today, asked):
    assert kinds(state, today) == asked


@given(DAYS, st.sampled_from([None, "draft", "submitted", "approved"]))
def test_whatever_is_asked_of_an_agency_can_be_said(today, state):
    assert {*kinds(state, today)} <= KINDS.keys() & letters.table().keys()


def test_nobody_is_told_before_those_who_can_do_something_are():
    for subject in ("promise", "update"):
        people = [set(KINDS[f"{subject}_{stage}"].concerned) for stage in ("before", "today", "after")]
        assert people[0] < people[1] < people[2]
