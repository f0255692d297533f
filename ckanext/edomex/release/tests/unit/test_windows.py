"""Windows, slots and holidays: what is free, what is usual, what the law says."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.domain.clock import local
from ckanext.edomex.release.domain.holidays import holiday, holidays, read, table
from ckanext.edomex.release.domain.windows import (
    LEAST_NOTICE,
    Effect,
    Habit,
    HeldError,
    WarnedError,
    Window,
    check,
    next_allowed,
    next_slot,
)

NOW = datetime(2027, 3, 12, 18, 0, tzinfo=UTC)
OFFICE = Habit(time=time(9), weekdays=frozenset({1, 2, 3, 4, 5}))


def window(begin, end, effect=Effect.HOLD, reason="Veda electoral."):
    return Window(effect=effect, reason=reason, starts_at=NOW + timedelta(hours=begin), ends_at=NOW + timedelta(hours=end))


class TestWindows:
    def test_its_end_is_not_within_it(self):
        one = window(0, 2)
        assert one.covers(NOW) and not one.covers(one.ends_at) and not one.covers(NOW - timedelta(microseconds=1))

    def test_held_says_until_when_why_and_what_is_free(self):
        words = r"12:00 y el 12 de marzo de 2027, 14:00: Veda electoral\. El siguiente momento .* 14:00\."
        with pytest.raises(HeldError, match=words) as caught:
            check(NOW, [window(0, 2)], confirmed=True)
        assert (caught.value.field, caught.value.next_allowed) == ("release_at", NOW + timedelta(hours=2))

    def test_windows_that_follow_one_another_are_passed_together(self):
        row = [window(2, 5), window(0, 3), window(5, 6), window(7, 9)]
        assert next_allowed(NOW, row) == NOW + timedelta(hours=6)

    def test_a_warning_is_confirmed_or_comes_back(self):
        warning = window(0, 2, Effect.WARN, "Fin de semana largo")
        with pytest.raises(WarnedError, match=r"Fin de semana largo\. Confirme") as caught:
            check(NOW, [warning], confirmed=False)
        assert caught.value.field == "confirm"
        check(NOW, [warning], confirmed=True)
        check(NOW + timedelta(hours=2), [warning], confirmed=False)

    def test_holding_is_stronger_than_warning(self):
        with pytest.raises(HeldError):
            check(NOW, [window(0, 2, Effect.WARN), window(0, 1)], confirmed=True)

    def test_nothing_is_held_by_default(self):
        check(NOW, [], confirmed=False)

    @given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 30), st.sampled_from(Effect)), max_size=8), st.integers(0, 3600))
    def test_what_is_next_allowed_is_free_and_nothing_before_it_is(self, rows, seconds):
        windows = [window(begin, begin + length, effect) for begin, length, effect in rows]
        instant = NOW + timedelta(seconds=seconds)
        free = next_allowed(instant, windows)
        check(free, windows, confirmed=True)
        assert free >= instant
        moment = instant
        while moment < free:
            with pytest.raises(HeldError):
                check(moment, windows, confirmed=True)
            moment += timedelta(minutes=30)


class TestSlots:
    def test_the_next_usual_day_that_is_no_holiday(self):
        # Friday at noon; Monday 15 March 2027 is the holiday of the 21st.
        assert local(next_slot(NOW, OFFICE, [], holiday)).isoformat() == "2027-03-16T09:00:00-06:00"
        assert local(next_slot(NOW, OFFICE, [], lambda _day: None)).isoformat() == "2027-03-15T09:00:00-06:00"

    def test_is_in_no_window_of_either_kind(self):
        for effect in Effect:
            assert local(next_slot(NOW, OFFICE, [window(0, 24 * 5, effect)], holiday)).date() == date(2027, 3, 18)

    def test_none_within_a_year_where_there_is_none(self):
        assert next_slot(NOW, OFFICE, [window(-1, 24 * 500)], holiday) is None
        assert next_slot(NOW, Habit(time=time(9), weekdays=frozenset()), [], holiday) is None

    @given(st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1)), st.times(), st.sets(st.integers(1, 7), min_size=1))
    def test_is_as_usual_and_leaves_time_to_think(self, naive, at, weekdays):
        now, at = naive.replace(tzinfo=UTC), at.replace(second=0, microsecond=0)
        slot = next_slot(now, Habit(time=at, weekdays=frozenset(weekdays)), [], holiday)
        assert slot >= now + LEAST_NOTICE
        assert (local(slot).time(), local(slot).isoweekday() in weekdays, holiday(local(slot).date())) == (at, True, None)


class TestHolidays:
    @pytest.mark.parametrize(
        ("year", "days"),
        [
            (2021, "01-01 02-01 03-02 03-15 05-01 05-05 09-16 11-02 11-15 12-25"),
            (2024, "01-01 02-05 03-02 03-18 05-01 05-05 09-16 10-01 11-02 11-18 12-25"),
            (2026, "01-01 02-02 03-02 03-16 05-01 05-05 09-16 11-02 11-16 12-25"),
            (2030, "01-01 02-04 03-02 03-18 05-01 05-05 09-16 10-01 11-02 11-18 12-25"),
        ],
    )
    def test_of_a_year(self, year, days):
        assert [f"{day:%m-%d}" for day in holidays(year)] == days.split()

    def test_each_has_a_name_and_a_source(self):
        assert all(rule.name and rule.source for rule in table())

    def test_a_row_that_is_no_rule_is_refused(self):
        with pytest.raises(KeyError):
            read([{"name": "x", "source": "y"}])
