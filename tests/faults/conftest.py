"""The running portal of `make with-stack`, its database and its process manager."""

from __future__ import annotations

import contextlib
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
    """Connections of the superuser to the portal's database."""
    from stack.services.postgres import Postgres

    made = []

    def one():
        made.append(Postgres(stack).connect("portal"))
        return made[-1]

    yield one
    for connection in made:
        connection.close()


@pytest.fixture
def database(connect):
    return connect()


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
