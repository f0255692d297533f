"""Rules of the brake."""

import pytest

from ckanext.edomex.shield.domain import brake
from ckanext.edomex.shield.domain.brake import Rule, of_address, spoken, wait_s


def test_waits_double_up_to_the_longest():
    rule = Rule(free=3, first_s=2, longest_s=15)
    assert [wait_s(attempt, rule) for attempt in range(1, 9)] == [0, 0, 0, 2, 4, 8, 15, 15]
    assert wait_s(10**9, rule) == 15


def test_a_known_address_is_not_held_back_by_others():
    strange = {counter.name for counter in brake.of_log_in("ana", "192.0.2.1", known=False)}
    known = {counter.name for counter in brake.of_log_in("ana", "192.0.2.1", known=True)}
    assert strange - known == {"in:ana@"}
    assert not known & {counter.name for counter in brake.of_log_in("ana", "192.0.2.2", known=False)}


def test_guessing_for_a_day_gets_nowhere():
    for rules, most in ((brake.of_log_in("a", "1", known=False), 900), (brake.of_code("a"), 110)):
        for counter in rules:
            clock = attempts = 0
            while clock < 86_400:
                attempts += 1
                clock += max(wait_s(attempts, counter.rule), 0)
            assert attempts < most


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("evil\n", "unknown"),
    ],
)
def test_one_customer_is_one_address(address, counted):
    assert of_address(address) == counted


@pytest.mark.parametrize(("seconds", "words"), [(1, "1 segundo"), (40, "40 segundos"), (90, "2 minutos"), (121, "3 minutos")])
def test_times_are_said_rounded_up(seconds, words):
    assert spoken(seconds) == words
