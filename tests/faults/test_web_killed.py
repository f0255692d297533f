"""A web worker that dies in the middle of a step: the step has happened, or it has not."""

from __future__ import annotations

import os
import signal
import threading

import psutil
import pytest
import requests

pytestmark = [pytest.mark.stack, pytest.mark.faults]


def stalled(database):
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'edomex_release_event'::regclass")
        return cursor.fetchone()[0]


def moves(database, release):
    with database.cursor() as cursor:
        cursor.execute("SELECT move FROM edomex_release_event WHERE release_id = %s ORDER BY id", [release["id"]])
        return [row[0] for row in cursor.fetchall()]


def test_in_the_middle_of_an_approval(people, connect, database, processes, until):
    editor, reviewer, anyone = people["editor"], people["reviewer"], people["anyone"]
    dataset = editor.call("package_create", title="Aprobación a medias", owner_org=os.environ["EDOMEX_AGENCY"])
    release = editor.call("edomex_release_submit", dataset_id=dataset["id"])
    broken = []

    def approve():
        try:
            reviewer.call("edomex_release_approve", id=release["id"], release_at="now")
        except requests.ConnectionError as error:
            broken.append(error)

    holding = connect().cursor()
    holding.execute("BEGIN")
    holding.execute("LOCK TABLE edomex_release_event IN SHARE MODE")
    try:
        asking = threading.Thread(target=approve)
        asking.start()
        assert until(lambda: stalled(database), 20)
        for worker in psutil.Process(processes.pid("portal-web")).children():
            os.kill(worker.pid, signal.SIGKILL)
        asking.join(30)
    finally:
        holding.execute("ROLLBACK")
    assert broken
    assert until(lambda: not stalled(database))
    assert until(lambda: reviewer.call("edomex_release_show", id=release["id"])["state"] == "in_review")
    assert moves(database, release) == ["submit"]
    assert not anyone.exists("package_show", dataset["id"])
    reviewer.call("edomex_release_approve", id=release["id"], release_at="now")
    assert until(lambda: anyone.exists("package_show", dataset["id"]))
    assert moves(database, release) == ["submit", "approve", "release"]
