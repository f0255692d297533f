"""The federal side's consumers, killed at each step of a harvest: in the end it has what its source has, once, and the job is over.

ckanext-harvest takes up again what a dead consumer had in hand: a batch after three minutes, a job after two hours, unless
`ckan.harvest.timeout` gave the job up before. Here that time passes by setting clocks of the queue and the database back.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import uuid

import pytest
import redis

pytestmark = [pytest.mark.stack, pytest.mark.faults]
#: What a source has no more goes with the next harvest.
AT_ONCE = json.dumps({"grace_days": 0, "missing_percent": 100, "missing_most": 1000})
BEFORE = {"a": "Aire", "b": "Bosques", "c": "Caminos", "d": "Drenaje"}
#: One stays, two change, one is gone and one is new.
AFTER = {"a": "Aire", "b": "Bosques y parques", "c": "Caminos y puentes", "e": "Escuelas"}
GATHER, FETCH = "federal-gather", "federal-fetch"
SOURCE_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
JOB_LOCK = "SELECT 1 FROM harvest_job WHERE id = %s FOR NO KEY UPDATE"
PACKAGE_LOCK = "SELECT 1 FROM package WHERE extras ->> 'uri' = %s FOR NO KEY UPDATE"
THERE = """
SELECT p.extras ->> 'uri', p.title FROM package p
WHERE p.owner_org = %s AND p.type = 'dataset' AND p.state = 'active' ORDER BY 1
"""
CURRENT = "SELECT package_id FROM harvest_object WHERE harvest_source_id = %s AND current ORDER BY 1"
UNDONE = "SELECT count(*) FROM harvest_object WHERE harvest_job_id = %s AND state NOT IN ('COMPLETE', 'ERROR')"
OLDER = [
    "UPDATE harvest_job SET created = created - interval '61 minutes' WHERE id = %s",
    "UPDATE harvest_object SET gathered = gathered - interval '61 minutes' WHERE harvest_job_id = %s",
]


class Catalogue(http.server.BaseHTTPRequestHandler):
    """A source in Turtle; `titles` are its datasets'."""

    titles: dict[str, str]
    url = ""

    def do_GET(self):
        about = [f'<{self.url}/{key}> a dcat:Dataset ; dct:title "{title}"@es .' for key, title in self.titles.items()]
        listed = ", ".join(f"<{self.url}/{key}>" for key in self.titles)
        prefixes = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> ."
        body = "\n".join([prefixes, f"<{self.url}/> a dcat:Catalog ; dcat:dataset {listed} .", *about]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/turtle")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def catalogue():
    kind = type("Served", (Catalogue,), {"titles": dict(BEFORE)})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kind.url = f"http://127.0.0.1:{server.server_port}"
    yield kind
    server.shutdown()
    server.server_close()


class Mirror:
    """A source on the federal side, and what came of it."""

    def __init__(self, federal, cursor, queue, catalogue, until):
        self.federal, self.cursor, self.queue, self.catalogue, self.until = federal, cursor, queue, catalogue, until
        mark = uuid.uuid4().hex[:8]
        self.agency = federal.call("organization_create", name=f"fuente-{mark}", title="Fuente")["id"]
        about = {"source_type": "edomex_dcat", "frequency": "MANUAL", "owner_org": self.agency, "config": AT_ONCE}
        self.id = federal.call("harvest_source_create", name=f"muere-{mark}", title="Muere", url=f"{catalogue.url}/", **about)["id"]
        self.lock = f"edomex_federation {self.id}"

    def rows(self, query, *values):
        self.cursor.execute(query, values)
        return self.cursor.fetchall()

    def stored(self):
        """Address and title of each dataset, as PostgreSQL has them."""
        return self.rows(THERE, self.agency)

    def expected(self):
        return sorted((f"{self.catalogue.url}/{key}", title) for key, title in self.catalogue.titles.items())

    def start(self):
        return self.federal.call("harvest_job_create", source_id=self.id, run=True)["id"]

    def finished(self, job):
        """Whether a job is over; each time that it is asked is one round of `ckan harvester run`."""
        self.federal.call("harvest_jobs_run", source_id=self.id)
        return self.federal.call("harvest_job_show", id=job)["status"] == "Finished"

    def run(self):
        job = self.start()
        assert self.until(lambda: self.finished(job), 60)
        return job

    def let_hours_pass(self):
        """What a consumer has in hand it has for three hours."""
        for key in self.queue.scan_iter(match="ckanext-harvest:federal:harvest_*:*"):
            self.queue.set(key, "2026-01-01 00:00:00.000001")

    def in_hand(self):
        return list(self.queue.scan_iter(match="ckanext-harvest:federal:harvest_*:*"))

    def settle(self, job):
        """ckanext-harvest takes up again what the dead had in hand, and all is as if nobody had died."""
        self.let_hours_pass()
        assert self.until(lambda: self.finished(job) and not self.in_hand(), 90)
        assert self.rows(UNDONE, job) == [(0,)]
        self.is_whole()

    def is_whole(self):
        assert self.stored() == self.expected()
        search = {"rows": 100, "include_private": True}
        rows = self.federal.call("package_search", fq=f"owner_org:{self.agency}", **search)["results"]
        assert sorted((extra(row, "uri"), row["title"]) for row in rows) == self.expected()
        # The source's page finds them by what its objects say of them.
        of_source = self.federal.call("package_search", fq=f'harvest_source_id:"{self.id}"', **search)["results"]
        assert sorted(row["id"] for row in of_source) == sorted(row["id"] for row in rows)
        assert [row[0] for row in self.rows(CURRENT, self.id)] == sorted(row["id"] for row in rows)


def extra(row, key):
    return next(each["value"] for each in row["extras"] if each["key"] == key)


@pytest.fixture
def mirror(federal, connect, stack, catalogue, until):
    from stack.services.valkey import Valkey
    from stack.sites import SITES

    queue = redis.Redis.from_url(Valkey(stack).url(SITES["federal"].redis), decode_responses=True)
    made = Mirror(federal, connect("federal").cursor(), queue, catalogue, until)
    made.run()
    made.is_whole()
    catalogue.titles = dict(AFTER)
    yield made
    federal.call("harvest_source_clear", id=made.id)
    federal.call("harvest_source_delete", id=made.id)


@pytest.fixture
def waits(stalled, processes, until):
    """Wait until a program waits for a lock."""

    def wait(name):
        assert until(lambda: stalled("federal", [processes.pid(name)]), 30), name

    return wait


def gathered(mirror, job):
    return mirror.rows("SELECT count(*) FROM harvest_object WHERE harvest_job_id = %s", job)[0][0]


@pytest.fixture
def killed_gathering(mirror, locked, frozen, kill, waits, until):
    """Kill the gather consumer at a step; returns the job."""

    def at(step):
        with contextlib.ExitStack() as later, locked("federal", SOURCE_LOCK, mirror.lock):
            job = mirror.start()
            waits(GATHER)
            if step == "before it writes":
                kill(GATHER)
                return job
            # It may write objects of the job, and not the job itself.
            later.enter_context(locked("federal", JOB_LOCK, job))
            written = later.pop_all()
        with contextlib.ExitStack() as still:
            with written:
                assert until(lambda: gathered(mirror, job) == 4, 30)
                waits(GATHER)
                if step == "before it says that it wrote":
                    kill(GATHER)
                    return job
                still.enter_context(frozen("valkey"))
            assert until(lambda: mirror.rows("SELECT 1 FROM harvest_job WHERE id = %s AND gather_finished IS NOT NULL", job), 30)
            kill(GATHER)
        return job

    return at


STEPS = [
    pytest.param("before it writes", marks=pytest.mark.long),
    "before it says that it wrote",
    pytest.param("while it hands on what it wrote", marks=pytest.mark.long),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_gatherer_killed(mirror, killed_gathering, step):
    mirror.settle(killed_gathering(step))


@pytest.mark.long
@pytest.mark.parametrize("step", ["before it writes", "before it says that it wrote"])
def test_a_gatherer_killed_whose_job_was_given_up(mirror, killed_gathering, step):
    job = killed_gathering(step)
    for statement in OLDER:
        mirror.cursor.execute(statement, [job])
    assert mirror.finished(job)
    mirror.run()
    mirror.is_whole()
    # Later still the dead one's job comes once more, and finds its work done.
    mirror.let_hours_pass()
    assert mirror.until(lambda: mirror.finished(job) and not mirror.in_hand(), 60)
    mirror.is_whole()


@pytest.fixture
def importing(mirror, locked, waits):
    """A job that comes to one of the records and no further while the block lasts; what is there then, and the job.

    One of those that changed, which with what is new are one batch; or the one that is gone, alone in the next.
    """
    places = {"changed": f"{mirror.catalogue.url}/c", "gone": f"{mirror.catalogue.url}/d"}

    @contextlib.contextmanager
    def begun(record):
        with locked("federal", PACKAGE_LOCK, places[record]):
            job = mirror.start()
            waits(FETCH)
            yield mirror.stored(), job

    return begun


@pytest.mark.parametrize("record", ["changed", pytest.param("gone", marks=pytest.mark.long)])
def test_an_importer_killed_in_the_middle_of_a_batch(mirror, importing, kill, record):
    untouched = mirror.stored()
    with importing(record) as (before, job):
        # What goes is another batch, after the first.
        assert record == "gone" or before == untouched
        kill(FETCH)
    assert mirror.stored() == before
    mirror.settle(job)


@pytest.fixture
def one_changed(mirror):
    """A batch of one: while Solr is frozen, CKAN's own hooks of the next record would wait for it before the commit."""
    mirror.catalogue.titles = {**BEFORE, "c": AFTER["c"]}


@pytest.mark.usefixtures("one_changed")
def test_an_importer_killed_before_it_indexes(mirror, importing, frozen, kill, until):
    with contextlib.ExitStack() as still:
        with importing("changed") as (before, job):
            still.enter_context(frozen("solr"))
        assert until(lambda: mirror.stored() != before, 30)
        kill(FETCH)
        # What it had asked Solr for ends with Solr: only frozen, it would do it later.
        kill("solr")
    assert until(lambda: mirror.federal.call("package_search"), 60)
    mirror.settle(job)


@pytest.mark.usefixtures("one_changed")
def test_an_importer_killed_before_its_objects_say_so(mirror, importing, locked, frozen, kill, waits, until):
    with contextlib.ExitStack() as held:
        with contextlib.ExitStack() as still:
            with importing("changed") as (before, job):
                still.enter_context(frozen("solr"))
            assert until(lambda: mirror.stored() != before, 30)
            held.enter_context(locked("federal", "LOCK TABLE harvest_object IN SHARE MODE"))
        waits(FETCH)
        kill(FETCH)
    mirror.settle(job)
