"""Whatever dies around the instant, the dataset comes out once, not early, and nothing is lost."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import psutil
import pytest

pytestmark = [pytest.mark.stack, pytest.mark.faults]


def released_events(database, release):
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM edomex_release_event WHERE release_id = %s AND to_state = 'released'", [release["id"]])
        return cursor.fetchone()[0]


def lateness(people, release):
    return people["reviewer"].call("edomex_release_show", id=release["id"])["lateness_s"]


def visible(people, release):
    return people["anyone"].exists("package_show", release["dataset_id"])


def found(people, release):
    results = people["anyone"].call("package_search", fq=f"id:{release['dataset_id']}")
    return results["count"] == 1


def owner_of_waiting_insert(database):
    """Process id of the loop whose transaction waits to record the event, its releases claimed."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT client_port FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO edomex_release_event%'"
        )
        ports = {row[0] for row in cursor.fetchall()}
    for process in psutil.process_iter(["cmdline"]):
        if "release" not in " ".join(process.info["cmdline"] or []):
            continue
        if any(connection.laddr.port in ports for connection in process.net_connections("tcp")):
            return process.pid
    return None


def test_a_loop_killed_between_claim_and_commit(promised, connect, database, people, until):
    release, _ = promised("Lazo muerto")
    holding = connect().cursor()
    holding.execute("BEGIN")
    holding.execute("LOCK TABLE edomex_release_event IN SHARE MODE")
    try:
        assert until(lambda: owner_of_waiting_insert(database), 60)
        assert not visible(people, release)
        os.kill(owner_of_waiting_insert(database), signal.SIGKILL)
        assert not visible(people, release)
    finally:
        holding.execute("ROLLBACK")
    assert until(lambda: visible(people, release))
    assert until(lambda: found(people, release))
    assert released_events(database, release) == 1


def test_loops_that_were_down_catch_up_when_they_start(promised, processes, database, people, until, sleep_until):
    processes.stop("portal-release-1", "portal-release-2")
    try:
        release, at = promised("Fecha perdida", seconds=1)
        sleep_until(at + timedelta(seconds=2))
        assert not visible(people, release)
    finally:
        processes.start("portal-release-1", "portal-release-2")
    assert until(lambda: found(people, release))
    assert released_events(database, release) == 1
    assert lateness(people, release) >= 2


@pytest.mark.long
@pytest.mark.parametrize("service", ["postgres", "solr", "valkey"])
def test_a_service_down_for_ten_seconds_around_the_instant(promised, processes, connect, people, until, sleep_until, service):
    release, at = promised(f"Sin {service}", seconds=8)
    sleep_until(at - timedelta(seconds=5))
    processes.stop(service)
    try:
        sleep_until(at + timedelta(seconds=5))
    finally:
        processes.start(service)
    assert until(lambda: visible(people, release))
    assert until(lambda: found(people, release), 90)
    assert released_events(connect(), release) == 1
    assert lateness(people, release) >= (5 if service == "postgres" else 0)


def stored(database, release):
    """State, lateness and openness as PostgreSQL has them: while Solr hangs, so do CKAN's own reads."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT r.state, EXTRACT(EPOCH FROM r.released_at - r.release_at)::float, p.private"
            " FROM edomex_release r JOIN package p ON p.id = r.package_id WHERE r.id = %s",
            [release["id"]],
        )
        return cursor.fetchone()


def test_a_search_server_that_hangs_delays_no_release(promised, processes, database, sleep_until):
    first, at = promised("Antes de colgarse", seconds=6)
    second, later = promised("Mientras está colgado", seconds=9)
    sleep_until(at - timedelta(seconds=1))
    server = processes.pid("solr")
    os.kill(server, signal.SIGSTOP)
    try:
        # The first release's document keeps the outbox waiting for Solr while the second comes due.
        sleep_until(later + timedelta(seconds=2))
        for release in (first, second):
            state, late, private = stored(database, release)
            assert (state, private) == ("released", False)
            assert late < 1
    finally:
        os.kill(server, signal.SIGCONT)


def test_content_changed_behind_every_guard_is_not_released_and_says_so(promised, database, people, until):
    release, _ = promised("Contenido cambiado", seconds=3)
    with database.cursor() as cursor:
        cursor.execute("UPDATE package SET notes = 'otra' WHERE id = %s", [release["dataset_id"]])
    assert until(lambda: people["reviewer"].call("edomex_release_show", id=release["id"])["state"] == "failed", 20)
    assert "cambió después de la aprobación" in people["editor"].call("edomex_release_show", id=release["id"])["note"]
    assert not visible(people, release)
