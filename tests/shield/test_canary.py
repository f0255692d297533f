"""Nobody learns of a dataset before its time, nor after it is withdrawn: whatever they ask for, by whatever address."""

from __future__ import annotations

import pytest

from tests.shield import rounds, twins
from tests.shield.asking import Asker

pytestmark = pytest.mark.stack

MOMENTS = ("rescheduled", "edition", "withdrawn")
PERSONS = ("anonymous", "other agency")


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_nobody_else_learns_of_it(findings, moment, person):
    found = findings.leaks[moment, person]
    assert not found, rounds.lines(found)


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_no_question_makes_the_portal_fail(findings, moment, person):
    """A failure is a refusal that nobody thought of; it is logged, and it tells."""
    found = findings.failures[moment, person]
    assert not found, rounds.lines(found)


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_no_byte_of_it_is_sent(findings, moment, person):
    """Whole, in part (Range), by HEAD, by the place on the disk, or as «not modified» to who names its hash."""
    found = findings.served[moment, person]
    assert not found, rounds.lines(found)


def test_every_silence_is_known(findings, known_void):
    """A question that shows the canary to nobody proves nothing: each is listed with its reason, and no other."""
    assert len(known_void) == len(set(known_void))
    unlisted, outdated = findings.void - set(known_void), set(known_void) - findings.void
    assert not unlisted, f"void: give void.yaml a reason, or probes.py a question that shows the canary: {sorted(unlisted)}"
    assert not outdated, f"no longer void, or gone: take out of void.yaml: {sorted(outdated)}"


@pytest.mark.parametrize("person", PERSONS)
def test_hidden_and_absent_have_one_answer(people, portal, hidden, person):
    asker = Asker(people.url, people.tokens["other"] if person == "other agency" else None)
    pairs = twins.pairs(hidden, portal)
    assert len({pair.real.owner for pair in pairs}) > 80
    found = twins.differences(asker, pairs)
    assert not found, "\n".join(str(each)[:600] for each in found[:12])
