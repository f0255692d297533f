"""The federal side beside the state: what is published here, sources of it there, and harvests to their end."""

from __future__ import annotations

import contextlib
import os
import time
import uuid

import pytest

from stack.demo.api import Api, ApiError

WITHIN_S = 180


@pytest.fixture(scope="session")
def editor():
    return Api(os.environ["EDOMEX_URL"], os.environ["EDOMEX_EDITOR_TOKEN"])


@pytest.fixture(scope="session")
def federal():
    return Api(os.environ["EDOMEX_FEDERAL_URL"], os.environ["EDOMEX_FEDERAL_SYSADMIN_TOKEN"])


def until(true, what):
    deadline = time.monotonic() + WITHIN_S
    while not (found := true()):
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
    return found


@pytest.fixture
def published(editor):
    """Release a dataset through the portal's own doors."""
    reviewer = Api(os.environ["EDOMEX_URL"], os.environ["EDOMEX_REVIEWER_TOKEN"])

    def release(title, **fields):
        dataset = {
            "notes": "Para que otro portal lo coseche.", "frequency": "R/P1Y", "license_id": "cc-by-4.0",
            "tags": [{"name": "cosecha"}], "resources": [{"name": "Datos", "url": "https://example.org/datos.csv", "format": "CSV"}],
        }  # fmt: skip
        made = editor.call("package_create", title=title, owner_org=os.environ["EDOMEX_AGENCY"], **{**dataset, **fields})
        sent = editor.call("edomex_release_submit", dataset_id=made["id"])
        reviewer.call("edomex_release_approve", id=sent["id"], release_at="now")
        anyone = Api(os.environ["EDOMEX_URL"])
        until(lambda: anyone.exists("package_show", made["id"]), "it is released")
        return made["id"]

    return release


@pytest.fixture
def source(federal):
    """Make a source of the state's catalogue on the federal side; it goes in the end, with what it brought."""
    made = []

    def make(kind, **fields):
        mark = uuid.uuid4().hex[:8]
        agency = federal.call("organization_create", name=f"estado-{mark}", title="Estado")
        about = {"title": "Portal estatal", "url": f"{os.environ['EDOMEX_URL']}/catalog.ttl", "owner_org": agency["id"]}
        asked = {"name": f"fuente-{mark}", "source_type": kind, "frequency": "MANUAL", **about, **fields}
        made.append(federal.call("harvest_source_create", **asked)["id"])
        return made[-1]

    yield make
    for each in made:
        with contextlib.suppress(ApiError):
            federal.call("harvest_source_clear", id=each)
            federal.call("harvest_source_delete", id=each)


@pytest.fixture(scope="session")
def harvest(federal):
    """One job through the federal side's own consumers, to its end."""
    return lambda source: _harvested(federal, source)


def _harvested(federal, source):
    job = federal.call("harvest_job_create", source_id=source, run=True)["id"]

    def over():
        shown = federal.call("harvest_job_show", id=job)
        if shown["status"] == "Finished":
            return shown
        if shown["gather_finished"]:
            # What `ckan harvester run` does each five minutes.
            federal.call("harvest_jobs_run", source_id=source)
        return None

    return until(over, "the job is over")


@pytest.fixture(scope="session")
def withdrawn():
    """Two managers withdraw a dataset, with a reason."""
    return _withdrawn


def _withdrawn(package_id):
    managers = [Api(os.environ["EDOMEX_URL"], os.environ[name]) for name in ("EDOMEX_SYSADMIN_TOKEN", "EDOMEX_REVIEWER_TOKEN")]
    why = {"reason": "Se retira para probar.", "legal_ground": "Prueba"}
    proposed = managers[0].call("edomex_release_withdraw", dataset_id=package_id, **why)
    managers[1].call("edomex_release_withdraw_confirm", id=proposed["id"])
    until(lambda: not Api(os.environ["EDOMEX_URL"]).exists("package_show", package_id), "it is withdrawn")
