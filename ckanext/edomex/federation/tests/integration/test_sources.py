"""Sources of harvesting, and what comes out of them."""

import json
import uuid

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestObjectExtra, HarvestSource

from ckanext.edomex.federation.jobs import DatasetHarvester

RELEASE = sa.text("""
INSERT INTO edomex_release (id, package_id, content_id, kind, version, state, calendar_status, release_at, due_at, released_at,
    content_hash, announced, submitted_by, approved_by, attempts)
VALUES (gen_random_uuid()::text, :id, :id, 'first', 1, 'released', 'done', now(), now(), now(), 'x', false, 'a', 'b', 0)
""")
CONFIG = json.dumps({"rdf_format": "text/turtle"})


@pytest.fixture
def source(act, sysadmin, agency):
    """Make a harvest source."""

    def make(url="https://datos.example.org/catalog.ttl", **fields):
        wanted = {"name": f"fuente-{uuid.uuid4().hex[:8]}", "source_type": "dcat_rdf", "frequency": "WEEKLY", "config": CONFIG}
        return act(sysadmin, "harvest_source_create", url=url, owner_org=agency["id"], **{**wanted, **fields})

    return make


def shown(source):
    model.Session.remove()
    return tk.get_action("package_show")({"ignore_auth": True, "user": ""}, {"id": source["id"]})


def test_a_source_keeps_its_fields_after_a_job(source):
    made = source()
    tk.get_action("harvest_source_reindex")({"ignore_auth": True, "user": "", "model": model}, {"id": made["id"]})
    after = shown(made)
    assert (after["source_type"], after["frequency"]) == ("dcat_rdf", "WEEKLY")
    assert json.loads(after["config"]) == json.loads(CONFIG)


def test_so_do_all_of_them_when_all_are_indexed(source, sysadmin, act):
    made = [source(), source(url="https://otra.example.org/catalog.ttl")]
    tk.get_action("harvest_sources_reindex")({"ignore_auth": True, "user": sysadmin["name"], "model": model}, {})
    search.commit()
    assert [shown(one)["source_type"] for one in made] == ["dcat_rdf", "dcat_rdf"]


def test_a_stranger_does_not_index_sources(source, app):
    answer = app.post("/api/3/action/harvest_source_reindex", json={"id": source()["id"]})
    assert answer.status_code == 403


BAD = ["/etc/passwd", "file:///etc/passwd", "ftp://a.example.org/x", "https://", "httpfoo"]


@pytest.mark.parametrize("url", BAD)
def test_a_source_is_on_the_web(url, source):
    with pytest.raises(tk.ValidationError) as refused:
        source(url=url)
    assert "example.org" in refused.value.error_dict["url"][0]


@pytest.mark.parametrize("url", BAD)
@pytest.mark.parametrize("action", ["harvest_source_update", "package_update", "package_patch"])
def test_and_stays_there(url, action, source, act, sysadmin):
    made = source()
    fields = {} if action == "package_patch" else {key: made[key] for key in ("name", "source_type", "title")}
    with pytest.raises(tk.ValidationError):
        act(sysadmin, action, **{**fields, "id": made["id"], "url": url})
    assert model.Package.get(made["id"]).url == made["url"]


@pytest.mark.parametrize("url", BAD)
def test_not_past_the_harvesters_own_action_either(url, act, sysadmin, agency):
    with pytest.raises(tk.ValidationError):
        act(sysadmin, "package_create", type="harvest", name="fuente", source_type="dcat_rdf", url=url, owner_org=agency["id"])


def test_an_old_source_or_a_next_page_that_is_a_file_is_not_opened(source, tmp_path):
    secret = tmp_path / "secreto.ttl"
    secret.write_text('<https://a.example.org/1> a <http://www.w3.org/ns/dcat#Dataset>; <http://purl.org/dc/terms/title> "x" .')
    old = HarvestSource.get(source()["id"])
    old.url = str(secret)
    job = HarvestJob(source=old)
    job.save()
    assert DatasetHarvester().gather_stage(job) == []
    assert "http" in job.gather_errors[0].message


GUID = "https://a.example.org/1"


@pytest.fixture
def harvest(source, agency):
    """Import one record as the consumer does; each call is another job of the same source."""
    made = source()
    record = {
        "title": "Cosechado", "name": f"cosechado-{uuid.uuid4().hex[:8]}", "private": False, "owner_org": agency["id"], "tags": [],
        "resources": [{"url": "https://a.example.org/x.csv", "format": "CSV"}], "extras": [{"key": "guid", "value": GUID}],
    }  # fmt: skip

    def run(package_id=None, **extras):
        job = HarvestJob(source=HarvestSource.get(made["id"]))
        job.save()
        kept = [HarvestObjectExtra(key=key, value=value) for key, value in extras.items()]
        harvested = HarvestObject(guid=GUID, job=job, content=json.dumps(record), package_id=package_id, extras=kept)
        harvested.save()
        DatasetHarvester().import_stage(harvested)
        return harvested

    return run


def test_what_is_harvested_stays_private_each_time(harvest):
    first, again = harvest(), harvest()
    assert [error.message for error in (*first.errors, *again.errors)] == []
    assert again.package_id == first.package_id
    assert model.Package.get(first.package_id).private is True
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        tk.get_action("package_show")({"user": ""}, {"id": first.package_id})


def test_what_is_released_does_not_vanish_with_its_source_and_the_consumer_lives(harvest):
    package_id = harvest().package_id
    with model.meta.engine.begin() as connection:
        connection.execute(RELEASE, {"id": package_id})
        connection.execute(sa.text("UPDATE package SET private = false WHERE id = :id"), {"id": package_id})
    gone = harvest(package_id=package_id, status="delete")
    assert len(gone.errors) == 1
    assert model.Package.get(package_id).state == "active"


def test_nor_does_the_machine_open_one_by_itself(agency):
    factories.Sysadmin()
    site = tk.get_action("get_site_user")({"ignore_auth": True, "user": ""}, {})
    context = {"user": site["name"], "ignore_auth": True, "return_id_only": True}
    made = tk.get_action("package_create")(
        context, {"title": "Cosechado", "name": "cosechado", "private": False, "owner_org": agency["id"]}
    )
    assert model.Package.get(made).private is True
