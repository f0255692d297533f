"""The portal at work for half an hour: no error, no growth, and at the end index and feed say what PostgreSQL says."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from stack.faults.agreement import disagreements, waiting
from stack.faults.promises import named
from stack.places import Stack
from stack.sites import SITES, Services, url
from stack.soak.ledger import Ledger
from stack.soak.logs import Logs
from stack.soak.memory import Watch
from stack.soak.people import crowd

pytestmark = [pytest.mark.stack, pytest.mark.long]

#: Seconds that what was begun may take to end.
END_WITHIN_S = 60.0
#: Seconds by which a release may be late on two cores that also answer readers.
LATE_S = 2.0
_TWICE_OR_EARLY = sa.text("""
SELECT r.id || ': ' || (SELECT count(*) FROM edomex_release_event e WHERE e.release_id = r.id AND e.to_state = 'released')
    || ' released events, ' || (r.released_at - r.release_at) || ' late'
FROM edomex_release r WHERE r.id = ANY(:ids) AND (r.state NOT IN ('released', 'superseded', 'withdrawn')
    OR r.released_at < r.release_at
    OR (SELECT count(*) FROM edomex_release_event e WHERE e.release_id = r.id AND e.to_state = 'released') <> 1)
""")


@pytest.fixture
def stack():
    return Stack.load(Path(os.environ["EDOMEX_STACK_DIR"]), throwaway=True)


@pytest.fixture
def engine(stack):
    made = sa.create_engine(Services(stack).postgres.url("postgres", "portal"), poolclass=sa.NullPool)
    yield made
    made.dispose()


def day(stack, minutes):
    """People at work for so many minutes; returns what they and the watch wrote down."""
    ledger, over, watch = Ledger(), threading.Event(), Watch(stack)
    people = crowd(ledger, over, url(stack, SITES["portal"]), stack.accounts["portal"])
    watch.start()
    for person in people:
        person.start()
    over.wait(minutes * 60)
    watch.end()
    over.set()
    for person in people:
        person.join(END_WITHIN_S)
    return ledger, watch


def settled(engine, solr, portal):
    """Wait until the outbox is empty and all agree; returns what is wrong if they do not."""
    deadline = time.monotonic() + END_WITHIN_S
    while True:
        wrong = [f"{left} entries of the outbox wait"] if (left := waiting(engine)) else disagreements(engine, solr, portal)
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(0.5)


def test_a_long_day(stack, engine, capsys):
    minutes = float(os.environ.get("EDOMEX_SOAK_MINUTES") or 30)
    logs = Logs(stack.logs)
    ledger, watch = day(stack, minutes)
    faults = [*ledger.complaints, *watch.complaints(), *logs.errors()]
    faults += settled(engine, Services(stack).solr.url("portal"), url(stack, SITES["portal"]))
    with engine.connect() as connection:
        faults += connection.execute(_TWICE_OR_EARLY, {"ids": [one.release for one in ledger.released]}).scalars()
    if ledger.lateness and max(ledger.lateness) > LATE_S:
        faults.append(f"a release was {max(ledger.lateness):.1f} s late, {LATE_S:.0f} are allowed")
    if len(ledger.released) < minutes:
        faults.append(f"only {len(ledger.released)} releases in {minutes:g} minutes: people were not at work")
    grown = max(watch.growths().values())
    word = f"failed faults={len(faults)}" if faults else "ok"
    line = f"SOAK {word} minutes={minutes:g} requests={ledger.requests} releases={len(ledger.released)} rss_growth_mb={grown:.1f}"
    with capsys.disabled():
        print(f"\n{watch.table()}\n{line}", flush=True)  # noqa: T201  # whoever runs it for half an hour wants the figures
    assert not faults, named(faults)
