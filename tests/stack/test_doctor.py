"""`ckan edomex doctor` on the running portal, and what a production does with a configuration that leaks."""

from __future__ import annotations

import configparser
import importlib
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stack.places import ROOT, Stack
from stack.programs import Supervisor

pytestmark = pytest.mark.stack

#: What is true of a laptop, and of nothing else.
OF_A_LAPTOP = {"one_factor", "cookie_insecure", "session_in_cookie", "address_http", "address_local", "mail_absent"}
#: A configuration without a leak: what the machine in front does is not asked at a start.
SOUND = {
    "ckanext.edomex.shield.production": "true",
    "ckan.site_url": "https://datos.example.org",
    "SESSION_COOKIE_SECURE": "true",
    "REMEMBER_COOKIE_SECURE": "true",
}
#: Where this stack differs from the containers.
SERVICES = frozenset({
    "sqlalchemy.url", "ckan.datastore.write_url", "ckan.datastore.read_url", "solr_url", "ckan.redis.url", "ckan.storage_path",
    "ckan.site_id", "ckanext.xloader.jobs_db.uri",
})  # fmt: skip
LEAKING = {**SOUND, "ckan.site_url": "http://datos.example.org", "SECRET_KEY": "changeme", "debug": "true"}
LEAKS = {"address_http", "secret_weak", "debug_on"}
WITHIN_S = 90


def ckan(*words, ini=None, **variables):
    command = ["ckan", "-c", str(ini or os.environ["CKAN_INI"]), *words]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=WITHIN_S, env={**os.environ, **variables}
    )


def diagnosis(ini=None, **variables):
    done = ckan("edomex", "doctor", "--json", ini=ini, **variables)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == (1 if found["errors"] else 0)
    return found


@pytest.fixture
def configured(tmp_path):
    """A configuration like the portal's with other values; returns its path."""

    def make(values):
        parser = configparser.RawConfigParser(delimiters=("=",))
        parser.optionxform = str
        parser.read(os.environ["CKAN_INI"])
        parser["app:main"].update(values)
        path = tmp_path / "other.ini"
        path.touch(mode=0o600)
        with path.open("w") as file:
            parser.write(file)
        return path

    return make


def test_the_running_portal_is_clean():
    # Tests of faults stop the queue's server, which then has forgotten its workers: what the finding's remedy says.
    processes = Supervisor(Stack.load(Path(os.environ["EDOMEX_STACK_DIR"]), throwaway=True))
    processes.stop("portal-worker")
    processes.start("portal-worker")
    deadline = time.monotonic() + WITHIN_S
    while (found := diagnosis())["errors"] and time.monotonic() < deadline:
        time.sleep(1)
    assert [one for one in found["findings"] if one["severity"] == "error"] == []
    assert {one["code"] for one in found["findings"]} <= OF_A_LAPTOP | {"release_late", "release_failed", "harvest_inside"}


def test_a_wrong_clock_of_this_machine_is_found():
    folder = Path("stack/faults/clock")
    found = diagnosis(PYTHONPATH=str(ROOT / folder), EDOMEX_CLOCK_SHIFT_S="-600")
    (clock,) = (one for one in found["findings"] if one["code"] == "clock_skew")
    assert float(clock["seen"].removesuffix(" s")) == pytest.approx(600, abs=5)


@pytest.mark.parametrize("words", [("edomex", "release", "run"), ("jobs", "worker")], ids=" ".join)
def test_what_serves_does_not_start_with_a_leak(configured, words):
    done = ckan(*words, ini=configured(LEAKING))
    assert done.returncode != 0
    assert "edomex no arranca" in done.stderr
    assert all(f"  {code}: " in done.stderr for code in LEAKS), done.stderr
    assert "changeme" not in done.stdout + done.stderr


def test_the_web_process_does_not_start_with_a_leak(configured):
    command = ["gunicorn", "--config", "python:stack.wsgi", "--bind", "127.0.0.1:0", "stack.wsgi:application"]
    ini = {"CKAN_INI": str(configured(LEAKING))}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=WITHIN_S, env={**os.environ, **ini})
    assert done.returncode != 0
    assert "LeakingConfigurationError: edomex no arranca" in done.stderr
    assert all(f"  {code}: " in done.stderr for code in LEAKS)


def test_the_commands_that_mend_it_run(configured):
    ini = configured(LEAKING)
    found = diagnosis(ini=ini)
    assert found["production"] is True
    assert {one["code"] for one in found["findings"] if one["severity"] == "error"} >= LEAKS
    upgraded = ckan("db", "upgrade", ini=ini)
    assert upgraded.returncode == 0, upgraded.stderr


def test_the_production_form_starts(tmp_path):
    """docker/portal.ini with what the entrypoint adds, and this stack's services."""
    sys.path.insert(0, str(ROOT / "docker"))
    try:
        entrypoint = importlib.import_module("entrypoint")
    finally:
        sys.path.pop(0)
    portal = configparser.RawConfigParser(delimiters=("=",))
    portal.read(os.environ["CKAN_INI"])
    services = {option: value.replace("%%", "%") for option, value in portal["app:main"].items() if option in SERVICES}
    environment = {name: secrets.token_hex(32) for name in entrypoint.SECRETS} | {"CKAN_SITE_URL": "https://datos.example.org"}
    path = tmp_path / "portal.ini"
    entrypoint.write(path, entrypoint.settings(environment) | services)
    assert set(SERVICES) == set(services)
    done = ckan("edomex", "release", "tick", ini=path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("released=")
