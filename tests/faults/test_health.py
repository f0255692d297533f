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
AGAIN_WITHIN_S = 30


def ask(which):
    begun = time.monotonic()
    answer = requests.get(f"{os.environ['EDOMEX_URL']}/edomex/health/{which}", timeout=30)
    assert time.monotonic() - begun < AT_MOST_S
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.json()


def wait_until_ready():
    deadline = time.monotonic() + AGAIN_WITHIN_S
    while ask("ready")[0] != 200:
        assert time.monotonic() < deadline, ask("ready")
        time.sleep(0.2)


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
    wait_until_ready()
    with silent(processes, name):
        # What was said a moment ago may be said once more.
        deadline = time.monotonic() + AT_MOST_S
        while (said := ask("ready"))[0] == 200:
            assert time.monotonic() < deadline
        status, body = said
        assert status == 503
        assert {part for part, word in body["parts"].items() if word != "ok"} == SERVICES[name]
        assert ask("live") == (200, {"status": "ok"})
    wait_until_ready()


def test_with_the_queue_gone_it_says_so_and_comes_back(processes):
    wait_until_ready()
    processes.stop("valkey")
    try:
        deadline = time.monotonic() + AT_MOST_S
        while (said := ask("ready"))[0] == 200:
            assert time.monotonic() < deadline
        assert said[1]["parts"]["valkey"] == "failed"
        assert ask("live")[0] == 200
    finally:
        processes.start("valkey")
    wait_until_ready()
