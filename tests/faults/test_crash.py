"""Loops on several hosts, one of which dies, or a service under them, at each step of a release.

Each test takes some of the datasets that wait, lets their instant come while a fault goes on, and asks afterwards: did each
come out once, none early, none lost, and do index and feed say so? The same code runs short (`make test`) and long.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from dataclasses import dataclass

import psutil
import pytest

from stack.faults import disk, namespaces
from stack.faults.hosts import Fleet, Host
from stack.faults.promises import lateness
from stack.faults.scene import Scene

pytestmark = [pytest.mark.stack, pytest.mark.faults]


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    #: Seconds by which each host's clock is wrong.
    clocks: tuple[float, ...]
    loops: int
    #: Releases in each test, and in the two that need many.
    each: int
    many: int
    #: Seconds that the random killing lasts.
    killing_s: float
    #: How many tests take `each`.
    tests: int = 20
    #: Releases while everything goes wrong.
    storm: int = 0


# Rows of many have to be more than two pages of the table, or the full disk is never met.
SHORT = Size(clocks=(90, -90), loops=4, each=4, many=32, killing_s=2)
LONG = Size(clocks=(0, 90, -90), loops=8, each=15, many=200, killing_s=20, storm=300)


@pytest.fixture(scope="module", params=[pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.long)])
def size(request):
    return request.param


@pytest.fixture(scope="module")
def scene(size, stack):
    reason = namespaces.missing()
    if reason:
        pytest.skip(f"not run: {reason}")
    fleet = Fleet([Host(stack, number, shift) for number, shift in enumerate(size.clocks)], size.loops)
    with Scene(stack, fleet).set(size.tests * size.each + 2 * size.many + size.storm) as made:
        yield made


def at_least(scene, loops):
    """Enough loops listen: one may die and another has to take over."""
    scene.wait(lambda: len(scene.listening()) >= loops, f"{loops} loops listen", scene.listening)


@pytest.mark.parametrize("host", ["host0", "host1"])
def test_only_a_host_with_a_wrong_clock_is_left(scene, size, host):
    at_least(scene, size.loops)
    others = [scene.fleet.pid(name) for name in scene.fleet.names if scene.fleet.host_of(name).name != host]
    with contextlib.ExitStack() as stopped:
        for pid in others:
            stopped.enter_context(scene.frozen(pid))
        promised = scene.due(size.each, in_s=1.5)
        scene.settle(promised)
    assert lateness(scene.engine, promised)[-1] < 1


@pytest.mark.parametrize(
    ("table", "mode", "waits_as"),
    [
        pytest.param("edomex_release", "EXCLUSIVE", "RowShareLock", id="claim"),
        pytest.param("edomex_release", "SHARE", "RowExclusiveLock", id="state"),
        pytest.param("edomex_release_event", "SHARE", "RowExclusiveLock", id="event"),
        pytest.param("package", "SHARE", "RowExclusiveLock", id="flip"),
        pytest.param("edomex_release_outbox", "SHARE", "RowExclusiveLock", id="follow-up"),
    ],
)
def test_a_loop_killed_while_it_releases(scene, size, table, mode, waits_as):
    at_least(scene, 2)
    promised = scene.due(size.each)
    with scene.locked(table, mode):
        stalled = scene.wait(lambda: scene.waiting_for(table, waits_as), f"a loop waits for {table}")
        scene.fleet.kill(stalled[0])
    scene.settle(promised)


def test_a_loop_killed_while_it_indexes(scene, size):
    at_least(scene, 2)
    with scene.frozen(scene.supervisor.pid("solr")):
        promised = scene.due(size.each, in_s=0.5)
        scene.fleet.kill(scene.wait(scene.in_hand, "a loop waits for Solr")[0])
    scene.settle(promised)


def test_a_loop_killed_after_indexing_before_it_says_so(scene, size):
    at_least(scene, 2)
    with scene.frozen(scene.supervisor.pid("solr")):
        promised = scene.due(size.each, in_s=0.5)
        scene.wait(scene.in_hand, "a loop waits for Solr")
        locked = contextlib.ExitStack()
        locked.enter_context(scene.locked("edomex_release_outbox"))
    with locked:
        stalled = scene.wait(lambda: scene.waiting_for("edomex_release_outbox"), "a loop waits to mark its entries done")
        scene.fleet.kill(stalled[0])
    scene.settle(promised)


def test_loops_killed_at_random_all_the_while(scene, size):
    at_least(scene, 2)
    promised = scene.due(size.many, in_s=0.3, over_s=size.killing_s)
    over = threading.Event()
    timer = threading.Timer(size.killing_s, over.set)
    timer.start()
    chance, killed = random.Random(5), 0
    while not over.wait(0.2):
        alive = scene.listening()
        if alive:
            scene.fleet.kill(chance.choice(alive))
            killed += 1
    assert killed > 1
    scene.settle(promised)


def test_web_and_job_workers_killed(scene, size, until):
    at_least(scene, 1)
    promised = scene.due(size.each, in_s=0.3, over_s=0.5)
    worker = scene.supervisor.pid("portal-worker")
    for pid in [*scene.children("portal-web"), worker]:
        os.kill(pid, signal.SIGKILL)
    scene.settle(promised)
    assert until(lambda: scene.supervisor.pid("portal-worker") not in {0, worker})


def test_postgresql_ends_at_once_and_starts_again(scene, size):
    at_least(scene, 1)
    promised = scene.due(size.each, in_s=0.3, over_s=0.4)
    os.kill(scene.supervisor.pid("postgres"), signal.SIGQUIT)
    scene.settle(promised)


def test_a_process_of_postgresql_killed_and_with_it_every_connection(scene, size):
    at_least(scene, 2)
    promised = scene.due(size.each)
    with scene.locked("edomex_release_event"):
        stalled = scene.wait(lambda: scene.waiting_for("edomex_release_event"), "a loop waits to record the event")
        os.kill(scene.backends(stalled[0])[0], signal.SIGKILL)
    scene.settle(promised)


@pytest.mark.parametrize("service", ["solr", "valkey"])
def test_a_service_is_down_at_the_instant(scene, size, service):
    at_least(scene, 1)
    with scene.stopped(service):
        promised = scene.due(size.each, in_s=0.2)
        scene.wait(lambda: scene.all_out(promised), "all are released without it")
    scene.settle(promised)


def test_a_full_disk_under_postgresql(scene, size):
    reason = disk.missing()
    if reason:
        pytest.skip(f"not run: {reason}")
    at_least(scene, 1)
    with disk.SmallDisk(scene.services.postgres, ("edomex_release", "edomex_release_event")).in_use() as small:
        # More than the last page of the table can hold.
        promised = scene.due(size.many)
        small.fill()
        scene.wait(lambda: small.refused > 0, "PostgreSQL says that the disk is full")
        assert not lateness(scene.engine, promised)
        small.empty()
        scene.settle(promised)


def test_connections_are_cut_in_the_middle(scene, size):
    at_least(scene, size.loops)
    promised = scene.due(size.each)
    with scene.locked("edomex_release_event"):
        stalled = scene.wait(lambda: scene.waiting_for("edomex_release_event"), "a loop waits to record the event")
        host = scene.fleet.host_of(stalled[0])
        assert host.proxies["postgres"].cut() > 0
    scene.settle(promised)


def test_connections_are_half_closed(scene, size):
    at_least(scene, 1)
    promised = scene.due(size.each)
    for host in scene.fleet.hosts.values():
        for proxy in host.proxies.values():
            proxy.half_close()
    scene.settle(promised)


def test_a_slow_network(scene, size):
    at_least(scene, 1)
    proxies = [proxy for host in scene.fleet.hosts.values() for proxy in host.proxies.values()]
    try:
        for proxy in proxies:
            proxy.delay_s = 0.01
        promised = scene.due(size.each, in_s=0.5)
        scene.settle(promised)
    finally:
        for proxy in proxies:
            proxy.delay_s = 0


def test_a_host_is_cut_off_for_a_moment(scene, size):
    at_least(scene, size.loops)
    promised = scene.due(size.each)
    host = scene.fleet.hosts["host0"]
    host.namespace.pull_out()
    try:
        scene.settle(promised)
    finally:
        host.namespace.plug_in()
    assert lateness(scene.engine, promised)[-1] < 1
    # The host works again: alone, it releases what comes.
    others = [scene.fleet.pid(name) for name in scene.fleet.names if scene.fleet.host_of(name) is not host]
    with contextlib.ExitStack() as stopped:
        for pid in others:
            stopped.enter_context(scene.frozen(pid))
        scene.settle(scene.due(size.each, in_s=0.5))


def storm_faults(scene, chance):
    """One fault each time it is asked for, every kind before one comes twice; what was stopped is started again."""
    hosts = list(scene.fleet.hosts.values())

    def stop(service):
        with scene.stopped(service):
            scene.pause(chance.uniform(0.5, 2))

    def cut():
        chance.choice(hosts).proxies["postgres"].cut()

    def half_close():
        chance.choice(hosts).proxies["postgres"].half_close()

    def pull_the_cable():
        host = chance.choice(hosts)
        host.namespace.pull_out()
        try:
            scene.pause(chance.uniform(0.5, 2))
        finally:
            host.namespace.plug_in()

    kinds = {
        "loop killed": lambda: scene.fleet.kill(chance.choice(scene.fleet.names)),
        "web killed": lambda: os.kill(chance.choice(scene.children("portal-web")), signal.SIGKILL),
        "job worker killed": lambda: os.kill(scene.supervisor.pid("portal-worker"), signal.SIGKILL),
        "postgresql killed": lambda: os.kill(scene.supervisor.pid("postgres"), signal.SIGQUIT),
        "solr stopped": lambda: stop("solr"),
        "valkey stopped": lambda: stop("valkey"),
        "connections cut": cut,
        "connections half closed": half_close,
        "cable pulled": pull_the_cable,
    }
    while True:
        for name in chance.sample(sorted(kinds), len(kinds)):
            # Killing what has just died, or asking a server that has: the storm goes on.
            with contextlib.suppress(OSError, IndexError, psutil.Error):
                kinds[name]()
            yield name


@pytest.mark.parametrize("size", [pytest.param(LONG, id="long", marks=pytest.mark.long)], indirect=True)
def test_everything_at_once(scene, size):
    at_least(scene, size.loops)
    promised = scene.due(size.storm, in_s=0.5, over_s=2 * size.killing_s)
    done, deadline = [], time.monotonic() + 2 * size.killing_s
    for fault in storm_faults(scene, random.Random(2018)):
        done.append(fault)
        if time.monotonic() > deadline:
            break
        scene.pause(0.5)
    assert len(set(done)) == 9
    scene.settle(promised)


def test_each_loop_alone_still_does_all_of_its_work(scene, size):
    """After all of the above: a loop that releases and has lost its second thread would hide behind the others."""
    at_least(scene, size.loops)
    for name in scene.fleet.names:
        with contextlib.ExitStack() as stopped:
            for other in scene.fleet.names:
                if other != name:
                    stopped.enter_context(scene.frozen(scene.fleet.pid(other)))
            scene.settle(scene.due(1, in_s=0.2))
