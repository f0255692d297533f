"""The federal side, a CKAN with our harvesters and nothing else of ours, mirrors the state: what there is, what is new, what went."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from stack.demo.api import Api, ApiError
from stack.places import ROOT

pytestmark = pytest.mark.stack
WITHIN_S = 180


@pytest.fixture(scope="module")
def editor():
    return Api(os.environ["EDOMEX_URL"], os.environ["EDOMEX_EDITOR_TOKEN"])


@pytest.fixture(scope="module")
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

    def release(title):
        made = editor.call(
            "package_create", title=title, owner_org=os.environ["EDOMEX_AGENCY"], notes="Para que otro portal lo coseche.",
            frequency="R/P1Y", license_id="cc-by-4.0", tags=[{"name": "cosecha"}],
            resources=[{"name": "Datos", "url": "https://example.org/datos.csv", "format": "CSV"}],
        )  # fmt: skip
        sent = editor.call("edomex_release_submit", dataset_id=made["id"])
        reviewer.call("edomex_release_approve", id=sent["id"], release_at="now")
        anyone = Api(os.environ["EDOMEX_URL"])
        until(lambda: anyone.exists("package_show", made["id"]), "it is released")
        return made["id"]

    return release


@pytest.fixture
def source(federal):
    """A source of the state's catalogue on the federal side."""
    mark = uuid.uuid4().hex[:8]
    agency = federal.call("organization_create", name=f"estado-{mark}", title="Estado")
    made = federal.call(
        "harvest_source_create", name=f"fuente-{mark}", title="Portal estatal", url=f"{os.environ['EDOMEX_URL']}/catalog.ttl",
        source_type="edomex_dcat", frequency="MANUAL", owner_org=agency["id"],
    )  # fmt: skip
    yield made["id"]
    with contextlib.suppress(ApiError):
        federal.call("harvest_source_clear", id=made["id"])


def harvest(federal, source):
    """One job through the federal side's own consumers, to its end."""
    job = federal.call("harvest_job_create", source_id=source, run=True)["id"]
    ini = str(Path(os.environ["EDOMEX_STACK_DIR"], "federal.ini"))

    def over():
        shown = federal.call("harvest_job_show", id=job)
        if shown["status"] == "Finished":
            return shown
        if shown["gather_finished"]:
            command = ["ckan", "--config", ini, "harvester", "run"]
            subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120, env=os.environ)
        return None

    return until(over, "the job is over")


def test_it_mirrors_the_state(federal, source, published):
    titles = [f"Cosechado {uuid.uuid4().hex[:8]}" for _ in range(2)]
    first = published(titles[0])
    harvest(federal, source)
    anyone = Api(os.environ["EDOMEX_FEDERAL_URL"])

    def there(title):
        found = anyone.call("package_search", q=f'title:"{title}"')["results"]
        return next((each for each in found if each["title"] == title), None)

    copy = there(titles[0])
    extras = {each["key"]: each["value"] for each in copy["extras"]}
    assert (copy["private"], copy["license_id"], [each["name"] for each in copy["tags"]]) == (False, "cc-by", ["cosecha"])
    assert extras["uri"].endswith(f"/dataset/{first}") and extras["publisher_name"]
    assert federal.call("edomex_federation_origin_show", id=copy["id"])["source_id"] == source
    # Nothing changed: no object, and over at once.
    again = harvest(federal, source)
    assert again["stats"].get("added", 0) == again["stats"].get("updated", 0) == again["stats"].get("errored", 0) == 0
    assert there(titles[0])["metadata_modified"] == copy["metadata_modified"]
    published(titles[1])
    done = harvest(federal, source)
    assert (done["stats"]["added"], there(titles[1]) is not None) == (1, True)
    withdrawn(first)
    harvest(federal, source)
    assert there(titles[0]) is None
    assert there(titles[1]) is not None


def withdrawn(package_id):
    """Two managers withdraw it, with a reason."""
    managers = [Api(os.environ["EDOMEX_URL"], os.environ[name]) for name in ("EDOMEX_SYSADMIN_TOKEN", "EDOMEX_REVIEWER_TOKEN")]
    why = {"reason": "Se retira para probar.", "legal_ground": "Prueba"}
    proposed = managers[0].call("edomex_release_withdraw", dataset_id=package_id, **why)
    managers[1].call("edomex_release_withdraw_confirm", id=proposed["id"])
    until(lambda: not Api(os.environ["EDOMEX_URL"]).exists("package_show", package_id), "it is withdrawn")
