"""Rules of the second factor."""

import pyotp
import pytest

from ckanext.edomex.shield.domain import second_factor as rules

#: The secret of RFC 6238's test vectors.
RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("moment", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")])
def test_codes_are_those_of_the_standard(moment, code):
    assert rules.matching_step(RFC, code, moment, None) == moment // 30


@pytest.mark.parametrize(("late", "good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_half_a_minute_wrong(late, good):
    moment = 1_800_000_015
    code = pyotp.TOTP(RFC).at(moment)
    assert (rules.matching_step(RFC, code, moment + late, None) is not None) is good


def test_no_code_is_taken_twice_nor_an_older_one_after_it():
    moment = 1_800_000_015
    now, before = pyotp.TOTP(RFC).at(moment), pyotp.TOTP(RFC).at(moment - 30)
    step = rules.matching_step(RFC, now, moment, None)
    assert rules.matching_step(RFC, now, moment + 5, step) is None
    assert rules.matching_step(RFC, before, moment, step) is None


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "28 70 8", "abcdef", "٢٨٧٠٨٢", "287082; x"])
def test_what_is_no_code(typed):
    assert rules.matching_step(RFC, typed, 59, None) is None


def test_spaces_do_not_matter():
    assert rules.matching_step(RFC, " 287 082\n", 59, None) == 1


def test_recovery_codes_are_all_different_and_read_as_they_are_written():
    codes = rules.new_recovery_codes()
    assert len(set(codes)) == rules.RECOVERY_CODES
    for code in codes:
        assert rules.plain_recovery(code) == rules.plain_recovery(code.upper().replace("-", " ")) == code.replace("-", "")
    assert rules.plain_recovery("287082") is None


@pytest.mark.parametrize(
    ("wanted", "roles", "needed"),
    [({"sysadmin"}, {"sysadmin"}, True), ({"sysadmin"}, {"reviewer"}, False), (set(), {"sysadmin"}, False), ({"a"}, set(), False)],
)
def test_who_needs_one(wanted, roles, needed):
    assert rules.is_needed(wanted=frozenset(wanted), roles=frozenset(roles)) is needed
