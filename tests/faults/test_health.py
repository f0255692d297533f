"""The health addresses of the running portal while a service is down, or there and silent."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest
import requests

pytestmark = pytest.mark.faults

#: Service → the parts of the answer that stand on it.
SERVICES = {"solr": {"solr"}, "valkey": {"valkey"}, "postgres": {"postgresql", "migrations"}}
#: How long an answer may take, the way included.
AT_MOST_S = 4
AGAIN_WITHIN_S = 40
#: Answers that agree before we believe that both web processes do: connections go to either.
IN_A_ROW = 6


def ask(which):
    begun = time.monotonic()
    answer = requests.get(f"{os.environ['EDOMEX_URL']}/edomex/health/{which}", timeout=30)
    assert time.monotonic() - begun < AT_MOST_S
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.json()


def failed():
    """The parts that are said to be down; every answer has them or none."""
    status, body = ask("ready")
    found = {part for part, word in body["parts"].items() if word != "ok"}
    assert status == (503 if found else 200)
    return found


def wait_until(parts, within_s):
    """Until every process of the portal says so: each remembers its answer for a second."""
    deadline, agreed = time.monotonic() + within_s, 0
    while agreed < IN_A_ROW:
        found = failed()
        agreed = agreed + 1 if found == parts else 0
        assert time.monotonic() < deadline, found


@contextlib.contextmanager
def silent(processes, name):
    """A service that takes connections, or not even those, and says nothing."""
    pid = processes.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("name", SERVICES)
def test_a_silent_service_is_named_and_the_process_still_answers(processes, name):
    wait_until(set(), AGAIN_WITHIN_S)
    with silent(processes, name):
        wait_until(SERVICES[name], AGAIN_WITHIN_S)
        assert ask("live") == (200, {"status": "ok"})
    wait_until(set(), AGAIN_WITHIN_S)
