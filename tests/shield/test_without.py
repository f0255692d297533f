"""The same questions, asked of the same portal without the shield, do find leaks: the canary is able to sing."""

from __future__ import annotations

import configparser
import contextlib
import os
import subprocess
import time
import urllib.request

import pytest

from stack.places import ROOT, VENV, free_port
from tests.shield import rounds, twins
from tests.shield.asking import Asker, Watch
from tests.shield.canary import Canary
from tests.shield.probes import every

pytestmark = pytest.mark.stack

#: What CKAN 2.12.0 and its extensions tell any visitor of a private dataset, by the route or action that tells it.
TOLD = frozenset({
    "tag_list", "tag_search", "tag_autocomplete", "GET /api/util/tag/autocomplete", "format_autocomplete",
    "GET /api/util/resource/format_autocomplete", "member_list", "task_status_show", "harvest_object_show", "package_search",
    "user_activity_list", "package_activity_list", "resource_view_show", "datastore_search",
})  # fmt: skip
#: Where existence alone shows, in how something is refused or counted.
TOLD_APART = frozenset({
    "package_show", "resource_show", "package_update", "resource_view_list", "dataset_follower_count", "datastore_info",
    "GET /dataset/<id>/resource/new", "GET /dataset/<id>/resource/<resource_id>/views", "GET /dataset/resources/<id>",
    "GET /dataset/<id>/resource/<resource_id>/edit",
})  # fmt: skip
WAIT_S = 90.0


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Address of a second web process on the portal's own database and index, without the shield."""
    ini = tmp_path_factory.mktemp("bare") / "bare.ini"
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read(os.environ["CKAN_INI"])
    plugins = parser["app:main"]["ckan.plugins"].split()
    assert "edomex_shield" in plugins
    parser["app:main"]["ckan.plugins"] = " ".join(name for name in plugins if name != "edomex_shield")
    ini.touch(mode=0o600)
    with ini.open("w") as file:
        parser.write(file)
    address = f"127.0.0.1:{free_port(set())}"
    command = [str(VENV / "bin" / "gunicorn"), "--config", "python:stack.wsgi", "--bind", address, "stack.wsgi:application"]
    with (ini.parent / "log").open("wb") as log:
        web = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "CKAN_INI": str(ini)}, stdout=log, stderr=log)
    try:
        wait_for(f"http://{address}/api/3/action/status_show", web)
        yield f"http://{address}"
    finally:
        web.terminate()
        web.wait(20)


@pytest.fixture(scope="module")
def hidden(people):
    """A canary that no other test has asked about."""
    canary = Canary(people, os.environ["EDOMEX_AGENCY"])
    canary.hide()
    return canary


def wait_for(url, process):
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10):
            return
        time.sleep(0.2)
    raise AssertionError(f"no answer of {url}")


def test_the_canary_is_seen(bare, hidden, portal):
    probes = [probe for probe in every(portal, hidden.values) if probe.owner in TOLD]
    told = Asker(bare).ask(probes, Watch(hidden.words, hidden.secret_ids))
    silent = TOLD - {each.probe.owner for each in told if each.words}
    assert not silent, f"{sorted(silent)}\n{rounds.lines(told, 60)}"


def test_and_not_with_it(people, hidden, portal):
    probes = [probe for probe in every(portal, hidden.values) if probe.owner in TOLD]
    told = Asker(people.url).ask(probes, Watch(hidden.words, hidden.secret_ids))
    assert not [each for each in told if each.words]


def test_hidden_and_absent_are_told_apart(bare, hidden, portal):
    pairs = [pair for pair in twins.pairs(hidden, portal) if pair.real.owner in TOLD_APART]
    found = {each.pair.real.owner for each in twins.differences(Asker(bare), pairs)}
    assert found >= TOLD_APART, sorted(TOLD_APART - found)
