"""When a daily letter is due, what it lists, how long a letter waits, what of a history is told."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from ckanext.edomex.domain.clock import ZONE
from ckanext.edomex.notices.domain import attempts, digests
from ckanext.edomex.notices.domain.people import As
from ckanext.edomex.notices.domain.releases import happenings

EIGHT = time(8)
DAY = date(2027, 3, 1)


def at(hour, minute=0, day=DAY):
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "last", "day"),
    [
        (at(7, 59), None, None),
        (at(8), None, DAY),
        (at(23, 59), DAY - timedelta(days=1), DAY),
        (at(9), DAY, None),
        # Down for ten days: one letter, not ten.
        (at(12), DAY - timedelta(days=10), DAY),
        # The state's midnight is 06:00 in UTC: the day of the zone decides.
        (datetime(2027, 3, 2, 5, 30, tzinfo=UTC), DAY, None),
    ],
)
def test_the_day_whose_letter_is_due(now, last, day):
    assert digests.due(now, EIGHT, last) == day


@pytest.mark.parametrize(("now", "seconds"), [(at(7), 3600), (at(8), 86400), (at(20), 43200)])
def test_seconds_until_the_hour(now, seconds):
    assert digests.seconds_until(now, EIGHT) == seconds


def test_the_hour_is_the_same_all_year():
    for month in range(1, 13):
        assert digests.seconds_until(datetime(2027, month, 15, 13, tzinfo=UTC), EIGHT) == 3600


def test_a_daily_letter_counts_and_leads_there():
    found = digests.listed([("Se publicó un conjunto", f"https://x/{number}") for number in range(12)] + [("Otra cosa", "https://x/y")])
    assert found.startswith("Se publicó un conjunto (12)\n  https://x/0\n")
    assert "  y 2 más\n\nOtra cosa (1)\n  https://x/y" in found


def test_waits_grow_to_an_hour_and_end_after_three_days():
    assert [attempts.wait_s(number) for number in (0, 1, 2, 6, 99)] == [60, 120, 240, 3600, 3600]
    begun = at(8)
    assert not attempts.is_over(begun, begun + timedelta(days=2, hours=23))
    assert attempts.is_over(begun, begun + timedelta(days=3))


def test_alarms_name_what_has_to_be_looked_at():
    assert attempts.alarms(oldest_s=10, dead=0) == []
    assert attempts.alarms(oldest_s=3600, dead=1) == ["letters_dead", "letters_old"]


def history(*events, **more):
    rows = [
        {"id": number, "move": move, "from": before, "at": f"2027-03-01T0{number}:00:00Z", "actor": actor, "to": to}
        for number, (move, before, actor, to) in enumerate(events, start=1)
    ]
    base = {"id": "r", "dataset_id": "d", "draft_id": "d", "agency_id": "a", "state": "scheduled", "problems": []}
    return {**base, "release_at": "2027-04-01T15:00:00Z", "events": rows, **more}


SENT = ("submit", "draft", "ana", None)
PASSED = ("approve", "in_review", "rita", "2027-04-01T15:00:00Z")
LONG_AGO = datetime(2027, 1, 1, tzinfo=UTC)


def test_each_event_is_told_with_who_was_concerned_then():
    found = list(happenings(history(SENT, PASSED, ("edit", "scheduled", "eva", None), state="draft"), LONG_AGO))
    assert [each.kind for each in found] == ["submitted", "approved", "voided"]
    assert found[0].named == {As.SUBMITTER: frozenset({"ana"})}
    assert found[2].named == {As.SUBMITTER: frozenset({"ana"}), As.APPROVER: frozenset({"rita"})}
    assert len({each.key for each in found}) == 3


def test_what_happened_before_is_no_news():
    found = list(happenings(history(SENT, PASSED), datetime(2027, 3, 1, 1, 30, tzinfo=UTC)))
    assert [each.kind for each in found] == ["approved"]


def test_a_rehearsals_finding_is_told_once_for_each_approval():
    found = history(SENT, PASSED, problems=["file_missing"])
    (first,) = [each for each in happenings(found, LONG_AGO) if each.kind == "problem"]
    (again,) = [each for each in happenings({**found, "problems": ["file_damaged"]}, LONG_AGO) if each.kind == "problem"]
    assert first.key == again.key
    assert not [each for each in happenings({**found, "state": "failed"}, LONG_AGO) if each.kind == "problem"]
