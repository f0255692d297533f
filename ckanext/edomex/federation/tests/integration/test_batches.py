"""A batch whose middle was committed by an edition: what was done before it is whole, whatever ends the batch."""

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.plugins import toolkit as tk
from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.edomex.federation.logic import importing


@pytest.fixture
def mixed(web, ttl, harvest, publish):
    """A source whose next reading has a new record, a change of a public dataset and a record that CKAN refuses."""
    source = harvest(web.says("/catalog.ttl", ttl(1, 2)))
    source.run()
    publish(source.entries()["1"].package_id)
    web.says("/catalog.ttl", ttl(3, 1, 4, 2, t1="Otro título", t4="x" * 3000))
    return source


def assert_whole(source):
    """The new record's object is its dataset's, in the database and in the index."""
    model.Session.expire_all()
    last = source.entries()["3"]
    (current,) = model.Session.query(HarvestObject).filter_by(package_id=last.package_id, current=True)
    assert current.guid == last.record_id
    search.commit()
    asked = {"fq": f'+harvest_source_id:"{source.id}" +id:"{last.package_id}"', "include_private": True}
    assert tk.get_action("package_search")({"ignore_auth": True, "user": ""}, asked)["count"] == 1


def test_a_refused_record_after_it(mixed):
    result = mixed.run()
    told = {name.rsplit("/", 1)[-1]: status for name, status in result.statuses.items()}
    assert told == {"3": "added", "1": "updated", "4": "errored"}
    assert_whole(mixed)


def test_a_kill_after_it(mixed, monkeypatch):
    job, ids = mixed.start()
    job_id = job.id
    put = importing.datasets.put

    def killed(writer, package_id, package, record):
        if record.id.endswith("/4"):
            raise KeyboardInterrupt
        return put(writer, package_id, package, record)

    monkeypatch.setattr(importing.datasets, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        mixed.fetch(ids)
    monkeypatch.setattr(importing.datasets, "put", put)
    model.Session.remove()
    # As ckanext-harvest hands out again what nobody ended.
    mixed.fetch(ids)
    assert mixed.end(HarvestJob.get(job_id)).counts == {"added": 1, "updated": 1, "errored": 1}
    assert_whole(mixed)


def test_the_source_is_held_to_the_end(mixed, monkeypatch):
    put, held = importing.datasets.put, []
    free = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")

    def asked(*given):
        with model.meta.engine.begin() as connection:
            held.append(not connection.execute(free, {"key": f"edomex_federation {mixed.id}"}).scalar_one())
        return put(*given)

    monkeypatch.setattr(importing.datasets, "put", asked)
    mixed.run()
    assert len(held) > 3
    assert all(held)
