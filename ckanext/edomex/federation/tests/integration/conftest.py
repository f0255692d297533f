"""Sources and their harvests, run as the consumers run them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckanext.harvest import queue
from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.edomex.federation.model import Entry

RELEASED = sa.text("""
INSERT INTO edomex_release (id, package_id, content_id, kind, version, state, calendar_status, release_at, due_at, released_at,
    content_hash, announced, submitted_by, approved_by, attempts)
VALUES (gen_random_uuid()::text, :id, :id, 'first', 1, 'released', 'done', now(), now(), now(), 'x', false, 'a', 'b', 0)
""")


@dataclass
class Result:
    """What a job came to."""

    job: Any
    gather_errors: list[str]
    object_errors: list[str]
    statuses: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many objects of each status."""
        found: dict[str, int] = {}
        for status in self.statuses.values():
            found[status] = found.get(status, 0) + 1
        return found


class Harvest:
    """One source and its jobs."""

    def __init__(self, source: dict[str, Any]) -> None:
        self.id = source["id"]

    def start(self) -> tuple[Any, list[str]]:
        """A new job, gathered; its id and the ids for the queue."""
        context = {"ignore_auth": True, "user": "", "model": model, "session": model.Session}
        made = tk.get_action("harvest_job_create")(context, {"source_id": self.id, "run": False})
        job = HarvestJob.get(made["id"])
        job.status = "Running"
        job.save()
        ids = queue.gather_stage(queue.get_harvester(job.source.type), job)
        return job, ids

    def fetch(self, ids: list[str]) -> None:
        """What the fetch consumer does with each id."""
        for each in ids:
            found = HarvestObject.get(each)
            queue.fetch_and_import_stages(queue.get_harvester(found.source.type), found)

    def run(self) -> Result:
        """A whole job."""
        job, ids = self.start()
        self.fetch(ids)
        return self.end(job)

    def end(self, job: Any) -> Result:
        """Close the job, as `harvester run` does; it has to be finished."""
        context = {"ignore_auth": True, "user": "", "model": model, "session": model.Session}
        tk.get_action("harvest_jobs_run")(context, {"source_id": self.id})
        model.Session.expire_all()
        job = HarvestJob.get(job.id)
        assert job.status == "Finished"
        objects = model.Session.query(HarvestObject).filter_by(harvest_job_id=job.id).all()
        return Result(
            job=job, gather_errors=[each.message for each in job.gather_errors],
            object_errors=[error.message for each in objects for error in each.errors],
            statuses={each.guid: each.report_status for each in objects},
        )  # fmt: skip

    def entries(self) -> dict[str, Entry]:
        """What is known of its records, by the last part of their addresses."""
        model.Session.expire_all()
        rows = model.Session.execute(sa.select(Entry).where(Entry.source_id == self.id)).scalars()
        return {row.record_id.rsplit("/", 1)[-1]: row for row in rows}

    def states(self) -> dict[str, int]:
        """How many records stand where."""
        found: dict[str, int] = {}
        for each in self.entries().values():
            found[each.state] = found.get(each.state, 0) + 1
        return found

    def age(self, days: int) -> None:
        """Let what is missing be missing for so many days."""
        with model.meta.engine.begin() as connection:
            earlier = "UPDATE edomex_federation_record SET missing_since = missing_since - make_interval(days => :days)"
            connection.execute(sa.text(earlier), {"days": days})


@pytest.fixture
def harvest(act, sysadmin, agency):
    """Make a source of an address and harvest it."""

    def make(url: str, source_type: str = "edomex_dcat", owner: str | None = None, **config: Any) -> Harvest:
        fields = {"name": f"fuente-{uuid.uuid4().hex[:8]}", "source_type": source_type, "frequency": "MANUAL"}
        text = json.dumps(config)
        return Harvest(act(sysadmin, "harvest_source_create", url=url, owner_org=owner or agency["id"], config=text, **fields))

    return make


@pytest.fixture
def option(monkeypatch):
    """Set one of this room's options for a test."""
    return lambda name, value: monkeypatch.setitem(tk.config, f"ckanext.edomex.federation.{name}", value)


@pytest.fixture(autouse=True)
def at_once(option):
    """Sources start without an approval; test_trials.py has them ask for it."""
    option("approve_sources", "false")


@pytest.fixture
def publish():
    """Make a dataset public, as a release does."""

    def make(package_id: str) -> None:
        model.Session.remove()
        with model.meta.engine.begin() as connection:
            connection.execute(RELEASED, {"id": package_id})
            connection.execute(sa.text("UPDATE package SET private = false WHERE id = :id"), {"id": package_id})

    return make
