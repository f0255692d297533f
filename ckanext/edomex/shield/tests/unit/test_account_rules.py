"""Rules of accounts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ckanext.edomex.shield.domain.accounts import findings, may_manage

NOW = datetime(2027, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "active", "leaves", "found"),
    [
        (400, 1, None, []),
        (400, 89, None, []),
        (400, 90, None, ["unused"]),
        (89, None, None, []),
        (90, None, None, ["unused"]),
        (400, 1, date(2027, 3, 31), []),
        (400, 1, date(2027, 3, 16), []),
        (400, 1, date(2027, 3, 15), ["leaver_open"]),
        (400, 91, date(2027, 1, 1), ["unused", "leaver_open"]),
        (400, 1, date(2028, 1, 1), []),
    ],
)
def test_what_somebody_has_to_look_at(created, active, leaves, found):
    last = None if active is None else NOW - timedelta(days=active)
    assert findings(now=NOW, created=NOW - timedelta(days=created), last_active=last, leaves_on=leaves) == found


@pytest.mark.parametrize(
    ("own", "theirs", "role", "may"),
    [("a", "a", False, True), ("ab", "a", False, True), ("a", "ab", False, False), ("a", "", False, False), ("", "", False, False),
     ("a", "a", True, False)],
)  # fmt: skip
def test_an_agencys_administrator_decides_on_their_own_people_alone(own, theirs, role, may):
    assert may_manage(own_agencies=frozenset(own), agencies=frozenset(theirs), has_state_role=role) is may
