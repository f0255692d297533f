"""What other rooms have the loops do."""

import threading
import time

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.edomex.adapters import duties
from ckanext.edomex.adapters.duties import Duty
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.release.jobs.loop import Loop


@pytest.fixture
def running():
    """A loop of its own, on connections of its own."""
    engine = sa.create_engine(model.meta.engine.url)
    loop = Loop(engine)
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    yield loop
    loop.stop()
    thread.join(30)
    engine.dispose()
    assert not thread.is_alive()


def until(there, seconds=20):
    deadline = time.monotonic() + seconds
    while not there() and time.monotonic() < deadline:
        time.sleep(0.05)
    return there()


def test_who_waits_is_attended_at_once(clean_releases, monkeypatch, request):
    attended, other = [], []
    known = {"pedida": Duty(name="pedida", work=attended.append), "otra": Duty(name="otra", work=other.append)}
    monkeypatch.setattr(duties, "_known", known)
    loop = request.getfixturevalue("running")
    assert until(lambda: loop._listener is not None and attended and other)
    before = len(attended), len(other)
    with unit_of_work() as session:
        duties.ask(session, "de nadie")
        duties.ask(session, "pedida")
    assert until(lambda: len(attended) > before[0])
    assert len(other) == before[1]
