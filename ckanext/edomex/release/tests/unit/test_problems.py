"""What a rehearsal finds has words for whoever can mend it."""

import re
from pathlib import Path

from ckanext.edomex.release.domain import problems

JOBS = Path(__file__).parents[2] / "jobs"


def test_every_code_that_is_used_has_words():
    used = set()
    for path in JOBS.glob("*.py"):
        used |= set(re.findall(r'problem\("([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert used
    assert used <= set(problems.MESSAGES)


def test_what_mends_itself_is_a_finding_like_the_others():
    assert set(problems.MESSAGES) > problems.PASSING


def test_a_finding_is_plain_data():
    found = problems.problem("not_prepared", subject="r", detail="feed: ValueError")
    assert found.as_dict() == {"code": "not_prepared", "message": found.message, "subject": "r"}
    assert "feed: ValueError" in found.message
