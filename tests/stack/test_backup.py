"""A backup of the running portal, restored into an empty one: everything is there, and what became due comes out, once."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2.errors
import psycopg2.extras
import pytest

from stack import backup
from stack.demo.api import Api
from stack.places import LOCAL, Stack
from stack.running import running
from stack.services.postgres import Postgres
from stack.sites import SITES, url

pytestmark = pytest.mark.stack

PORTAL = SITES["portal"]
#: Enough for the backup to end before the date, and little enough to wait for.
SOON = timedelta(seconds=75)
FAR = "2031-03-01T09:00:00-06:00"
CSV = "municipio,población\nToluca,910608\nEcatepec,1645352\n".encode("latin-1")
#: Not compared row by row: heartbeats stay behind, and the others go on changing in the portal that is backed up.
LIVELY = {"edomex_release_worker", "edomex_release_check", "edomex_feed_fragment", "api_token"}


def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            if condition():
                return True
        time.sleep(0.1)
    return False


def query(stack, sql, values=(), database="portal"):
    with contextlib.closing(Postgres(stack).connect(database)) as connection:
        cursor = connection.cursor(cursor_factory=psycopg2.extras.DictCursor)
        cursor.execute(sql, values or None)
        return [dict(row) for row in cursor.fetchall()]


def tables(stack, database="portal"):
    """Every row of every table, as text, in an order of its own."""
    names = [row["tablename"] for row in query(stack, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", (), database)]
    return {
        name: [row["row"] for row in query(stack, f'SELECT t::text AS row FROM "{name}" t ORDER BY 1', (), database)]
        for name in sorted(names)
        if name not in LIVELY
    }


def files_of(stack):
    storage = stack.directory / "storage" / "portal"
    trees = ("resources", "storage", "edomex")
    return {p.relative_to(storage).as_posix(): p.read_bytes() for tree in trees for p in (storage / tree).rglob("*") if p.is_file()}


def everything(stack):
    return tables(stack), tables(stack, "portal_datastore"), files_of(stack)


def run(stack, *words, **options):
    return backup.command(stack, *words, capture_output=True, **options)


@pytest.fixture(scope="module")
def source():
    return Stack.load(Path(os.environ["EDOMEX_STACK_DIR"]), throwaway=True)


@dataclass
class Case:
    """What one module-wide backup was made of."""

    folder: Path
    opened: dict
    far: dict
    soon: dict
    at: datetime
    tables: dict
    datastore: dict
    files: dict
    shown: dict
    created: str
    output: list = field(default_factory=list)


def registered(editor, title):
    dataset = editor.call("package_create", title=title, owner_org=os.environ["EDOMEX_AGENCY"])
    resource = editor.call(
        "resource_create", package_id=dataset["id"], name="Población", format="CSV", file=("poblacion.csv", CSV, "text/csv")
    )
    return dataset, resource


def promised(editor, reviewer, title, at):
    dataset, resource = registered(editor, title)
    release = editor.call("edomex_release_submit", dataset_id=dataset["id"])
    release = reviewer.call("edomex_release_approve", id=release["id"], release_at=at)
    return {"id": dataset["id"], "resource": resource["id"], "release": release["id"]}


def show_all(stack, base, token):
    """Every dataset as its sysadmin sees it, without the portal's own address, nor the first one's, which xloader notes."""
    admin = Api(base, token)
    ids = [row["id"] for row in query(stack, "SELECT id FROM package WHERE type = 'dataset' AND state <> 'deleted'")]
    shown = {one: json.dumps(admin.call("package_show", id=one), sort_keys=True) for one in ids}
    first = os.environ["EDOMEX_URL"]
    return {one: json.loads(text.replace(first, "PORTAL").replace(base, "PORTAL")) for one, text in shown.items()}


def quiet(stack):
    """Nothing waits to be indexed or loaded: what is compared does not change under our hands."""
    waiting = query(stack, "SELECT count(*) AS n FROM edomex_release_outbox WHERE done_at IS NULL")[0]["n"]
    jobs = query(stack, "SELECT count(*) AS n FROM task_status WHERE task_type = 'xloader' AND state NOT IN ('complete', 'error')")
    return waiting == 0 and jobs[0]["n"] == 0


@pytest.fixture(scope="module")
def case(source, tmp_path_factory):
    """A released dataset with its table, one far ahead, one that falls due after the backup; and the backup."""
    base = os.environ["EDOMEX_URL"]
    editor, reviewer = (Api(base, os.environ[name]) for name in ("EDOMEX_EDITOR_TOKEN", "EDOMEX_REVIEWER_TOKEN"))
    opened = promised(editor, reviewer, "Población ya publicada", "now")
    far = promised(editor, reviewer, "Población de 2031", FAR)
    anyone = Api(base)
    assert until(lambda: anyone.call("package_search", fq=f"id:{opened['id']}")["count"] == 1)
    assert until(lambda: anyone.call("datastore_search", resource_id=opened["resource"])["records"])
    assert until(lambda: quiet(source))
    at = datetime.now(UTC) + SOON
    soon = promised(editor, reviewer, "Población que vence", at.isoformat())
    assert until(lambda: quiet(source))
    shown = show_all(source, base, os.environ["EDOMEX_SYSADMIN_TOKEN"])
    target = tmp_path_factory.mktemp("backups")
    for _ in range(3):
        before = everything(source)
        made = run(source, "create", str(target), "--keep", "1")
        assert made.returncode == 0, made.stderr
        if everything(source) == before:
            break
    else:
        pytest.fail("the portal did not stay as it was for as long as a backup takes")
    (folder,) = target.glob("edomex-*")
    assert datetime.fromisoformat(json.loads((folder / "manifest.json").read_text())["moment"]) < at
    return Case(folder, opened, far, soon, at, *before, shown, made.stdout)


class Second:
    """A throw-away stack beside the running one, started as often as needed on one folder."""

    def __init__(self, directory):
        self.directory, self.open = directory, contextlib.ExitStack()

    def start(self, *sites):
        self.open.close()
        return self.open.enter_context(running(self.directory, sites, throwaway=True))


@pytest.fixture(scope="module")
def second():
    """In a folder whose path is short, for a socket's is."""
    found = Second(LOCAL / "runs" / f"second-{os.getpid()}")
    yield found
    found.open.close()
    shutil.rmtree(found.directory, ignore_errors=True)


@pytest.fixture(scope="module")
def restored(case, second):
    """The second stack with the backup in it and no site running, at a time when one date has passed."""
    here = second.start()
    time.sleep(max(0.0, (case.at - datetime.now(UTC)).total_seconds()))
    done = backup.into(here, case.folder, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    case.output.append(done.stdout)
    return here


def test_a_backup_is_complete_and_for_its_owner_alone(source, case):
    assert re.search(r"Copia completa en .*: \d+ conjuntos", case.created)
    assert {path.name for path in case.folder.iterdir()} == {"manifest.json", "ckan.dump", "datastore.dump", "files"}
    assert case.folder.stat().st_mode & 0o077 == 0
    assert [path for path in case.folder.iterdir() if path.is_file() and path.stat().st_mode & 0o077] == []


@pytest.mark.long
def test_a_portal_with_data_is_not_restored_over(source, case):
    assert run(source, "check", str(case.folder)).returncode == 0
    done = run(source, "restore", str(case.folder))
    assert done.returncode == 1
    assert "aquí ya hay datos" in done.stderr
    assert "--replace" in done.stderr


@pytest.mark.long
def test_a_portal_at_work_is_not_replaced(source, case):
    before = query(source, "SELECT count(*) FROM package")
    done = run(source, "restore", str(case.folder), "--replace", "--yes")
    assert done.returncode == 1
    assert "conexiones abiertas" in done.stderr
    assert query(source, "SELECT count(*) FROM package") == before


def test_every_row_and_file_is_there(case, restored):
    stack = restored.stack
    found = tables(stack)
    expected = dict(case.tables)
    # The loops' own promise is to come: here nothing is released yet, and the index was made from these rows.
    assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in expected.items()}
    assert [name for name, rows in expected.items() if found[name] != rows] == []
    assert tables(stack, "portal_datastore") == case.datastore
    assert files_of(stack) == case.files


def test_it_says_what_became_due(case, restored):
    (text,) = case.output
    name = query(restored.stack, "SELECT name FROM package WHERE id = %s", [case.soon["id"]])[0]["name"]
    assert re.search(rf"Vencieron \d+ fechas.*\n(  .*\n)*  {name}  ", text)
    assert re.search(r"Siguen programadas \d+; la próxima", text)


@pytest.mark.long
def test_a_dump_that_breaks_off_leaves_the_portal_as_it_was(case, restored, tmp_path):
    from ckanext.edomex.backup.domain.manifest import Manifest
    from ckanext.edomex.backup.logic.files import digest

    broken = tmp_path / case.folder.name
    shutil.copytree(case.folder, broken)
    dump = broken / "datastore.dump"
    dump.write_bytes(dump.read_bytes()[:-2000])
    assert "datastore.dump tiene" in run(restored.stack, "check", str(broken)).stderr
    # And with a manifest that knows no better: the fault shows only while it is loaded.
    manifest = json.loads((broken / "manifest.json").read_text())
    size, sha256 = digest(dump)
    manifest["dumps"] = [{**part, "size": size, "sha256": sha256} if part["path"] == dump.name else part for part in manifest["dumps"]]
    (broken / "manifest.json").write_text(Manifest.from_json(json.dumps(manifest)).to_json())
    stack = restored.stack
    before = everything(stack)
    done = run(stack, "restore", str(broken), "--replace", "--yes")
    assert done.returncode == 1
    assert "pg_restore" in done.stderr
    assert everything(stack) == before
    left = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'edomex_antes%'"
    assert query(stack, left) + query(stack, left, (), "portal_datastore") == []


@pytest.mark.long
def test_replacing_asks_first(case, restored):
    done = run(restored.stack, "restore", str(case.folder), "--replace", input="no\n")
    assert done.returncode == 1
    assert "Se perderá lo que hay ahora" in done.stdout
    assert "no se cambió nada" in done.stderr


@pytest.mark.long
def test_a_table_that_is_lost_is_named(case, restored, tmp_path):
    """And the restored portal replaces itself: its own backup, then the first one again."""
    stack = restored.stack
    query(stack, f'DROP TABLE "{case.opened["resource"]}" CASCADE; SELECT 1', (), "portal_datastore")
    assert run(stack, "create", str(tmp_path)).returncode == 0
    (folder,) = tmp_path.glob("edomex-*")
    done = run(stack, "restore", str(folder), "--replace", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"ckan xloader submit CONJUNTO:\n  {case.opened['resource']}\n" in done.stdout
    active = "SELECT extras::jsonb ->> 'datastore_active' AS active FROM resource WHERE id = %s"
    assert query(stack, active, [case.opened["resource"]]) == [{"active": "false"}]
    again = backup.into(restored, case.folder, "--replace", "--yes", capture_output=True)
    assert again.returncode == 0, again.stderr
    assert tables(stack, "portal_datastore") == case.datastore
    assert files_of(stack) == case.files


def released_events(stack):
    sql = "SELECT release_id, count(*) AS n FROM edomex_release_event WHERE to_state = 'released' GROUP BY release_id"
    return {row["release_id"]: row["n"] for row in query(stack, sql)}


def states(stack):
    return {row["id"]: row["state"] for row in query(stack, "SELECT id, state FROM edomex_release")}


def public(stack):
    sql = "SELECT id FROM package WHERE type = 'dataset' AND state = 'active' AND NOT private"
    return {row["id"] for row in query(stack, sql)}


def found_by_search(visitor):
    return {row["id"] for row in visitor.call("package_search", rows=1000, fl="id")["results"]}


def test_what_became_due_comes_out_once_and_the_rest_waits(case, restored, second):
    """Last in this file: the second stack starts anew with its portal, as `make up` starts one that was restored."""
    waiting = {release for release, state in states(restored.stack).items() if state == "scheduled"}
    assert {case.soon["release"], case.far["release"]} <= waiting
    here = second.start("portal")
    stack, base = here.stack, url(here.stack, PORTAL)
    anyone = Api(base)
    assert until(lambda: case.soon["id"] in found_by_search(anyone))
    assert until(lambda: quiet(stack))
    assert states(stack)[case.far["release"]] == "scheduled"
    assert set(released_events(stack).values()) == {1}
    assert released_events(stack)[case.soon["release"]] == 1
    # What was in the backup is as it was, but for what the loops have released since.
    shown = show_all(stack, base, stack.accounts["portal"]["sysadmin_token"])
    since = {row["package_id"] for row in query(stack, "SELECT package_id FROM edomex_release WHERE released_at > %s", [case.at])}
    assert case.soon["id"] in since
    assert {one: shown[one] for one in shown if one not in since} == {one: case.shown[one] for one in case.shown if one not in since}
    # Index, feed and files say what the database says.
    assert found_by_search(anyone) == public(stack)
    catalogue = anyone.get("/catalog.ttl").text
    for row in query(stack, "SELECT id, name FROM package WHERE type = 'dataset'"):
        told = re.search(rf"/dataset/({re.escape(row['name'])}|{row['id']})(?![\w-])", catalogue)
        assert bool(told) is (row["id"] in public(stack))
    address = anyone.call("resource_show", id=case.soon["resource"])["url"]
    assert anyone.get(address).content == CSV
    records = anyone.call("datastore_search", resource_id=case.opened["resource"])["records"]
    assert [row["municipio"] for row in records] == ["Toluca", "Ecatepec"]
    # And the portal goes on: sequences, rights and triggers are those of one that was never away.
    editor, reviewer = (Api(base, stack.accounts["portal"][f"{who}_token"]) for who in ("editor", "reviewer"))
    fresh, _ = registered(editor, "Después de la copia")
    sent = editor.call("edomex_release_submit", dataset_id=fresh["id"])
    reviewer.call("edomex_release_approve", id=sent["id"], release_at="now")
    assert until(lambda: fresh["id"] in found_by_search(anyone))
    with pytest.raises(psycopg2.errors.CheckViolation):
        query(stack, "UPDATE package SET private = false WHERE id = %s", [case.far["id"]])
