"""The running portal of `make with-stack`, its database and its process manager."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest


@pytest.fixture(scope="session")
def stack():
    from stack.places import Stack

    return Stack.load(Path(os.environ["EDOMEX_STACK_DIR"]), throwaway=True)


@pytest.fixture(scope="session")
def processes(stack):
    from stack.programs import Supervisor

    return Supervisor(stack)


@pytest.fixture
def connect(stack):
    """Connections of the superuser to a site's database, the portal's if none is named."""
    from stack.services.postgres import Postgres

    made = []

    def one(site="portal"):
        made.append(Postgres(stack).connect(site))
        return made[-1]

    yield one
    for connection in made:
        connection.close()


@pytest.fixture
def database(connect):
    return connect()


@pytest.fixture
def locked(connect):
    """Hold locks in a site's database while the block lasts."""

    @contextlib.contextmanager
    def hold(site, statement, *values):
        cursor = connect(site).cursor()
        cursor.execute("BEGIN")
        try:
            cursor.execute(statement, values)
            yield
        finally:
            cursor.execute("ROLLBACK")

    return hold


@pytest.fixture(scope="session")
def frozen(processes):
    """A program of the stack does nothing while the block lasts, and answers nobody."""

    @contextlib.contextmanager
    def freeze(name):
        pid = processes.pid(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            # It may have been killed meanwhile.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    return freeze


@pytest.fixture(scope="session")
def owners():
    """Of these processes, those that have one of these ports of connections."""

    def found(pids, ports):
        return [pid for pid in pids if any(each.laddr.port in ports for each in psutil.Process(pid).net_connections("tcp"))]

    return found


@pytest.fixture
def stalled(connect, owners):
    """Of these processes, those that wait for a lock in a site's database."""
    asking = {}

    def found(site, pids):
        if site not in asking:
            asking[site] = connect(site).cursor()
        asking[site].execute(
            "SELECT client_port FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return owners(pids, {row[0] for row in asking[site].fetchall()})

    return found


@pytest.fixture
def kill(processes, until):
    """SIGKILL a program of the stack; returns when another is in its place, which still has to start."""

    def end(name):
        pid = processes.pid(name)
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: processes.pid(name) not in {0, pid})

    return end


@pytest.fixture(scope="session")
def federal():
    """Whoever runs the CKAN at the other end."""
    from stack.demo.api import Api

    if not os.environ.get("EDOMEX_FEDERAL_URL"):
        pytest.skip("needs the federal side: make with-stack FEDERAL=1")
    return Api(os.environ["EDOMEX_FEDERAL_URL"], os.environ["EDOMEX_FEDERAL_SYSADMIN_TOKEN"])


@pytest.fixture(scope="session")
def people():
    from stack.demo.api import Api

    tokens = {"editor": "EDOMEX_EDITOR_TOKEN", "reviewer": "EDOMEX_REVIEWER_TOKEN"}
    found = {name: Api(os.environ["EDOMEX_URL"], os.environ[token]) for name, token in tokens.items()}
    return {**found, "anyone": Api(os.environ["EDOMEX_URL"])}


@pytest.fixture
def promised(people):
    """Make a dataset and have it approved for a few seconds from now; returns its release and the instant."""

    def make(title, seconds=6.0, **fields):
        editor, reviewer = people["editor"], people["reviewer"]
        dataset = editor.call("package_create", title=title, owner_org=os.environ["EDOMEX_AGENCY"], **fields)
        release = editor.call("edomex_release_submit", dataset_id=dataset["id"])
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        return reviewer.call("edomex_release_approve", id=release["id"], release_at=at.isoformat()), at

    return make


def until(condition, seconds=40.0):
    """Wait for something to become true; whatever a service that is down raises counts as not yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            if condition():
                return True
        time.sleep(0.1)
    return False


@pytest.fixture(name="until")
def until_fixture():
    return until


@pytest.fixture
def sleep_until():
    def sleep(instant):
        time.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))

    return sleep
