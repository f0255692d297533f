"""A host that is lost in silence, in the middle of a release: nobody is told, and its work still has to be done."""

from __future__ import annotations

import contextlib

import pytest

from stack.faults import namespaces
from stack.faults.hosts import Fleet, Host
from stack.faults.scene import Scene

pytestmark = [pytest.mark.stack, pytest.mark.faults, pytest.mark.long]

RELEASES = 5
#: A release that another loop could do must not wait longer for the one that claimed it.
TAKEN_OVER_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def scene(stack):
    reason = namespaces.missing()
    if reason:
        pytest.skip(f"not run: {reason}")
    with Scene(stack, Fleet([Host(stack, number) for number in range(2)], 4)).set(2 * RELEASES) as made:
        yield made


@pytest.fixture
def claimed(scene):
    """Releases that a loop has claimed and is about to record, stalled; with the way to let them go on."""
    scene.wait(lambda: len(scene.listening()) == len(scene.fleet.names), "all loops listen", scene.listening)
    promised, stalled = scene.due(RELEASES), contextlib.ExitStack()
    stalled.enter_context(scene.locked("edomex_release_event"))
    with stalled:
        name = scene.wait(lambda: scene.waiting_for("edomex_release_event"), "a loop waits to record the event")[0]
        yield promised, name, stalled
    # What the test found or not: the next one begins with everything as promised.
    scene.fleet.kill(name)
    scene.settle(promised)


def all_out(scene, promised):
    scene.wait(lambda: scene.all_out(promised), "others do what the lost one had claimed", within_s=TAKEN_OVER_WITHIN_S)


def test_what_a_host_had_claimed_when_its_cable_was_pulled(scene, claimed):
    promised, name, stalled = claimed
    host = scene.fleet.host_of(name)
    host.namespace.pull_out()
    try:
        stalled.close()
        all_out(scene, promised)
    finally:
        host.namespace.plug_in()


def test_what_a_loop_had_claimed_when_it_hung(scene, claimed):
    promised, name, stalled = claimed
    with scene.frozen(scene.fleet.pid(name)):
        stalled.close()
        all_out(scene, promised)
