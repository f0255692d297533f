"""Figures of lateness, and which of the engine's figures are alarms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.edomex.release.domain import lateness

QUIET = {
    "states": {"released": 3},
    "overdue": {"releases": 0, "oldest_s": 0.0},
    "loops": {"alive": 2, "last_seen_s": 1.0},
    "outbox": [{"kind": "index", "waiting": 1, "dead": 0, "oldest": 2.0}],
    "checks": [{"name": "index", "missing": 0}],
    "problems": 0,
}


def raised(**changes):
    return lateness.alarms({**QUIET, **changes}, late_after_s=60)


@given(st.lists(st.floats(0, 1e5), min_size=1))
def test_a_percentile_is_one_of_the_values_and_covers_its_share(values):
    ordered = sorted(values)
    for rank in (1, 50, 99, 100):
        found = lateness.percentile(ordered, rank)
        assert found in ordered
        assert sum(1 for each in ordered if each <= found) >= len(ordered) * rank / 100


def test_of_nothing_there_is_no_percentile():
    assert lateness.summary([])["p99"] is None


def test_buckets_count_upwards():
    counts = list(lateness.summary([0.05, 0.3, 7, 4000])["buckets"].values())
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (1, 3)


def test_quiet_is_quiet():
    assert raised() == []


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("no_loop", {"loops": {"alive": 0, "last_seen_s": 90.0}}),
        ("overdue", {"overdue": {"releases": 1, "oldest_s": 61.0}}),
        ("file_missing", {"checks": [{"name": "index", "missing": 1}]}),
        ("outbox_dead", {"outbox": [{"kind": "index", "waiting": 0, "dead": 1, "oldest": 0.0}]}),
        ("outbox_old", {"outbox": [{"kind": "index", "waiting": 1, "dead": 0, "oldest": 301.0}]}),
        ("problems_ahead", {"problems": 1}),
        ("failed", {"states": {"failed": 1}}),
    ],
)
def test_each_alarm_has_its_cause(name, changes):
    assert raised(**changes) == [name]
