"""Another CKAN, stock and running, is taken over: datasets, files, and in the end its addresses."""

import csv
import io
import os
import subprocess
import time
import uuid

import pytest

from stack.demo.api import Api
from stack.places import ROOT

pytestmark = pytest.mark.stack

CSV = "municipio,pozos\nToluca,12\n"


def command(*words):
    done = subprocess.run(
        ["ckan", "edomex", "import-portal", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, env=os.environ
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def portal():
    return Api(os.environ["EDOMEX_URL"], os.environ["EDOMEX_SYSADMIN_TOKEN"])


@pytest.fixture(scope="module")
def old():
    """A stock portal with two datasets of a dependency that is none here."""
    site = Api(os.environ["EDOMEX_FEDERAL_URL"], os.environ["EDOMEX_FEDERAL_SYSADMIN_TOKEN"])
    mark = uuid.uuid4().hex[:8]
    agency = site.call("organization_create", name=f"vieja-{mark}", title="Dependencia de antes")
    made = []
    for word in ("pozos", "rios"):
        dataset = site.call(
            "package_create", name=f"{word}-{mark}", title=f"Censo de {word} {mark}", owner_org=agency["id"], notes="De 2019.",
            license_id="cc-by", author="Persona de antes", tags=[{"name": "agua"}],
        )  # fmt: skip
        file = (f"{word}.csv", CSV.encode(), "text/csv")
        site.call("resource_create", package_id=dataset["id"], name="Tabla", format="CSV", file=file)
        made.append(dataset)
    yield {"url": os.environ["EDOMEX_FEDERAL_URL"], "datasets": made, "agency": agency["name"], "mark": mark}
    for dataset in made:
        site.call("dataset_purge", id=dataset["id"])
    site.call("organization_purge", id=agency["id"])


@pytest.fixture
def rules(tmp_path, old):
    path = tmp_path / "reglas.yaml"
    path.write_text(f"agencies:\n  {old['agency']}: {os.environ['EDOMEX_AGENCY']}\n")
    return str(path)


def outcomes(path, mark):
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    return {row["nombre_anterior"]: row for row in rows if mark in row["nombre_anterior"]}


def test_an_agency_that_is_none_here_is_told_and_nothing_comes(old, portal):
    done = command(old["url"])
    assert done.returncode == 1
    assert f"«{old['agency']}» no es una dependencia de aquí" in done.stdout
    assert portal.get(f"/dataset/{old['datasets'][0]['id']}").status_code == 404


def test_datasets_files_and_addresses_come_over(old, portal, rules, tmp_path):
    report = tmp_path / "informe.csv"
    command(old["url"], "--rules", rules, "--dry-run", "--report", str(report))
    assert {row["resultado"] for row in outcomes(report, old["mark"]).values()} == {"nuevo"}
    assert portal.get(f"/dataset/{old['datasets'][0]['id']}").status_code == 404

    command(old["url"], "--rules", rules, "--files", "--report", str(report))
    first = outcomes(report, old["mark"])
    assert {row["resultado"] for row in first.values()} == {"nuevo"}
    theirs = old["datasets"][0]
    here = portal.call("package_show", id=theirs["id"])
    assert (here["private"], here["license_id"], here["former_name"]) == (True, "cc-by-4.0", theirs["name"])
    assert here["name"] != theirs["name"]
    assert "Persona de antes" not in str(here)
    resource = here["resources"][0]
    assert (resource["url_type"], resource["format"]) == ("upload", "CSV")
    assert portal.get(f"/dataset/{here['id']}/resource/{resource['id']}/download/pozos.csv").text == CSV

    visitor = Api(os.environ["EDOMEX_URL"])
    former = f"/dataset/{theirs['name']}"
    assert visitor.get(former).status_code == 404
    command(old["url"], "--rules", rules, "--files", "--report", str(report))
    again = outcomes(report, old["mark"])
    assert {row["resultado"] for row in again.values()} == {"como estaba"}
    kept = portal.call("package_show", id=theirs["id"])["resources"][0]
    assert [kept[name] for name in ("id", "url", "sha256")] == [resource[name] for name in ("id", "url", "sha256")]

    release(here["id"])
    for suffix in ("", f"/resource/{resource['id']}", "?x=1"):
        answer = visitor.get(former + suffix)
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"{os.environ['EDOMEX_URL']}/dataset/{here['name']}{suffix}"
        assert visitor.get(answer.headers["Location"]).status_code == 200


def test_what_is_no_portal_is_told(portal):
    for source in (f"{os.environ['EDOMEX_URL']}/about", "http://127.0.0.1:1", "no-existe.jsonl", __file__):
        done = command(source)
        assert done.returncode == 1
        assert done.stderr.strip(), source


def release(dataset_id):
    editor, reviewer = (Api(os.environ["EDOMEX_URL"], os.environ[f"EDOMEX_{role}_TOKEN"]) for role in ("EDITOR", "REVIEWER"))
    sent = editor.call("edomex_release_submit", dataset_id=dataset_id)
    reviewer.call("edomex_release_approve", id=sent["id"], release_at="now")
    visitor = Api(os.environ["EDOMEX_URL"])
    deadline = time.monotonic() + 30
    while not visitor.exists("package_show", dataset_id):
        assert time.monotonic() < deadline, "never public"
